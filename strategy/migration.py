"""What a migration asks of people: effort, risk, and the way back; and the options a feature has.

At most three strategies, and beside them the cheap alternatives that a migration must beat.

The fields are those of the cloud recommenders (AWS Cost Optimization Hub: effort in five words, rollback possible;
Vantage: up to three options, each with saving, risk and effort).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from strategy.alternatives import ALTERNATIVES
from strategy.cost import alternatives, retirement_of
from strategy.facts import Snapshot
from strategy.gates import GATE_OF
from strategy.kinds import Answer, Code, Gate, Strategy
from strategy.money import DAYS_PER_MONTH, ZERO
from strategy.need import RETRIEVAL
from strategy.policy import Policy
from strategy.prices import PriceBook
from strategy.profile import CostOverride
from strategy.quality import Evidence, evidence_for
from strategy.volume import volume_of
from strategy.workload import workload_of

_MOST_OPTIONS = 3
# Engineer-days up to which an effort has this name; what is longer is very high.
_EFFORTS = ((1, "very low"), (5, "low"), (15, "medium"), (40, "high"))
_RISKS = ("low", "medium", "high")
_WAITS = {
    Code.NEEDS_EVAL: "needs an eval",
    Code.NO_BASELINE: "needs a score of today's answers",
    Code.TEACHER: "today's answers are too weak to learn from",
    Code.QUALITY: "its score is too low",
}
_ERROR_COSTS = {"low": 0, "medium": 1, "high": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """Effort in words and engineer-days, risk in a word with its reason, and whether and how it can be taken back."""

    effort: str
    engineer_days: Decimal
    risk: str
    risk_because: str
    reversible: str
    reversible_because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way the feature could go; `in_the_way` names the matrix rows that speak against it.

    `waits_for` says in words why its gate is closed or open, and what its evidence lacks.
    """

    target: str
    monthly_usd: Decimal
    saving_usd_month: Decimal
    one_off_usd: Decimal
    net_usd: Decimal
    recommended: bool
    in_the_way: tuple[str, ...]
    waits_for: tuple[str, ...]
    asks: Asks


def asks_of(snapshot: Snapshot, target: str, policy: Policy) -> Asks:
    """What moving the feature to a target asks, by the owner's figures, else the constants."""
    strategy = Strategy(target.partition(":")[0])
    own = dict(snapshot.feature.costs).get(strategy, CostOverride()).engineer_days
    variant = target.partition(":")[2]
    named = "retrieval" if target == RETRIEVAL else variant if target in ALTERNATIVES else strategy
    days = policy.number(f"{named}_engineer_days") if own is None else own
    effort = next((word for most, word in _EFFORTS if days <= most), "very high")
    risk, because = _risk(snapshot, target, policy)
    reversible, how = _way_back(snapshot, policy)
    return Asks(
        effort=effort,
        engineer_days=days,
        risk=risk,
        risk_because=because,
        reversible=reversible,
        reversible_because=how,
    )


def _risk(snapshot: Snapshot, target: str, policy: Policy) -> tuple[str, str]:
    """What an error costs, one step more where the target's quality is not proven."""
    known = snapshot.feature.task.error_cost
    cost = _ERROR_COSTS.get(known or "medium", 1)
    proven = evidence_for(snapshot, target, policy).passes is True
    words = f"an error costs {known}" if known else "what an error costs is unknown"
    told = "its quality is proven" if proven else "its quality is not proven by an eval of its own"
    return _RISKS[min(cost + (not proven), len(_RISKS) - 1)], f"{words}, and {told}"


def _way_back(snapshot: Snapshot, policy: Policy) -> tuple[str, str]:
    """What ran before can run again, unless its vendor ends it."""
    feature, today = snapshot.feature, snapshot.as_of.date()
    models = {mix.model for mix in snapshot.usage.mix} | {feature.model}
    ends = [found for found in (retirement_of(snapshot.retirements, model) for model in models if model) if found]
    if ends:
        soonest = min(ends, key=lambda found: (found.on, found.model))
        return "until a date", f"{soonest.model} stops answering on {soonest.on}"
    tuned = sorted(model for model in models if model and "ft:" in model)
    if tuned:
        closes = policy.text("hosted_training_ends")
        word = "no longer" if today.isoformat() >= closes else "only until then"
        return "partly", f"{tuned[0]} can be kept, but its vendor trains no new one after {closes} ({word} retrainable)"
    return "yes", f"{feature.strategy} stays deployed beside it and takes the calls back by a switch"


