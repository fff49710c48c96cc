"""The remembered spans around new ones: those of the same traces, and those that name the same response."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from db.span_places import rows_of_responses, rows_of_traces
from db.store.span_text import fact_from
from db.wanted import rows_where
from strategy.spans import RecentSpan, Settled, Standing


class StoredSpan(NamedTuple):
    """A remembered span as it lies in the database: a trace may have thousands, of which few bear on a new one."""

    key: bytes
    parent: bytes | None
    response: int | None
    end_ns: int
    standing: int | None
    feature: str | None
    fact: str

    def read(self) -> RecentSpan:
        """The span, and what became of it."""
        fact = fact_from(self.fact, self.key, self.parent, self.response, self.end_ns)
        return RecentSpan(fact, None if self.standing is None else Settled(self.feature, Standing(self.standing)))


def spans_of_traces(session: Session, traces: Collection[int]) -> dict[bytes, StoredSpan]:
    """The remembered spans of these traces, by their keys. Needs the turn."""
    return {row[0]: StoredSpan(*row) for row in _rows(session, rows_of_traces(session, traces))}


def spans_of_responses(session: Session, responses: Collection[int]) -> dict[bytes, RecentSpan]:
    """The remembered calls that name one of these responses, by their keys. Needs the turn."""
    return {row[0]: StoredSpan(*row).read() for row in _rows(session, rows_of_responses(session, responses))}


def _rows(session: Session, ids: Collection[int]) -> list[tuple[Any, ...]]:
    return list(rows_where(session, _QUERY, "id", ids))


_QUERY = f"SELECT {', '.join(StoredSpan._fields)} FROM recent_span WHERE true"  # noqa: S608 (names of our own columns)
