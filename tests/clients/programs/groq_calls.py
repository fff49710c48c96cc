"""Groq's SDK under its instrumentations: a tool, a plain call, a stream; refused.

python groq_calls.py CLIENT PROVIDER_URL RECEIVER_URL
"""

import sys
from importlib import import_module
from typing import Any

INSTRUMENTORS = {
    "groq-openinference": "openinference.instrumentation.groq",
    "groq-traceloop": "opentelemetry.instrumentation.groq",
}
_MODEL = "llama-3.1-8b-instant"
_TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}


def main() -> None:
    """Instrument, call, flush."""
    shared: Any = import_module("shared")
    app = shared.app()
    import_module(INSTRUMENTORS[sys.argv[1]]).GroqInstrumentor().instrument()
    groq: Any = import_module("groq")
    ask = groq.Groq(api_key="none", base_url=app.provider, max_retries=0).chat.completions.create
    messages: list[Any] = [{"role": "user", "content": shared.QUESTION}]
    with app.feature():
        asked = ask(model=_MODEL, messages=messages, tools=[_TOOL]).choices[0].message
        said = {"role": "tool", "content": "A refund", "tool_call_id": asked.tool_calls[0].id}
        ask(model=_MODEL, messages=[*messages, asked, said], tools=[_TOOL])
        for _ in ask(model=_MODEL, messages=messages, stream=True):
            pass
    shared.refused(lambda: ask(model="refused", messages=messages), groq.RateLimitError)
    app.flush()


if __name__ == "__main__":
    main()
