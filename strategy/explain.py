"""The argument in plain sentences, for someone who owns the product and not the model.

The first sentence is the headline; the rest give the money, the evidence, the dates and what would change the verdict.
"""

from collections.abc import Iterator
from decimal import Decimal

from strategy.announced import day_of
from strategy.argument import Argument
from strategy.bands import disagreement
from strategy.case import Case
from strategy.core import asked_of
from strategy.cost import present_plan
from strategy.gates import GATE_OF
from strategy.headline import headline, option_told, retired_told
from strategy.kinds import Code, Outcome
from strategy.ladder import needs_told
from strategy.money import dollars
from strategy.prospect import Prospect
from strategy.verdict import FlipPoint
from strategy.worth import Asked


def reasons(argument: Argument) -> tuple[str, ...]:
    """The sentences, headline first; those that have nothing to say are left out."""
    chosen = argument.finding.chosen
    sentences: list[str | None] = [headline(argument)]
    if chosen is not None and argument.finding.need is None:
        sentences.append(_gate(argument, chosen))
    sentences += [*needs_told(argument.case.snapshot.feature.task, argument.now)]
    sentences += [each.sentence(argument.now) for each in argument.matters[:1]]
    sentences += [_spend(argument), *_retirement(argument)]
    if chosen is not None:
        sentences += [_cost(argument, chosen), _rival(argument, chosen), _evidence(chosen), _sure(argument)]
        sentences += [_undone(argument, chosen), _calm(argument)]
    if (passing := argument.said.passing) is not None and (after := argument.said.undone) is not None:
        sentences.append(_passing(argument, passing, after))
    elif chosen is None and argument.finding.outcome is Outcome.STAY:
        sentences += [_rejected(argument, prospect) for prospect in argument.finding.prospects]
    bands = {**dict(argument.bands), "breakeven": {"calls_per_day": argument.breakeven}}
    sentences += [disagreement(bands), *(_flip(flip) for flip in argument.flips if flip.input == "calls_per_day")]
    return tuple(sentence for sentence in sentences if sentence)


def _gate(argument: Argument, chosen: Prospect) -> str:
    answer = next(each for each in argument.gates if each.gate is GATE_OF[chosen.plan.strategy])
    suits = {"yes": "suits", "no": "does not suit"}.get(answer.answer, "may suit")
    return f"{chosen.plan.strategy.capitalize()} {suits} the task: {answer.because}."


def _spend(argument: Argument) -> str | None:
    present = dict(argument.money.base.monthly_usd)[argument.now]
    if present is None:
        return None
    return f"Today it costs {dollars(present)} a month at {argument.case.load.calls_per_day:,.0f} calls a day."


def _range(low: Decimal | None, high: Decimal | None) -> str:
    return f" ({dollars(low)} to {dollars(high)})" if low is not None and high is not None and low != high else ""


def _cost(argument: Argument, chosen: Prospect) -> str:
    """What the target costs a month and once, with the ranges of today's estimates."""
    strategy, money = chosen.plan.strategy, argument.money
    monthly = chosen.plan.monthly(argument.finding.load.calls_per_day)
    low, high = money.low, money.high
    around = _range(dict(low.monthly_usd).get(strategy), dict(high.monthly_usd).get(strategy))
    once = _range(dict(low.one_off_usd).get(strategy), dict(high.one_off_usd).get(strategy))
    return (
        f"On {option_told(chosen)} it would cost {dollars(monthly)} a month{around}, "
        f"and {dollars(chosen.plan.one_off_usd)} once{once}."
    )


def _evidence(chosen: Prospect) -> str | None:
    evidence = chosen.evidence
    if evidence.candidate is None or evidence.bound is None or evidence.required is None:
        return None
    verb = "reaches" if evidence.passes else "does not reach"
    return (
        f"Scored on {evidence.candidate.n or 0:,} items, {chosen.plan.strategy}'s {evidence.metric} is at least "
        f"{evidence.bound:.3f} with 95 % confidence, which {verb} the {evidence.required:.3f} required."
    )


def _sure(argument: Argument) -> str | None:
    if argument.confidence is None:
        return None
    return f"How sure: {argument.confidence:.0%} that it repays its cost at the required quality."


