"""The judge: one frozen snapshot in, one verdict out. Pure, exact, and the same bytes every time.

Order (design and decision research, section 3): volume, gates, feasible strategies, money, evidence, verdict; then what
is announced: a price that will make a move worth making, and a retirement that forces one.
"""

from dataclasses import replace
from datetime import UTC, date, timedelta
from decimal import ROUND_CEILING, Decimal

from strategy.case import Case, case_of
from strategy.chance import chance_of_payback, reach_of
from strategy.core import Finding, find, gate_answers, task_rows
from strategy.cost import retirement_of
from strategy.explain import Argument, missing, reasons
from strategy.facts import Price, Retirement, Snapshot
from strategy.figures import money_of
from strategy.flips import flip_points
from strategy.kinds import Code, Outcome, PriceKind, Property, Strategy
from strategy.matrix import band
from strategy.payback import breakeven_calls
from strategy.policy import Policy
from strategy.prices import line_order
from strategy.snapshot import canonical, digest, dumps
from strategy.verdict import Money, Verdict

_TWO = Decimal("0.01")


def judge(snapshot: Snapshot, policy: Policy) -> Verdict:
    """Judge a feature by what its snapshot holds. The snapshot's constants win over the policy's."""
    today = case_of(canonical(snapshot), policy.with_constants(snapshot.constants), snapshot.as_of)
    case, finding, announced = _with_announced_prices(today, find(today))
    retirement = _present_retirement(today)
    argument = _argument(today, case, _unless_retired(finding, retirement), retirement, announced)
    return _verdict(today, argument, digest(dumps(snapshot)))


def _argument(
    today: Case, case: Case, finding: Finding, retirement: Retirement | None, announced: date | None
) -> Argument:
    """The whole working; `case` is the instant that decided, which an announced price may put after today."""
    money = money_of(today, finding.chosen.plan.strategy if finding.chosen else None)
    return Argument(
        case=case,
        finding=finding,
        gates=gate_answers(case, finding),
        money=money,
        flips=() if finding.code is Code.RETIRED else flip_points(case, finding),
        retirement=retirement,
        announced=announced,
        confidence=_confidence(case, finding, money),
        breakeven=_breakeven(case, finding),
        bands=_bands(today),
    )


def _verdict(today: Case, argument: Argument, name: str) -> Verdict:
    case, finding, feature = argument.case, argument.finding, today.snapshot.feature
    target = _target(finding, feature.strategy)
    retires = argument.retirement.on if argument.retirement else None
    due_by = min((day for day in (argument.announced, retires) if day), default=None)
    return Verdict(
        feature=feature.slug,
        as_of=today.snapshot.as_of,
        outcome=finding.outcome,
        code=finding.code,
        now=feature.strategy,
        target=target,
        saving_usd_month=argument.money.base.saving_usd_month,
        confidence=argument.confidence,
        gates=argument.gates,
        matrix=task_rows(case, finding),
        money=argument.money,
        quality=finding.chosen.evidence if finding.chosen else None,
        bands=argument.bands,
        breakeven_calls_per_day=argument.breakeven,
        flip_points=argument.flips,
        due_by=due_by,
        start_by=None if due_by is None else due_by - _lead(target or feature.strategy, today.policy),
        missing=missing(case, finding),
        reasons=reasons(argument),
        prices=_prices(today, finding),
        snapshot=name,
    )


def outcome_of(snapshot: Snapshot, policy: Policy) -> tuple[Outcome, Code | None, str | None]:
    """Outcome, code and target alone: the verdict without its argument, for asking what if."""
    case = case_of(canonical(snapshot), policy.with_constants(snapshot.constants), snapshot.as_of)
    _, finding, _ = _with_announced_prices(case, find(case))
    finding = _unless_retired(finding, _present_retirement(case))
    return finding.outcome, finding.code, _target(finding, snapshot.feature.strategy)


def _target(finding: Finding, now: Strategy) -> str | None:
    """What the verdict is about; where a retired model blocks staying, the present strategy."""
    if finding.chosen is not None:
        return finding.chosen.plan.option
    return now.value if finding.code is Code.RETIRED else None


