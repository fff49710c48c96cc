"""Which spans are calls, with which figures, and which are refused."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from tests.collectors.otlp_bodies import CHAT, RECEIVED, SIZED, TRACE, Given, intake, request, taken

OTHER_TRACE = bytes(15) + b"\x01"


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.operation.name": "chat"},
        {"gen_ai.operation.name": "generate_content"},
        {"gen_ai.operation.name": "text_completion"},
        {"gen_ai.operation.name": "embeddings"},
        {"gen_ai.operation.name": "acompletion"},
        {"openinference.span.kind": "LLM"},
        {"openinference.span.kind": "EMBEDDING"},
        {"langfuse.observation.type": "generation"},
        {"langfuse.observation.type": "embedding"},
        {"llm.request.type": "chat"},
        {"ai.operationId": "ai.generateText.doGenerate"},
        {"ai.operationId": "ai.streamText.doStream"},
        {"ai.operationId": "ai.embed.doEmbed"},
    ],
)
def test_a_call_of_a_model_counts(attributes: dict[str, object]) -> None:
    """Whichever family of names says so."""
    assert len(intake(Given(number=1, attributes=attributes)).calls) == 1


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"gen_ai.usage.input_tokens": 5},
        {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 5},
        {"gen_ai.operation.name": "invoke_workflow"},
        {"gen_ai.operation.name": "execute_tool"},
        {"gen_ai.operation.name": "fetch_response", "gen_ai.usage.input_tokens": 5},
        {"openinference.span.kind": "CHAIN"},
        {"openinference.span.kind": "AGENT"},
        {"langfuse.observation.type": "span"},
        {"traceloop.span.kind": "workflow"},
        {"ai.operationId": "ai.generateText", "gen_ai.operation.name": "chat"},
    ],
)
def test_what_stands_around_a_call_does_not_count(attributes: dict[str, object]) -> None:
    """Agents, chains, tools, workflows and Vercel's outer span repeat the usage of the calls inside."""
    found = intake(Given(number=1, attributes=attributes))
    assert (found.calls, found.ignored, found.refused) == ((), 1, {})


