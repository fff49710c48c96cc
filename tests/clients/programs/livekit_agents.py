"""The models of LiveKit's Agents, which trace themselves: OpenAI's twice, Anthropic's; a refused one, asked twice."""

import asyncio
from importlib import import_module
from typing import Any

shared: Any = import_module("shared")


def main() -> None:
    """Trace, ask, flush."""
    app = shared.app()
    agents: Any = import_module("livekit.agents")
    agents.telemetry.set_tracer_provider(import_module("opentelemetry.trace").get_tracer_provider())
    asyncio.run(_ask(app, agents))
    app.flush()


async def _ask(app: Any, agents: Any) -> None:  # noqa: ANN401 (classes of a package that is not installed here)
    openai, anthropic = (import_module(f"livekit.plugins.{name}") for name in ("openai", "anthropic"))
    to = {"api_key": "none", "base_url": f"{app.provider}/v1", "max_retries": 0}
    client = import_module("openai").AsyncOpenAI(**to)
    claude = import_module("anthropic").AsyncClient(api_key="none", base_url=app.provider)
    model = openai.LLM(model="gpt-4o-mini", client=client)
    with app.feature():
        await _answer(model, agents)
        await _answer(model, agents)
        await _answer(anthropic.LLM(model="claude-haiku-4-5", api_key="none", client=claude), agents)
    try:
        await _answer(openai.LLM(model="refused", client=client), agents)
    except agents.APIError:
        return
    raise AssertionError("the provider did not refuse")


async def _answer(model: Any, agents: Any) -> None:  # noqa: ANN401 (classes of a package that is not installed here)
    context = agents.llm.ChatContext.empty()
    context.add_message(role="user", content=shared.QUESTION)
    tries = agents.APIConnectOptions(max_retry=1, retry_interval=0.1)
    async with model.chat(chat_ctx=context, conn_options=tries) as said:
        async for _ in said:
            pass


if __name__ == "__main__":
    main()
