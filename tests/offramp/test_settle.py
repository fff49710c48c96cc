"""Parents, doubles and their calls arrive in any order, over any number of requests: the figures are the same."""

import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import Engine, func, select

from collectors.otlp_lean import lean_request
from collectors.otlp_spans import spans_from_traces
from collectors.resolver import ResolverConfig
from db.queries.sources import intake
from db.session import make_engine, reading, transaction
from db.store.spans import MINUTES
from db.tables import LatencyCount, RecentPack, Rollup, UsageLedger
from offramp.actions.forget import forget
from offramp.actions.ingest import Sent
from offramp.actions.receive import receive
from offramp.actions.settle import Counted, count_spans
from offramp.actions.usage import usage
from strategy.spans import SpanFact
from tests.collectors.otlp_bodies import CHAT, RECEIVED, SIZED, Given, request, taken

PROTOBUF = "application/x-protobuf"
SERVICE = {"service.name": "bot"}
REFUSED = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "refused"}
AROUND = Given(number=1, attributes={"feature": "triage"}, name="POST /triage")


def send(engine: Engine, *spans: Given, later: timedelta = timedelta()) -> None:
    """One request with these spans."""
    body = request(spans, SERVICE).SerializeToString()
    receive(engine, None, Sent("traces", body, PROTOBUF), at=RECEIVED + later, late_window=None)


def _refused(span: Given) -> Given:
    return replace(span, attributes=REFUSED, failed=True)


def counted(engine: Engine) -> dict[str | None, tuple[int, int, int]]:
    """Calls, errors and input tokens by feature."""
    return {row.feature: (row.calls, row.errors, row.input_tokens) for row in usage(engine).rows}


def test_a_late_parent_moves_its_calls(engine: Engine) -> None:
    """Counted at once for the service; for the feature, latency included, as soon as the span around it has ended."""
    send(engine, Given(number=3, parent=2), Given(number=4, parent=2, attributes=CHAT, failed=True))
    assert counted(engine) == {"bot": (2, 1, 100)}
    send(engine, Given(number=2, parent=1, attributes={"http.route": "/x"}))
    assert counted(engine) == {"bot": (2, 1, 100)}
    send(engine, AROUND)
    assert counted(engine) == {"triage": (2, 1, 100)}
    with reading(engine) as session:
        assert session.execute(select(LatencyCount.feature, LatencyCount.calls)).all() == [("triage", 2)]
        assert list(session.scalars(select(Rollup.feature))) == ["triage"]
        counts = {item.outcome: item.count for item in intake(session, 0)}
    assert counts == {"accepted": 2, "moved": 2, "not_a_call": 2}


def test_a_nearer_parent_that_comes_later_still_wins(engine: Engine) -> None:
    """The nearest span that states a feature decides, also where a farther one came first."""
    send(engine, AROUND, Given(number=3, parent=2))
    send(engine, Given(number=2, parent=1, attributes={"feature": "summary"}))
    assert counted(engine) == {"summary": (1, 0, 100)}


def test_a_parents_resource_names_the_feature_of_a_gateways_call(engine: Engine) -> None:
    """A gateway's span knows its own service only; what the application's environment states beats that."""
    send(engine, Given(number=2, parent=1))
    assert counted(engine) == {"bot": (1, 0, 100)}
    body = request([Given(number=1, attributes={})], {"service.name": "app", "feature": "triage"}).SerializeToString()
    receive(engine, None, Sent("traces", body, PROTOBUF), at=RECEIVED, late_window=None)
    assert counted(engine) == {"triage": (1, 0, 100)}


def test_what_is_sent_again_moves_nothing(engine: Engine) -> None:
    """Retries of the call, of the parent, of both in one."""
    call = Given(number=2, parent=1)
    for spans in ((call,), (AROUND,), (call,), (AROUND,), (AROUND, call), (call, AROUND)):
        send(engine, *spans)
    assert counted(engine) == {"triage": (1, 0, 100)}


def test_after_a_quarter_of_an_hour_a_parent_is_too_late(engine: Engine) -> None:
    """What was counted stays; the span is forgotten as soon as others come."""
    send(engine, Given(number=2, parent=1))
    send(engine, Given(number=12, parent=11), later=timedelta(minutes=MINUTES + 2))
    send(engine, AROUND, later=timedelta(minutes=MINUTES + 3))
    assert counted(engine) == {"bot": (2, 0, 200)}
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(RecentPack)) == 2