def test_litellms_second_span_does_not_count() -> None:
    """raw_gen_ai_request repeats its parent."""
    found = intake(Given(number=1), Given(number=2, parent=1, name="raw_gen_ai_request"))
    assert (len(found.calls), found.ignored) == (1, 1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"gen_ai.usage.prompt_tokens": 7, "gen_ai.usage.completion_tokens": 3}, (7, None, None, 3, None)),
        ({"llm.usage.prompt_tokens": 7, "llm.usage.completion_tokens": 3}, (7, None, None, 3, None)),
        ({"ai.usage.promptTokens": 7, "ai.usage.completionTokens": 3}, (7, None, None, 3, None)),
        ({"gen_ai.usage.input_tokens": "7", "gen_ai.usage.output_tokens": 3.0}, (7, None, None, 3, None)),
        (
            {"gen_ai.usage.input_tokens": 2056, "gen_ai.usage.cache_creation.input_tokens": 50,
             "gen_ai.usage.cache_read.input_tokens": 1920, "gen_ai.usage.output_tokens": 1},
            (2056, 1920, 50, 1, None),
        ),
        # What Google calls thoughts stands beside its candidates; a newer name beside it says the output has them.
        (
            {"gen_ai.usage.output_tokens": 40, "gen_ai.usage.experimental.reasoning_tokens": 10},
            (None, None, None, 50, 10),
        ),
        ({"gen_ai.usage.output_tokens": 40, "gen_ai.usage.thoughts_tokens": 10}, (None, None, None, 50, 10)),
        ({"gen_ai.usage.thoughts_tokens": 10}, (None, None, None, None, 10)),
        (
            {"gen_ai.usage.output_tokens": 40, "gen_ai.usage.reasoning.output_tokens": 10,
             "gen_ai.usage.thoughts_tokens": 10},
            (None, None, None, 40, 10),
        ),
        # A part larger than its total was left out of it: Anthropic's own 86 + 1920 + 50, Gemini's thoughts.
        (
            {"gen_ai.usage.input_tokens": 86, "gen_ai.usage.cache_write.input_tokens": 50,
             "gen_ai.usage.cache_read.input_tokens": 1920},
            (2056, 1920, 50, None, None),
        ),
        ({"gen_ai.usage.output_tokens": 10, "gen_ai.usage.reasoning.output_tokens": 40}, (None, None, None, 50, 40)),
        ({}, (None, None, None, None, None)),
    ],
)  # fmt: skip # a table
def test_tokens_are_totals_with_their_parts(given: dict[str, object], expected: tuple[int | None, ...]) -> None:
    """Old and new names, numbers as text, and totals that a sender gave without their parts."""
    call = intake(Given(number=1, attributes={**CHAT, **given})).calls[0]
    assert (
        call.input_tokens,
        call.cached_input_tokens,
        call.cache_write_tokens,
        call.output_tokens,
        call.reasoning_tokens,
    ) == expected


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        (
            {"prompt_tokens": 2006, "completion_tokens": 300, "prompt_tokens_details": {"cached_tokens": 1920},
             "completion_tokens_details": {"reasoning_tokens": 128}},
            (2006, 1920, None, 300, 128),
        ),
        ({"input_tokens": 9, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 4}}, (9, 4, None, 2, None)),
        (
            {"input_tokens": 86, "output_tokens": 300, "cache_read_input_tokens": 1920,
             "cache_creation_input_tokens": 50},
            (2056, 1920, 50, 300, None),
        ),
        ({"input": 86, "output": 300, "total": 2306, "input_cached_tokens": 1920}, (2006, 1920, None, 300, None)),
        ({"input": 86, "output": 300, "input_cached_tokens": 1920}, (2006, 1920, None, 300, None)),
        # Reasoning beside the output, as Langfuse means it, and inside, as some give it: the total tells.
        (
            {"input": 86, "output": 172, "total": 2306, "input_cache_read": 1920, "output_reasoning": 128},
            (2006, 1920, None, 300, 128),
        ),
        (
            {"input": 2006, "output": 300, "total": 2306, "input_cache_read": 1920, "output_reasoning": 128},
            (2006, 1920, None, 300, 128),
        ),
        (
            {"input": 86, "output": 300, "total": 2306, "input_cached_tokens": 1920, "output_reasoning_tokens": 128},
            (2006, 1920, None, 300, 128),
        ),
        ({"input": 86, "output": 172, "output_reasoning_tokens": 128}, (86, None, None, 300, 128)),
        (
            {"input": 60, "output": 20, "total": 120, "input_cache_creation": 0, "input_cache_read": 24,
             "input_ephemeral_5m_input_tokens": 12, "input_ephemeral_1h_input_tokens": 4},
            (100, 24, 16, 20, None),
        ),
        (
            {"input": 50, "input_audio": 40, "input_cached_tokens": 10, "output": 12, "output_audio": 8},
            (100, 10, None, 20, None),
        ),
        (
            {"input": 50, "input_audio": 40, "input_cached_tokens": 10, "output": 12, "output_audio": 8, "total": 120},
            (100, 10, None, 20, None),
        ),
        ({"input": 100, "input_audio": 40, "output": 20, "output_audio": 8, "total": 120}, (100, None, None, 20, None)),
        (
            {"input": 0, "input_modality_TEXT": 100, "output": 0, "output_modality_TEXT": 20, "total": 120},
            (100, None, None, 20, None),
        ),
        ({"input": 100, "input_characters": 9_000, "output": 20}, (100, None, None, 20, None)),
        ([], (None, None, None, None, None)),
    ],
)  # fmt: skip # a table
def test_langfuse_details_are_read_in_every_shape(details: object, expected: tuple[int | None, ...]) -> None:
    """OpenAI's two shapes, Anthropic's and Langfuse's own, with and without a total."""
    attributes = {"langfuse.observation.type": "generation", "langfuse.observation.usage_details": json.dumps(details)}
    call = intake(Given(number=1, attributes=attributes)).calls[0]
    assert (
        call.input_tokens,
        call.cached_input_tokens,
        call.cache_write_tokens,
        call.output_tokens,
        call.reasoning_tokens,
    ) == expected


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("gen_ai.usage.input_tokens", -1),
        ("gen_ai.usage.input_tokens", 1.5),
        ("gen_ai.usage.input_tokens", float("nan")),
        ("gen_ai.usage.output_tokens", float("inf")),
        ("gen_ai.usage.output_tokens", 10**9 + 1),
        ("gen_ai.usage.output_tokens", 2**63 - 1),
        ("gen_ai.usage.cache_read.input_tokens", True),
        ("gen_ai.usage.input_tokens", "many"),
        ("gen_ai.usage.cost", float("nan")),
        ("gen_ai.usage.cost", -0.5),
        ("gen_ai.usage.cost", "."),
        ("gen_ai.usage.cost", "1e99"),
        ("langfuse.observation.usage_details", '{"prompt_tokens": -5}'),
        ("langfuse.observation.cost_details", '{"total": NaN}'),
    ],
)
def test_a_bad_number_refuses_its_span_only(key: str, value: object) -> None:
    """Not finite, not whole, negative or beyond what a request can be: counted under its reason, never stored."""
    bare = {name: item for name, item in SIZED.items() if "usage" not in name}
    found = intake(Given(number=1), Given(number=2, attributes={**bare, key: value}))
    assert (len(found.calls), found.refused) == (1, {"bad_number": 1})


