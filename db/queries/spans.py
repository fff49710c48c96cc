"""The remembered spans around new ones: those of the same traces, and those that name the same response."""

from collections.abc import Collection, Iterator

from sqlalchemy.orm import Session

from db.span_places import by_pack, places_of_responses, places_of_traces
from db.store.span_pack import Pack, StoredSpan
from db.wanted import rows_where
from strategy.spans import RecentSpan

_QUERY = "SELECT id, responses, states, features, parts, words FROM recent_pack WHERE true"


def spans_of_traces(session: Session, traces: Collection[int]) -> dict[bytes, StoredSpan]:
    """The remembered spans of these traces, by their keys. Needs the turn."""
    return {span.key: span for span in _spans(session, places_of_traces(session, traces))}


def spans_of_responses(session: Session, responses: Collection[int]) -> dict[bytes, RecentSpan]:
    """The remembered calls that name one of these responses, by their keys. Needs the turn."""
    return {span.key: span.read() for span in _spans(session, places_of_responses(session, responses))}


def _spans(session: Session, places: Collection[int]) -> Iterator[StoredSpan]:
    wanted = by_pack(places)
    for number, *columns in rows_where(session, _QUERY, "id", wanted):
        pack = Pack(*columns)
        for place in wanted[number]:
            yield pack.stored(place)
