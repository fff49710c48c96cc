"""Notices what happened to prices and models that matter to a feature, and stores each as one event.

Events are derived from the book: noticing again, at the same time or later, adds nothing that is there. An event is
noticed for NEWS after it happened; what is announced is news until it comes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache, partial
from typing import Any

from collectors.releases import is_bound_only
from db.queries.features import feature_models
from db.queries.price_events import StoredEvent, cancelled_lines, first_prices, models_by_feature, price_events
from db.queries.prices import BookLine, book_lines, retirements_of
from db.session import Engine, Session, reading, transaction
from db.store.price_events import append_events
from db.store.usage import hour_of
from offramp.actions.price_diff import Series, by_series, in_force
from reports.words import count
from strategy.cost import models_needed
from strategy.facts import Retirement
from strategy.hours import hours_of, plain, said
from strategy.kinds import CauseKind, PriceKind, Strategy
from strategy.money import ZERO, rate
from strategy.policy import Policy
from strategy.profile import Feature

NEWS = timedelta(days=35)
IN_USE = timedelta(days=56)
# Days before a retirement at which it is news again (design: T-90, T-30, T-7).
NOTICES = (90, 30, 7)
_DAY = timedelta(days=1)

# What a line of the book cost before.
_Move = tuple[Decimal, BookLine]


class EventKind(StrEnum):
    """What can happen to a price or a model."""

    PRICE_CHANGED = "price_changed"
    PRICE_WILL_CHANGE = "price_will_change"
    SCHEDULE_CANCELLED = "schedule_cancelled"
    MODEL_RETIRES = "model_retires"
    MODEL_RELEASED = "model_released"
    ALIAS_REPOINTED = "alias_repointed"
    CORRECTION = "correction"


_BEHIND: dict[str, tuple[EventKind, ...]] = {
    CauseKind.PRICE_CHANGE: (EventKind.PRICE_CHANGED, EventKind.ALIAS_REPOINTED, EventKind.SCHEDULE_CANCELLED),
    CauseKind.PRICE_SCHEDULED: (EventKind.PRICE_WILL_CHANGE, EventKind.SCHEDULE_CANCELLED),
    CauseKind.PRICE_CORRECTION: (EventKind.CORRECTION,),
    CauseKind.MODEL_RETIRES: (EventKind.MODEL_RETIRES,),
    CauseKind.MODEL_RELEASED: (EventKind.MODEL_RELEASED,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """By registered feature the models an event about which touches it, and the makers whose models it prompts."""

    models: Mapping[str, Collection[str]]
    makers: Mapping[str, Collection[str]]

    def touched(self, kind: str, model: str) -> list[str]:
        """The features that an event about a model touches; a new model also those that prompt its maker's models."""
        found = {slug for slug, models in self.models.items() if model in models}
        if kind == EventKind.MODEL_RELEASED:
            maker = model.partition("/")[0]
            found |= {slug for slug, makers in self.makers.items() if maker in makers}
        return sorted(found)


def note_events(engine: Engine, policy: Policy, at: datetime, touching: Reach | None = None) -> int:
    """Store what happened by an instant and is not stored yet; how many events were new."""
    with reading(engine) as session:
        touching = touching or reach(session, policy, at)
        models = set[str]().union(*touching.models.values())
        rows = list(_derived(session, models, at))
        known = {event.key for event in price_events(session)} if rows else set()
    new = [row | {"recorded_at": at, "judged_at": None} for row in rows if row["key"] not in known]
    if not new:
        return 0
    with transaction(engine) as session:
        return append_events(session, new)


def reach(session: Session, policy: Policy, at: datetime) -> Reach:
    """Who uses, names or could use which models, as of an instant."""
    used = models_by_feature(session, hour_of(at - IN_USE), hour_of(at) + 24)
    models: dict[str, frozenset[str]] = {}
    makers: dict[str, frozenset[str]] = {}
    # Of a hundred thousand features most run on the same few models: what those need is asked once.
    needed, made = cache(partial(_needed, policy)), cache(_makers)
    for slug, strategy, model in feature_models(session):
        own = frozenset(used.get(slug, ()))
        models[slug] = needed(model, own)
        if strategy == Strategy.PROMPT:
            makers[slug] = made(own | {model} if model else own)
    return Reach(models=models, makers=makers)


def speaks_of(cause: str, detail: str, event: StoredEvent) -> bool:
    """Whether a flip's cause, in kind and words, is this event."""
    return event.kind in _BEHIND.get(cause, ()) and event.model in detail.split()


def event_behind(session: Session, kind: CauseKind, detail: str, before: datetime) -> int | None:
    """The stored event that a flip's cause speaks of; None where there is none."""
    kinds = _BEHIND.get(kind, ())
    found = [event for event in price_events(session, kinds=kinds, before=before) if speaks_of(kind, detail, event)]
    return found[-1].id if found else None


def _needed(policy: Policy, model: str | None, used: frozenset[str]) -> frozenset[str]:
    return frozenset(models_needed(Feature(slug="any", model=model), policy, used))


def _makers(models: frozenset[str]) -> frozenset[str]:
    return frozenset(name.partition("/")[0] for name in models)


