"""Where the whole portfolio stands, counted and summed by the database: one row, or one row a day, for any size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, and_, case, cast, func, literal_column, select
from sqlalchemy import type_coerce as taken_as
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.queries.verdicts import StoredVerdict, stored_verdict
from db.tables import IS_REGISTERED, AlertRow, FeatureRow, FlipRow, VerdictRow
from db.types import NANO
from strategy.lifecycle import HELD, OPEN, State

_CENT = 10_000_000
_HALF = _CENT // 2
_HELD_BACK = ("blocked", "watch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many features are registered, how many stand at each verdict, and the dates of the watched and blocked."""

    features: int
    verdicts: dict[str, int]
    deadlines: int
    first_deadline: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChange:
    """By how much a day changed the number of due and of waiting features, and the saving of those due, USD a month."""

    day: date
    due: int
    waiting: int
    saving_usd_month: Decimal


def whole_cents(amount: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """An amount in whole cents, halves to even, as `strategy.money.cents` rounds; for amounts that are not negative."""
    nano = taken_as(amount, BigInteger)
    cents, rest = nano // _CENT, nano % _CENT
    up = case((rest > _HALF, 1), (and_(rest == _HALF, cents % 2 == 1), 1), else_=0)
    return cents + up


def standing(session: Session) -> Standing:
    """Where the registered features stand by their newest verdicts."""
    count = session.scalar(select(func.count(FeatureRow.id)).where(IS_REGISTERED)) or 0
    by_verdict = _newest(
        select(
            VerdictRow.verdict,
            func.count(),
            func.count(VerdictRow.due_by),
            func.min(VerdictRow.due_by),
        )
    ).group_by(VerdictRow.verdict)
    rows = session.execute(by_verdict).all()
    held = [row for row in rows if row[0] in _HELD_BACK]
    return Standing(
        features=count,
        verdicts={row[0]: row[1] for row in rows},
        deadlines=sum(row[2] for row in held),
        first_deadline=min((row[3] for row in held if row[3] is not None), default=None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureStanding:
    """A registered feature's head and its newest verdict, None before the first; no document is read.

    `alert` is the state of the alert that holds its place, None without one: what the home page counts and lists.
    """

    slug: str
    name: str | None
    owner: str | None
    strategy: str
    verdict: str | None
    code: str | None
    target: str | None
    saving_usd_month: Decimal | None
    alert: str | None

    @property
    def should_move(self) -> bool:
        """Whether an open alert asks for it; what was dismissed is not counted."""
        return self.alert in OPEN

    @property
    def dismissed(self) -> bool:
        """Whether it is due and somebody said no."""
        return self.alert == State.DISMISSED


def feature_standings(session: Session) -> list[FeatureStanding]:
    """Where each registered feature stands, by slug."""
    newest = select(func.max(VerdictRow.id)).where(VerdictRow.feature_id == FeatureRow.id).correlate(FeatureRow)
    columns: tuple[Any, ...] = (
        *(getattr(FeatureRow, name) for name in ("slug", "name", "owner", "strategy")),
        *(getattr(VerdictRow, name) for name in ("verdict", "code", "target", "saving_usd_month")),
        AlertRow.state.label("alert"),
    )
    query = select(*columns).outerjoin(VerdictRow, VerdictRow.id == newest.scalar_subquery())
    query = query.outerjoin(AlertRow, and_(AlertRow.feature_id == FeatureRow.id, AlertRow.state.in_(HELD)))
    rows = session.execute(query.where(IS_REGISTERED).order_by(FeatureRow.slug)).mappings()
    return [FeatureStanding(**row) for row in rows]


def held_back(session: Session, limit: int, offset: int = 0) -> list[tuple[StoredVerdict, str | None]]:
    """The blocked and then the watched features with their names, the largest saving first; so many of them."""
    query = _newest(select(VerdictRow, FeatureRow.slug, FeatureRow.name))
    query = query.where(VerdictRow.verdict.in_(_HELD_BACK)).order_by(
        case((VerdictRow.verdict == "blocked", 0), else_=1),
        func.coalesce(taken_as(VerdictRow.saving_usd_month, BigInteger), 0).desc(),
        FeatureRow.slug,
    )
    rows = session.execute(query.limit(limit).offset(offset))
    return [(stored_verdict(row, slug), name) for row, slug, name in rows]


def day_changes(session: Session, silent: Sequence[str]) -> list[DayChange]:
    """What each day's flips changed, oldest first; nothing of features that are gone.

    Nor of those with an alert in one of the states `silent`: the last day is what stands today.
    """
    kept = and_(
        FlipRow.feature_id.not_in(select(AlertRow.feature_id).where(AlertRow.state.in_(silent))),
        FlipRow.feature_id.in_(select(FeatureRow.id).where(IS_REGISTERED)),
    )
    saving = func.coalesce(taken_as(VerdictRow.saving_usd_month, BigInteger), 0)
    due, waiting = FlipRow.to_verdict == "due", FlipRow.to_verdict.in_(("watch", "blocked"))
    figures = (_one(due), _one(waiting), case((due, saving), else_=0))
    each = (
        select(
            _day(session).label("day"),
            *(
                (figure - func.coalesce(_before(figure), 0)).label(f"change_{place}")
                for place, figure in enumerate(figures)
            ),
        )
        .join(VerdictRow, VerdictRow.id == FlipRow.verdict_id)
        .where(kept)
        .subquery()
    )
    sums = [func.sum(each.c[f"change_{place}"]) for place in range(len(figures))]
    rows = session.execute(select(each.c.day, *sums).group_by(each.c.day).order_by(each.c.day))
    return [
        DayChange(
            day=date.fromisoformat(str(day)),
            due=int(more_due),
            waiting=int(more_waiting),
            saving_usd_month=Decimal(int(nano)) / NANO,
        )
        for day, more_due, more_waiting, nano in rows
    ]


def _before(figure: ColumnElement[Any]) -> ColumnElement[Any]:
    """The same of the feature's flip before."""
    return func.lag(figure).over(partition_by=FlipRow.feature_id, order_by=(FlipRow.at, FlipRow.id))


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, literal_column("1")), else_=literal_column("0"))


def _day(session: Session) -> ColumnElement[Any]:
    """The UTC day of a flip."""
    if session.get_bind().dialect.name == "postgresql":
        return cast(func.timezone("UTC", FlipRow.at), Date)
    return func.date(FlipRow.at)


def _newest(query: Any) -> Any:  # noqa: ANN401 (a query of any columns)
    """Narrowed to the newest verdict of each registered feature."""
    ids = select(func.max(VerdictRow.id)).group_by(VerdictRow.feature_id)
    joined = query.join(FeatureRow, FeatureRow.id == VerdictRow.feature_id)
    return joined.where(VerdictRow.id.in_(ids), IS_REGISTERED)
