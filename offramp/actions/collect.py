"""Pulls from the configured sources: each UTC day is read whole and replaces what the source said of it before.

What fails leaves the last good figures and is recorded as a failed run; the next run starts where this one ended, less
the look-back in which late and restated data still comes.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collectors.pull_kinds import PULLERS
from collectors.pulls.config import PullSource, usable
from collectors.pulls.puller import Puller, Window, pulled
from collectors.rejected import Rejected, SourceError
from db.session import Engine, reading, transaction
from db.store.bills import BillSums, record_bills
from db.store.runs import RunCounts, record_run
from db.store.windows import calls_of_day, read_to, replace_day, replace_scores, sources_of_kind
from offramp.actions.failure import BadInput, Problem
from reports.words import count
from strategy.facts import Billed
from strategy.record import PULLED

_DAY = timedelta(days=1)
_FIRST_TIME = timedelta(days=28)
# No vendor says when its costs are settled; a week is what others read again.
_RESTATED = timedelta(days=7)
_MOST_TOLD = 1_000

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What became of one source: the calls counted in the days read, and what was refused.

    `fewer` is by how many calls days were restated below what was counted of them: a table being rebuilt is empty.
    `kept_days` are those of which rows were refused that seem to have counted before: what was counted stands.
    `scores` is how many answers were scored in them; `left_out` are those that no evidence could be made of, by reason.
    What lies before `final_until` is not read again by itself (None: the run failed); later days are provisional.
    """

    source: str
    outcome: str
    start: datetime
    end: datetime
    calls: int
    bills: int
    rejected_rows: int
    rejected: tuple[Rejected, ...]
    kept_days: int = 0
    fewer: int = 0
    error: str | None = None
    cure: str | None = None
    scores: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    final_until: datetime | None = None

    def document(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "source": self.source,
            "outcome": self.outcome,
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "final_until": self.final_until.isoformat() if self.final_until else None,
            "calls": self.calls,
            "bills": self.bills,
            "scores": self.scores,
            "scores_left_out": dict(self.left_out),
            "rejected": self.rejected_rows,
            "kept_days": self.kept_days,
            "fewer": self.fewer,
            "error": self.error,
            "cure": self.cure,
            "errors": [
                {"error": row.error, "day": str(row.day), "row": row.row, "field": row.field, "cure": row.cure}
                for row in self.rejected
            ],
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


def final_until(engine: Engine, sources: Sequence[PullSource]) -> dict[str, datetime]:
    """The instant before which what each source told is final, by its name; none of a source that was never read."""
    with reading(engine) as session:
        read = {source.name: (source, read_to(session, source.label)) for source in sources}
    return {name: _final(source, until) for name, (source, until) in read.items() if until is not None}


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


@dataclass(slots=True)
class _Tally:
    """What the days of one pull added up to so far."""

    calls: int = 0
    scores: int = 0
    refused: int = 0
    kept: int = 0
    fewer: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def _collected(
    engine: Engine, puller: Puller, source: PullSource, now: datetime, since: datetime | None, progress: Progress
) -> Collected:
    start = _start(engine, source, now, since)
    tally, bills = _Tally(), 0
    failure: SourceError | None = None
    try:
        usable(source)
        _known(engine, source)
        for window in _days(start, now):
            progress(f"{source.name}: {window.start:%Y-%m-%d}")
            _read_day(engine, puller, source, window, tally)
        if puller.bills is not None:
            progress(f"{source.name}: bills")
            bills = _billed(engine, puller.bills(source, Window(min(start, _midnight(now - _RESTATED)), now)), now)
        _check(tally)
    except SourceError as error:
        failure = error
    done = Collected(
        source=source.name,
        outcome="failed" if failure else ("partial" if tally.refused else "ok"),
        start=start,
        end=now,
        calls=tally.calls,
        bills=bills,
        rejected_rows=tally.refused,
        rejected=tuple(tally.rejected),
        kept_days=tally.kept,
        fewer=tally.fewer,
        error=failure.message if failure else None,
        cure=failure.cure if failure else None,
        scores=tally.scores,
        left_out=dict(tally.left_out),
        final_until=None if failure else _final(source, now),
    )
    _remember(engine, source, done, now)
    return done


def _known(engine: Engine, source: PullSource) -> None:
    """Let pass a source that was read before, or is no other one under a new name.

    Raises:
        SourceError: it is new and one of its kind has left the file: if it is that one, its days would count twice.
    """
    if source.separate or source.beside is None:
        return
    with reading(engine) as session:
        before = sources_of_kind(session, source.kind)
    left = [label.removeprefix(PULLED) for label in before if label.removeprefix(PULLED) not in source.beside]
    if left and source.label not in before:
        error = f"it is new, and {left[0]}, of the same kind, is no longer in the sources file"
        cure = f"if it is the same source, name it {left[0]} again; if it tells of other calls, add `separate: true`"
        raise SourceError(error, cure=cure)


def _read_day(engine: Engine, puller: Puller, source: PullSource, window: Window, tally: _Tally) -> None:
    """Read a day whole, then put it in the place of what the source said of it before.

    Where rows are refused and the rest is less than that, it stands: a column that is called otherwise since yesterday
    is no day without calls.

    Raises:
        SourceError: the source did not answer; nothing of the day was written.
    """
    read = list(pulled(puller, source, window))
    scored = None if puller.scores is None else puller.scores(source, window)
    good = [item for item in read if not isinstance(item, Rejected)]
    bad = [item for item in read if isinstance(item, Rejected)]
    calls = sum(call.calls for call in good)
    with transaction(engine) as session:
        before = calls_of_day(session, source.label, window.start)
        kept = bool(bad) and (not good or calls < before)
        if not kept:
            # Days without calls, after days whose rows were refused, are no sign that those are over and final.
            end = None if tally.kept and not tally.calls and not calls else window.end
            replace_day(session, source.label, source.kind, window.start, end, good)
        if scored is not None:
            replace_scores(session, source.label, window.start, scored.scores)
    tally.calls += 0 if kept else calls
    tally.refused += len(bad)
    tally.kept += kept
    tally.fewer += 0 if kept else max(before - calls, 0)
    tally.rejected += bad[: _MOST_TOLD - len(tally.rejected)]
    if scored is not None:
        tally.scores += sum(score.n or 0 for score in scored.scores)
        tally.left_out.update(scored.left_out)


def _check(tally: _Tally) -> None:
    """SourceError where rows came and no day of them could be taken: they have another form than they had."""
    if tally.kept and not tally.calls:
        cure = "mend what the source tells (of a warehouse: its query); until then what was counted stands"
        raise SourceError(f"{count(tally.refused, 'row')} refused, no day taken", cure=cure, permanent=False)


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
        return _midnight(now - _FIRST_TIME) if before is None else _final(source, before)
    return _midnight(since)


def _final(source: PullSource, read: datetime) -> datetime:
    """The instant before which a source that was read until `read` is not read again."""
    return _midnight(read - timedelta(days=source.look_back_days))


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _days(start: datetime, now: datetime) -> Iterator[Window]:
    while start < now:
        yield Window(start, min(start + _DAY, now))
        start += _DAY


def _remember(engine: Engine, source: PullSource, done: Collected, now: datetime) -> None:
    refused = [f"{count(done.rejected_rows, 'row')} rejected"] if done.rejected_rows else []
    if done.kept_days:
        refused.append(f"{count(done.kept_days, 'day')} left as counted before")
    if done.fewer:
        refused.append(f"{count(done.fewer, 'call')} fewer than were counted of these days before")
    failed = "; ".join(part for part in (done.error, done.cure) if part)
    told = failed or ", ".join(
        [*refused, *(f"{count(some, 'score')} {why}" for why, some in sorted(done.left_out.items()))]
    )
    counts = RunCounts(accepted=done.calls, rejected=done.rejected_rows)
    with transaction(engine) as session:
        record_run(
            session, source.label, started_at=now, finished_at=now, outcome=done.outcome, counts=counts, message=told
        )
