"""Anthropic's SDK, which traces itself, alone and under each of its instrumentations.

An agent's two calls around a tool, a plain one, two streams and a refused one.

    python anthropic_calls.py CLIENT PROVIDER_URL RECEIVER_URL
"""

import os
import sys
from importlib import import_module
from typing import Any

INSTRUMENTORS = {
    "anthropic-genai": "opentelemetry.instrumentation.genai.anthropic",
    "anthropic-openinference": "openinference.instrumentation.anthropic",
    "anthropic-traceloop": "opentelemetry.instrumentation.anthropic",
}
TOOL = {"name": "look_up", "description": "Looks a ticket up", "input_schema": {"type": "object", "properties": {}}}


def main() -> None:
    """Instrument, call, flush."""
    shared: Any = import_module("shared")
    app = shared.app()
    client = sys.argv[1]
    if client == "anthropic-traceloop":
        # The SDK traces itself too: outside any span nothing says that both tell of one refused call.
        os.environ["ANTHROPIC_OPEN_TELEMETRY"] = "false"  # noqa: TID251 (how the SDK is set up)
    if client in INSTRUMENTORS:
        import_module(INSTRUMENTORS[client]).AnthropicInstrumentor().instrument()
    anthropic: Any = import_module("anthropic")
    messages = anthropic.Anthropic(base_url=app.provider, api_key="none", max_retries=0).messages
    asked: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 100}
    question: dict[str, Any] = {"role": "user", "content": shared.QUESTION}
    with app.feature():
        answer = messages.create(**asked, messages=[question], tools=[TOOL])
        called = {"role": "assistant", "content": answer.content}
        result = {"type": "tool_result", "tool_use_id": answer.content[0].id, "content": "A refund"}
        messages.create(**asked, messages=[question, called, {"role": "user", "content": [result]}], tools=[TOOL])
        messages.create(**asked, messages=[question])
        with messages.stream(**asked, messages=[question]) as stream:
            stream.get_final_message()
        for _ in messages.create(**asked, messages=[question], stream=True):
            pass
    asked["model"] = "refused"
    shared.refused(lambda: messages.create(**asked, messages=[question]), anthropic.RateLimitError)
    app.flush()


if __name__ == "__main__":
    main()