def test_a_forgotten_parent_keeps_what_it_gave(engine: Engine) -> None:
    """A call that outlives its parent in memory is not moved back by the next span inside it."""
    send(engine, AROUND)
    send(engine, Given(number=2, parent=1), later=timedelta(minutes=10))
    send(engine, Given(number=50, parent=49), later=timedelta(minutes=MINUTES + 5))
    send(engine, Given(number=3, parent=2, attributes=CHAT), later=timedelta(minutes=MINUTES + 6))
    assert counted(engine)["triage"] == (1, 0, 100)


ANSWERED = {**SIZED, "gen_ai.response.id": "chatcmpl-1"}
ONE = Given(number=1, attributes=ANSWERED, scope="one")
TWO = Given(
    number=2,
    attributes=ANSWERED,
    scope="two",
    trace_id=bytes(15) + b"\x01",
    began_ago_ms=990,
    ended_ago_ms=510,
)


def test_two_instrumentations_in_two_requests_count_once(engine: Engine) -> None:
    """Side by side or one inside the other, whichever comes first."""
    send(engine, ONE)
    send(engine, TWO)
    send(engine, Given(number=21, parent=20))
    send(engine, Given(number=20))
    assert counted(engine) == {"bot": (2, 0, 200)}
    send(engine, TWO, ONE)
    assert counted(engine) == {"bot": (2, 0, 200)}


def test_two_that_count_the_output_of_a_stream_differently_count_once(engine: Engine) -> None:
    """Side by side, whichever comes first: as the one that begins first says."""
    more = {**ANSWERED, "gen_ai.usage.output_tokens": 21}
    for number, order in enumerate(((0, 1), (1, 0))):
        answer = {"gen_ai.response.id": f"msg_{number}"}
        first = replace(ONE, number=30, attributes={**more, **answer}, trace_id=bytes([7, number]) * 8)
        second = replace(TWO, number=31, attributes={**ANSWERED, **answer}, trace_id=bytes([7, number]) * 8)
        for place in order:
            send(engine, (first, second)[place])
    (row,) = usage(engine).rows
    assert (row.calls, row.input_tokens, row.output_tokens) == (2, 200, 42)


AGENT = Given(
    number=1,
    attributes={
        "gen_ai.operation.name": "invoke_agent",
        "feature": "triage",
        "gen_ai.usage.input_tokens": 400,
        "gen_ai.usage.output_tokens": 80,
    },
    began_ago_ms=1500,
    ended_ago_ms=100,
)
# OpenInference names no response, so what stands beside the call inside it has no other to be told by.
OUTER = Given(
    number=2,
    parent=1,
    attributes={
        "openinference.span.kind": "LLM",
        "llm.provider": "openai",
        "llm.token_count.prompt": 100,
        "llm.token_count.completion": 20,
    },
    scope="openinference",
    began_ago_ms=1010,
    ended_ago_ms=490,
)
INNER = Given(number=3, parent=2, attributes=ANSWERED, scope="one")


@pytest.mark.parametrize("elsewhere", [True, False], ids=["other trace", "same trace"])
@pytest.mark.parametrize("began_ago_ms", [1020, 995])
def test_three_instrumentations_of_one_call_count_once(engine: Engine, began_ago_ms: int, *, elsewhere: bool) -> None:
    """One around another and a third beside them, inside an agent that repeats the sum: in every order."""
    for number, order in enumerate(permutations((1, 2, 3)), 1):
        trace = number.to_bytes(16, "big")
        beside = replace(TWO, number=4, parent=None if elsewhere else 1, began_ago_ms=began_ago_ms)
        spans = [replace(span, trace_id=trace) for span in (AGENT, OUTER, INNER, beside)]
        answered = {**ANSWERED, "gen_ai.response.id": f"chatcmpl-{number}"}
        spans[2:] = [replace(span, attributes=answered) for span in spans[2:]]
        if elsewhere:
            spans[3] = replace(spans[3], trace_id=b"other" + trace[5:])
        agent = number % 4
        for step, place in enumerate((*order[:agent], 0, *order[agent:])):
            send(engine, spans[place], later=timedelta(minutes=3 * step))
    assert counted(engine) == {"triage": (6, 0, 600)}


# As LangChain and OpenAI by OpenInference write them: the framework's span is not around the client's.
BESIDE = (
    Given(number=1, attributes={"feature": "triage"}, began_ago_ms=2000, ended_ago_ms=0),
    Given(number=2, parent=1, attributes={"openinference.span.kind": "CHAIN"}, began_ago_ms=1100, ended_ago_ms=400),
    Given(number=3, parent=2, scope="framework"),
    Given(number=4, parent=1, scope="client", began_ago_ms=990, ended_ago_ms=510),
)


