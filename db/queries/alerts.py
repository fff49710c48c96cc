"""The stored alerts and their moves, as frozen values."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, Numeric, Select, case, cast, func, select
from sqlalchemy import type_coerce as taken_as
from sqlalchemy.orm import Session, aliased

from db.queries.standing import whole_cents
from db.tables import AlertMoveRow, AlertRow, FeatureRow, FlipRow, VerdictRow
from db.types import NANO
from strategy.lifecycle import OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert; `owner` is who claimed it, else the feature's owner.

    `evidence` is the digest of the snapshot its figures rest on, which a claim and a dismissal freeze. `decided_by`,
    `reason` and `note` are those of its last move.
    """

    id: int
    feature: str
    name: str | None
    state: str
    now: str
    target: str
    saving_usd_month: Decimal | None
    confidence: Decimal | None
    opened_at: datetime
    due_by: date | None
    owner: str | None
    cause: str
    closed_at: datetime | None
    closed_cause: str | None
    claim_due: date | None
    snoozed_until: date | None
    wake_usd_month: Decimal | None
    decided_by: str
    decided_at: datetime
    reason: str | None
    note: str
    evidence: str
    document: str

    @property
    def due_by_reason(self) -> str | None:
        """What happens on the day by which it must be acted on; None where nothing forces it."""
        found: str | None = None if self.due_by is None else json.loads(self.document).get("due_by_reason")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMove:
    """One move of an alert: who, when, from where to where, and why; `answers` says that it took back that move."""

    id: int
    alert_id: int
    at: datetime
    by: str
    move: str
    from_state: str | None
    to_state: str
    reason: str | None
    why: str
    answers_id: int | None
    now: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Which alerts a list is asked for; None is no restriction. `text` is looked for in names, owner and cause.

    `forced` is whether a date forces it; the bounds (the lower is within) are of the expected saving, USD a month.
    """

    states: Collection[str] | None = None
    owner: str | None = None
    target: str | None = None
    text: str | None = None
    forced: bool | None = None
    expected_from: Decimal | None = None
    expected_below: Decimal | None = None


AlertOrder = Literal["saving", "sure", "due", "newest", "feature"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSum:
    """How many alerts, and what they save together, USD a month: each rounded to the cent first.

    `states` counts them by their state; `deadlines` are those with a date, the first and the last of which stand here.
    """

    count: int
    saving_usd_month: Decimal
    states: Mapping[str, int]
    deadlines: int = 0
    first_deadline: date | None = None
    last_deadline: date | None = None


def alerts(session: Session, *, states: Collection[str] | None = None, slug: str | None = None) -> list[Alert]:
    """Alerts of these states (all of them where none are named), or of one feature; in the order they were opened."""
    query = _alerts().where(*_wanted(AlertFilter(states=states))).order_by(AlertRow.id)
    if slug is not None:
        query = query.where(FeatureRow.slug == slug)
    return _read(session, query)


def alert_page(
    session: Session,
    wanted: AlertFilter,
    *,
    order: AlertOrder | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Alert]:
    """So many of these alerts: the open ones first, then the soonest date, then the largest expected saving.

    Another order stands before that one, which then decides among equals.
    """
    usual = (
        case((AlertRow.state.in_(OPEN), 0), else_=1),
        AlertRow.due_by.is_(None),
        AlertRow.due_by,
        _expected().desc(),
        AlertRow.id,
    )
    query = _alerts().where(*_wanted(wanted)).order_by(*_first_by(order), *usual)
    return _read(session, query.limit(limit).offset(offset))


def _first_by(order: AlertOrder | None) -> Sequence[ColumnElement[Any]]:
    match order:
        case "saving":
            return [func.coalesce(taken_as(AlertRow.saving_usd_month, BigInteger), 0).desc()]
        case "sure":
            return [func.coalesce(cast(AlertRow.confidence, Numeric), 0).desc()]
        case "due":
            return [AlertRow.due_by.is_(None), AlertRow.due_by.asc()]
        case "newest":
            return [AlertRow.opened_at.desc()]
        case "feature":
            return [func.lower(func.coalesce(FeatureRow.name, FeatureRow.slug))]
        case None:
            return []


def _expected() -> ColumnElement[Any]:
    """The saving times its certainty in billionths of a dollar, 0 where either is unknown."""
    saving: Any = taken_as(AlertRow.saving_usd_month, BigInteger)
    return func.coalesce(saving * cast(AlertRow.confidence, Numeric), 0)


def closed_since(session: Session, since: datetime, limit: int) -> list[Alert]:
    """The alerts that ended at or after this instant, the newest first; so many of them."""
    query = _alerts().where(AlertRow.closed_at >= since).order_by(AlertRow.closed_at.desc(), AlertRow.id)
    return _read(session, query.limit(limit))


def alert_sum(session: Session, wanted: AlertFilter) -> AlertSum:
    """How many alerts these are, and their saving."""
    cents = func.coalesce(func.sum(whole_cents(AlertRow.saving_usd_month)), 0)
    day = AlertRow.due_by
    query = select(AlertRow.state, func.count(), cents, func.count(day), func.min(day), func.max(day))
    joined = query.join(FeatureRow, FeatureRow.id == AlertRow.feature_id).where(*_wanted(wanted))
    rows = session.execute(joined.group_by(AlertRow.state).order_by(AlertRow.state)).all()
    return AlertSum(
        count=sum(row[1] for row in rows),
        saving_usd_month=(Decimal(sum(int(row[2]) for row in rows)) / 100).quantize(Decimal("0.01")),
        states={row[0]: row[1] for row in rows},
        deadlines=sum(row[3] for row in rows),
        first_deadline=min((row[4] for row in rows if row[4] is not None), default=None),
        last_deadline=max((row[5] for row in rows if row[5] is not None), default=None),
    )


def alert_choices(session: Session) -> dict[str, list[str]]:
    """The owners, targets and states that alerts have, for filters: each list in order."""
    columns: dict[str, Any] = {"owner": _whose, "target": AlertRow.target, "state": AlertRow.state}
    rows: Select[Any] = select(*(column.label(name) for name, column in columns.items())).select_from(AlertRow)
    found = rows.join(FeatureRow, FeatureRow.id == AlertRow.feature_id).distinct().subquery()
    return {
        name: list(session.scalars(select(found.c[name]).where(found.c[name] != "").distinct().order_by(found.c[name])))
        for name in columns
    }


_whose: ColumnElement[str] = func.coalesce(func.nullif(AlertRow.owner, ""), FeatureRow.owner)


def _wanted(wanted: AlertFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.states is not None:
        found.append(AlertRow.state.in_(wanted.states))
    if wanted.owner is not None:
        found.append(_whose == wanted.owner)
    if wanted.target is not None:
        found.append(AlertRow.target == wanted.target)
    if wanted.forced is not None:
        found.append(AlertRow.due_by.is_not(None) if wanted.forced else AlertRow.due_by.is_(None))
    if wanted.expected_from is not None:
        found.append(_expected() >= int(wanted.expected_from * NANO))
    if wanted.expected_below is not None:
        found.append(_expected() < int(wanted.expected_below * NANO))
    if wanted.text:
        names = FeatureRow.slug + " " + func.coalesce(FeatureRow.name, "") + " " + func.coalesce(_whose, "")
        told: ColumnElement[str] = names + " " + AlertRow.cause
        found.append(told.icontains(wanted.text, autoescape=True))
    return found


def _alerts() -> Select[AlertRow, FeatureRow, AlertMoveRow, VerdictRow, str]:
    closing = aliased(FlipRow)
    newest = select(func.max(AlertMoveRow.id)).where(AlertMoveRow.alert_id == AlertRow.id).correlate(AlertRow)
    return (
        select(AlertRow, FeatureRow, AlertMoveRow, VerdictRow, closing.cause_detail)
        .join(FeatureRow, FeatureRow.id == AlertRow.feature_id)
        .join(AlertMoveRow, AlertMoveRow.id == newest.scalar_subquery())
        .join(VerdictRow, VerdictRow.id == AlertRow.verdict_id)
        .outerjoin(closing, closing.id == AlertRow.closed_flip_id)
    )


def _read(session: Session, query: Select[AlertRow, FeatureRow, AlertMoveRow, VerdictRow, str]) -> list[Alert]:
    return [
        Alert(
            id=row.id,
            feature=feature.slug,
            name=feature.name,
            state=row.state,
            now=row.now,
            target=row.target,
            saving_usd_month=row.saving_usd_month,
            confidence=row.confidence,
            opened_at=row.opened_at,
            due_by=row.due_by,
            owner=row.owner or feature.owner,
            cause=row.cause,
            closed_at=row.closed_at,
            closed_cause=closed_cause,
            claim_due=row.claim_due,
            snoozed_until=row.snoozed_until,
            wake_usd_month=row.wake_usd_month,
            decided_by=move.by,
            decided_at=move.at,
            reason=move.reason,
            note=move.why,
            evidence=verdict.snapshot_sha,
            document=verdict.document,
        )
        for row, feature, move, verdict, closed_cause in session.execute(query)
    ]


def count_alerts(session: Session, states: Collection[str]) -> int:
    """How many alerts are in one of these states."""
    return session.scalar(select(func.count(AlertRow.id)).where(AlertRow.state.in_(states))) or 0


def alert_moves(session: Session, slug: str) -> list[AlertMove]:
    """Every move of every alert of a feature, oldest first."""
    query = (
        select(AlertMoveRow, AlertRow)
        .join(AlertRow, AlertRow.id == AlertMoveRow.alert_id)
        .join(FeatureRow, FeatureRow.id == AlertRow.feature_id)
        .where(FeatureRow.slug == slug)
        .order_by(AlertMoveRow.id)
    )
    return [
        AlertMove(
            id=row.id,
            alert_id=row.alert_id,
            at=row.at,
            by=row.by,
            move=row.move,
            from_state=row.from_state,
            to_state=row.to_state,
            reason=row.reason,
            why=row.why,
            answers_id=row.answers_id,
            now=alert.now,
            target=alert.target,
        )
        for row, alert in session.execute(query)
    ]
