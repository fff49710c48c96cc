"""Google's SDK under each of its instrumentations: an agent's two calls around a tool, a plain one and a stream.

python google_calls.py CLIENT PROVIDER_URL RECEIVER_URL
"""

import sys
from importlib import import_module
from typing import Any

INSTRUMENTORS = {
    "google-genai": ("opentelemetry.instrumentation.google_genai", "GoogleGenAiSdkInstrumentor"),
    "google-traceloop": ("opentelemetry.instrumentation.google_generativeai", "GoogleGenerativeAiInstrumentor"),
    "google-openinference": ("openinference.instrumentation.google_genai", "GoogleGenAIInstrumentor"),
}


def look_up() -> str:
    """Looks a ticket up."""
    return "A refund"


def main() -> None:
    """Instrument, call, flush."""
    shared: Any = import_module("shared")
    app = shared.app()
    module, name = INSTRUMENTORS[sys.argv[1]]
    getattr(import_module(module), name)().instrument()
    genai, errors = import_module("google.genai"), import_module("google.genai.errors")
    client: Any = genai.Client(api_key="none", http_options={"base_url": app.provider})
    ask = client.models.generate_content
    with app.feature():
        # The SDK calls the function itself, and the model again with what it said.
        ask(model="gemini-2.5-flash", contents=shared.QUESTION, config={"tools": [look_up]})
        ask(model="gemini-2.5-flash", contents=shared.QUESTION)
        for _ in client.models.generate_content_stream(model="gemini-2.5-flash", contents=shared.QUESTION):
            pass
    shared.refused(lambda: ask(model="refused", contents=shared.QUESTION), errors.ClientError)
    app.flush()


if __name__ == "__main__":
    main()
