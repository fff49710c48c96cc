"""Which facts are there already, by their keys: what a dry run has to say before anything is written."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.store.packs import packed
from db.tables import EvalScore, UsageLedger

# SQLite takes some 32,000 parameters in one statement.
_AT_ONCE = 10_000


def known_calls(session: Session, keys: Sequence[bytes]) -> set[bytes]:
    """Those of the keys that a file or a pull source has brought before."""
    return _known(session, UsageLedger.key, keys, UsageLedger.hour == 0) | packed(session, keys)


def known_scores(session: Session, keys: Sequence[bytes]) -> set[bytes]:
    """Those of the keys whose eval scores are there."""
    return _known(session, EvalScore.key, keys)


def _known(
    session: Session,
    column: InstrumentedAttribute[bytes],
    keys: Sequence[bytes],
    *conditions: Any,  # noqa: ANN401 (conditions of SQLAlchemy)
) -> set[bytes]:
    found = set[bytes]()
    for start in range(0, len(keys), _AT_ONCE):
        query = select(column).where(column.in_(keys[start : start + _AT_ONCE]), *conditions)
        found.update(session.scalars(query))
    return found