def _derived(session: Session, models: Collection[str], at: datetime) -> Iterator[dict[str, Any]]:
    known_by = at + _DAY
    lines = book_lines(session, models, known_by=known_by, at=at)
    yield from _moves(lines, at)
    for gone in cancelled_lines(session, models, known_by):
        day = gone.valid_from.date()
        key = f"cancelled|{gone.model}|{gone.valid_from.isoformat()}|{gone.recorded_at.isoformat()}"
        told = f"The price of {gone.model} announced for {day} was taken back."
        yield _event(EventKind.SCHEDULE_CANCELLED, key, gone.model, gone.recorded_at, told)
    for item in retirements_of(session, models, known_by, at=at):
        yield from _retires(item, at)
    for model, first in first_prices(session, at - NEWS, at).items():
        if is_bound_only(model, first):
            continue
        told = f"{model} was released on {first.date()}."
        yield _event(EventKind.MODEL_RELEASED, f"released|{model}", model, first, told)


def _retires(item: Retirement, at: datetime) -> Iterator[dict[str, Any]]:
    """The nearest notice that has come: a book that is filled late does not catch up on the earlier ones."""
    left = (item.on - at.date()).days
    notice = min((days for days in NOTICES if left <= days), default=None)
    if notice is not None and left >= 0:
        when = datetime.combine(item.on - timedelta(days=notice), at.time().min, at.tzinfo)
        told = f"{item.model} stops answering on {item.on}, {_ahead_of(at, item.on)}."
        yield _event(EventKind.MODEL_RETIRES, f"retires|{item.model}|{item.on}|{notice}", item.model, when, told)


def _ahead_of(at: datetime, day: date) -> str:
    left = (day - at.date()).days
    return f"in {count(left, 'day')}" if left else "today"


def _moves(lines: Iterable[BookLine], at: datetime) -> Iterator[dict[str, Any]]:
    """One event for each model and instant at which any of its prices moves, or for each correction."""
    moved: dict[tuple[str, datetime], list[_Move]] = {}
    corrected: dict[tuple[str, datetime], list[_Move]] = {}
    book = by_series(lines)
    for place_of, series in book.items():
        for before, line in zip([_any_hour(book, place_of, series), *series], series, strict=False):
            place, usd = (line.price.model, line.price.valid_from), line.price.usd_per_mtok
            if line.superseded_usd not in {None, usd} and line.price.valid_from <= line.recorded_at:
                corrected.setdefault(place, []).append((line.superseded_usd or ZERO, line))
            elif before is not None and before.price.usd_per_mtok != usd:
                moved.setdefault(place, []).append((before.price.usd_per_mtok, line))
    for (model, when), pairs in corrected.items():
        recorded = max(line.recorded_at for _, line in pairs)
        if at - NEWS < recorded:
            key = f"correction|{model}|{when.isoformat()}|{recorded.isoformat()}"
            told = f"{_move(pairs, 'was corrected')} on {when.date()}."
            yield _event(EventKind.CORRECTION, key, model, min(recorded, at), told)
    for (model, when), pairs in moved.items():
        if when > at:
            yield _ahead(model, when, pairs, at)
        elif when > at - NEWS:
            alias = model.endswith("-latest") or any("alias" in line.price.source for _, line in pairs)
            kind = EventKind.ALIAS_REPOINTED if alias else EventKind.PRICE_CHANGED
            key = f"changed|{model}|{when.isoformat()}"
            yield _event(kind, key, model, when, f"{_move(pairs, 'moved')} on {when.date()}.")


def _any_hour(book: Mapping[Series, Sequence[BookLine]], place: Series, series: Sequence[BookLine]) -> BookLine | None:
    """What calls of some hours cost before those hours had a price of their own; None for prices of any hour."""
    model, kind, tier, context = place
    if not hours_of(context):
        return None
    return in_force(book.get((model, kind, tier, plain(context)), ()), series[0].price.valid_from - _DAY)


def _ahead(model: str, when: datetime, pairs: Sequence[_Move], at: datetime) -> dict[str, Any]:
    amounts = ",".join(sorted(f"{line.price.kind}={rate(line.price.usd_per_mtok)}" for _, line in _plain(pairs)))
    told = f"{_move(pairs, 'will move')} on {when.date()}, {_ahead_of(at, when.date())}."
    known = min(max(line.recorded_at for _, line in pairs), at)
    return _event(EventKind.PRICE_WILL_CHANGE, f"will_change|{model}|{when.isoformat()}|{amounts}", model, known, told)


def _plain(pairs: Sequence[_Move]) -> Sequence[_Move]:
    standard = [pair for pair in pairs if pair[1].price.processing == "standard"]
    return [pair for pair in standard if pair[1].price.tier_min_input_tokens == 0] or pairs


def _move(pairs: Sequence[_Move], verb: str) -> str:
    """The plainest of the moves, in words."""
    order = list(PriceKind)
    old, line = min(_plain(pairs), key=lambda pair: order.index(pair[1].price.kind))
    kind, new = line.price.kind.replace("_", " "), line.price.usd_per_mtok
    hours = f" ({said(line.price.processing)})" if hours_of(line.price.processing) else ""
    return f"{line.price.model} {kind} {verb} from ${rate(old)} to ${rate(new)} per Mtok{hours}"


def _event(kind: EventKind, key: str, model: str, at: datetime, detail: str) -> dict[str, Any]:
    return {"kind": kind.value, "key": key, "model": model, "at": at, "detail": detail}