def _rival(argument: Argument, chosen: Prospect) -> str | None:
    """The best cheap alternative, which a migration must beat."""
    rival = argument.finding.rival
    if rival is None or rival is chosen:
        return None
    proven = "" if rival.code is None else ", once an eval shows that it is good enough"
    return (
        f"The best cheap alternative, {option_told(rival)}, would save {dollars(rival.saving_usd_month)} a month "
        f"for {dollars(rival.plan.one_off_usd)} once{proven}."
    )


def _undone(argument: Argument, chosen: Prospect) -> str | None:
    """An announced day that takes the worth of a due move away again."""
    after = argument.said.undone
    if after is None or argument.said.passing is not None:
        return None
    day, asked = day_of(after), asked_of(after, chosen.plan.option)
    if asked is None:
        return f"Mind the date: from {day} on no price of {option_told(chosen)} is known."
    cause = "retirement" if _retires(argument, after) else "announced price"
    return (
        f"Mind the {cause}: from {day} on{_beside(argument, after)} it {_left(asked)}, which is too little for its "
        f"one-off cost; by then it has most likely been repaid."
    )


def _passing(argument: Argument, passing: Prospect, after: Case) -> str:
    """A move that is worth it today, but not for long enough."""
    option = option_told(passing)
    spared = f"By today's prices {option} would save {dollars(passing.saving_usd_month)} a month"
    asked = asked_of(after, passing.plan.option)
    then = f"no price of {option} is known" if asked is None else f"it {_left(asked)}"
    once = f"its {dollars(passing.plan.one_off_usd)} would most likely not be repaid by then"
    return f"{spared}, but from {day_of(after)} on{_beside(argument, after)} {then}: {once}."


def _retires(argument: Argument, after: Case) -> bool:
    end = argument.retirement
    return end is not None and end.on == day_of(after)


def _beside(argument: Argument, after: Case) -> str:
    end = argument.retirement
    return f", beside {end.replacement}," if end is not None and _retires(argument, after) else ""


def _left(asked: Asked) -> str:
    return f"saves only {dollars(asked.month)} a month" if asked.month > 0 else "saves nothing"


def _calm(argument: Argument) -> str | None:
    """Why time changed what the facts alone say."""
    policy, snapshot = argument.case.policy, argument.case.snapshot
    match argument.finding.calm:
        case "persist":
            days = policy.text("persist_days")
            return f"Its money has to hold for {days} days before a move is called for; it has not yet."
        case "dwell":
            days = policy.text("dwell_days")
            return f"It moved on {snapshot.moved}; within {days} days of a move nothing new is called for."
        case "kept" if snapshot.before is not None:
            return (
                f"This stands since {snapshot.before.since}: today's figures are near the line, not clearly beyond it."
            )
        case _:
            return None


def _rejected(argument: Argument, prospect: Prospect) -> str:
    calls = argument.finding.load.calls_per_day
    monthly = prospect.plan.monthly(calls)
    if prospect.saving_usd_month <= 0:
        return f"{option_told(prospect).capitalize()} would cost {dollars(monthly)} a month, which is no less."
    return (
        f"{option_told(prospect).capitalize()} would save {dollars(prospect.saving_usd_month)} a month, "
        f"too little for {dollars(prospect.plan.one_off_usd)} once."
    )


def _retirement(argument: Argument) -> Iterator[str]:
    """The end of what it runs on, and what staying would cost from then on."""
    end, then = argument.retirement, argument.said.retired
    if end is None:
        return
    if argument.finding.code is not Code.RETIRED:
        yield f"{retired_told(end)}."
    if then is None or end.replacement is None:
        return
    present = present_plan(then.snapshot.feature, then.load, then.policy)
    if present is None:
        yield f"What {end.replacement} would cost is not known."
    else:
        monthly = dollars(present.monthly(then.load.calls_per_day))
        yield f"On {end.replacement} the same calls would cost {monthly} a month."


def _flip(flip: FlipPoint) -> str:
    way = "or more" if flip.at > flip.now else "or fewer"
    then = {"stay": "it should stay as it is", "watch": "it would only be watched", "due": "the move would be due"}
    return f"At {flip.at:,.0f} calls a day {way} {then.get(flip.outcome, 'the move would be blocked')}."
