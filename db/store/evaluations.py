"""Scores of single answers, summed by feature, day, metric and evaluator, each sum kept as one eval score."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from db.store.names import todays_names
from db.store.upsert import add_counts, insert_into
from db.store.usage import hour_of, hour_start
from db.tables import NOBODY, EvalScore, ScoreDay
from db.types import NANO
from strategy.spans import Evaluation

SOURCE = "otlp"
_KEYS = ("feature", "day", "metric", "evaluator", "version")
_Key = tuple[Any, ...]


def add_evaluations(session: Session, found: Iterable[tuple[str | None, Evaluation, int]]) -> None:
    """Add scores to their feature's day (1) or take them out again (-1)."""
    found = list(found)
    if not found:
        return
    names = todays_names(session)
    sums: dict[_Key, Counter[str]] = {}
    for feature, item, sign in found:
        key = (
            names.get(feature or NOBODY, feature or NOBODY),
            hour_of(item.at) // 24,
            item.metric,
            item.evaluator,
            item.version,
        )
        sums.setdefault(key, Counter()).update({"n": sign, "total": sign * int(item.score * NANO)})
    rows = [dict(zip(_KEYS, key, strict=True)) | {"n": some["n"], "total": some["total"]} for key, some in sums.items()]
    add_counts(session, ScoreDay, rows, _KEYS, ("n", "total"))
    session.flush()
    _tell(session, sorted(sums))


def move_evaluations(session: Session, old: str, new: str) -> None:
    """Add the daily sums of one feature to another's, and keep the eval scores that they make in step."""
    columns = [getattr(ScoreDay, name) for name in (*_KEYS, "n", "total")]
    counted = [dict(row) for row in session.execute(select(*columns).where(ScoreDay.feature == old)).mappings()]
    less = [{**row, "n": -row["n"], "total": -row["total"]} for row in counted]
    more = [{**row, "feature": new} for row in counted]
    for rows in (less, more):
        add_counts(session, ScoreDay, rows, _KEYS, ("n", "total"))
    _tell(session, sorted(tuple(row[name] for name in _KEYS) for row in (*less, *more)))


def _tell(session: Session, keys: Sequence[_Key]) -> None:
    for key in keys:
        here: list[ColumnElement[bool]] = [
            getattr(ScoreDay, name) == part for name, part in zip(_KEYS, key, strict=True)
        ]
        n, total = session.execute(select(ScoreDay.n, ScoreDay.total).where(*here)).one()
        feature, day, metric, evaluator, version = key
        name = blake2b("\x1f".join(map(str, ("evaluation", *key))).encode(), digest_size=16).digest()
        if n == 0:
            session.execute(delete(ScoreDay).where(*here))
            session.execute(delete(EvalScore).where(EvalScore.key == name))
        elif feature != NOBODY:
            row = {
                "key": name,
                "feature": feature,
                "metric": metric,
                "score": (Decimal(total) / NANO / n).quantize(Decimal("1e-9")).normalize(),
                "n": n,
                # A day's scores are one fact, known when the day is over.
                "at": hour_start((day + 1) * 24) - timedelta(seconds=1),
                "evaluator": evaluator or None,
                "evaluator_version": version or None,
                "higher_is_better": True,
                "source": SOURCE,
            }
            statement = insert_into(session, EvalScore)
            newer = {column: statement.excluded[column] for column in ("score", "n")}
            session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=newer), [row])
