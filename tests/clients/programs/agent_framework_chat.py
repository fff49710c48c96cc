"""Microsoft's Agent Framework, which traces itself: an agent's two calls around a tool, a plain one, a stream."""

import asyncio
from importlib import import_module
from typing import Any


def look_up() -> str:
    """Looks a ticket up."""
    return "A refund"


def main() -> None:
    """Ask agents, flush."""
    shared: Any = import_module("shared")
    app = shared.app()
    openai: Any = import_module("openai")
    import_module("agent_framework.observability").enable_instrumentation()
    asyncio.run(_ask(app, shared, openai.AsyncOpenAI(base_url=f"{app.provider}/v1", api_key="none", max_retries=0)))
    app.flush()


async def _ask(app: Any, shared: Any, client: Any) -> None:  # noqa: ANN401 (modules that are known only while this runs)
    framework, models = import_module("agent_framework"), import_module("agent_framework.openai")

    def agent(model: Any, *tools: Any) -> Any:  # noqa: ANN401 (classes of packages that are not installed here)
        return framework.Agent(client=model, name="triage", tools=list(tools))

    chats = models.OpenAIChatCompletionClient(model="gpt-4o-mini", async_client=client)
    answers = models.OpenAIChatClient(model="gpt-4o-mini", async_client=client)
    with app.feature():
        await agent(chats, look_up).run(shared.QUESTION)
        await agent(answers).run(shared.QUESTION)
        async for _ in agent(answers).run(shared.QUESTION, stream=True):
            pass
    refusing = agent(models.OpenAIChatCompletionClient(model="refused", async_client=client))
    try:
        await refusing.run(shared.QUESTION)
    except Exception as error:  # an error of its own around the SDK's
        if "slow down" not in str(error):
            raise
        return
    raise AssertionError("the provider did not refuse")


if __name__ == "__main__":
    main()
