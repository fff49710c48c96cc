"""The argument in plain sentences, for someone who owns the product and not the model.

The first sentence is the headline; the rest give the money, the evidence, the dates and what would change the verdict.
"""

from dataclasses import dataclass
from decimal import Decimal

from strategy.announced import Decided, day_of
from strategy.case import Case
from strategy.core import Finding, Prospect, asked_of
from strategy.facts import Retirement
from strategy.fields import TASK_FIELDS_BY_NAME
from strategy.gates import GATE_OF, GateAnswer
from strategy.kinds import Code, Outcome, Strategy
from strategy.ladder import needs_told
from strategy.money import dollars
from strategy.quality import Evidence
from strategy.verdict import FlipPoint, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """What the sentences are made from; `said` tells which announced day decided or undid it."""

    case: Case
    finding: Finding
    gates: tuple[GateAnswer, ...]
    money: Money
    flips: tuple[FlipPoint, ...]
    retirement: Retirement | None
    said: Decided
    confidence: Decimal | None
    breakeven: int | None
    bands: tuple[tuple[str, str | None], ...]

    @property
    def name(self) -> str:
        """The feature as people call it."""
        feature = self.case.snapshot.feature
        return feature.name or feature.slug

    @property
    def now(self) -> Strategy:
        """What it runs on today."""
        return self.case.snapshot.feature.strategy


def reasons(argument: Argument) -> tuple[str, ...]:
    """The sentences, headline first; those that have nothing to say are left out."""
    chosen = argument.finding.chosen
    sentences: list[str | None] = [_headline(argument)]
    if chosen is not None:
        sentences.append(_gate(argument, chosen))
    sentences += [*needs_told(argument.case.snapshot.feature.task, argument.now)]
    sentences += [_spend(argument), _retirement(argument)]
    if chosen is not None:
        sentences += [_cost(argument, chosen), _rival(argument, chosen), _evidence(chosen), _sure(argument)]
        sentences += [_undone(argument, chosen), _calm(argument)]
    elif argument.finding.outcome is Outcome.STAY:
        sentences += [_rejected(argument, prospect) for prospect in argument.finding.prospects]
    sentences += [_bands(argument), *(_flip(flip) for flip in argument.flips if flip.input == "calls_per_day")]
    return tuple(sentence for sentence in sentences if sentence)


def missing(case: Case, finding: Finding) -> tuple[str, ...]:
    """What a person could supply that the verdict would use, most useful first."""
    snapshot, chosen = case.snapshot, finding.chosen
    found: list[str] = []
    if finding.code is Code.COLD_START:
        found.append("traffic: at least 14 days of it are needed before anything is said")
    if finding.present is None and finding.code is not Code.COLD_START:
        found += [f"price: none in force for {model}" for model in finding.load.unpriced_models]
        found += [] if finding.load.unpriced_models else ["traffic: no calls with token counts"]
    if chosen is not None:
        found += [_question(name) for name in chosen.asks]
        found += _eval_wanted(chosen.evidence)
    task = snapshot.feature.task
    found += [_question(name) for name in _decisive() if getattr(task, name) is None]
    if snapshot.feature.strategy is Strategy.PROMPT and snapshot.feature.exit_note is None:
        found.append("exit_note: At what volume is this too expensive, and what would its successor look like?")
    return tuple(dict.fromkeys(found))


def _decisive() -> tuple[str, ...]:
    return "determinism", "input_space", "output_space", "error_cost", "latency_budget_ms", "labelled_examples"


def _question(name: str) -> str:
    return f"{name}: {TASK_FIELDS_BY_NAME[name].question}"


def _eval_wanted(evidence: Evidence) -> list[str]:
    match evidence.code:
        case Code.NO_BASELINE:
            return ["eval: score today's answers, so that there is something to hold the next against"]
        case Code.NEEDS_EVAL if evidence.items is not None:
            return [f"eval: score {evidence.option} on {evidence.items:,} items with the same metric and evaluator"]
        case Code.NEEDS_EVAL:
            return [
                f"eval: score {evidence.option} with the same metric, evaluator and version, and say on how many items"
            ]
        case _:
            return []


def _headline(argument: Argument) -> str:
    finding, name = argument.finding, argument.name
    chosen = finding.chosen
    match finding.outcome, finding.code:
        case Outcome.DUE, _ if chosen is not None:
            return _due(argument, chosen)
        case Outcome.WATCH, Code.COLD_START:
            volume = argument.case.volume
            return f"Too early to judge {name}: {volume.days_seen} days and {volume.recent_calls:,} calls seen so far."
        case Outcome.WATCH, Code.UNMEASURED if chosen is None:
            return f"What {name} costs is not known, so nothing can be said of leaving {argument.now}."
        case Outcome.BLOCKED, Code.RETIRED if argument.retirement is not None:
            return f"{name} cannot stay as it is: {_retires(argument.retirement)}."
        case _ if chosen is not None:
            return _held(argument, chosen, finding.code)
        case _:
            return f"Keep {name} on {argument.now}: nothing else that fits the task is worth its one-off cost."


