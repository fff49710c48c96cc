"""Remembered spans are found by trace and by response, whoever wrote them and whatever was taken back or forgotten."""

from datetime import UTC, datetime
from random import Random

import numpy as np
from sqlalchemy import Engine, delete

from db.queries.spans import spans_of_responses, spans_of_traces
from db.session import Session, make_engine, transaction
from db.span_places import Places
from db.store.span_pack import trace_of
from db.store.spans import remember_spans
from db.store.turns import take_turn
from db.tables import RecentPack
from strategy.spans import Claims, SpanFact, SpanKind

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def span(number: int, trace: int = 1, response: int | None = None) -> SpanFact:
    """A span of a trace that is no call."""
    key = trace.to_bytes(8, "big") + number.to_bytes(8, "big")
    return SpanFact(key, None, SpanKind.OTHER, Claims(), 0, 1, 2, response)


def keep(session: Session, *facts: SpanFact) -> None:
    """Remember spans."""
    take_turn(session)
    remember_spans(session, [(fact, None) for fact in facts], AT)


def found(session: Session, fact: SpanFact) -> list[bytes]:
    """The keys that are known of a span's trace, and then those of its response."""
    take_turn(session)
    by_response = [] if fact.response is None else sorted(spans_of_responses(session, {fact.response}))
    return [*sorted(spans_of_traces(session, {trace_of(fact)})), *by_response]


def test_what_another_process_wrote_is_found(engine: Engine) -> None:
    """Each looks at what came since it last looked; a trace and a response are found apart."""
    other = make_engine(engine.url.render_as_string(hide_password=False))
    one, two, beside = span(1), span(2, response=7), span(3, trace=9, response=7)
    with transaction(engine) as session:
        keep(session, one)
    with transaction(other) as session:
        assert found(session, one) == [one.key]
        keep(session, two, beside)
    with transaction(engine) as session:
        assert found(session, one) == [one.key, two.key]
        assert found(session, two) == [one.key, two.key, two.key, beside.key]
        assert found(session, span(4, trace=2)) == []
    other.dispose()


def test_what_was_taken_back_hides_nothing(engine: Engine) -> None:
    """A transaction sees what it wrote itself; when it fails, its rows' numbers may be given again."""
    one, two = span(1), span(2)
    with Session(engine.execution_options(write=True)) as session:
        keep(session, one)
        assert found(session, one) == [one.key]
        session.rollback()
    with transaction(engine) as session:
        assert found(session, one) == []
        keep(session, two)
    with transaction(engine) as session:
        assert found(session, one) == [two.key]


def test_what_was_forgotten_is_not_found_and_what_comes_then_is(engine: Engine) -> None:
    """Also when nothing is left: numbers rise for ever."""
    with transaction(engine) as session:
        keep(session, span(1), span(2))
    with transaction(engine) as session:
        assert len(found(session, span(1))) == 2
        session.execute(delete(RecentPack))
        assert found(session, span(1)) == []
    other = make_engine(engine.url.render_as_string(hide_password=False))
    with transaction(other) as session:
        keep(session, span(3))
    with transaction(engine) as session:
        assert found(session, span(1)) == [span(3).key]
    other.dispose()


def test_places_answer_as_a_list_would() -> None:
    """Values that come often, never and across runs; rows that are gone may be left out, no other."""
    random = Random(5)  # noqa: S311 (the same numbers on every run)
    places, rows, first = Places(), list[tuple[int, int]](), 0
    for batch in range(40):
        new = [(random.randint(-50, 50), len(rows) + number) for number in range(random.randint(0, 30))]
        rows += new
        first = len(rows) // 2 if batch > 20 else 0
        places.add(np.array([v for v, _ in new], np.int64), np.array([row for _, row in new], np.int64), first)
        wanted = {random.randint(-60, 60) for _ in range(5)}
        told = places.find(wanted)
        assert len(told) == len(set(told))
        assert {row for row in told if row >= first} == {row for value, row in rows if value in wanted and row >= first}
        assert set(told) <= {row for value, row in rows if value in wanted}


def test_of_one_trace_that_is_everywhere_the_newest_are_found() -> None:
    """A sender with one id for all its spans does not have all of them read for each body."""
    places = Places()
    places.add(np.full(30_000, 7, np.int64), np.arange(30_000, dtype=np.int64), 0)
    assert places.find({7}) == list(range(20_000, 30_000))
