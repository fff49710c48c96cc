"""Imports files of calls and eval scores: what is right is counted once, what is wrong is named, row by row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar

from collectors.files import FileReading, Kind, detect_kind, read_calls, read_scores
from collectors.rejected import Rejected, SourceError
from db.session import Engine, Session, transaction
from db.store.runs import RunCounts, record_run
from db.store.scores import record_scores
from db.store.usage import Recorded, record_calls, record_intake
from offramp.actions.failure import BadInput, Problem
from strategy.facts import Call, Score

_CHUNK = 5_000
# All are counted; this many are told in full, so that a wrong file of any size fits in memory.
_MOST_TOLD = 10_000
_AHEAD = timedelta(minutes=5)

_Fact = TypeVar("_Fact", Call, Score)
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of one file; `rejected` tells the first rejected rows in full, `rejected_rows` counts all."""

    path: Path
    kind: str
    accepted: int
    duplicates: int
    rejected_rows: int
    rejected: tuple[Rejected, ...]
    ignored_columns: tuple[str, ...]

    def document(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "file": self.path.name,
            "kind": self.kind,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "rejected": self.rejected_rows,
            "ignored_columns": list(self.ignored_columns),
            "errors": [
                {"error": item.error, "row": item.row, "field": item.field, "cure": item.cure} for item in self.rejected
            ],
        }


def load_file(
    engine: Engine,
    path: Path,
    *,
    at: datetime,
    kind: str = "auto",
    set_columns: Mapping[str, str] | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Loaded:
    """Load one file; loading it again changes no figure. `progress` is told the rows read so far.

    Raises:
        BadInput: the file cannot be read as that kind; nothing was written.
    """
    try:
        found: Kind | str = detect_kind(path) if kind == "auto" else kind
        reading: FileReading[Call] | FileReading[Score]
        if found == "calls":
            reading = read_calls(path, set_columns=set_columns, newest=at + _AHEAD)
            return _load(engine, reading, record=_calls, at=at, dry_run=dry_run, progress=progress)
        if found == "evals":
            reading = read_scores(path, set_columns=set_columns, newest=at + _AHEAD)
            return _load(engine, reading, record=_scores, at=at, dry_run=dry_run, progress=progress)
    except SourceError as failure:
        raise BadInput([Problem(error=failure.message, field=path.name, cure=failure.cure or None)]) from None
    problem = Problem(error=f"files of kind {found} are not read yet", field=path.name, cure="load calls or evals")
    raise BadInput([problem])


def _calls(session: Session, calls: Sequence[Call], at: datetime) -> Recorded:
    return record_calls(session, calls, at)


def _scores(session: Session, scores: Sequence[Score], at: datetime) -> Recorded:
    recorded = record_scores(session, scores)
    counts = {"eval_accepted": recorded.accepted, "eval_duplicate": recorded.duplicates}
    record_intake(session, "file", counts, at)
    return recorded


def _load(
    engine: Engine,
    reading: FileReading[_Fact],
    *,
    record: Callable[[Session, Sequence[_Fact], datetime], Recorded],
    at: datetime,
    dry_run: bool,
    progress: Progress | None,
) -> Loaded:
    accepted = duplicates = rejected = rows = 0
    told: list[Rejected] = []
    for chunk in _chunks(reading):
        good = [item for item in chunk if not isinstance(item, Rejected)]
        bad = [item for item in chunk if isinstance(item, Rejected)]
        told += bad[: _MOST_TOLD - len(told)]
        rejected, rows = rejected + len(bad), rows + len(chunk)
        if not dry_run:
            with transaction(engine) as session:
                recorded = record(session, good, at)
            accepted, duplicates = accepted + recorded.accepted, duplicates + recorded.duplicates
        else:
            accepted += len(good)
        if progress:
            progress(rows)
    if not dry_run:
        counts = RunCounts(accepted=accepted, duplicates=duplicates, rejected=rejected)
        _remember(engine, reading.path.name, at, counts)
    return Loaded(
        path=reading.path,
        kind=reading.kind,
        accepted=accepted,
        duplicates=duplicates,
        rejected_rows=rejected,
        rejected=tuple(told),
        ignored_columns=tuple(reading.extra_columns),
    )


def _remember(engine: Engine, name: str, at: datetime, counts: RunCounts) -> None:
    some = counts.accepted or counts.duplicates
    outcome = "ok" if not counts.rejected else ("partial" if some else "failed")
    with transaction(engine) as session:
        record_intake(session, "file", {"rejected": counts.rejected}, at)
        message = f"{counts.rejected} rows rejected" if counts.rejected else ""
        record_run(
            session, f"file {name}", started_at=at, finished_at=at, outcome=outcome, counts=counts, message=message
        )


def _chunks(items: Iterable[_Fact | Rejected]) -> Iterator[list[_Fact | Rejected]]:
    source = iter(items)
    while chunk := list(islice(source, _CHUNK)):
        yield chunk
