"""The doctor's checks of what the database holds: features, traffic, prices, evals, and whether jobs run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from db.queries.features import FeatureHead, features
from db.queries.jobs import job_history
from db.queries.prices import unsettled_names
from db.queries.proposals import proposals
from db.queries.scores import scores
from db.queries.sources import RunRecord, runs
from db.queries.usage import first_and_last_hour
from db.session import Engine, reading
from db.store.usage import hour_start
from offramp.actions.ended import list_ended, resume_words
from offramp.actions.findings import Finding, amiss, fine
from offramp.actions.price_age import price_age
from offramp.actions.usage import UsageTable, usage
from reports.words import count
from strategy.prices import BOOK_OLD_AFTER

Checks = Sequence[tuple[str, Callable[[], Finding]]]

_WINDOW = timedelta(days=28)
# Jobs run hourly and providers' exports come daily: two days of silence are no weekend habit.
_SILENT = timedelta(hours=48)
_JOBS_SILENT = timedelta(hours=3)
_MOST_UNKNOWN = 0.02
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    engine: Engine
    now: datetime


def content_findings(engine: Engine, now: datetime) -> Checks:
    """The checks, by name, in the order in which a new user meets them; each reads for itself."""
    place = _Place(engine=engine, now=now)
    named: dict[str, Callable[[_Place], Finding]] = {
        "features": _features,
        "traffic": _traffic,
        "discovered": _discovered,
        "ended": _ended,
        "unattributed": _unattributed,
        "unpriced": _unpriced,
        "price book": _price_book,
        "price proposals": _proposals,
        "evals": _evals,
        "intake": _intake,
        "jobs": _jobs,
        "failed jobs": _failed_jobs,
    }
    return [(name, partial(run, place)) for name, run in named.items()]


def _features(place: _Place) -> Finding:
    with reading(place.engine) as session:
        found = features(session)
    if found:
        return fine("features", f"{len(found):,} registered")
    return amiss("features", "none is registered", "`offramp register FILE`, or the Register page")


def _traffic(place: _Place) -> Finding:
    with reading(place.engine) as session:
        hours = first_and_last_hour(session)
    if hours is None:
        cure = "`offramp load calls.csv`, or send OTLP to http://127.0.0.1:8501/v1/traces while `offramp up` runs"
        return amiss("traffic", "no call has been counted yet", cure)
    newest = hour_start(hours[1])
    told = f"the newest call is of {newest:%Y-%m-%d %H}:00 UTC"
    if newest > place.now:
        return amiss("traffic", f"{told}, which is to come", "set the clock of the machine that sent it")
    if place.now - newest > _SILENT:
        return amiss("traffic", f"{told}: nothing since", "see that the applications still send, or load newer files")
    return fine("traffic", told)


def _window(place: _Place, by: str = "feature") -> UsageTable:
    end = place.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return usage(place.engine, by=(by,), start=end - _WINDOW, end=end)


def _registered(place: _Place) -> list[FeatureHead]:
    with reading(place.engine) as session:
        return features(session)


def _discovered(place: _Place) -> Finding:
    known = {head.slug for head in _registered(place)} | list_ended(place.engine).keys()
    seen = [row for row in _window(place).rows if row.feature is not None and row.feature not in known]
    if not seen:
        return fine("discovered", "every feature in the traffic is registered")
    names = [str(row.feature) for row in sorted(seen, key=lambda row: -row.calls)]
    return amiss(
        "discovered", f"nobody registered {_some(names)}", "register them, or correct their names at the sender"
    )


def _ended(place: _Place) -> Finding:
    called = [slug for slug, gone in list_ended(place.engine).items() if gone.called]
    if not called:
        return fine("ended", "no feature that ended is still called")
    return amiss(
        "ended", f"still called after it ended: {_some(called)}", f"find who calls it, or {resume_words(called[0])}"
    )


def _unattributed(place: _Place) -> Finding:
    table = _window(place)
    calls = sum(row.calls for row in table.rows if row.feature is None)
    return _share(
        "unattributed",
        calls,
        table.total.calls,
        told="name no feature",
        cure="have senders say `feature`, or give features `match:` rules (docs/collect.md)",
    )


def _unpriced(place: _Place) -> Finding:
    table = _window(place, by="model")
    unpriced = [row for row in table.rows if row.unpriced_calls]
    names = [f"{row.provider or 'unknown'}/{row.model or 'unknown'}" for row in unpriced]
    with reading(place.engine) as session:
        new = {model for _, model in unsettled_names(session)}
    if new and all(row.model in new for row in unpriced):
        return fine(
            "unpriced", f"not yet looked up in the price book: {_some(names)}; `offramp up` does within a minute"
        )
    told = "have no price" + (f": {_some(names)}" if names else "")
    cure = "`offramp prices own` takes your own prices; `offramp prices MODEL` shows what is known"
    return _share("unpriced", table.total.unpriced_calls, table.total.calls, told=told, cure=cure)


def _share(check: str, calls: int, total: int, *, told: str, cure: str) -> Finding:
    if not total:
        return fine(check, "no calls in 28 days")
    detail = f"{calls:,} of {count(total, 'call')} in 28 days ({calls / total:.1%}) {told}"
    return amiss(check, detail, cure) if calls / total > _MOST_UNKNOWN else fine(check, detail)


def _price_book(place: _Place) -> Finding:
    with reading(place.engine) as session:
        age = price_age(session, place.now)
    if age.days is None:
        return amiss("price book", "empty", "`offramp prices refresh` fills it from the installed list")
    told = f"last held against a price list {count(age.days, 'day')} ago"
    if age.state == "failed":
        return amiss("price book", f"the last refresh failed: {age.failure}; {told}", "mend that, then refresh again")
    if age.is_stale:
        cure = "update the installed list (pip install -U genai-prices) and run `offramp prices refresh`"
        return amiss("price book", f"{told} (more than {BOOK_OLD_AFTER.days} is too old)", cure)
    return fine("price book", told)


def _proposals(place: _Place) -> Finding:
    with reading(place.engine) as session:
        waiting = proposals(session, statuses=("open", "quarantined"))
    if not waiting:
        return fine("price proposals", "none waits")
    cure = "see `offramp prices proposals`, then accept or reject each"
    return amiss("price proposals", f"{len(waiting):,} price changes wait for a yes or no", cure)


def _evals(place: _Place) -> Finding:
    heads = _registered(place)
    with reading(place.engine) as session:
        scored = {score.feature for score in scores(session, {head.slug for head in heads})}
    lacking = [head.slug for head in heads if head.slug not in scored]
    if not lacking:
        return fine("evals", "every registered feature has a score" if heads else "no feature is registered")
    detail = f"{len(lacking):,} of {count(len(heads), 'feature')} without an eval score: {_some(lacking)}"
    return amiss("evals", detail, "`offramp load evals.jsonl`; without a baseline no move can be called due")


def _intake(place: _Place) -> Finding:
    with reading(place.engine) as session:
        recent = [run for run in runs(session) if place.now - run.started_at <= _WINDOW]
    newest: dict[str, RunRecord] = {}
    for run in reversed(recent):
        newest[run.source] = run
    failed = [f"{run.source}: {run.message}"[:200] for run in newest.values() if run.outcome == "failed"]
    rejected = sum(run.rejected for run in recent)
    if failed:
        return amiss("intake", "; ".join(failed), "see the Sources page, mend the source, run it again")
    if rejected:
        cure = "the reasons stand in the .rejected.csv beside each file; correct those rows and load them again"
        return amiss("intake", f"{count(rejected, 'record was', 'records were')} rejected in 28 days", cure)
    return fine("intake", f"{count(len(recent), 'load')} in 28 days, none failed")


def _jobs(place: _Place) -> Finding:
    with reading(place.engine) as session:
        newest = max((run.started_at for run in job_history(session, place.now)), default=None)
    cure = "`offramp up` (or `offramp worker`) judges every hour and writes the report on Mondays"
    if newest is None:
        return amiss("jobs", "the scheduler has never run", cure)
    told = f"last ran on {newest:%Y-%m-%d at %H:%M} UTC"
    return amiss("jobs", told, cure) if place.now - newest > _JOBS_SILENT else fine("jobs", told)


def _failed_jobs(place: _Place) -> Finding:
    with reading(place.engine) as session:
        history = job_history(session, place.now)
    newest = {run.job: run for run in reversed(history)}
    failed = [f"{run.job}: {run.detail}"[:200] for run in newest.values() if run.state in {"failed", "crashed"}]
    if failed:
        return amiss(
            "failed jobs", "; ".join(failed), "see the Sources page; a failed job is tried again at its next hour"
        )
    return fine("failed jobs", "none")


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(name[:100] for name in names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return shown + (f" and {more:,} more" if more > 0 else "")
