"""Agno, traced by OpenInference, and beside it by OpenInference's of the OpenAI SDK below."""

from importlib import import_module
from typing import Any

shared: Any = import_module("shared")


def main() -> None:
    """Instrument, run, flush."""
    app = shared.app()
    import_module("openinference.instrumentation.agno").AgnoInstrumentor().instrument()
    import_module("openinference.instrumentation.openai").OpenAIInstrumentor().instrument()
    agents, models = import_module("agno.agent"), import_module("agno.models.openai")
    to = {"base_url": f"{app.provider}/v1", "api_key": "none", "max_retries": 0}
    model = models.OpenAIChat(id="gpt-4o-mini", **to)
    plain = agents.Agent(name="plain", model=models.OpenAIResponses(id="gpt-4o-mini", **to))
    claude = import_module("agno.models.anthropic").Claude(
        id="claude-haiku-4-5", api_key="none", client_params={"base_url": app.provider, "max_retries": 0}
    )
    other = agents.Agent(name="other", model=claude)
    with app.feature():
        other.run(shared.QUESTION)
        list(other.run(shared.QUESTION, stream=True))
        agents.Agent(name="triage", model=model, tools=[look_up]).run(shared.QUESTION)
        plain.run(shared.QUESTION)
        list(plain.run(shared.QUESTION, stream=True))
    # It raises nothing: the run says that it failed.
    run = agents.Agent(name="support-bot", model=models.OpenAIChat(id="refused", **to)).run(shared.QUESTION)
    if run.status.value.lower() != "error":
        raise AssertionError("the provider did not refuse")
    app.flush()


def look_up() -> str:
    """What the ticket is about."""
    return "a refund"


if __name__ == "__main__":
    main()
