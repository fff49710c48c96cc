"""What a pulled source says of a day replaces what it said before; nothing else of that day moves."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from db.store.names import scores_under_todays_names
from db.store.turns import take_turn
from db.store.upsert import insert_into
from db.store.usage import add_usage, hour_of
from db.tables import EvalScore, HourTotal, LatencyCount, Rollup, SourceState
from strategy.facts import Call, Score

_HOURS = 24


def read_to(session: Session, source: str) -> datetime | None:
    """Up to where a source was read, None before the first time."""
    return session.scalar(select(SourceState.read_to).where(SourceState.source == source))


def sources_of_kind(session: Session, kind: str) -> list[str]:
    """The labels of the pulled sources of a kind that were read, in order."""
    return list(
        session.scalars(select(SourceState.source).where(SourceState.kind == kind).order_by(SourceState.source))
    )


def calls_of_day(session: Session, source: str, start: datetime) -> int:
    """How many calls of the UTC day from `start` this source told of so far."""
    first = hour_of(start)
    of_day = Rollup.source == source, Rollup.hour >= first, Rollup.hour < first + _HOURS
    return session.scalar(select(func.sum(Rollup.calls)).where(*of_day)) or 0


def replace_day(
    session: Session, source: str, kind: str, start: datetime, end: datetime | None, calls: Sequence[Call]
) -> None:
    """Put the calls of the UTC day from `start` in place of this source's earlier ones, read up to `end`.

    Where `end` is None it is no further read than it was: days before this one could not be taken.

    Its `kind` is its place in the order of `strategy.record`.
    """
    take_turn(session)  # two readers of one day would both add
    first = hour_of(start)
    hours = Rollup.hour >= first, Rollup.hour < first + _HOURS
    session.execute(delete(Rollup).where(Rollup.source == source, *hours))
    totals = HourTotal.hour >= first, HourTotal.hour < first + _HOURS
    session.execute(delete(HourTotal).where(HourTotal.source == source, *totals))
    session.execute(delete(LatencyCount).where(LatencyCount.source == source, LatencyCount.day == first // _HOURS))
    add_usage(session, calls)
    state = session.get(SourceState, source)
    if state is None:
        session.add(SourceState(source=source, kind=kind, read_to=end))
    else:
        state.kind = kind
        state.read_to = max((at for at in (end, state.read_to) if at is not None), default=None)
    session.flush()


def replace_scores(session: Session, source: str, start: datetime, scores: Sequence[Score]) -> None:
    """Put the scores of the UTC day from `start` in place of this source's earlier ones, under the names of today."""
    take_turn(session)
    rows = {score.key: asdict(score) for score in scores_under_todays_names(session, scores)}
    day = EvalScore.at >= start, EvalScore.at < start + timedelta(hours=_HOURS)
    gone = EvalScore.key.not_in(rows)
    session.execute(delete(EvalScore).where(EvalScore.source == source, *day, gone))
    if rows:
        statement = insert_into(session, EvalScore)
        newer = {name: statement.excluded[name] for name in ("feature", "score", "n")}
        session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=newer), list(rows.values()))
    session.flush()
