"""The jobs of Offramp: what runs when. Collect, prices, review and report run in this order within a tick."""

from datetime import time, timedelta

from offramp.actions.jobs import Context, JobSpec
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.report import build_report
from offramp.actions.review import review
from offramp.actions.usage import midnight
from offramp.slots import HOURLY, MONDAY, Daily, Weekly
from strategy.policy import Policy

_PRICES_AT = time(4)
_REPORT_AT = time(9)
_WEEK = timedelta(weeks=1)


def standard_jobs(policy: Policy, zone: str) -> tuple[JobSpec, ...]:
    """The four jobs; `zone` is the IANA zone in which the weekly report's Monday 09:00 is meant.

    A new database runs all four at once: the book is filled before the first review.
    """
    return (
        JobSpec(name="collect", rule=HOURLY, run=_collect),
        JobSpec(name="prices", rule=Daily(_PRICES_AT), run=_prices),
        JobSpec(name="review", rule=HOURLY, run=lambda context: _review(context, policy), at_start=True),
        JobSpec(name="report", rule=Weekly(MONDAY, _REPORT_AT, zone), run=_report, keeps_count=True),
    )


def _prices(context: Context) -> str:
    return f"{fill_book(context.engine, context.now())} new lines in the price book"


def _collect(context: Context) -> str:
    return f"no sources configured; {resolve_names(context.engine, context.now())} model names found"


def _review(context: Context, policy: Policy) -> str:
    now = context.now()
    done = review(context.engine, policy, as_of=midnight(now.date()), now=now)
    flipped = sum(1 for item in done if item.flipped)
    return f"{len(done)} features judged, {flipped} changed"


def _report(context: Context) -> str:
    year, number, _ = (context.slot - _WEEK).isocalendar()
    week = f"{year}-W{number:02d}"
    build_report(context.engine, week, context.now())
    return week
