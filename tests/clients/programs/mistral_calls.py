"""Mistral's SDK, which traces itself, also under instrumentations: a tool, a stream, an agent, a vector.

python mistral_calls.py CLIENT PROVIDER_URL RECEIVER_URL
"""

import os
import sys
from importlib import import_module
from typing import Any

INSTRUMENTORS = {
    "mistral-openinference": ("openinference.instrumentation.mistralai", "MistralAIInstrumentor"),
    "mistral-traceloop": ("opentelemetry.instrumentation.mistralai", "MistralAiInstrumentor"),
}
_MODEL = "mistral-small-latest"
_TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}


def main() -> None:
    """Instrument, call, flush."""
    shared: Any = import_module("shared")
    app = shared.app()
    client = sys.argv[1]
    if client in INSTRUMENTORS:
        module, name = INSTRUMENTORS[client]
        getattr(import_module(module), name)().instrument()
    else:
        os.environ["MISTRAL_SDK_TELEMETRY"] = "global"  # noqa: TID251 (how it is set up; this is no program of ours)
    # Traceloop's is for the SDK's first version.
    sdk: Any = import_module("mistralai" if client == "mistral-traceloop" else "mistralai.client")
    mistral: Any = sdk.Mistral(api_key="none", server_url=app.provider)
    messages: list[Any] = [{"role": "user", "content": shared.QUESTION}]
    with app.feature():
        asked = mistral.chat.complete(model=_MODEL, messages=messages, tools=[_TOOL]).choices[0].message
        said = {"role": "tool", "name": "look_up", "content": "A refund", "tool_call_id": asked.tool_calls[0].id}
        mistral.chat.complete(model=_MODEL, messages=[*messages, asked, said], tools=[_TOOL])
        for _ in mistral.chat.stream(model=_MODEL, messages=messages):
            pass
        mistral.agents.complete(agent_id="ag:1", messages=messages)
        mistral.embeddings.create(model="mistral-embed", inputs=[shared.QUESTION])
    import_module("chains").expect_refusal(lambda: mistral.chat.complete(model="refused", messages=messages))
    app.flush()


if __name__ == "__main__":
    main()
