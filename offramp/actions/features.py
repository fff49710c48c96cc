"""Lists the features: the registered ones, and those that traffic tells of and nobody registered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from db.queries.features import registered_slugs, seen_features
from db.queries.standing import FeatureStanding, feature_standings
from db.session import Engine, reading
from offramp.actions.usage import UsageRow, usage
from strategy.shown import money

_WINDOW_DAYS = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureLine:
    """One feature in the list; what nobody registered has no owner, strategy or verdict."""

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

    def document(self) -> dict[str, Any]:
        """The line as design's `features --json`."""
        return {
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


def list_features(engine: Engine, at: datetime) -> list[FeatureLine]:
    """Every feature, registered or discovered, with the usage of the last 28 days before `at`."""
    start, end = _window(at)
    table = usage(engine, by=("feature",), start=start, end=end, waits=False)
    use = {row.feature: row for row in table.rows if row.feature}
    return [_line(slug, stands, use.get(slug)) for slug, stands in _known(engine).items()]


def feature_names(engine: Engine) -> dict[str, FeatureStanding | None]:
    """Every feature by slug, registered ones with where they stand; usage is not read."""
    return _known(engine)


def feature_line(engine: Engine, slug: str, at: datetime) -> FeatureLine:
    """The line of one feature, read alone."""
    start, end = _window(at)
    rows = usage(engine, by=("feature",), start=start, end=end, feature=slug, waits=False).rows
    return _line(slug, _known(engine).get(slug), rows[0] if rows else None)


def _window(at: datetime) -> tuple[datetime, datetime]:
    end = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return end - timedelta(days=_WINDOW_DAYS), end


def _known(engine: Engine) -> dict[str, FeatureStanding | None]:
    with reading(engine) as session:
        registered = {found.slug: found for found in feature_standings(session)}
        return {slug: registered.get(slug) for slug in sorted({*registered, *seen_features(session)})}


def _line(slug: str, stands: FeatureStanding | None, row: UsageRow | None) -> FeatureLine:
    return FeatureLine(
        slug=slug,
        name=stands.name if stands else None,
        owner=stands.owner if stands else None,
        strategy=stands.strategy if stands else None,
        registered=stands is not None,
        verdict=stands.verdict if stands else None,
        code=stands.code if stands else None,
        target=stands.target if stands else None,
        should_move=stands is not None and stands.should_move,
        dismissed=stands is not None and stands.dismissed,
        saving_usd_month=stands.saving_usd_month if stands else None,
        calls_28d=row.calls if row else 0,
        cost_usd_28d=row.cost_usd if row else None,
    )
