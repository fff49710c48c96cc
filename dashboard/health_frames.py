"""Receipts, runs and jobs to tidy frames, and the one word for how a source is."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import pandas as pd

from dashboard import wording
from db.queries.jobs import JobRun
from db.queries.sources import IntakeCount, RunRecord
from offramp.actions.usage import UsageRow

_EPOCH = date(1970, 1, 1)
_MINUTE, _HOUR = 60, 3_600
# Evals are counted apart from calls; a span that is no model call is neither taken nor refused.
_OUTCOMES = {
    "accepted": "accepted",
    "eval_accepted": "accepted",
    "duplicate": "duplicate",
    "eval_duplicate": "duplicate",
    "left_to_spans": "duplicate",
    "not_a_call": "not a call",
    "not_used": "not a call",
}
# What became of records that are counted already under another outcome.
_AFTERWARDS = {"journaled", "moved", "not_remembered"}


def outcome(name: str) -> str:
    """An intake outcome as the chart knows it: accepted, duplicate, not a call, or refused for whatever reason.

    >>> outcome("eval_accepted"), outcome("too_old")
    ('accepted', 'refused')
    """
    return _OUTCOMES.get(name, "refused")


def receipts(counts: Sequence[IntakeCount]) -> pd.DataFrame:
    """Records per day received, source and outcome."""
    rows = [
        {
            "day": pd.Timestamp(_EPOCH + timedelta(days=item.day)),
            "source": item.source,
            "outcome": outcome(item.outcome),
            "count": item.count,
        }
        for item in counts
        if item.outcome not in _AFTERWARDS
    ]
    frame = pd.DataFrame(rows, columns=["day", "source", "outcome", "count"])
    return frame.groupby(["day", "source", "outcome"], as_index=False).agg({"count": "sum"})


def last_runs(runs: Sequence[RunRecord]) -> dict[str, RunRecord]:
    """The newest run of each source."""
    found: dict[str, RunRecord] = {}
    for run in runs:
        found.setdefault(run.source, run)
    return found


def refusals(counts: Sequence[IntakeCount]) -> pd.DataFrame:
    """What was refused, by source and reason, the most first."""
    found: dict[tuple[str, str], int] = {}
    for item in counts:
        if outcome(item.outcome) == "refused" and item.outcome not in _AFTERWARDS:
            key = item.source, item.outcome
            found[key] = found.get(key, 0) + item.count
    rows = [
        {"Source": source, "Reason": wording.words(reason), "Records": number}
        for (source, reason), number in sorted(found.items(), key=lambda item: -item[1])
    ]
    return pd.DataFrame(rows, columns=["Source", "Reason", "Records"])


def heard(
    counts: Sequence[IntakeCount], used: Sequence[UsageRow], runs: Sequence[RunRecord]
) -> dict[str, datetime | None]:
    """When each source of calls was last heard of, by name; None where nothing says.

    A pulled source is heard of when a run of it succeeds; it delivers no records to be counted by their receipt.
    """
    found = dict[str, datetime | None].fromkeys(sorted({*(item.source for item in counts), *_named(used)}))
    told = [(item.source, item.last_at) for item in counts]
    told += [(run.source, run.finished_at) for run in runs if run.outcome != "failed" and run.finished_at]
    for source, at in told:
        if source in found:
            found[source] = max(at, found[source] or at)
    return found


def _named(used: Sequence[UsageRow]) -> Iterator[str]:
    return (row.source for row in used if row.source)


def sources(
    counts: Sequence[IntakeCount],
    used: Sequence[UsageRow],
    runs: Sequence[RunRecord],
    now: datetime,
    stale_after: timedelta,
) -> pd.DataFrame:
    """One row per source: how it is, when it was last heard of, what came and what was refused, its usage."""
    usage = {row.source: row for row in used}
    rows = []
    for name, last in heard(counts, used, runs).items():
        mine = [item for item in counts if item.source == name]
        row = usage.get(name)
        rows.append(
            {
                "Source": name,
                "State": "stale" if last is None or now - last > stale_after else "fresh",
                "Last heard of": None if last is None else last.replace(tzinfo=None),
                "Accepted": _sum(mine, "accepted") if mine else None,
                "Duplicates": _sum(mine, "duplicate") if mine else None,
                "Refused": _sum(mine, "refused") if mine else None,
                "Calls, 28 days": row.calls if row else 0,
                "Cost, 28 days": None if row is None or row.cost_usd is None else float(row.cost_usd),
            }
        )
    # Whole numbers beside unknown ones.
    return pd.DataFrame(rows).astype(dict.fromkeys(("Accepted", "Duplicates", "Refused"), "Int64") if rows else {})


def _sum(counts: Sequence[IntakeCount], wanted: str) -> int:
    return sum(item.count for item in counts if outcome(item.outcome) == wanted)


def run_table(runs: Sequence[RunRecord], now: datetime) -> pd.DataFrame:
    """The history of loads and collector runs, newest first."""
    return pd.DataFrame(
        [
            {
                "Source": run.source,
                "Outcome": run.outcome,
                "When": wording.when(run.started_at, now),
                "Accepted": run.accepted,
                "Duplicates": run.duplicates,
                "Rejected": run.rejected,
                "Message": run.message,
            }
            for run in runs
        ]
    )


def lasted(length: timedelta) -> str:
    """A duration in the unit that tells it.

    >>> lasted(timedelta(milliseconds=340)), lasted(timedelta(seconds=75)), lasted(timedelta(hours=2, minutes=5))
    ('0.3 s', '1 min 15 s', '2 h 5 min')
    """
    seconds = int(length.total_seconds())
    if seconds < _MINUTE:
        return f"{length.total_seconds():.1f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min {seconds % _MINUTE} s"
    return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"


def job_table(jobs: Sequence[JobRun], now: datetime) -> pd.DataFrame:
    """The history of jobs, newest slot first."""
    return pd.DataFrame(
        [
            {
                "Job": run.job,
                "Slot": run.slot.replace(tzinfo=None),
                "State": run.state,
                "Started": wording.when(run.started_at, now),
                "Took": "" if run.lasted is None else lasted(run.lasted),
                "Attempt": run.attempt,
                "Detail": run.detail,
            }
            for run in jobs
        ]
    )
