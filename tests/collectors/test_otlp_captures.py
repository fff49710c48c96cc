"""Every body that real clients sent: the right calls, tokens, errors and features, and no prompt text.

The mock provider behind the shared captures answered with 2006 tokens in (1920 cached), 300 out (128 reasoning);
Anthropic with 86 + 1920 read + 50 written = 2056 in, 300 out. Each client made the same calls where it can.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from collectors.otlp_body import decode
from strategy.facts import Call
from tests.collectors.otlp_bodies import Intake, taken

RECEIVED = datetime(2026, 11, 22, 3, tzinfo=UTC)
OWN = Path(__file__).parent.parent / "data" / "otlp"
MINI, EMBEDDING, BIG = "gpt-4o-mini-2024-07-18", "text-embedding-3-small", "gpt-4.1-2025-04-14"
TICKET, BOT = "ticket_summary", "helpdesk/support-bot"
CONTENT = ("Summarise", "Hello there", "get_weather", "refund")


class Seen(NamedTuple):
    """What one call must say; errors by default 0."""

    feature: str | None
    model: str
    input: int | None
    cached: int | None
    output: int | None
    reasoning: int | None
    errors: int = 0


def chat(feature: str, *, cached: int | None = 1920, reasoning: int | None = 128) -> Seen:
    """A chat whose client reports cached and reasoning tokens, or does not."""
    return Seen(feature, MINI, 2006, cached, 300, reasoning)


def unsized(feature: str) -> Seen:
    """A stream without usage: the tokens are unknown, not zero."""
    return Seen(feature, MINI, None, None, None, None)


def embedding(feature: str, cached: int | None = None) -> Seen:
    """An embedding puts out no tokens, which is known."""
    return Seen(feature, EMBEDDING, 8, cached, 0, None)


def refused(feature: str) -> Seen:
    """The 429: a call and an error."""
    return Seen(feature, "fail-429", None, None, None, None, 1)


RESPONSE = Seen(BOT, BIG, 2006, 1920, 300, 128)
# The parent span that says `feature` covers the first two calls; the others fall back to the service.
GENAI = [chat(TICKET), chat(TICKET), chat(BOT), unsized(BOT), embedding(BOT), RESPONSE, refused(BOT)]
OPENAI_V2 = [
    *[chat(TICKET, cached=None, reasoning=None)] * 2,
    chat(BOT, cached=None, reasoning=None),
    unsized(BOT),
    embedding(BOT),
    refused(BOT),
]
JS = [
    *[chat("support-bot-js", cached=None, reasoning=None)] * 2,
    embedding("support-bot-js"),
    refused("support-bot-js"),
]
IN_CONTEXT = [
    *[chat(TICKET)] * 3,
    unsized(TICKET),
    embedding(TICKET),
    Seen(TICKET, BIG, 2006, 1920, 300, 128),
    refused(TICKET),
]
TRACELOOP = [
    chat(TICKET),
    chat(TICKET),
    chat(BOT, reasoning=None),
    unsized(BOT),
    embedding(BOT, 0),
    RESPONSE,
    refused(BOT),
]
ANTHROPIC = [Seen("support-bot", "claude-sonnet-4-5-20250929", 2056, 1920, 300, None)]
CAPTURES = {
    "genai-anthropic/traces-01.pb": ANTHROPIC,
    "genai-openai/traces-01.pb": GENAI,
    "genai-openai-baggage/traces-01.pb": [chat(TICKET)],
    "genai-openai-delta/traces-01.pb": GENAI,
    "genai-openai-gzip/traces-01.pb.gz": GENAI,
    "genai-openai-json/traces-01.json": GENAI,
    "js-instrumentation-openai/traces-01.json": JS,
    "langfuse/traces-01.pb.gz": [chat(TICKET)],
    "openai-v2-default/traces-01.pb": OPENAI_V2,
    "openinference/traces-01.pb": GENAI,
    "openinference-ctx/traces-01.pb": IN_CONTEXT,
    "traceloop/traces-01.pb": TRACELOOP,
    "traceloop-sdk/traces-01.pb": [chat(TICKET)],
    "traceloop-sdk/traces-02.pb": [],
    "traceloop-sdk/traces-03.pb": [],
}
OWN_CALLS = [
    *[Seen("ticket-triage", MINI, 100, 64, 20, 8)] * 2,
    unsized("support-bot"),
    Seen("support-bot", EMBEDDING, 5, None, 0, None),
    Seen("support-bot", "refused", None, None, None, None, 1),
]


def seen(call: Call) -> Seen:
    """What a call says, as the tables write it."""
    return Seen(
        call.feature,
        call.model,
        call.input_tokens,
        call.cached_input_tokens,
        call.output_tokens,
        call.reasoning_tokens,
        call.errors,
    )


def read(path: Path) -> Intake:
    """The intake of a captured body, by the ending of its name."""
    content_type = "application/json" if path.suffix == ".json" else "application/x-protobuf"
    request = decode(path.read_bytes(), content_type, "gzip" if path.suffix == ".gz" else None)
    return taken(request, at=RECEIVED)


@pytest.mark.parametrize("name", CAPTURES)
def test_every_shared_capture_gives_its_calls(shared: Path, name: str) -> None:
    """Each client's body gives exactly the calls it made, whatever names it uses."""
    found = read(shared / "samples" / "otlp_captures" / name)
    assert [seen(call) for call in found.calls] == CAPTURES[name]
    assert found.refused == {}


