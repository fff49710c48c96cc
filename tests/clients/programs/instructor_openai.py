"""Instructor, traced by OpenInference, and below it the OpenAI SDK, whose spans alone tell tokens."""

from importlib import import_module
from typing import Any

shared: Any = import_module("shared")


def main() -> None:
    """Instrument, ask for an object, flush."""
    app = shared.app()
    import_module("openinference.instrumentation.instructor").InstructorInstrumentor().instrument()
    import_module("openinference.instrumentation.openai").OpenAIInstrumentor().instrument()
    openai, instructor = import_module("openai"), import_module("instructor")
    ticket = import_module("pydantic").create_model("Ticket", topic=(str, "refund"))
    asked: dict[str, Any] = {
        "messages": [{"role": "user", "content": shared.QUESTION}],
        "response_model": ticket,
        "max_retries": 1,
    }
    client = instructor.from_openai(openai.OpenAI(base_url=f"{app.provider}/v1", api_key="none", max_retries=0))
    with app.feature():
        client.chat.completions.create(model="gpt-4o-mini", **asked)
        client.chat.completions.create(model="gpt-4o-mini", **asked)
    failure = import_module("instructor.core").InstructorRetryException
    shared.refused(lambda: client.chat.completions.create(model="refused", **asked), failure)
    app.flush()


if __name__ == "__main__":
    main()
