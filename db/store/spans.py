"""Remembering spans for a while: what they say and what became of them; the oldest are forgotten as new ones come."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from db.span_places import by_pack, places_of_traces, spans_are_written, spans_held
from db.store.span_pack import COLUMNS, Remembered, changed_states, key_at, pack_of, trace_of
from db.store.upsert import insert_all
from db.tables import RecentPack
from db.wanted import rows_where
from strategy.spans import RecentSpan

MINUTES = 15
_MINUTE = 60
# Beyond it calls are counted as ever, and what comes late no longer moves them.
MOST_SPANS = 4_000_000
# A pack is read whole for one of its spans.
_MOST_OF_A_PACK = 2_000


def room_for_spans(session: Session) -> int:
    """How many more spans may be remembered. Needs the turn."""
    return max(0, MOST_SPANS - spans_held(session))


def remember_spans(session: Session, spans: Sequence[Remembered], at: datetime) -> None:
    """Keep these spans, received `at`, of which none is known yet, with what became of each."""
    minute = int(at.timestamp()) // _MINUTE
    spans_are_written(session)
    starts = range(0, len(spans), _MOST_OF_A_PACK)
    packs = [pack_of(spans[start : start + _MOST_OF_A_PACK], minute) for start in starts]
    insert_all(session, RecentPack, COLUMNS, packs)


def resettle_spans(session: Session, changed: Iterable[RecentSpan]) -> None:
    """Write down what became of remembered spans."""
    became = {fact.key: (trace_of(fact), settled) for fact, settled in changed}
    wanted = by_pack(places_of_traces(session, {trace for trace, _ in became.values()}))
    query = "SELECT id, parts, states, features FROM recent_pack WHERE true"
    for number, parts, states, features in rows_where(session, query, "id", wanted):
        keys = {place: key_at(parts, place) for place in wanted[number]}
        changes = {place: became[key][1] for place, key in keys.items() if key in became}
        new_states, new_features = changed_states(states, features, changes)
        new = update(RecentPack).where(RecentPack.id == number).values(states=new_states, features=new_features)
        session.execute(new)


def forget_spans(session: Session, at: datetime, most: int) -> int:
    """Forget up to `most` packs of spans received more than 15 minutes before `at`, the oldest first; how many went."""
    limit = int(at.timestamp()) // _MINUTE - MINUTES
    oldest = session.scalar(select(RecentPack.minute).order_by(RecentPack.id).limit(1))
    if oldest is None or oldest >= limit:
        return 0
    front = select(RecentPack.id, RecentPack.minute).order_by(RecentPack.id).limit(most).subquery()
    old = select(front.c.id).where(front.c.minute < limit)
    done = session.execute(delete(RecentPack).where(RecentPack.id.in_(old)))
    return done.rowcount if isinstance(done, CursorResult) else 0
