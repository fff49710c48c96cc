"""Tells what finished migrations brought: promised and realised, and the change in cost by what moved it."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from db.queries.ledger import LedgerSpan, Migration, migrations
from db.session import Engine, reading
from strategy.ledger import Effects, added, learnt, realised_usd_month
from strategy.policy import Policy
from strategy.shown import instant, money


def list_ledger(engine: Engine) -> list[Migration]:
    """Every finished migration with its measured spans, the newest first."""
    with reading(engine) as session:
        return migrations(session)


def measured(migration: Migration) -> tuple[Effects, int] | None:
    """All that was measured of a migration together, with its days; None where nothing was yet."""
    spans = [(span.effects, span.days) for span in migration.spans if span.effects is not None]
    if not spans:
        return None
    return added([effects for effects, _ in spans]), sum(days for _, days in spans)


def realised(migration: Migration) -> Decimal | None:
    """What a migration saves, USD a month, over all that was measured of it; None where nothing was yet."""
    found = measured(migration)
    return None if found is None else realised_usd_month(*found)


def factors(found: Iterable[Migration], policy: Policy) -> Mapping[str, tuple[Decimal, int]]:
    """What a promise of each strategy is worth by the fleet's own record, with the number of migrations behind it.

    Only those measured through the first weeks count.
    """
    weeks = int(policy.number("ledger_weeks"))
    ratios: dict[str, list[Decimal]] = {}
    for each in found:
        got = realised(each)
        if got is not None and each.promised_usd_month and len(each.spans) >= weeks:
            ratios.setdefault(each.target.partition(":")[0], []).append(got / each.promised_usd_month)
    prior = policy.number("learnt_prior")
    return {strategy: (learnt(known, prior), len(known)) for strategy, known in sorted(ratios.items())}


def ledger_document(found: Sequence[Migration]) -> list[dict[str, Any]]:
    """Migrations as design's `ledger --json`.

    The effects are the change in cost over all measured days (below zero is cheaper); what stands after `state` is more
    than the contract asks for.
    """
    return [_document(each) for each in found]


def _document(migration: Migration) -> dict[str, Any]:
    found = measured(migration)
    effects, days = found or (None, 0)
    return {
        "feature": migration.feature,
        "from": migration.now,
        "to": migration.target,
        "finished_at": instant(migration.finished_at),
        "promised_usd_month": money(migration.promised_usd_month),
        "realised_usd_month": money(realised(migration)),
        "volume_effect_usd": money(effects.volume_usd) if effects else None,
        "price_effect_usd": money(effects.price_usd) if effects else None,
        "strategy_effect_usd": money(effects.strategy_usd) if effects else None,
        "total_usd": money(effects.total_usd) if effects else None,
        "state": migration.state,
        "owner": migration.owner,
        "measured_days": days,
        "running_usd_month": {
            "before": money(migration.running_before_usd_month),
            "after": money(migration.running_after_usd_month),
            "source": "estimated",
        },
        "spans": [_span(span) for span in migration.spans],
    }


def _span(span: LedgerSpan) -> dict[str, Any]:
    effects = span.effects
    return {
        "from": span.start.isoformat(),
        "to": span.end.isoformat(),
        "calls": span.calls,
        "usage_usd": money(span.usage_usd),
        "volume_effect_usd": money(effects.volume_usd) if effects else None,
        "price_effect_usd": money(effects.price_usd) if effects else None,
        "strategy_effect_usd": money(effects.strategy_usd) if effects else None,
        "total_usd": money(effects.total_usd) if effects else None,
        "unmeasured": span.unmeasured,
    }