@pytest.mark.parametrize(
    ("attributes", "usd"),
    [
        ({"gen_ai.usage.cost": 0.0125}, Decimal("0.0125")),
        ({"gen_ai.cost.total_cost": "1.2e-05"}, Decimal("0.000012")),
        ({"llm.cost.total": 0.5}, Decimal("0.5")),
        ({"langfuse.observation.cost_details": '{"input": 0.1, "output": 0.2}'}, Decimal("0.3")),
        ({"langfuse.observation.cost_details": '{"input": 0.1, "total": 0.25}'}, Decimal("0.25")),
        ({}, None),
    ],
)
def test_a_reported_cost_is_exact(attributes: dict[str, object], usd: Decimal | None) -> None:
    """As the sender wrote it, in decimal; absent is unknown."""
    assert intake(Given(number=1, attributes={**SIZED, **attributes})).calls[0].cost_usd == usd


def test_what_llamaindex_does_before_a_call_does_not_count() -> None:
    """OpenInference says of it that it is one too, by whatever class."""
    llm = {"openinference.span.kind": "LLM", "llm.model_name": "gpt-4o-mini"}
    found = intake(
        *(Given(number=1 + n, name=name, attributes=llm) for n, name in enumerate(("OpenAI.chat", "X.chat"))),
        *(Given(number=5 + n, name=f"{n}._prepare_chat_with_tools", attributes=llm) for n in range(2)),
    )
    assert (len(found.calls), found.ignored) == (2, 2)


@pytest.mark.parametrize(
    ("attributes", "event", "errors"),
    [(CHAT, "exception", 1), (SIZED, "exception", 0), (CHAT, "gen_ai.choice", 0)],
    ids=["nothing came", "an answer came", "another event"],
)
def test_a_call_of_which_only_an_exception_came_failed(attributes: dict[str, object], event: str, errors: int) -> None:
    """LangSmith's exporter says OK when a run begins, and what is OK stays so."""
    sent = request([Given(number=1, attributes=attributes)])
    sent.resource_spans[0].scope_spans[0].spans[0].events.add(name=event)
    assert [(call.calls, call.errors) for call in taken(sent).calls] == [(1, errors)]


@pytest.mark.parametrize(
    ("attributes", "told", "expected"),
    [
        (CHAT, {"input_tokens": 100, "output_tokens": 12, "total_tokens": 120, "thoughts_tokens": 8}, (100, 20, 8)),
        (CHAT, {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120, "thoughts_tokens": 8}, (100, 20, 8)),
        (CHAT, {"input_tokens": 36, "output_tokens": 20, "total_tokens": 120}, (100, 20, None)),
        (SIZED, {"input_tokens": 7, "output_tokens": 7}, (100, 20, None)),
    ],
    ids=["thoughts beside the output", "thoughts in it", "the cache only in the total", "a span that tells its size"],
)
def test_a_size_that_only_an_event_tells_is_the_calls(
    attributes: dict[str, object], told: dict[str, int], expected: tuple[int | None, ...]
) -> None:
    """Ax writes the usage of a request into an event of its span, and nothing of it onto the span."""
    sent = request([Given(number=1, attributes=attributes)])
    event = sent.resource_spans[0].scope_spans[0].spans[0].events.add(name="gen_ai.usage")
    for name, value in told.items():
        event.attributes.add(key=f"gen_ai.usage.{name}").value.int_value = value
    (call,) = taken(sent).calls
    assert (call.input_tokens, call.output_tokens, call.reasoning_tokens) == expected


