"""The OpenAI SDK beyond plain chats: streams, responses, embeddings, raw answers, and asynchronously.

Traced by the client's instrumentations; the answers of a stream that is not asked for usage tell none.
"""

import asyncio
import sys
from importlib import import_module
from typing import Any

shared: Any = import_module("shared")
INSTRUMENTORS = {
    "openai-sdk-openinference": ["openinference.instrumentation.openai"],
    "openai-sdk-traceloop": ["opentelemetry.instrumentation.openai"],
    "openai-sdk-genai": ["opentelemetry.instrumentation.genai.openai"],
    "openai-sdk-both": ["openinference.instrumentation.openai", "opentelemetry.instrumentation.openai"],
}
CHAT: dict[str, Any] = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": shared.QUESTION}]}
TELLING: dict[str, Any] = {**CHAT, "stream_options": {"include_usage": True}}
ASKED: dict[str, Any] = {"model": "gpt-4o-mini", "input": shared.QUESTION}


def main() -> None:
    """Instrument, call, flush."""
    app = shared.app()
    for instrumentor in INSTRUMENTORS[sys.argv[1]]:
        import_module(instrumentor).OpenAIInstrumentor().instrument()
    openai: Any = import_module("openai")
    to = {"base_url": f"{app.provider}/v1", "api_key": "none", "max_retries": 0}
    client = openai.OpenAI(**to)
    with app.feature():
        _streams(client)
        client.responses.create(**ASKED)
        client.chat.completions.with_raw_response.create(**CHAT).parse()
        client.embeddings.create(model="text-embedding-3-small", input=shared.QUESTION)
        asyncio.run(_later(openai.AsyncOpenAI(**to)))
    shared.refused(lambda: client.responses.create(**{**ASKED, "model": "refused"}), openai.RateLimitError)
    shared.refused(
        lambda: client.chat.completions.create(**{**TELLING, "model": "refused"}, stream=True), openai.RateLimitError
    )
    app.flush()


def _streams(client: Any) -> None:  # noqa: ANN401 (a class of a package that is not installed here)
    list(client.chat.completions.create(**CHAT, stream=True))
    list(client.chat.completions.create(**TELLING, stream=True))
    with client.chat.completions.stream(**TELLING) as events:
        list(events)
    list(client.responses.create(**ASKED, stream=True))
    with client.responses.stream(**ASKED) as events:
        list(events)


async def _later(client: Any) -> None:  # noqa: ANN401 (a class of a package that is not installed here)
    await client.chat.completions.create(**CHAT)
    async for _ in await client.chat.completions.create(**TELLING, stream=True):
        pass
    async for _ in await client.responses.create(**ASKED, stream=True):
        pass


if __name__ == "__main__":
    main()
