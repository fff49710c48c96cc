"""The plan of a feature's alert, what it asks of people and its options: all from the facts that it rests on."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from db.queries.alerts import Alert, alerts
from db.queries.features import features
from db.queries.ledger import migrations
from db.queries.verdicts import snapshot_of
from db.session import Engine, Session, reading
from offramp.actions.alerts import alerts_document
from offramp.actions.failure import BadInput, Problem
from offramp.actions.ledger import factors
from strategy.facts import Snapshot
from strategy.ledger import corrected
from strategy.lifecycle import HELD, OPEN, State
from strategy.migration import Asks, Option, asks_of, options_of
from strategy.plan import Plan, plan_of
from strategy.policy import Policy
from strategy.shown import exact, money
from strategy.snapshot import loads


def plan_for(engine: Engine, policy: Policy, slug: str) -> Plan:
    """The plan of the feature's alert; of one that is claimed or dismissed, from its frozen facts.

    Raises:
        BadInput: there is no such feature, or none of its alerts is open or finished.
    """
    with reading(engine) as session:
        if not features(session, [slug]):
            raise BadInput([Problem(error=f"no feature {slug!r}", field="feature", cure="see `offramp features`")])
        found = [each for each in alerts(session, slug=slug) if each.state != State.CLOSED]
        if not found:
            raise BadInput([Problem(error=f"{slug} has no alert", field="feature", cure="see `offramp alerts`")])
        alert = max(found, key=lambda each: (each.state in HELD, each.id))
        learnt = factors(migrations(session), policy).get(alert.target.partition(":")[0])
        return plan_of(_facts(session, alert), json.loads(alert.document), alert.target, policy, learnt)


def _facts(session: Session, alert: Alert) -> Snapshot:
    frozen = snapshot_of(session, alert.evidence)
    if frozen is None:
        message = f"the snapshot {alert.evidence} of {alert.feature} is not stored"
        raise ValueError(message)
    return loads(frozen)


def alerts_listing(engine: Engine, found: Sequence[Alert], policy: Policy) -> list[dict[str, Any]]:
    """Alerts as design's `alerts --json`; those that wait for somebody also with what they ask, and their options."""
    told = alerts_document(found)
    with reading(engine) as session:
        learnt = factors(migrations(session), policy)
        return [
            document | _asked(session, alert, policy) | {"learnt": _learnt(alert, learnt)}
            for alert, document in zip(found, told, strict=True)
        ]


def _asked(session: Session, alert: Alert, policy: Policy) -> dict[str, Any]:
    if alert.state not in OPEN:
        return {}
    facts = _facts(session, alert)
    options = options_of(json.loads(alert.document), facts, policy)
    return {**_asks(asks_of(facts, alert.target, policy)), "options": [_option(option) for option in options]}


def _asks(asks: Asks) -> dict[str, Any]:
    return {
        "effort": asks.effort,
        "engineer_days": exact(asks.engineer_days),
        "risk": asks.risk,
        "risk_because": asks.risk_because,
        "reversible": asks.reversible,
        "reversible_because": asks.reversible_because,
    }


def _option(option: Option) -> dict[str, Any]:
    return {
        "target": option.target,
        "recommended": option.recommended,
        "monthly_usd": money(option.monthly_usd),
        "saving_usd_month": money(option.saving_usd_month),
        "one_off_usd": money(option.one_off_usd),
        "in_the_way": list(option.in_the_way),
        "waits_for": list(option.waits_for),
        **_asks(option.asks),
    }


def _learnt(alert: Alert, learnt: Mapping[str, tuple[Decimal, int]]) -> dict[str, Any] | None:
    """What a promise of this strategy was worth so far, and this one with it; None where nothing was learnt yet."""
    found = learnt.get(alert.target.partition(":")[0])
    if found is None:
        return None
    factor, count = found
    saving, *ends = corrected(json.loads(alert.document)["money"], alert.now, factor)
    low, high = sorted(ends, key=lambda usd: usd or 0)
    return {
        "factor": float(factor),
        "migrations": count,
        "saving_usd_month": money(saving),
        "low_usd_month": money(low),
        "high_usd_month": money(high),
    }