def test_a_size_of_an_event_that_cannot_be_is_refused() -> None:
    """As on the span itself."""
    sent = request([Given(number=1, attributes=CHAT)])
    event = sent.resource_spans[0].scope_spans[0].spans[0].events.add(name="gen_ai.usage")
    event.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = -1
    assert taken(sent).refused == {"bad_number": 1}


@pytest.mark.parametrize(
    ("attributes", "failed", "errors"),
    [
        ({}, False, 0),
        ({}, True, 1),
        ({"error.type": "openai.RateLimitError"}, False, 1),
        ({"error.type": "RateLimitError"}, True, 1),
        ({"langfuse.observation.level": "ERROR"}, False, 1),
        ({"gen_ai.response.finish_reasons": '["error"]'}, False, 1),
        ({"gen_ai.response.finish_reasons": '["stop"]'}, False, 0),
    ],
)
def test_a_failed_call_is_a_call_and_an_error(attributes: dict[str, object], failed: bool, errors: int) -> None:  # noqa: FBT001 (a column of the table)
    """By the span's status, an error type, Langfuse's level, or the reason it ended for."""
    call = intake(Given(number=1, attributes={**SIZED, **attributes}, failed=failed)).calls[0]
    assert (call.calls, call.errors) == (1, errors)


@pytest.mark.parametrize(
    ("attributes", "provider", "model"),
    [
        ({"gen_ai.system": "OpenAI", "gen_ai.request.model": "gpt-4o"}, "openai", "gpt-4o"),
        (
            {"gen_ai.provider.name": "aws.bedrock", "gen_ai.system": "x", "gen_ai.request.model": "a"},
            "aws.bedrock",
            "a",
        ),
        ({"gen_ai.request.model": "gpt-4o", "gen_ai.response.model": "gpt-4o-2024-08-06"}, "", "gpt-4o-2024-08-06"),
        ({"llm.system": "openai", "llm.model_name": "m"}, "openai", "m"),
        ({"llm.invocation_parameters": '{"model": "fail-429"}'}, "", "fail-429"),
        ({"ai.model.provider": "openai.chat", "ai.model.id": "gpt-4o"}, "openai", "gpt-4o"),
        ({"gen_ai.request.model": ""}, "", "unknown"),
        ({"gen_ai.request.model": "x" * 100_000}, "", "x" * 200),
    ],
)
def test_provider_and_model_are_found_under_every_name(
    attributes: dict[str, object], provider: str, model: str
) -> None:
    """What answered comes before what was asked for; a name is bounded."""
    call = intake(Given(number=1, attributes={"gen_ai.operation.name": "chat", **attributes})).calls[0]
    assert (call.provider, call.model) == (provider, model)


@pytest.mark.parametrize(
    ("tier", "processing"), [("default", "standard"), ("batch", "batch"), ("flex", "flex"), ("priority", "priority")]
)
def test_the_service_tier_decides_the_price_list(tier: str, processing: str) -> None:
    """What is not a priced tier counts as standard."""
    attributes = {**SIZED, "openai.response.service_tier": tier}
    assert intake(Given(number=1, attributes=attributes)).calls[0].processing == processing


def test_a_call_belongs_to_the_moment_it_ended() -> None:
    """To the second, in UTC, with the latency in milliseconds."""
    call = intake(Given(number=1, began_ago_ms=1750, ended_ago_ms=500)).calls[0]
    assert (call.at, call.latency_ms) == (RECEIVED - timedelta(seconds=1), 1250.0)


def test_a_start_after_the_end_leaves_the_latency_unknown() -> None:
    """A clock was set back: the call counts, its duration does not."""
    assert intake(Given(number=1, began_ago_ms=100, ended_ago_ms=500)).calls[0].latency_ms is None


def test_spans_outside_the_window_are_refused_and_counted() -> None:
    """Late by more than the window, ahead by more than five minutes, or without an end."""
    hour = 3_600_000
    found = intake(
        Given(number=1, ended_ago_ms=25 * hour, began_ago_ms=26 * hour),
        Given(number=2, ended_ago_ms=23 * hour, began_ago_ms=24 * hour),
        Given(number=3, ended_ago_ms=-299_000),
        Given(number=4, ended_ago_ms=-301_000),
        Given(number=5, ended_ago_ms=int(RECEIVED.timestamp()) * 1000, began_ago_ms=0),
        oldest=RECEIVED - timedelta(hours=24),
    )
    assert (len(found.calls), found.refused) == (2, {"late": 1, "future": 1, "bad_time": 1})


