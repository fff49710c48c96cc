"""Measures finished migrations: each week for four weeks, then each month; and says whether the saving came.

A span is measured once, when its days are over and late data had its time. A migration whose feature has moved on is
measured no further.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from db.queries.ledger import LedgerSpan, Migration, frozen_of, migrations
from db.queries.prices import price_lines
from db.queries.scores import scores
from db.queries.usage import usage_groups
from db.session import Engine, Session, reading, transaction
from db.store.alerts import Step, alert_of, move_alert
from db.store.ledger import keep_span
from db.store.usage import hour_of, hour_start
from db.store.verdicts import lock_features
from offramp.actions.costing import costed_groups
from offramp.actions.usage import midnight
from reports.words import count
from strategy.baseline import baseline_at, baseline_of, falls_short, feature_calls
from strategy.facts import Score, Snapshot
from strategy.kinds import Strategy
from strategy.ledger import Effects, Span, Stretch, added, realised_usd_month, split
from strategy.lifecycle import TABLE, Move, State
from strategy.money import dollars
from strategy.policy import Policy
from strategy.prices import PriceBook
from strategy.snapshot import loads

MEASUREMENT = "the measurement"
_WEEK, _MONTH, _DAY = timedelta(days=7), timedelta(days=30), timedelta(days=1)
# What these cost is paid by the month, whoever counts their calls.
_PAID_BY_THE_MONTH = (Strategy.CODE, Strategy.DISTILL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a run did: the spans it measured, and the migrations whose state it moved."""

    spans: int
    moved: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The calls of a span, their cost, and the span as it is compared; `unmeasured` says why it is not."""

    calls: int
    usage_usd: Decimal | None
    effects: Effects | None
    unmeasured: str | None


def measure(engine: Engine, policy: Policy, at: datetime) -> Measured:
    """Measure what is due by `at`, and move each migration that has proven itself or has failed."""
    with reading(engine) as session:
        waiting = [each for each in migrations(session) if _is_live(each)]
    spans, moved = 0, []
    for each in waiting:
        with transaction(engine) as session:
            lock_features(session, [each.feature_id])
            spans += _measure(session, each, policy, at)
            (now,) = [found for found in migrations(session, slug=each.feature) if found.id == each.id]
            if _settle(session, now, policy, at):
                moved.append(each.feature)
    return Measured(spans=spans, moved=tuple(moved))


def span_days(finished: date, policy: Policy) -> Iterator[tuple[int, date, date]]:
    """The spans of a migration: number, first day, day after the last; weeks, then months of 30 days.

    The day on which it was finished is half of each, and counts for neither.
    """
    start, weeks = finished + _DAY, int(policy.number("ledger_weeks"))
    for number in range(1, weeks + int(policy.number("ledger_months"))):
        end = start + (_WEEK if number <= weeks else _MONTH)
        yield number, start, end
        start = end


def _is_live(migration: Migration) -> bool:
    return migration.strategy == migration.target.partition(":")[0]


def _measure(session: Session, migration: Migration, policy: Policy, at: datetime) -> int:
    known = {span.number for span in migration.spans}
    over = at.date() - timedelta(days=int(policy.number("late_days")))
    due = [each for each in span_days(migration.finished_at.date(), policy) if each[2] <= over]
    kept = 0
    for number, start, end in due:
        if number not in known:
            seen = _seen(session, migration, (start, end), policy)
            kept += keep_span(
                session,
                migration.id,
                number,
                days=(start, end),
                at=at,
                calls=seen.calls,
                usage_usd=seen.usage_usd,
                effects=seen.effects,
                unmeasured=seen.unmeasured,
            )
    return kept


def _seen(session: Session, migration: Migration, days: tuple[date, date], policy: Policy) -> _Seen:
    snapshot = loads(frozen_of(session, migration.verdict_id))
    start, end = midnight(days[0]), midnight(days[1])
    groups = costed_groups(session, start, end, by={"feature"}, features=(migration.feature,))
    calls, unpriced = sum(each.group.calls for each in groups), sum(each.unpriced_calls for each in groups)
    usage = sum((each.cost_usd for each in groups if each.cost_usd is not None), Decimal(0))
    base = baseline_of(snapshot, migration.running_before_usd_month, policy)
    target = Strategy(migration.target.partition(":")[0])
    own = target in _PAID_BY_THE_MONTH and not migration.target.endswith(":hosted")
    why = None
    if base is None:
        why = "too many calls of the baseline had no price"
    elif not own and unpriced > (1 - policy.number("priced_share")) * calls:
        why = f"{unpriced:,} of {count(calls, 'call')} without a price"
    elif not own and not calls:
        why = "no traffic was seen"
    if base is None or why is not None:
        return _Seen(calls=calls, usage_usd=None, effects=None, unmeasured=why)
    length = (days[1] - days[0]).days
    per_day = None if target is not Strategy.CODE else base.calls / base.days
    span = Span(
        days=length,
        stretches=_stretches(session, migration.feature, snapshot, (start, end), target, per_day),
        usage_usd=usage,
        running_usd_month=migration.running_after_usd_month,
    )
    return _Seen(calls=calls, usage_usd=usage, effects=split(base, span), unmeasured=None)


def _stretches(
    session: Session,
    slug: str,
    snapshot: Snapshot,
    window: tuple[datetime, datetime],
    target: Strategy,
    per_day: Decimal | None,
) -> tuple[Stretch, ...]:
    """The window cut where a price of the baseline's models moved; code, which nobody counts, keeps the old volume."""
    start, end = window
    models = sorted({mix.model for mix in snapshot.usage.mix if mix.model})
    book = PriceBook(price_lines(session, models))
    moments = {moment for line in book.lines for moment in (line.valid_from, line.valid_to) if moment is not None}
    breaks = sorted({hour_of(moment) for moment in moments if start < moment < end})
    edges = [start, *(hour_start(hour) for hour in breaks), end]
    seen = [Decimal(0)] * (len(breaks) + 1)
    for group in usage_groups(session, hour_of(start), hour_of(end), by={"feature"}, breaks=breaks, features=(slug,)):
        seen[group.segment] += group.calls
    found = []
    for place, calls in enumerate(seen):
        known = feature_calls(calls, target, snapshot.feature.task.code_share)
        if known is None:
            hours = Decimal((edges[place + 1] - edges[place]) // timedelta(hours=1))
            known = (per_day or Decimal(0)) * hours / 24
        found.append(Stretch(calls=known, baseline_usd=baseline_at(snapshot, book, edges[place])))
    return tuple(found)


def _settle(session: Session, migration: Migration, policy: Policy, at: datetime) -> bool:
    """Move the alert where the measurement says something else than its state."""
    move, why = _verdict(session, migration, policy)
    if move is None or move not in TABLE[State(migration.state)]:
        return False
    alert = alert_of(session, migration.alert_id)
    move_alert(session, alert, move, Step(at=at, by=MEASUREMENT, why=why))
    return True


def _verdict(session: Session, migration: Migration, policy: Policy) -> tuple[Move | None, str]:
    snapshot = loads(frozen_of(session, migration.verdict_id))
    score = _newest_score(session, migration, snapshot)
    least = None if score is None else falls_short(snapshot, migration.target, score, policy)
    if score is not None and least is not None:
        told = f"{score.metric} is {score.score:.3f}, and the least is {least:.3f}."
        return Move.FAIL, f"{told} {roll_back(snapshot)}"
    window = _window(migration.spans, int(policy.number("ledger_weeks")))
    effects = [span.effects for span in window if span.effects is not None]
    if not effects or migration.promised_usd_month is None:
        return None, ""
    realised = realised_usd_month(added(effects), sum(span.days for span in window if span.effects is not None))
    amount = f"-{dollars(-realised)}" if realised < 0 else dollars(realised)
    told = f"{amount} a month came of {dollars(migration.promised_usd_month)} promised."
    if realised > 0 and realised >= policy.number("realised_share") * migration.promised_usd_month:
        return Move.SUCCEED, told
    return Move.FAIL, f"{told} {roll_back(snapshot)}"


def _window(spans: tuple[LedgerSpan, ...], weeks: int) -> tuple[LedgerSpan, ...]:
    """What the verdict rests on: the first weeks together, later the newest month."""
    if len(spans) < weeks:
        return ()
    return spans[:weeks] if len(spans) == weeks else spans[-1:]


def _newest_score(session: Session, migration: Migration, snapshot: Snapshot) -> Score | None:
    """The newest score of the live target since it is live, by the feature's metric."""
    metric = snapshot.feature.quality.metric
    target = {None, migration.target, migration.target.partition(":")[0]}
    found = [
        score
        for score in scores(session, [migration.feature])
        if score.at >= migration.finished_at and score.strategy in target and metric in {None, score.metric}
    ]
    return max(found, key=lambda score: (score.at, score.key), default=None)


def roll_back(snapshot: Snapshot) -> str:
    """What to do where a migration failed: back to what ran before."""
    feature = snapshot.feature
    models = sorted(((mix.calls, mix.model) for mix in snapshot.usage.mix if mix.model), reverse=True)
    model = feature.model or (models[0][1] if models else None)
    on = f" on {model}" if model else ""
    return f"To roll back, send its calls to {feature.strategy}{on} again and register `strategy: {feature.strategy}`."