def _due(argument: Argument, chosen: Prospect) -> str:
    figures, target = argument.money.base, _option(chosen)
    if argument.said.from_day is not None:
        return (
            f"Move {argument.name} from {argument.now} to {target} by {argument.said.from_day}: "
            f"from then on an announced price makes it worth {dollars(chosen.saving_usd_month)} a month."
        )
    payback = f", pays back in {figures.payback_days} days" if figures.payback_days else ""
    return (
        f"Move {argument.name} from {argument.now} to {target}: "
        f"saves {dollars(chosen.saving_usd_month)} a month{payback}."
    )


def _held(argument: Argument, chosen: Prospect, code: Code | None) -> str:
    if code is Code.APPROACHING and argument.finding.calm in {"persist", "dwell"}:
        saved = dollars(chosen.saving_usd_month)
        return f"Moving {argument.name} to {_option(chosen)} would save {saved} a month; it is too soon to call for it."
    if code is Code.APPROACHING:
        return f"{argument.name} is growing towards {_option(chosen)}: it is not worth moving yet."
    items = chosen.evidence.items
    wanted = f"an eval of {items:,} items would settle it" if items else "it has not been proven by an eval"
    but = {
        Code.NO_BASELINE: "today's quality was never measured, so nobody could tell whether it got worse",
        Code.NEEDS_EVAL: f"whether it is good enough is open: {wanted}",
        Code.UNMEASURED: f"whether it fits is open: tell us {' and '.join(chosen.asks)}",
        Code.QUALITY: "it scored below what is required",
        Code.TEACHER: "today's answers, which it would learn from, are below the floor themselves",
        Code.DEADLINE: "it cannot be built in the days a migration may take",
        Code.DATA: "there are not enough labelled examples that cover what comes in",
    }
    held = but[code] if code else ""
    saved = dollars(chosen.saving_usd_month)
    return f"Moving {argument.name} to {_option(chosen)} would save {saved} a month, but {held}."


def _option(prospect: Prospect) -> str:
    strategy, _, variant = prospect.plan.option.partition(":")
    told = {
        "own": f"{strategy} (own weights)",
        "hosted": f"{strategy} (hosted fine-tune)",
        "cheaper_model": "a cheaper model with the same prompt",
        "tuned": "the same prompt tuned (cached or in batch)",
    }
    return told.get(variant, strategy)


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
        f"On {_option(chosen)} it would cost {dollars(monthly)} a month{around}, "
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
        f"The best cheap alternative, {_option(rival)}, would save {dollars(rival.saving_usd_month)} a month "
        f"for {dollars(rival.plan.one_off_usd)} once{proven}."
    )


def _undone(argument: Argument, chosen: Prospect) -> str | None:
    """An announced price that takes the worth of a due move away again."""
    after = argument.said.undone
    asked = None if after is None else asked_of(after, chosen.plan.option)
    if after is None or asked is None:
        return None
    left = f"saves only {dollars(asked.month)} a month" if asked.month > 0 else "saves nothing"
    return f"Mind the announced price: from {day_of(after)} on it {left}, which is too little for its one-off cost."


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
        return f"{_option(prospect).capitalize()} would cost {dollars(monthly)} a month, which is no less."
    return (
        f"{_option(prospect).capitalize()} would save {dollars(prospect.saving_usd_month)} a month, "
        f"too little for {dollars(prospect.plan.one_off_usd)} once."
    )


def _retires(retirement: Retirement) -> str:
    instead = f"; its vendor names {retirement.replacement} in its place" if retirement.replacement else ""
    return f"{retirement.model} stops answering on {retirement.on}{instead}"


def _retirement(argument: Argument) -> str | None:
    if argument.retirement is None or argument.finding.code is Code.RETIRED:
        return None
    return f"{_retires(argument.retirement)}."


def _bands(argument: Argument) -> str | None:
    """The seeds' bands as second opinions: said where they disagree, with the break-even that settles it."""
    votes = {seed: label for seed, label in argument.bands if label is not None and seed != "seed000"}
    if argument.breakeven is None or len(set(votes.values())) < 2:  # noqa: PLR2004 (two opinions make a disagreement)
        return None
    said = ", ".join(_vote(seed, label) for seed, label in sorted(votes.items()))
    return f"By volume alone {said}; the break-even at {argument.breakeven:,} calls a day settles it."


def _vote(seed: str, label: str) -> str:
    name = f"seed {seed.removeprefix('seed')}"
    return f"{name} leaves it open" if label == "grey" else f"{name} says {label}"


def _flip(flip: FlipPoint) -> str:
    way = "or more" if flip.at > flip.now else "or fewer"
    then = {"stay": "it should stay as it is", "watch": "it would only be watched", "due": "the move would be due"}
    return f"At {flip.at:,.0f} calls a day {way} {then.get(flip.outcome, 'the move would be blocked')}."