def options_of(document: Mapping[str, Any], snapshot: Snapshot, policy: Policy) -> tuple[Option, ...]:
    """Up to three strategies that would cost less than today's, by a verdict's money, and the cheap alternatives.

    The verdict's target stands first, then what nothing speaks against.
    """
    money, now, target = document["money"], document["now"], document["target"]
    present = money["monthly_usd"].get(now)
    if present is None:
        return ()
    found = []
    for name, monthly in money["monthly_usd"].items():
        once = money["one_off_usd"].get(name)
        meant = target is not None and target.partition(":")[0] == name
        if monthly is None or once is None or name == now:
            continue
        saving = Decimal(present) - Decimal(monthly)
        option = _option(
            document, snapshot, policy, target if meant else name, (saving, Decimal(monthly), Decimal(once))
        )
        if saving > ZERO:
            found.append(option)
    found.sort(key=_order)
    return tuple(sorted([*found[:_MOST_OPTIONS], *_ways(document, snapshot, policy)], key=_order))


def _order(option: Option) -> tuple[object, ...]:
    return not option.recommended, bool(option.in_the_way), bool(option.waits_for), -option.net_usd, option.target


def _ways(document: Mapping[str, Any], snapshot: Snapshot, policy: Policy) -> Iterator[Option]:
    """The cheaper model and the tuned prompt, where they would cost less: what a migration must beat."""
    if snapshot.feature.strategy is not Strategy.PROMPT:
        return
    volume = volume_of(snapshot.usage, snapshot.as_of.date(), policy)
    load = workload_of(snapshot, volume, PriceBook(snapshot.prices), snapshot.as_of, policy)
    unit = load.usd_per_call
    if unit is None:
        return
    for plan_at in alternatives(snapshot, load, policy).values():
        plan = plan_at(unit)
        if plan is None:
            continue
        monthly = plan.monthly(load.calls_per_day)
        saving = unit * load.calls_per_day * DAYS_PER_MONTH - monthly
        yield _option(document, snapshot, policy, plan.option, (saving, monthly, plan.one_off_usd))


def _option(
    document: Mapping[str, Any],
    snapshot: Snapshot,
    policy: Policy,
    target: str,
    figures: tuple[Decimal, Decimal, Decimal],
) -> Option:
    saving, monthly, once = figures
    name = target.partition(":")[0]
    return Option(
        target=target,
        monthly_usd=monthly,
        saving_usd_month=saving,
        one_off_usd=once,
        net_usd=saving * policy.number("horizon_days") / DAYS_PER_MONTH - once,
        recommended=target == document["target"],
        in_the_way=()
        if target in ALTERNATIVES
        else tuple(row["property"] for row in document["matrix"] if row["fit"].get(name) == "no"),
        waits_for=_waits_for(document, target, evidence_for(snapshot, target, policy)),
        asks=asks_of(snapshot, target, policy),
    )


def _waits_for(document: Mapping[str, Any], target: str, evidence: Evidence) -> tuple[str, ...]:
    """Why the gate is closed or unanswered, then what the evidence lacks; a passed eval answers an open gate.

    Retrieval and the alternatives pass no gate: they wrap the prompt that there is.
    """
    lacks = () if evidence.code is None else (_WAITS[evidence.code],)
    if target in {*ALTERNATIVES, RETRIEVAL}:
        return lacks
    wanted = GATE_OF[Strategy(target.partition(":")[0])]
    gate = next(each for each in document["gates"] if each["gate"] == wanted)
    if gate["answer"] == Answer.NO and wanted is not Gate.PROMPT:
        return (gate["because"],)
    unanswered = gate["answer"] == Answer.UNKNOWN and not evidence.passes
    return (*((gate["because"],) if unanswered else ()), *lacks)
