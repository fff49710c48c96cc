"""OpenAI's Agents SDK, traced by the client's instrumentation of it, beside the same makers' one of the OpenAI SDK."""

import asyncio
import sys
from importlib import import_module
from typing import Any

shared: Any = import_module("shared")
# Of the agents, and of the SDK below them.
INSTRUMENTORS = {
    "openai-agents": ("openinference.instrumentation.openai_agents", "openinference.instrumentation.openai"),
    "openai-agents-traceloop": (
        "opentelemetry.instrumentation.openai_agents",
        "opentelemetry.instrumentation.openai",
    ),
    # Of the agents it tells only that they ran: their calls are told by the one of the SDK.
    "openai-agents-genai": (
        "opentelemetry.instrumentation.genai.openai_agents",
        "opentelemetry.instrumentation.genai.openai",
    ),
}


def main() -> None:
    """Instrument, run, flush."""
    app = shared.app()
    around, inside = INSTRUMENTORS[sys.argv[1]]
    import_module(around).OpenAIAgentsInstrumentor().instrument()
    import_module(inside).OpenAIInstrumentor().instrument()
    openai, agents = import_module("openai"), import_module("agents")
    client = openai.AsyncOpenAI(base_url=f"{app.provider}/v1", api_key="none", max_retries=0)
    agents.set_default_openai_client(client, use_for_tracing=False)
    asyncio.run(_ask(app, agents, openai.RateLimitError))
    app.flush()


async def _ask(app: Any, agents: Any, refused: type[Exception]) -> None:  # noqa: ANN401 (a package that is not installed here)
    agent = agents.Agent(name="triage", model="gpt-4o-mini", tools=[agents.function_tool(look_up)])
    plain = agents.Agent(name="plain", model="gpt-4o-mini")
    with app.feature():
        await agents.Runner.run(agent, shared.QUESTION)
        await agents.Runner.run(plain, shared.QUESTION)
        async for _ in agents.Runner.run_streamed(plain, shared.QUESTION).stream_events():
            pass
    try:
        await agents.Runner.run(agents.Agent(name="support-bot", model="refused"), shared.QUESTION)
    except refused:
        return
    raise AssertionError("the provider did not refuse")


def look_up() -> str:
    """What the ticket is about."""
    return "a refund"


if __name__ == "__main__":
    main()
