"""Builds the weekly letter: gathers the facts as of the week's end, keeps the letter of a week that is over."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from db.queries.prices import PriceChange, price_changes
from db.queries.reports import (
    FeatureThen,
    alerts_then,
    features_then,
    first_judged_at,
    price_book_then,
    report_document,
    report_weeks,
)
from db.queries.scores import scores
from db.queries.sources import runs_between
from db.queries.usage import models_in_use
from db.queries.verdicts import flips, latest_verdicts
from db.session import Engine, Session, reading, transaction
from db.store.reports import keep_report
from db.store.usage import hour_of
from offramp.actions.failure import BadInput, Problem
from offramp.actions.usage import UsageRow, usage
from reports.facts import Used, WeekFacts, WeekUse
from reports.lines import one_line
from reports.stored import dumps, loads
from reports.value import PriceMove, Unpriced, WeeklyReport
from reports.weekly import weekly_report
from reports.weeks import IsoWeek, parse_week, previous_week

__all__ = ["build_report", "load_report", "previous_week", "weeks"]

# Prices of models that nobody has called for four weeks are nobody's news.
_IN_USE = timedelta(days=28)
_FAR = datetime(9999, 1, 1, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)


def build_report(engine: Engine, week: IsoWeek | str, now: datetime, *, keep: bool = True) -> WeeklyReport:
    """The letter of a week, from what was so by its end: rebuilt from the same facts it is the same, byte for byte.

    A week still running is told up to `now` and not kept; `keep` says whether one that is over is.

    Raises:
        BadInput: it is no ISO week, or has not begun.
    """
    which = _week(week)
    if which.start > now:
        problem = Problem(error=f"week {which} has not begun", field="week", cure="name this week or one before")
        raise BadInput([problem])
    report = weekly_report(_facts(engine, which, now))
    if report.complete and keep:
        with transaction(engine) as session:
            keep_report(session, report.week, dumps(report), now)
    return report


def weeks(engine: Engine) -> list[str]:
    """The weeks whose letter was kept, newest first."""
    with reading(engine) as session:
        return report_weeks(session)


def load_report(engine: Engine, week: IsoWeek | str) -> WeeklyReport | None:
    """The letter of a week as it was kept; None where there is none.

    Raises:
        BadInput: it is no ISO week.
    """
    which = _week(week)
    with reading(engine) as session:
        found = report_document(session, str(which))
    return None if found is None else loads(found)


def _week(week: IsoWeek | str) -> IsoWeek:
    if isinstance(week, IsoWeek):
        return week
    try:
        return parse_week(week)
    except ValueError:
        problem = Problem(error=f"no week {week!r}", field="week", cure="use an ISO week such as 2026-W47")
        raise BadInput([problem]) from None


def _facts(engine: Engine, week: IsoWeek, now: datetime) -> WeekFacts:
    complete = week.end <= now
    cutoff = week.end if complete else now + _INSTANT
    use, use_before, unpriced = _use(engine, week), _use(engine, week.before()), _unpriced(engine, week)
    with reading(engine) as session:
        features = features_then(session, cutoff)
        has_prices, price_book_at = price_book_then(session, cutoff)
        return WeekFacts(
            week=week,
            cutoff=cutoff,
            complete=complete,
            features=tuple(features),
            verdicts=tuple(latest_verdicts(session, as_of=cutoff - _INSTANT)),
            flips=tuple(flips(session, start=week.start, end=cutoff)),
            alerts=alerts_then(session, cutoff),
            first_judged_at=first_judged_at(session),
            use=use,
            use_before=use_before,
            unpriced=unpriced,
            scores=tuple(scores(session, [feature.slug for feature in features], before=cutoff)),
            prices_changed=_prices(session, features, week.start, cutoff),
            prices_announced=_announced(session, features, cutoff),
            runs=tuple(runs_between(session, week.start, cutoff)),
            has_prices=has_prices,
            price_book_at=price_book_at,
        )


def _use(engine: Engine, week: IsoWeek) -> WeekUse:
    by_feature = usage(engine, by={"feature"}, start=week.start, end=week.end)
    by_source = usage(engine, by={"source"}, start=week.start, end=week.end)
    return WeekUse(
        rows=tuple(_used(row) for row in by_feature.rows),
        total=_used(by_feature.total),
        sources={row.source: row.calls for row in by_source.rows if row.source},
    )


def _used(row: UsageRow) -> Used:
    return Used(
        feature=row.feature,
        calls=row.calls,
        cost_usd=row.cost_usd,
        unpriced_calls=row.unpriced_calls,
        calls_without_tokens=row.calls_without_tokens,
    )


def _unpriced(engine: Engine, week: IsoWeek) -> tuple[Unpriced, ...]:
    by_model = usage(engine, by={"model"}, start=week.start, end=week.end)
    return tuple(
        Unpriced(provider=row.provider or "", model=row.model or "", calls=row.unpriced_calls)
        for row in by_model.rows
        if row.unpriced_calls
    )


def _prices(
    session: Session, features: Iterable[FeatureThen], start: datetime, cutoff: datetime
) -> tuple[PriceMove, ...]:
    """The prices that moved from `start` up to, not including, `cutoff`."""
    return tuple(_move(change) for change in _news(session, features, start, cutoff, cutoff))


def _announced(session: Session, features: Iterable[FeatureThen], cutoff: datetime) -> tuple[PriceMove, ...]:
    """The prices that had been announced before `cutoff` and move then or later."""
    ahead = _news(session, features, cutoff, _FAR, cutoff)
    return tuple(_move(change) for change in ahead if change.recorded_at < cutoff)


def _news(
    session: Session, features: Iterable[FeatureThen], start: datetime, end: datetime, cutoff: datetime
) -> list[PriceChange]:
    """The changes of the window, of models that were called in the weeks before `cutoff` or that a feature names."""
    used = set(models_in_use(session, hour_of(cutoff - _IN_USE), hour_of(cutoff) + 1))
    used.update(feature.model for feature in features if feature.model)
    return [change for change in price_changes(session, start, end) if change.model in used]


def _move(change: PriceChange) -> PriceMove:
    return PriceMove(
        model=one_line(change.model),
        kind=str(change.kind),
        old_usd_per_mtok=change.old,
        new_usd_per_mtok=change.new,
        valid_from=change.valid_from,
    )