def test_one_that_names_its_response_and_one_that_does_not_count_once(engine: Engine) -> None:
    """Traceloop and OpenInference beside each other: in one trace they are known by their size; in every order."""
    for number, order in enumerate(permutations(range(4)), 1):
        spans = [replace(span, trace_id=number.to_bytes(16, "big")) for span in BESIDE]
        spans[3] = replace(spans[3], attributes={**SIZED, "gen_ai.response.id": f"resp_{number}"})
        for place in order:
            send(engine, spans[place])
    assert counted(engine) == {"triage": (24, 0, 2400)}


@pytest.mark.parametrize("failed", [False, True])
@pytest.mark.parametrize("inside", [False, True])
def test_parallel_calls_of_one_size_count_each_under_two_instrumentations(
    engine: Engine, *, inside: bool, failed: bool
) -> None:
    """Three at once in one trace, told beside or inside each other, of which one names the responses: three, always."""
    dice = random.Random(5)  # noqa: S311 (a repeatable course of events, no secret)
    for number in range(30):
        pairs = [
            (
                Given(number=place, scope="named", attributes={**SIZED, "gen_ai.response.id": f"r-{number}-{place}"}),
                Given(number=place + 10, scope="unnamed", began_ago_ms=990, ended_ago_ms=510),
            )
            for place in range(1, 4)
        ]
        if inside:
            pairs = [(one, replace(other, parent=one.number)) for one, other in pairs]
        if failed:
            pairs = [(_refused(one), _refused(other)) for one, other in pairs]
        spans = [replace(span, trace_id=bytes([5, number]) * 8) for pair in pairs for span in pair]
        dice.shuffle(spans)
        for span in spans:
            send(engine, span)
    assert counted(engine) == {"bot": (90, 90, 0) if failed else (90, 0, 9000)}


CACHED = {"gen_ai.usage.cache_read.input_tokens": 64}


def test_of_nested_calls_one_that_tells_the_cache_counts(engine: Engine) -> None:
    """A framework that leaves it out, around two that tell it: one call with its cached tokens; in every order."""
    for number, order in enumerate(permutations(range(4)), 1):
        told = ({"feature": "triage"}, SIZED, {**SIZED, **CACHED}, {**SIZED, **CACHED})
        spans = [
            Given(number=place, parent=place - 1 or None, attributes=said, trace_id=number.to_bytes(16, "big"))
            for place, said in enumerate(told, 1)
        ]
        for place in order:
            send(engine, spans[place])
    (row,) = usage(engine).rows
    assert (row.feature, row.calls, row.input_tokens, row.cached_input_tokens) == ("triage", 24, 2400, 24 * 64)


@pytest.mark.parametrize("failed", [False, True])
def test_a_framework_and_its_client_beside_each_other_count_once(engine: Engine, *, failed: bool) -> None:
    """Neither tells a response id: of one trace, time and size, or model that failed, there is one; in every order."""
    for number, order in enumerate(permutations(range(4)), 1):
        spans = [replace(span, trace_id=number.to_bytes(16, "big")) for span in BESIDE]
        if failed:
            spans[2:] = map(_refused, spans[2:])
        for place in order:
            send(engine, spans[place])
    assert counted(engine) == {"triage": (24, 24, 0) if failed else (24, 0, 2400)}


# Each inside another, two and two, one beside three: who stands inside whom (by place), and who names the response.
FOUR = (
    ((None, 2, 3, 0), (True, True, False, True)),
    ((None, None, 0, 1), (False, False, True, True)),
    ((None, None, 1, 2), (True, False, False, True)),
)


def test_four_instrumentations_of_one_call_count_once(engine: Engine) -> None:
    """Inside each other, two and two, one beside the others: in every order, to the token."""
    for number, order in enumerate(permutations(range(4)), 1):
        traces: list[list[Given]] = []
        for which, (parents, names) in enumerate(FOUR):
            answered = {**SIZED, "gen_ai.response.id": f"chatcmpl-{which}-{number}"}
            traces.append([
                Given(
                    number=place + 1,
                    parent=None if parent is None else parent + 1,
                    attributes=answered if names[place] else SIZED,
                    scope=f"sdk-{place}",
                    trace_id=bytes([1 + which, number]) * 8,
                    began_ago_ms=1000 - place,
                    ended_ago_ms=400 + place,
                )
                for place, parent in enumerate(parents)
            ])  # fmt: skip # a list of lists
        for place in order:
            send(engine, *(spans[place] for spans in traces))
    assert counted(engine) == {"bot": (72, 0, 7200)}


