"""Takes calls and eval scores that were pushed as a JSON array; good rows are kept, each refused one is named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from collectors.otlp_evaluations import AHEAD
from collectors.rejected import Rejected
from collectors.usage_json import SOURCE, calls_from_json, scores_from_json
from db.session import Engine, Session, transaction
from db.store.scores import record_scores
from db.store.usage import Recorded, record_calls, record_intake
from offramp.actions.failure import Problem
from strategy.facts import Call, Score

T = TypeVar("T", Call, Score)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What became of a pushed array: new rows, rows seen before, and the refused ones."""

    accepted: int
    duplicates: int
    rejected: tuple[Problem, ...]

    def document(self) -> dict[str, object]:
        """The answer as JSON."""
        problems = [problem.document() for problem in self.rejected]
        return {"accepted": self.accepted, "duplicates": self.duplicates, "rejected": problems}


def push_calls(engine: Engine, document: object, *, at: datetime) -> Pushed:
    """Count the calls of an array of rows (docs/collect.md), in one transaction; the same array again adds nothing.

    Raises:
        collectors.rejected.SourceError: it is no array of objects; nothing was written.
    """
    rows = calls_from_json(document, newest=at + AHEAD)
    return _keep(engine, rows, lambda session, calls: record_calls(session, calls, at), at)


def push_scores(engine: Engine, document: object, *, at: datetime) -> Pushed:
    """Keep the scores of an array of rows (docs/collect.md), in one transaction; the same array again adds nothing.

    Raises:
        collectors.rejected.SourceError: it is no array of objects; nothing was written.
    """

    def keep(session: Session, scores: Sequence[Score]) -> Recorded:
        recorded = record_scores(session, scores)
        counts = {"eval_accepted": recorded.accepted, "eval_duplicate": recorded.duplicates}
        record_intake(session, SOURCE, counts, at)
        return recorded

    return _keep(engine, scores_from_json(document, newest=at + AHEAD), keep, at)


def _keep(
    engine: Engine,
    rows: Sequence[T | Rejected],
    keep: Callable[[Session, Sequence[T]], Recorded],
    at: datetime,
) -> Pushed:
    good = [row for row in rows if not isinstance(row, Rejected)]
    bad = [row for row in rows if isinstance(row, Rejected)]
    with transaction(engine) as session:
        recorded = keep(session, good)
        record_intake(session, SOURCE, {"rejected": len(bad)}, at)
    problems = tuple(Problem(error=row.error, row=row.row, field=row.field, cure=row.cure) for row in bad)
    return Pushed(accepted=recorded.accepted, duplicates=recorded.duplicates, rejected=problems)
