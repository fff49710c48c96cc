"""The judge: one frozen snapshot in, one verdict out. Pure, exact, and the same bytes every time.

Order (design and decision research, section 3): volume, gates, feasible strategies, money, evidence, verdict; then what
is announced: a price that will make a move worth making, and a retirement that forces one.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from strategy.announced import Decided, decided, repaid_by
from strategy.argument import Argument
from strategy.breakeven import breakeven_calls
from strategy.case import Case, case_of
from strategy.core import Finding, asked_of, gate_answers, task_rows
from strategy.deadline import deadline
from strategy.explain import reasons
from strategy.facts import Price, Retirement, Snapshot
from strategy.figures import money_of
from strategy.flips import flip_points
from strategy.kinds import Code, Outcome, PriceKind, Strategy
from strategy.matrix import band
from strategy.missing import missing
from strategy.policy import Policy
from strategy.prices import line_order
from strategy.snapshot import canonical, digest, text_of
from strategy.unknowns import matters
from strategy.verdict import Verdict
from strategy.worth import lead_days

_TWO = Decimal("0.01")
_STAYS = {Code.APPROACHING, Code.NO_PLAN, Code.SHORTEN, Code.BETTER_PROMPT}


def judge(snapshot: Snapshot, policy: Policy) -> Verdict:
    """Judge a feature by what its snapshot holds. The snapshot's constants win over the policy's."""
    facts = canonical(snapshot)
    return judge_named(facts, digest(text_of(facts)), policy)


def judge_named(facts: Snapshot, name: str, policy: Policy) -> Verdict:
    """Judge facts that are in their one order, under the name that their text has."""
    today = case_of(facts, policy.with_constants(facts.constants), facts.as_of)
    return _verdict(today, _argument(today, decided(today)), name)


def _argument(today: Case, said: Decided) -> Argument:
    """The whole working; what is announced may put the instant that decided after today."""
    case, finding = said.case, _unless_retired(said.finding, said.retirement)
    money = money_of(today, finding.chosen.plan.option if finding.chosen else None)
    return Argument(
        case=case,
        finding=finding,
        gates=gate_answers(case, finding),
        money=money,
        # Flip points are of today's facts alone: what a day to come decides has none.
        flips=() if finding.code is Code.RETIRED or said.passing else flip_points(case, finding),
        retirement=said.retirement,
        said=said,
        confidence=_confidence(case, finding, said.undone),
        breakeven=_breakeven(case, finding),
        bands=_bands(today),
        matters=matters(case),
    )


def _verdict(today: Case, argument: Argument, name: str) -> Verdict:
    case, finding, feature = argument.case, argument.finding, today.snapshot.feature
    target = _target(finding, feature.strategy)
    end = deadline(argument.said)
    wanted = missing(case, finding, argument.matters, argument.breakeven)
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
        due_by=None if end is None else end.by,
        due_by_reason=None if end is None else end.why,
        start_by=None if end is None else end.by - _lead(target or feature.strategy, today.policy),
        missing=tuple(each.text for each in wanted),
        wanted=wanted,
        reasons=reasons(argument),
        prices=_prices(today, finding),
        snapshot=name,
    )


def outcome_of(snapshot: Snapshot, policy: Policy) -> tuple[Outcome, Code | None, str | None]:
    """Outcome, code and target alone: the verdict without its argument, for asking what if."""
    case = case_of(canonical(snapshot), policy.with_constants(snapshot.constants), snapshot.as_of)
    said = decided(case)
    finding = _unless_retired(said.finding, said.retirement)
    return finding.outcome, finding.code, _target(finding, snapshot.feature.strategy)


def _target(finding: Finding, now: Strategy) -> str | None:
    """What the verdict is about; where a retired model blocks staying, the present strategy."""
    if finding.chosen is not None:
        return finding.chosen.plan.option
    return now.value if finding.code is Code.RETIRED else None


def _unless_retired(finding: Finding, retirement: Retirement | None) -> Finding:
    """A feature that would stay cannot, once its model has a last day: staying is what is blocked."""
    stays = finding.outcome is Outcome.STAY or finding.code in _STAYS
    if retirement is None or not stays:
        return finding
    return replace(finding, outcome=Outcome.BLOCKED, code=Code.RETIRED, chosen=None, need=None)


def _lead(target: str, policy: Policy) -> timedelta:
    return timedelta(days=lead_days(Strategy(target.partition(":")[0]), policy))


def _breakeven(case: Case, finding: Finding) -> int | None:
    """The calls a day from which the target (or else the best alternative) is worth it; None where none is."""
    best = finding.chosen or max(finding.prospects, key=lambda p: (p.npv, p.plan.option), default=None)
    if best is None or finding.present is None:
        return None
    return breakeven_calls(finding.present, best.plan, case.outlook)


def _confidence(case: Case, finding: Finding, undone: Case | None) -> Decimal | None:
    """The chance that it pays, times how sure the evidence is where the move rests on an eval; None unless due.

    Where an announced day takes its worth away, that it has repaid its one-off by then.
    """
    if finding.outcome is not Outcome.DUE or finding.chosen is None:
        return None
    asked = asked_of(case, finding.chosen.plan.option)
    pays = 0.0 if asked is None else asked.positive() if undone is None else repaid_by(case, finding.chosen, undone)
    chance, sure = Decimal(pays).quantize(_TWO), finding.chosen.evidence.sure
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
