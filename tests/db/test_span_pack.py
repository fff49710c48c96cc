"""Spans go into a pack and come out of it as they were, with what became of each, also after that changed."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from db.store.span_pack import COLUMNS, Pack, Remembered, any_ended, changed_states, key_at, pack_of
from strategy.facts import Call
from strategy.spans import Claims, Evaluation, RecentSpan, Settled, SpanFact, SpanKind, Standing, latency_ms

_keys = st.binary(min_size=16, max_size=16).filter(any)
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_maybe = st.none() | _texts
_tokens = st.none() | st.integers(0, 3 * 10**9)
_times = st.integers(0, 2**63 - 1)
_claims = st.builds(Claims, _maybe, _maybe, _maybe, _maybe)
_costs = st.none() | st.decimals(0, 10**6, places=9)
_ended = st.integers(0, 4 * 10**18)
_settled = st.none() | st.builds(Settled, _maybe, st.sampled_from(Standing))


@st.composite
def _facts(draw: st.DrawFn) -> SpanFact:
    key, parent = draw(_keys), draw(st.none() | _keys)
    response = draw(st.none() | st.integers(-(2**63), 2**63 - 1).filter(bool))
    scope, claims = draw(st.integers(0, 2**32 - 1)), draw(_claims)
    start_ns, end_ns = draw(_times), draw(_ended)
    at = datetime.fromtimestamp(end_ns // 10**9, UTC)
    match draw(st.sampled_from(("call", "score", "unit"))):
        case "call":
            about = None, draw(_texts), draw(_texts), "otlp", True, draw(_texts), 1, draw(st.integers(0, 1))
            tokens = [draw(_tokens) for _ in range(5)]
            call = Call._make((key, at, *about, *tokens, draw(_costs), latency_ms(start_ns, end_ns), draw(_maybe)))
            return SpanFact(key, parent, SpanKind.CALL, claims, scope, start_ns, end_ns, response, call)
        case "score":
            number = draw(st.decimals(-(10**6), 10**6, places=6))
            score = Evaluation(draw(_texts), draw(_texts), draw(_texts), Decimal(number), at)
            return SpanFact(key, parent, SpanKind.EVALUATION, claims, scope, start_ns, end_ns, response, None, score)
        case _:
            return SpanFact(key, parent, SpanKind.UNIT, claims, scope, start_ns, draw(_times), response)


def read(row: dict[str, bytes | str]) -> list[RecentSpan]:
    """All spans of a pack."""
    columns = ("responses", "states", "features", "parts", "words")
    pack = Pack(*(row[name] for name in columns))  # type: ignore[arg-type]  # each column is of its own type
    return [pack.stored(place).read() for place in range(len(row["responses"]) // 8)]


@given(spans=st.lists(st.tuples(_facts(), _settled), min_size=1, max_size=5), became=_settled)
def test_a_pack_gives_back_what_was_put_in(spans: list[Remembered], became: Settled | None) -> None:
    """Every part of every span, an unknown count as an unknown one, and for each what became of it."""
    row = dict(zip(COLUMNS, pack_of(spans, 7), strict=True))
    assert read(row) == [RecentSpan(fact, settled) for fact, settled in spans]
    assert [key_at(row["parts"], place) for place in range(len(spans))] == [fact.key for fact, _ in spans]
    ends = [fact.end_ns for fact, _ in spans]
    assert (row["minute"], row["first_end_ns"], row["last_end_ns"]) == (7, min(ends), max(ends))
    assert any_ended(row["responses"], row["parts"], ends[-1], ends[-1] + 1)
    assert not any_ended(row["responses"], row["parts"], max(ends) + 1, max(ends) + 2)
    row["states"], row["features"] = changed_states(row["states"], row["features"], {0: became})
    after = [became, *(settled for _, settled in spans[1:])]
    assert read(row) == [RecentSpan(fact, settled) for (fact, _), settled in zip(spans, after, strict=True)]