def test_without_a_late_window_the_age_does_not_matter() -> None:
    """OFFRAMP_LATE_WINDOW=off takes a call of last year."""
    found = intake(Given(number=1, ended_ago_ms=400 * 86_400_000, began_ago_ms=400 * 86_400_001))
    assert found.calls[0].at == datetime(2025, 10, 18, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("trace_id", "number"), [(bytes(16), 1), (TRACE[:8], 1), (TRACE + b"x", 1), (TRACE, 0), (b"", 1)]
)
def test_a_zero_or_short_id_is_refused(trace_id: bytes, number: int) -> None:
    """OTLP calls it invalid, and it would make different calls one."""
    assert intake(Given(number=number, trace_id=trace_id)).refused == {"bad_id": 1}


def test_the_same_span_twice_in_a_body_counts_once() -> None:
    """The first wins, whatever the second says."""
    found = intake(Given(number=1), Given(number=1, attributes={**SIZED, "gen_ai.usage.input_tokens": 999}))
    assert ([call.input_tokens for call in found.calls], found.duplicates) == ([100], 1)


def test_of_nested_calls_the_outermost_with_tokens_counts() -> None:
    """An SDK that traces itself inside an instrumentor, children first, at any depth."""
    found = intake(
        Given(number=3, parent=2, attributes={**SIZED, "gen_ai.usage.input_tokens": 3}),
        Given(number=2, parent=1, attributes={"http.route": "/v1"}),
        Given(number=1),
    )
    assert ([call.input_tokens for call in found.calls], found.duplicates) == ([100], 1)


def test_of_nested_calls_the_inner_counts_where_only_it_knows_tokens() -> None:
    """The outer span has no usage: the inner one is the call."""
    found = intake(Given(number=1, attributes=CHAT), Given(number=2, parent=1))
    assert ([call.input_tokens for call in found.calls], found.duplicates) == ([100], 1)


def test_of_nested_calls_without_tokens_the_outer_counts() -> None:
    """A refused call seen by two instrumentations is one error."""
    found = intake(
        Given(number=1, attributes=CHAT, failed=True), Given(number=2, parent=1, attributes=CHAT, failed=True)
    )
    assert ([call.errors for call in found.calls], found.duplicates) == ([1], 1)


def test_a_call_inside_a_tool_of_a_call_is_its_own() -> None:
    """Between them stands a tool or an agent: two requests were made."""
    tool = {"gen_ai.operation.name": "execute_tool"}
    found = intake(Given(number=1), Given(number=2, parent=1, attributes=tool), Given(number=3, parent=2))
    assert (len(found.calls), found.duplicates) == (2, 0)


ANSWERED = {**SIZED, "gen_ai.response.id": "chatcmpl-1"}
ELSEWHERE = {"gen_ai.provider.name": "x", "gen_ai.response.model": "y"}


def test_parallel_spans_of_one_response_count_once() -> None:
    """Two instrumentations in two traces: same provider, response, tokens, overlapping time."""
    found = intake(
        Given(number=1, attributes=ANSWERED, scope="one"),
        Given(number=2, attributes=ANSWERED, scope="two", trace_id=OTHER_TRACE, began_ago_ms=990, ended_ago_ms=510),
    )
    assert (len(found.calls), found.duplicates) == (1, 1)


@pytest.mark.parametrize(
    "other",
    [
        Given(number=2, scope="two", began_ago_ms=400, ended_ago_ms=10),
        Given(number=2, scope="one", began_ago_ms=990, ended_ago_ms=510),
        Given(number=2, scope="two", trace_id=OTHER_TRACE, began_ago_ms=990, ended_ago_ms=510),
        Given(number=2, scope="two", attributes={**SIZED, "gen_ai.usage.output_tokens": 21}),
        Given(number=2, scope="two", attributes={**SIZED, **ELSEWHERE}),
        Given(number=2, scope="two", attributes=CHAT),
    ],
    ids=["later", "same instrumentation", "other trace", "other size", "other provider and model", "no size"],
)
@pytest.mark.parametrize("said", [SIZED, ANSWERED], ids=["no id", "an id"])
def test_calls_without_a_response_id_that_only_look_alike_both_count(said: dict[str, object], other: Given) -> None:
    """In one trace, what overlaps, is of one size and model and of two instrumentations is one; nothing less."""
    one = Given(number=1, scope="one", attributes=said)
    assert len(intake(one, other).calls) == 2
    twin = Given(number=3, scope="two", began_ago_ms=990, ended_ago_ms=510)
    assert len(intake(one, twin).calls) == 1


