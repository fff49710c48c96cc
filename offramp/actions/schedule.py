"""The jobs of Offramp: what runs when. Collect, prices, review, report and deliver run in this order within a tick."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from collectors.rejected import SourceError
from offramp.actions.channels import load_channels
from offramp.actions.collect import collect
from offramp.actions.deliver import deliver
from offramp.actions.fold import fold
from offramp.actions.forget import forget
from offramp.actions.jobs import Context, JobSpec
from offramp.actions.measure import measure
from offramp.actions.notices import enqueue_notices, withdraw_stale
from offramp.actions.price_decisions import together
from offramp.actions.price_refresh import refresh_if_new, refresh_online, waiting_now
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.rejudge import rejudge
from offramp.actions.report import build_report, report_slices
from offramp.actions.review import review
from offramp.actions.send_report import copies, enqueue_report
from offramp.actions.sources import configured_sources
from offramp.actions.usage import midnight
from offramp.config import channels_file, hourly_kept, late_window, prices_allow_private, prices_url
from offramp.slots import HOURLY, MONDAY, Daily, Every, Weekly
from reports.channels import Kind
from reports.words import count
from strategy.policy import Policy

_PRICES_AT = time(4)
_PRICES_JITTER = timedelta(minutes=20)
_LEDGER_AT = time(5)
_REPORT_HOUR = 9
_DELIVER_EVERY = timedelta(minutes=5)


def standard_jobs(policy: Policy, zone: str) -> tuple[JobSpec, ...]:
    """The jobs; `zone` is the IANA zone in which the weekly report's Monday 09:00 is meant.

    A new database runs them all at once: the book is filled before the first review.
    """
    return (
        JobSpec(name="collect", rule=HOURLY, run=_collect),
        JobSpec(
            name="prices", rule=Daily(_PRICES_AT), run=lambda context: _prices(context, policy), jitter=_PRICES_JITTER
        ),
        JobSpec(name="review", rule=HOURLY, run=lambda context: _review(context, policy), at_start=True),
        JobSpec(name="ledger", rule=Daily(_LEDGER_AT), run=lambda context: _ledger(context, policy)),
        JobSpec(name="report", rule=report_rule(zone), run=lambda context: _report(context, zone), keeps_count=True),
        JobSpec(name="deliver", rule=Every(_DELIVER_EVERY), run=lambda context: _deliver(context, zone)),
    )


def report_rule(zone: str) -> Weekly:
    """Monday 09:00 in the zone, or the first full hour at which the reported week is over: weeks end in UTC.

    >>> report_rule("Europe/Berlin").at.hour, report_rule("Pacific/Auckland").at.hour
    (9, 13)
    """
    offsets = [datetime(2026, month, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() for month in (1, 7)]
    hours = max(-(-(offset or timedelta()) // timedelta(hours=1)) for offset in offsets)
    return Weekly(MONDAY, time(max(_REPORT_HOUR, hours)), zone)


def _prices(context: Context, policy: Policy) -> str:
    """Fill or refresh the book, then judge again whom its events touch; a list that is not read changes nothing."""
    engine, now = context.engine, context.now()
    told = [f"{count(fill_book(engine, now), 'new line')} in the price book"]
    refresh_if_new(engine, at=now)
    url = prices_url()
    if url is not None:
        try:
            refresh_online(engine, url, at=now, allow_private=prices_allow_private())
        except SourceError as failure:
            told.append(f"the price list was not read ({failure.message})")
    done = rejudge(engine, policy, now)
    told.append(f"{count(len(done.events), 'event')}, {count(len(done.reviewed), 'feature')} judged again")
    told.append(f"{count(len(together(waiting_now(engine))), 'price waits', 'prices wait')} for a person")
    return "; ".join(told)


def _collect(context: Context) -> str:
    done = collect(context.engine, configured_sources(), now=context.now())
    told = [f"{item.source} {item.outcome}: {count(item.calls, 'call')}" for item in done] or ["no sources configured"]
    names = resolve_names(context.engine, context.now())
    forgotten = forget(context.engine, context.now(), late_window())
    folded = fold(context.engine, context.now(), hourly_kept())
    return "; ".join(
        [
            *told,
            f"{count(names, 'model name')} found",
            f"{count(forgotten, 'key')} of old spans forgotten",
            f"{count(folded, 'day')} folded",
        ]
    )


def _review(context: Context, policy: Policy) -> str:
    now = context.now()
    done = review(context.engine, policy, as_of=midnight(now.date()), now=now)
    flipped = sum(1 for item in done if item.flipped)
    return f"{count(len(done), 'feature')} judged, {flipped} changed"


def _ledger(context: Context, policy: Policy) -> str:
    done = measure(context.engine, policy, context.now())
    return f"{count(done.spans, 'span')} measured, {count(len(done.moved), 'migration')} settled"


def _report(context: Context, zone: str) -> str:
    monday = context.slot.astimezone(ZoneInfo(zone)).date()
    year, number, _ = (monday - timedelta(days=1)).isocalendar()
    week = f"{year}-W{number:02d}"
    channels = load_channels(channels_file(), zone)
    report = build_report(context.engine, week, context.now())
    if not report.judged and not report.spend.total.calls:
        return f"{week}; nothing to tell yet"
    if not any(Kind.WEEKLY in channel.send for channel in channels.channels):
        return f"{week}; no channel takes it"
    letters = report_slices(context.engine, week, context.now())
    enqueue_report(context.engine, copies(channels, letters, context.now()), context.now())
    return f"{week}; {deliver(context.engine, channels, context.now).words()}"


def _deliver(context: Context, zone: str) -> str:
    channels = load_channels(channels_file(), zone)
    withdraw_stale(context.engine, context.now())
    fresh = enqueue_notices(context.engine, channels, context.now())
    told = deliver(context.engine, channels, context.now).words()
    return f"{count(fresh, 'new notice')}; {told}" if fresh else told