def shapes(dice: random.Random, number: int) -> list[Given]:
    """One trace: a tree of calls, of parts that state a feature, and of spans that are nothing.

    Calls of two traces name the same response: they are one where they come from two instrumentations.
    """
    trace = number.to_bytes(16, "big")
    kinds: list[dict[str, object]] = [
        dict(SIZED),
        {**SIZED, **CACHED},
        {**SIZED, "gen_ai.response.id": f"chatcmpl-{number // 2}"},
        {**SIZED, **CACHED, "gen_ai.response.id": f"chatcmpl-{number // 2}"},
        dict(CHAT),
        {},
        {"feature": f"f{dice.randint(1, 3)}"},
        {"gen_ai.operation.name": "execute_tool"},
        {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper"},
    ]
    return [
        Given(
            number=place,
            trace_id=trace,
            parent=dice.randint(1, place - 1) if place > 1 else dice.choice([None, 99]),
            attributes=dice.choice(kinds),
            failed=dice.random() < 0.2,
            scope=dice.choice(["one", "two", "three"]),
            began_ago_ms=dice.randint(500, 1000),
            ended_ago_ms=dice.randint(100, 500),
        )
        for place in range(1, dice.randint(3, 8))
    ]


def test_any_split_order_and_repetition_gives_the_same_figures(engine: Engine) -> None:
    """150 made-up traces, delivered whole, or span by span, shuffled, in pieces, some twice: no figure differs."""
    dice = random.Random(11)  # noqa: S311 (a repeatable course of events, no secret)
    traces = [shapes(dice, number) for number in range(1, 151)]
    pieces = [span for spans in traces for span in spans]
    whole = taken(request(pieces, SERVICE)).calls
    expected = Counter((call.feature, call.errors, call.input_tokens) for call in whole)
    pieces += dice.sample(pieces, 100)
    dice.shuffle(pieces)
    while pieces:
        size = dice.choice([1, 2, 3, 20])
        send(engine, *pieces[:size])
        pieces = pieces[size:]
    sums: dict[str | None, tuple[int, int, int]] = {}
    for (feature, errors, tokens), count in expected.items():
        before = sums.get(feature, (0, 0, 0))
        sums[feature] = (before[0] + count, before[1] + errors * count, before[2] + (tokens or 0) * count)
    assert counted(engine) == sums


def test_two_receivers_at_once_agree(database_url: str) -> None:
    """The call arrives at one process while its parent and its double arrive at two others."""
    engines = [make_engine(database_url) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        for number in range(100, 140):
            trace = number.to_bytes(16, "big")
            inner = Given(number=2, parent=1, trace_id=trace, attributes={**SIZED, "gen_ai.response.id": str(number)})
            double = replace(inner, number=3, parent=None, trace_id=b"d" + trace[1:], scope="other", began_ago_ms=999)
            spans = (inner, replace(AROUND, trace_id=trace), double)
            list(pool.map(send, engines, spans))
    assert counted(engines[0]) == {"triage": (40, 0, 4000)}
    for engine in engines:
        engine.dispose()


def facts(*spans: Given) -> Sequence[SpanFact]:
    """The facts of one request."""
    return spans_from_traces(
        lean_request(request(spans, SERVICE).SerializeToString()), resolver=ResolverConfig(), received_at=RECEIVED
    ).spans


def test_a_rollup_that_is_gone_leaves_the_call_where_it_is(engine: Engine) -> None:
    """Where somebody renamed the feature meanwhile, nothing is taken out and nothing added."""
    send(engine, Given(number=2, parent=1))
    with transaction(engine) as session:
        session.query(Rollup).update({Rollup.feature: "renamed"})
    with transaction(engine) as session:
        assert count_spans(session, facts(AROUND), RECEIVED) == Counted()
    assert counted(engine) == {"renamed": (1, 0, 100)}


def test_old_keys_and_spans_are_forgotten(engine: Engine) -> None:
    """Three days after the call: its key goes, what it counted stays; without a late window the key stays too."""
    send(engine, Given(number=1), Given(number=2, parent=1))
    assert forget(engine, RECEIVED + timedelta(days=30), None) == 0
    assert forget(engine, RECEIVED + timedelta(hours=71), timedelta(hours=24)) == 0
    assert forget(engine, RECEIVED + timedelta(hours=73), timedelta(hours=24)) == 2
    assert counted(engine) == {"bot": (1, 0, 100)}
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(RecentPack)) == 0
        assert session.scalar(select(func.count()).select_from(UsageLedger)) == 0
