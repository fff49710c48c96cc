"""Lists the features: the registered ones, and those that traffic tells of and nobody registered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from db.queries.features import features, seen_features
from db.queries.verdicts import latest_verdicts
from db.session import Engine, reading
from offramp.actions.usage import usage
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
        return bool(features(session, [slug]))


def list_features(engine: Engine, at: datetime) -> list[FeatureLine]:
    """Every feature, registered or discovered, with the usage of the last 28 days before `at`."""
    end = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    table = usage(engine, by=("feature",), start=end - timedelta(days=_WINDOW_DAYS), end=end)
    use = {row.feature: row for row in table.rows if row.feature}
    with reading(engine) as session:
        heads = {head.slug: head for head in features(session)}
        verdicts = {found.feature: found for found in latest_verdicts(session)}
        seen = seen_features(session)
    lines = []
    for slug in sorted({*heads, *seen}):
        head, verdict, row = heads.get(slug), verdicts.get(slug), use.get(slug)
        lines.append(
            FeatureLine(
                slug=slug,
                name=head.name if head else None,
                owner=head.owner if head else None,
                strategy=head.strategy if head else None,
                registered=head is not None,
                verdict=verdict.verdict if verdict else None,
                code=verdict.code if verdict else None,
                target=verdict.target if verdict else None,
                saving_usd_month=verdict.saving_usd_month if verdict else None,
                calls_28d=row.calls if row else 0,
                cost_usd_28d=row.cost_usd if row else None,
            )
        )
    return lines
