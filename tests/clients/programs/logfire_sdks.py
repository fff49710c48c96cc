"""Logfire's own instrumentations of OpenAI's and Anthropic's SDKs, sending to the receiver instead of to Logfire."""

import os
import sys
from importlib import import_module
from typing import Any

shared: Any = import_module("shared")
ASKED = [{"role": "user", "content": shared.QUESTION}]


def main() -> None:
    """Instrument, call, flush."""
    provider, receiver = sys.argv[2:4]
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver  # noqa: TID251 (how it is set up; this is no program of ours)
    # Anthropic's SDK traces itself too; a stream, which Logfire tells in a log of its own, would count twice.
    os.environ["ANTHROPIC_OPEN_TELEMETRY"] = "false"  # noqa: TID251 (how the SDK is set up)
    logfire: Any = import_module("logfire")
    logfire.configure(send_to_logfire=False, console=False, service_name="support-bot")
    logfire.instrument_openai()
    logfire.instrument_anthropic()
    openai, anthropic = import_module("openai"), import_module("anthropic")
    client = openai.OpenAI(base_url=f"{provider}/v1", api_key="none", max_retries=0)
    with logfire.span("POST /triage", feature="ticket-triage"):
        _openai(client)
        _anthropic(anthropic.Anthropic(base_url=provider, api_key="none", max_retries=0))
    shared.refused(lambda: client.chat.completions.create(model="refused", messages=ASKED), openai.RateLimitError)
    logfire.shutdown()


def _openai(client: Any) -> None:  # noqa: ANN401 (a class of a package that is not installed here)
    ask: dict[str, Any] = {"model": "gpt-4o-mini", "messages": ASKED}
    client.chat.completions.create(**ask)
    list(client.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True}))
    client.responses.create(model="gpt-4o-mini", input=shared.QUESTION)
    list(client.responses.create(model="gpt-4o-mini", input=shared.QUESTION, stream=True))
    client.embeddings.create(model="text-embedding-3-small", input=shared.QUESTION)


def _anthropic(client: Any) -> None:  # noqa: ANN401 (a class of a package that is not installed here)
    ask: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 100, "messages": ASKED}
    client.messages.create(**ask)
    with client.messages.stream(**ask) as answer:
        answer.get_final_message()


if __name__ == "__main__":
    main()
