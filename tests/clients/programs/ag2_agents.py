"""AG2 from version 1, with its middleware for OpenTelemetry: an agent with a tool, a stream, and Anthropic's model."""

import asyncio
from importlib import import_module
from typing import Any

shared: Any = import_module("shared")
ag2: Any = import_module("ag2")
config: Any = import_module("ag2.config")
telemetry: Any = import_module("ag2.middleware.builtin.telemetry")


def look() -> str:
    """Looks a ticket up."""
    return "A refund."


def main() -> None:
    """Ask agents, flush."""
    app = shared.app()
    model: dict[str, Any] = {"api_key": "none", "base_url": f"{app.provider}/v1", "max_retries": 0}

    def ask(asked: Any, *tools: Any) -> None:  # noqa: ANN401 (classes of a package that is not installed here)
        traced = telemetry.TelemetryMiddleware(agent_name="triage")
        agent = ag2.Agent("triage", prompt="Be brief", config=asked, tools=list(tools), middleware=[traced])
        asyncio.run(agent.ask(shared.QUESTION))

    with app.feature():
        ask(config.OpenAIConfig(model="gpt-4o-mini", **model), look)
        ask(config.OpenAIConfig(model="gpt-4o-mini", streaming=True, **model))
        ask(config.AnthropicConfig(model="claude-haiku-4-5", api_key="none", base_url=app.provider))
    refused = config.OpenAIConfig(model="refused", **model)
    shared.refused(lambda: ask(refused), import_module("openai").RateLimitError)
    app.flush()


if __name__ == "__main__":
    main()
