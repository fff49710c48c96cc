"""The facts of one owner's features: the same letter, for those whom it concerns."""

from dataclasses import replace
from decimal import Decimal

from reports.facts import Used, WeekFacts, WeekUse
from strategy.money import ZERO


def of_owner(facts: WeekFacts, owner: str | None) -> WeekFacts:
    """What concerns one owner, compared exactly; everything for None.

    What belongs to nobody (calls that no feature claims, models without a price) is left to the whole letter.
    """
    if owner is None:
        return facts
    mine = {feature.slug for feature in facts.features if feature.owner == owner}
    return replace(
        facts,
        owner=owner,
        features=tuple(feature for feature in facts.features if feature.slug in mine),
        verdicts=tuple(verdict for verdict in facts.verdicts if verdict.feature in mine),
        flips=tuple(flip for flip in facts.flips if flip.feature in mine),
        alerts={slug: alert for slug, alert in facts.alerts.items() if slug in mine},
        use=_use(facts.use, mine),
        use_before=_use(facts.use_before, mine),
        unpriced=(),
        scores=tuple(score for score in facts.scores if score.feature in mine),
        prices_changed=tuple(move for move in facts.prices_changed if mine & set(move.features)),
        prices_announced=tuple(move for move in facts.prices_announced if mine & set(move.features)),
        runs=(),
        heard={},
        history=(),
        migrations=tuple(made for made in facts.migrations if made.feature in mine),
    )


def _use(use: WeekUse, mine: set[str]) -> WeekUse:
    rows = tuple(row for row in use.rows if row.feature in mine)
    costs: list[Decimal] = [row.cost_usd for row in rows if row.cost_usd is not None]
    total = Used(
        feature=None,
        calls=sum(row.calls for row in rows),
        cost_usd=sum(costs, ZERO) if costs else None,
        unpriced_calls=sum(row.unpriced_calls for row in rows),
        calls_without_tokens=sum(row.calls_without_tokens for row in rows),
    )
    return WeekUse(rows=rows, total=total, sources={})
