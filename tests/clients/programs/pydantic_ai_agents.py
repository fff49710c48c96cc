"""Pydantic AI, traced by itself and, below it, by OpenInference: an agent with a tool, its stream, a query's vector."""

import asyncio
from importlib import import_module
from typing import Any

shared: Any = import_module("shared")


def main() -> None:
    """Instrument, run, flush."""
    app = shared.app()
    ai: Any = import_module("pydantic_ai")
    ai.Agent.instrument_all()
    ai.Embedder.instrument_all()
    import_module("openinference.instrumentation.openai").OpenAIInstrumentor().instrument()
    openai: Any = import_module("openai")
    client = openai.AsyncOpenAI(base_url=f"{app.provider}/v1", api_key="none", max_retries=0)
    given = import_module("pydantic_ai.providers.openai").OpenAIProvider(openai_client=client)
    asyncio.run(_ask(app, ai, given))
    app.flush()


async def _ask(app: Any, ai: Any, given: Any) -> None:  # noqa: ANN401 (classes of packages that are not installed here)
    models: Any = import_module("pydantic_ai.models.openai")
    vectors: Any = import_module("pydantic_ai.embeddings.openai")
    agent = ai.Agent(models.OpenAIChatModel("gpt-4o-mini", provider=given), tools=[look_up], name="triage")
    plain = ai.Agent(models.OpenAIResponsesModel("gpt-4o-mini", provider=given), name="plain")
    anthropic: Any = import_module("anthropic")
    claude = import_module("pydantic_ai.models.anthropic").AnthropicModel
    to = import_module("pydantic_ai.providers.anthropic").AnthropicProvider(
        anthropic_client=anthropic.AsyncAnthropic(base_url=app.provider, api_key="none", max_retries=0)
    )
    other = ai.Agent(claude("claude-haiku-4-5", provider=to), name="other")
    with app.feature():
        await other.run(shared.QUESTION)
        async with other.run_stream(shared.QUESTION) as answer:
            await answer.get_output()
        await agent.run(shared.QUESTION)
        await plain.run(shared.QUESTION)
        async with plain.run_stream(shared.QUESTION) as answer:
            await answer.get_output()
        model = vectors.OpenAIEmbeddingModel("text-embedding-3-small", provider=given)
        await ai.Embedder(model).embed_query(shared.QUESTION)
    refusing = ai.Agent(models.OpenAIChatModel("refused", provider=given), name="support-bot")
    try:
        await refusing.run(shared.QUESTION)
    except ai.ModelHTTPError:
        return
    raise AssertionError("the provider did not refuse")


def look_up() -> str:
    """What the ticket is about."""
    return "a refund"


if __name__ == "__main__":
    main()
