"""Ollama's SDK under Traceloop's instrumentation: a tool, a plain call, a stream; refused."""

from importlib import import_module
from typing import Any

_MODEL = "llama3.1"
_TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}


def main() -> None:
    """Instrument, call, flush."""
    shared: Any = import_module("shared")
    app = shared.app()
    import_module("opentelemetry.instrumentation.ollama").OllamaInstrumentor().instrument()
    ollama: Any = import_module("ollama")
    client = ollama.Client(host=app.provider)
    messages: list[Any] = [{"role": "user", "content": shared.QUESTION}]
    with app.feature():
        asked = client.chat(model=_MODEL, messages=messages, tools=[_TOOL]).message
        said = {"role": "tool", "content": "A refund", "tool_name": "look_up"}
        client.chat(model=_MODEL, messages=[*messages, asked, said], tools=[_TOOL])
        for _ in client.chat(model=_MODEL, messages=messages, stream=True):
            pass
    shared.refused(lambda: client.chat(model="refused", messages=messages), ollama.ResponseError)
    app.flush()


if __name__ == "__main__":
    main()
