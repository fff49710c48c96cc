"""Gathers what the letter of a week may know: everything as of the week's end, or of now while it runs."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from db.queries.ended import ended_features
from db.queries.ledger import migrations_then
from db.queries.price_events import models_by_feature
from db.queries.prices import PriceChange, price_changes
from db.queries.reports import FeatureThen, alerts_then, features_then, first_judged_at, price_book_then
from db.queries.scores import scores
from db.queries.sources import calls_told, heard_sources, runs_between
from db.queries.usage import models_in_use
from db.queries.verdicts import flips, latest_verdicts
from db.session import Engine, Session, reading
from db.store.usage import hour_of
from offramp.actions.usage import UsageRow, usage
from reports.facts import Used, WeekFacts, WeekUse
from reports.lines import one_line
from reports.value import PriceMove, Unpriced, WeekCost
from reports.weeks import IsoWeek, week_of
from strategy.money import ZERO

# Prices of models that nobody has called for four weeks are nobody's news.
_IN_USE = timedelta(days=28)
_HISTORY = timedelta(weeks=7)
# A source that delivered on three of the last fourteen days is one that is missed when it falls silent.
_LISTENED, _REGULAR_DAYS = timedelta(days=14), 3
_FAR = datetime(9999, 1, 1, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)


def week_facts(engine: Engine, week: IsoWeek, now: datetime) -> WeekFacts:
    """What was so by the week's end; gathered again from the same rows it is the same."""
    complete = week.end <= now
    cutoff = week.end if complete else now + _INSTANT
    use, use_before, unpriced = _use(engine, week), _use(engine, week.before()), _unpriced(engine, week)
    history = _history(engine, week)
    with reading(engine) as session:
        features = features_then(session, cutoff)
        has_prices, price_book_at = price_book_then(session, cutoff)
        touched = _touched(session, features, cutoff)
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
            prices_changed=tuple(
                _move(change, touched) for change in _news(session, features, (week.start, cutoff), cutoff)
            ),
            prices_announced=tuple(
                _move(change, touched)
                for change in _news(session, features, (cutoff, _FAR), cutoff)
                if change.recorded_at < cutoff
            ),
            runs=tuple(runs_between(session, week.start, cutoff)),
            has_prices=has_prices,
            price_book_at=price_book_at,
            history=history,
            migrations=migrations_then(session, cutoff),
            heard=heard(session, cutoff),
            ended={slug: gone.called for slug, gone in ended_features(session, cutoff).items()},
        )


def heard(session: Session, at: datetime) -> Mapping[str, datetime]:
    """When the end of the last hour with usage of each source was that delivers regularly, as of an instant."""
    found = heard_sources(session, hour_of(at - _LISTENED), hour_of(at))
    return {source: last for source, (last, days) in found.items() if days >= _REGULAR_DAYS}


def _use(engine: Engine, week: IsoWeek) -> WeekUse:
    by_feature = usage(engine, by={"feature"}, start=week.start, end=week.end)
    with reading(engine) as session:
        told = calls_told(session, hour_of(week.start), hour_of(week.end))
    return WeekUse(
        rows=tuple(_used(row) for row in by_feature.rows),
        total=_used(by_feature.total),
        sources=told,
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


def _history(engine: Engine, week: IsoWeek) -> tuple[WeekCost, ...]:
    """The cost of this week and the seven before it, weeks without a call left out."""
    days = usage(engine, by={"day"}, start=week.start - _HISTORY, end=week.end)
    found: dict[str, list[UsageRow]] = {}
    for row in sorted(days.rows, key=lambda row: row.day or week.monday):
        if row.day is not None:
            found.setdefault(str(week_of(datetime.combine(row.day, datetime.min.time(), UTC))), []).append(row)
    return tuple(_week_cost(name, rows) for name, rows in found.items())


def _week_cost(name: str, rows: list[UsageRow]) -> WeekCost:
    costs = [row.cost_usd for row in rows if row.cost_usd is not None]
    return WeekCost(
        week=name,
        cost_usd=sum(costs, ZERO) if costs else None,
        not_priced=sum(row.unpriced_calls + row.calls_without_tokens for row in rows),
    )


def _touched(session: Session, features: Iterable[FeatureThen], cutoff: datetime) -> Mapping[str, tuple[str, ...]]:
    """The features that call a model or name it, by the model."""
    found: dict[str, set[str]] = {}
    used = models_by_feature(session, hour_of(cutoff - _IN_USE), hour_of(cutoff) + 1)
    for feature in features:
        for model in used.get(feature.slug, set()) | ({feature.model} if feature.model else set()):
            found.setdefault(model, set()).add(feature.slug)
    return {model: tuple(sorted(slugs)) for model, slugs in found.items()}


def _news(
    session: Session, features: Iterable[FeatureThen], window: tuple[datetime, datetime], cutoff: datetime
) -> list[PriceChange]:
    """The changes of the window, of models that were called in the weeks before `cutoff` or that a feature names."""
    used = set(models_in_use(session, hour_of(cutoff - _IN_USE), hour_of(cutoff) + 1))
    used.update(feature.model for feature in features if feature.model)
    return [change for change in price_changes(session, *window) if change.model in used]


def _move(change: PriceChange, touched: Mapping[str, tuple[str, ...]]) -> PriceMove:
    return PriceMove(
        model=one_line(change.model),
        kind=str(change.kind),
        old_usd_per_mtok=change.old,
        new_usd_per_mtok=change.new,
        valid_from=change.valid_from,
        features=touched.get(change.model, ()),
    )
