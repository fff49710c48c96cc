"""Pulls from the configured sources: each UTC day is read whole and replaces what the source said of it before.

What fails leaves the last good figures and is recorded as a failed run; the next run starts where this one ended, less
the look-back in which late and restated data still comes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from collectors.pull_kinds import PULLERS
from collectors.pulls.config import PullSource
from collectors.pulls.puller import Puller, Window, pulled
from collectors.rejected import Rejected, SourceError
from db.session import Engine, reading, transaction
from db.store.bills import BillSums, record_bills
from db.store.runs import RunCounts, record_run
from db.store.windows import read_to, replace_day
from offramp.actions.failure import BadInput, Problem
from strategy.facts import Billed

_DAY = timedelta(days=1)
_FIRST_TIME = timedelta(days=28)
# No vendor says when its costs are settled; a week is what others read again.
_RESTATED = timedelta(days=7)
_MOST_TOLD = 1_000

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What became of one source: the calls counted in the days read, and what was refused."""

    source: str
    outcome: str
    start: datetime
    end: datetime
    calls: int
    bills: int
    rejected_rows: int
    rejected: tuple[Rejected, ...]
    error: str | None = None
    cure: str | None = None

    def document(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "source": self.source,
            "outcome": self.outcome,
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "calls": self.calls,
            "bills": self.bills,
            "rejected": self.rejected_rows,
            "error": self.error,
            "cure": self.cure,
        }


def collect(
    engine: Engine,
    sources: Sequence[PullSource],
    *,
    now: datetime,
    since: datetime | None = None,
    pullers: Mapping[str, Puller] = PULLERS,
    progress: Progress = lambda _words: None,
) -> list[Collected]:
    """Pull once from each source; one that fails does not keep the others from running."""
    return [_collected(engine, pullers[source.kind], source, now, since, progress) for source in sources]


def chosen(sources: Sequence[PullSource], names: Sequence[str]) -> list[PullSource]:
    """The sources of these names, or all.

    Raises:
        BadInput: a name is none of them, or there are none at all.
    """
    known = {source.name: source for source in sources}
    wrong = [name for name in names if name not in known]
    if wrong:
        cure = f"use {', '.join(sorted(known))}" if known else "name it in the sources file (docs/collect.md)"
        raise BadInput([Problem(error=f"no source {wrong[0]!r} is configured", cure=cure)])
    return [known[name] for name in names] if names else list(sources)


def _collected(
    engine: Engine, puller: Puller, source: PullSource, now: datetime, since: datetime | None, progress: Progress
) -> Collected:
    start = _start(engine, source, now, since)
    rejected: list[Rejected] = []
    refused = calls = 0
    failure: SourceError | None = None
    for window in _days(start, now):
        progress(f"{source.name}: {window.start:%Y-%m-%d}")
        try:
            read = list(pulled(puller, source, window))
        except SourceError as found:
            failure = found
            break
        good = [item for item in read if not isinstance(item, Rejected)]
        bad = [item for item in read if isinstance(item, Rejected)]
        with transaction(engine) as session:
            replace_day(session, source.label, source.kind, window.start, window.end, good)
        calls += sum(call.calls for call in good)
        refused += len(bad)
        rejected += bad[: _MOST_TOLD - len(rejected)]
    bills = 0
    if failure is None and puller.bills is not None:
        progress(f"{source.name}: bills")
        try:
            bills = _billed(engine, puller.bills(source, Window(min(start, _midnight(now - _RESTATED)), now)), now)
        except SourceError as found:
            failure = found
    done = Collected(
        source=source.name,
        outcome="failed" if failure else ("partial" if refused else "ok"),
        start=start,
        end=now,
        calls=calls,
        bills=bills,
        rejected_rows=refused,
        rejected=tuple(rejected),
        error=failure.message if failure else None,
        cure=failure.cure if failure else None,
    )
    _remember(engine, source, done, now)
    return done


def _billed(engine: Engine, lines: Iterator[Billed], now: datetime) -> int:
    """Put the days' charges in the place of earlier ones; how many lines were read."""
    sums = BillSums()
    sums.add(lines)
    with transaction(engine) as session:
        record_bills(session, sums, now)
    return sum(sums.rows.values())


def _start(engine: Engine, source: PullSource, now: datetime, since: datetime | None) -> datetime:
    if since is None:
        with reading(engine) as session:
            before = read_to(session, source.label)
        since = now - _FIRST_TIME if before is None else before - timedelta(days=source.look_back_days)
    return _midnight(since)


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _days(start: datetime, now: datetime) -> Iterator[Window]:
    while start < now:
        yield Window(start, min(start + _DAY, now))
        start += _DAY


def _remember(engine: Engine, source: PullSource, done: Collected, now: datetime) -> None:
    told = done.error or (f"{done.rejected_rows} rows rejected" if done.rejected_rows else "")
    counts = RunCounts(accepted=done.calls, rejected=done.rejected_rows)
    with transaction(engine) as session:
        record_run(
            session, source.label, started_at=now, finished_at=now, outcome=done.outcome, counts=counts, message=told
        )
