"""Bedrock by boto3 under each of its instrumentations: an agent's two calls around a tool, and a plain one.

python bedrock_calls.py CLIENT PROVIDER_URL RECEIVER_URL
"""

import sys
from importlib import import_module
from typing import Any

INSTRUMENTORS = {
    "bedrock-botocore": ("opentelemetry.instrumentation.botocore", "BotocoreInstrumentor"),
    "bedrock-openinference": ("openinference.instrumentation.bedrock", "BedrockInstrumentor"),
    "bedrock-traceloop": ("opentelemetry.instrumentation.bedrock", "BedrockInstrumentor"),
}
SCHEMA = {"type": "object", "properties": {}}
TOOLS = {"tools": [{"toolSpec": {"name": "look_up", "description": "Looks up", "inputSchema": {"json": SCHEMA}}}]}


def main() -> None:
    """Instrument, call, flush."""
    shared: Any = import_module("shared")
    app = shared.app()
    module, name = INSTRUMENTORS[sys.argv[1]]
    getattr(import_module(module), name)().instrument()
    boto3: Any = import_module("boto3")
    keys = {"region_name": "us-east-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}
    settings = import_module("botocore.config").Config(retries={"total_max_attempts": 1})
    client = boto3.client("bedrock-runtime", endpoint_url=app.provider, config=settings, **keys)
    model = "anthropic.claude-haiku-4-5-20251001-v1:0"
    question: dict[str, Any] = {"role": "user", "content": [{"text": shared.QUESTION}]}
    with app.feature():
        called = client.converse(modelId=model, messages=[question], toolConfig=TOOLS)["output"]["message"]
        used = called["content"][0]["toolUse"]["toolUseId"]
        result = {"role": "user", "content": [{"toolResult": {"toolUseId": used, "content": [{"text": "A refund"}]}}]}
        client.converse(modelId=model, messages=[question, called, result], toolConfig=TOOLS)
        client.converse(modelId=model, messages=[question])
    shared.refused(lambda: client.converse(modelId="refused", messages=[question]), client.exceptions.ClientError)
    app.flush()


if __name__ == "__main__":
    main()