@pytest.mark.parametrize(
    ("provider", "model"), [("azure", "gpt-4o-mini"), ("", "gpt-4o-mini-2024-07-18"), ("openai", "x")]
)
def test_who_names_provider_or_model_otherwise_tells_of_the_same_call(provider: str, model: str) -> None:
    """One of two instrumentations says openai and azure the other, or only one of them dates the model."""
    named = {"gen_ai.provider.name": provider, "gen_ai.response.model": model}
    other = Given(number=2, scope="two", attributes={**SIZED, **named})
    for said in (SIZED, ANSWERED):
        found = intake(Given(number=1, scope="one", attributes=said), other)
        assert (len(found.calls), found.duplicates) == (1, 1)


def test_a_call_inside_that_says_less_or_of_another_input_does_not_count() -> None:
    """Only how much of the same input the cache had makes the one inside count."""
    cached = {"gen_ai.usage.cache_read.input_tokens": 64}
    for outer, inner, counts in (
        (SIZED, {**SIZED, **cached}, 64),
        ({**SIZED, **cached}, SIZED, 64),
        (SIZED, {**SIZED, **cached, "gen_ai.usage.input_tokens": 90}, None),
        ({**SIZED, **cached}, {**SIZED, "gen_ai.usage.cache_read.input_tokens": 32}, 64),
    ):
        found = intake(Given(number=1, attributes=outer), Given(number=2, parent=1, attributes=inner))
        assert [(call.input_tokens, call.cached_input_tokens) for call in found.calls] == [(100, counts)]


@pytest.mark.parametrize(
    "other",
    [
        Given(number=2, trace_id=OTHER_TRACE, scope="two", attributes={**ANSWERED, "gen_ai.usage.input_tokens": 101}),
        Given(number=2, trace_id=OTHER_TRACE, scope="two", attributes={**ANSWERED, **ELSEWHERE}),
        Given(number=2, trace_id=OTHER_TRACE, scope="two", attributes={**ANSWERED, "gen_ai.response.id": "chatcmpl-2"}),
        Given(number=2, trace_id=OTHER_TRACE, scope="two", attributes=ANSWERED, began_ago_ms=400, ended_ago_ms=10),
        Given(number=2, trace_id=OTHER_TRACE, scope="one", attributes=ANSWERED),
        Given(number=2, trace_id=OTHER_TRACE, scope="two", attributes=SIZED),
    ],
)
def test_calls_that_only_look_alike_both_count(other: Given) -> None:
    """Self-hosted servers reuse response ids: anything that differs makes two calls."""
    found = intake(Given(number=1, attributes=ANSWERED, scope="one"), other)
    assert (len(found.calls), found.duplicates) == (2, 0)


def test_a_failed_attempt_inside_a_call_is_its_own_call() -> None:
    """A client that retries makes two requests; in whatever order their spans arrive."""
    around, failed = Given(number=1, attributes=CHAT), Given(number=2, parent=1, attributes=CHAT, failed=True)
    answered = Given(number=3, parent=1)
    for spans in permutations((around, failed, answered)):
        found = intake(*spans)
        assert (sorted(call.errors for call in found.calls), found.duplicates) == ([0, 1], 1)


@pytest.mark.parametrize("attributes", [CHAT, SIZED])
def test_a_loop_of_parents_loses_nothing(attributes: dict[str, object]) -> None:
    """Hostile parents that name themselves or each other end the search, not the count."""
    assert len(intake(Given(number=1, parent=1, attributes=attributes)).calls) == 1
    loop = intake(Given(number=1, parent=2, attributes=attributes), Given(number=2, parent=1, attributes={}))
    assert (len(loop.calls), loop.ignored) == (1, 1)
    pair = intake(Given(number=1, parent=2, attributes=attributes), Given(number=2, parent=1, attributes=attributes))
    assert (len(pair.calls), pair.duplicates) == (1, 1)