def test_no_shared_capture_is_left_out(shared: Path) -> None:
    """The table above names every trace body of the samples."""
    folder = shared / "samples" / "otlp_captures"
    bodies = {path.relative_to(folder).as_posix() for path in folder.glob("*/traces*")}
    assert {name for name in bodies if not name.endswith((".decoded.json", ".headers.json"))} == set(CAPTURES)


def test_the_headers_of_each_capture_are_understood(shared: Path) -> None:
    """The content type and encoding that each client sent lead to the same request."""
    folder = shared / "samples" / "otlp_captures"
    for name in CAPTURES:
        stem = name.partition(".")[0]
        headers = json.loads((folder / f"{stem}.headers.json").read_text())["headers"]
        given = {key.lower(): value for key, value in headers.items()}
        body = (folder / name).read_bytes()
        assert len(decode(body, given["content-type"], given.get("content-encoding")).resource_spans) == 1


def test_the_anthropic_call_seen_twice_counts_once(shared: Path) -> None:
    """The SDK's own span inside the instrumentor's is a duplicate; the outer one is kept, cache writes included."""
    found = read(shared / "samples" / "otlp_captures" / "genai-anthropic" / "traces-01.pb")
    assert (found.duplicates, found.calls[0].cache_write_tokens) == (1, 50)
    assert found.calls[0].latency_ms == pytest.approx(20.351545)


@pytest.mark.parametrize("name", ["genai-gzip.pb.gz", "genai-json.json", "openinference.pb"])
def test_our_own_captures_give_their_calls(name: str) -> None:
    """The bodies of tests/data/make_otlp.py: two chats in a feature's span, a stream, an embedding, a 429."""
    found = read(OWN / name)
    assert [seen(call) for call in found.calls] == OWN_CALLS
    assert (found.ignored, found.duplicates, found.refused) == (1, 0, {})
    assert {call.provider for call in found.calls} == {"openai"}
    assert all(call.latency_ms is not None and call.latency_ms > 0 for call in found.calls)


@pytest.mark.parametrize("name", ["genai-gzip.pb.gz", "genai-json.json", "openinference.pb"])
def test_the_same_body_gives_the_same_keys(name: str) -> None:
    """A retry names the same calls, so nothing counts twice."""
    first, again = read(OWN / name), read(OWN / name)
    assert first.calls == again.calls
    assert len({call.key for call in first.calls}) == 5


def test_no_prompt_text_is_kept_of_our_own_captures() -> None:
    """OpenInference sends prompts and answers by default; none reaches a call."""
    assert b"Summarise ticket 7" in (OWN / "openinference.pb").read_bytes()
    assert not [word for word in CONTENT if word in repr(read(OWN / "openinference.pb"))]


def test_no_prompt_text_is_kept_of_the_shared_captures(shared: Path) -> None:
    """Not one of the clients that send content by default gets it past the door."""
    kept = "".join(repr(read(shared / "samples" / "otlp_captures" / name)) for name in CAPTURES)
    assert not [word for word in CONTENT if word in kept]