def _with_announced_prices(today: Case, finding: Finding) -> tuple[Case, Finding, date | None]:
    """Today's finding, or that of the first announced price that makes a move due, with its day.

    The day is judged as it will be: same traffic, the prices then in force.
    """
    if finding.outcome is Outcome.DUE or finding.code is Code.COLD_START:
        return today, finding, None
    snapshot = today.snapshot
    models = [mix.model for mix in snapshot.usage.mix if mix.model is not None]
    until = snapshot.as_of + timedelta(days=int(today.policy.number("notice_days")))
    for at in today.load.book.starts_after(snapshot.as_of, models):
        if at <= until:
            case = case_of(snapshot, today.policy, at)
            later = find(case)
            if later.outcome is Outcome.DUE:
                return case, later, at.astimezone(UTC).date()
    return today, finding, None


def _present_retirement(case: Case) -> Retirement | None:
    """The soonest retirement among the models that carry a real share of the traffic, within the notice."""
    snapshot, policy = case.snapshot, case.policy
    least = policy.number("main_model_share") * sum(mix.calls for mix in snapshot.usage.mix)
    carried: dict[str, int] = {}
    for mix in snapshot.usage.mix:
        if mix.model is not None:
            carried[mix.model] = carried.get(mix.model, 0) + mix.calls
    models = [model for model, calls in carried.items() if calls >= least]
    if not models and snapshot.feature.model is not None:
        models = [snapshot.feature.model]
    last = snapshot.as_of.date() + timedelta(days=int(policy.number("notice_days")))
    known = [r for model in sorted(models) if (r := retirement_of(snapshot.retirements, model)) and r.on <= last]
    return min(known, key=lambda r: (r.on, r.model), default=None)


def _unless_retired(finding: Finding, retirement: Retirement | None) -> Finding:
    """A feature that would stay cannot, once its model has a last day: staying is what is blocked."""
    stays = finding.outcome is Outcome.STAY or finding.code is Code.APPROACHING
    if retirement is None or not stays:
        return finding
    return replace(finding, outcome=Outcome.BLOCKED, code=Code.RETIRED, chosen=None)


def _lead(target: str, policy: Policy) -> timedelta:
    """How long a move takes: the geometric mean of the matrix's range, in whole days."""
    cell = policy.cells[Property.TIME_TO_PRODUCTION, Strategy(target.partition(":")[0])]
    days = (Decimal(cell.lo) * Decimal(cell.hi)).sqrt().to_integral_value(ROUND_CEILING)
    return timedelta(days=int(days))


def _breakeven(case: Case, finding: Finding) -> int | None:
    """The calls a day from which the target (or else the best alternative) is worth it; None where none is."""
    best = finding.chosen or max(finding.prospects, key=lambda p: (p.net_usd, p.plan.option), default=None)
    if best is None or finding.present is None:
        return None
    return breakeven_calls(finding.present, best.plan, case.policy)


def _confidence(case: Case, finding: Finding, money: Money) -> Decimal | None:
    """The chance of payback, times how sure the evidence is where the move rests on an eval; None unless due."""
    if finding.outcome is not Outcome.DUE or finding.present is None or finding.chosen is None:
        return None
    plan = finding.chosen.plan
    low, base, high = (dict(each.monthly_usd)[plan.strategy] for each in (money.low, money.base, money.high))
    reach = reach_of(low, base, high)
    chance = chance_of_payback(finding.present, plan, case.load.calls_per_day, case.policy, reach)
    sure = finding.chosen.evidence.sure
    return chance if sure is None else (chance * sure).quantize(_TWO)


def _bands(case: Case) -> tuple[tuple[str, str | None], ...]:
    """What each seed would say of the volume alone; seed 000 names the volume, the others the strategy."""
    calls = case.volume.calls_per_day
    return tuple(
        (seed, None if calls is None else band(calls, seed, case.policy)) for seed in sorted(case.policy.bands)
    )


def _prices(case: Case, finding: Finding) -> tuple[Price, ...]:
    """The price lines in force that the figures rest on: the traffic's, and the target's own model."""
    lines = set(case.load.lines())
    if finding.chosen is not None and finding.chosen.plan.strategy is Strategy.EMBED:
        line = case.load.book.in_force(case.policy.text("embed_model"), PriceKind.INPUT, case.load.at)
        lines |= {line} if line is not None else set()
    return tuple(sorted(lines, key=line_order))
