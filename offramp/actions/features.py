"""Lists the features: the registered ones, and those that traffic tells of and nobody registered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from db.queries.ended import Ended, ended_features
from db.queries.features import registered_slugs, seen_features
from db.queries.standing import FeatureStanding, feature_standings
from db.session import Engine, reading
from offramp.actions.usage import UsageRow, usage
from strategy.shown import money

_WINDOW_DAYS = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureLine:
    """One feature in the list; what nobody registered has no owner, strategy or verdict, what ended no verdict."""

    slug: str
    name: str | None
    owner: str | None
    strategy: str | None
    registered: bool
    verdict: str | None
    code: str | None
    target: str | None
    should_move: bool
    dismissed: bool
    saving_usd_month: Decimal | None
    calls_28d: int
    cost_usd_28d: Decimal | None
    ended: Ended | None = None

    def document(self) -> dict[str, Any]:
        """The line as design's `features --json`; of one that ended also who said so, when and why."""
        told = {} if self.ended is None else {"ended": self.ended.document()}
        return told | {
            "slug": self.slug,
            "name": self.name,
            "owner": self.owner,
            "strategy": self.strategy,
            "registered": self.registered,
            "verdict": self.verdict,
            "target": self.target,
            "calls_28d": self.calls_28d,
            "cost_usd_28d": money(self.cost_usd_28d),
        }


def is_registered(engine: Engine, slug: str) -> bool:
    """Whether a feature of this slug is registered."""
    with reading(engine) as session:
        return slug in registered_slugs(session)


def list_features(engine: Engine, at: datetime, *, ended: bool = False) -> list[FeatureLine]:
    """Every feature, registered or discovered, with the usage of the last 28 days before `at`.

    One that ended is among them while somebody calls it, or where all are asked for (`ended`).
    """
    start, end = _window(at)
    table = usage(engine, by=("feature",), start=start, end=end, waits=False)
    use = {row.feature: row for row in table.rows if row.feature}
    known, gone = _known(engine)
    told = [slug for slug in gone if ended or gone[slug].called]
    return [_line(slug, known.get(slug), use.get(slug), gone.get(slug)) for slug in sorted({*known, *told})]


def feature_names(engine: Engine) -> dict[str, FeatureStanding | None]:
    """Every feature by slug, registered ones with where they stand; usage is not read, and what ended is left out."""
    return _known(engine)[0]


def feature_line(engine: Engine, slug: str, at: datetime) -> FeatureLine:
    """The line of one feature, read alone."""
    start, end = _window(at)
    rows = usage(engine, by=("feature",), start=start, end=end, feature=slug, waits=False).rows
    known, gone = _known(engine)
    return _line(slug, known.get(slug), rows[0] if rows else None, gone.get(slug))


def _window(at: datetime) -> tuple[datetime, datetime]:
    end = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return end - timedelta(days=_WINDOW_DAYS), end


def _known(engine: Engine) -> tuple[dict[str, FeatureStanding | None], dict[str, Ended]]:
    """What is registered or discovered, and what ended."""
    with reading(engine) as session:
        registered, gone = {found.slug: found for found in feature_standings(session)}, ended_features(session)
        seen = {*registered, *seen_features(session)} - gone.keys()
        return {slug: registered.get(slug) for slug in sorted(seen)}, gone


def _line(slug: str, stands: FeatureStanding | None, row: UsageRow | None, ended: Ended | None) -> FeatureLine:
    head = stands or ended
    return FeatureLine(
        slug=slug,
        name=head.name if head else None,
        owner=head.owner if head else None,
        strategy=head.strategy if head else None,
        registered=stands is not None,
        verdict=stands.verdict if stands else None,
        code=stands.code if stands else None,
        target=stands.target if stands else None,
        should_move=stands is not None and stands.should_move,
        dismissed=stands is not None and stands.dismissed,
        saving_usd_month=stands.saving_usd_month if stands else None,
        calls_28d=row.calls if row else 0,
        cost_usd_28d=row.cost_usd if row else None,
        ended=ended,
    )
