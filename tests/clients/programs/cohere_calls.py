"""Cohere's SDK under Traceloop's instrumentation: a tool, a plain call, a stream; refused."""

from importlib import import_module
from typing import Any

_MODEL = "command-a-03-2025"
_TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}


def main() -> None:
    """Instrument, call, flush."""
    shared: Any = import_module("shared")
    app = shared.app()
    import_module("opentelemetry.instrumentation.cohere").CohereInstrumentor().instrument()
    cohere: Any = import_module("cohere")
    client = cohere.ClientV2(api_key="none", base_url=app.provider)
    messages: list[Any] = [{"role": "user", "content": shared.QUESTION}]
    with app.feature():
        asked = client.chat(model=_MODEL, messages=messages, tools=[_TOOL]).message
        said = {"role": "tool", "content": "A refund", "tool_call_id": asked.tool_calls[0].id}
        client.chat(model=_MODEL, messages=[*messages, asked, said], tools=[_TOOL])
        for _ in client.chat_stream(model=_MODEL, messages=messages):
            pass
    once = {"max_retries": 0}
    errors: Any = import_module("cohere.errors")
    shared.refused(
        lambda: client.chat(model="refused", messages=messages, request_options=once), errors.TooManyRequestsError
    )
    app.flush()


if __name__ == "__main__":
    main()
