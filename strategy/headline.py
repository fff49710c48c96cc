"""The first sentence of a verdict: what to do, or what stands in the way, for someone who owns the product."""

from strategy.argument import Argument
from strategy.facts import Retirement
from strategy.kinds import Code, Outcome
from strategy.money import dollars
from strategy.prospect import Prospect


def headline(argument: Argument) -> str:
    """The verdict in one sentence."""
    finding, name = argument.finding, argument.name
    match finding.outcome, finding.code:
        case _, Code.COLD_START:
            volume = argument.case.volume
            seen = f"{_some(volume.days_seen, 'day')} and {_some(volume.recent_calls, 'call')}"
            return f"Too early to judge {name}: {seen} seen so far."
        case _, Code.RETIRED if argument.retirement is not None:
            return f"{name} cannot stay as it is: {retired_told(argument.retirement)}."
        case Outcome.DUE, _ if finding.chosen is not None:
            return _due(argument, finding.chosen)
        case _, Code.BETTER_PROMPT | Code.SHORTEN | Code.NO_PLAN:
            return f"Keep {name} on {argument.now}, and {_first(argument)}."
        case _ if finding.chosen is not None:
            return _held(argument, finding.chosen, finding.code)
        case _:
            return _staying(argument)


def _staying(argument: Argument) -> str:
    """Where no move is meant: nothing is worth one, or what would tell is not known."""
    name, finding = argument.name, argument.finding
    if finding.need is not None:
        return f"Keep {name} on {argument.now} and say why {finding.need.why}: that settles what comes next."
    if argument.said.passing is not None:
        option = option_told(argument.said.passing)
        return f"Keep {name} on {argument.now}: {option} would be worth it today, but not for long enough."
    if finding.code is Code.UNMEASURED:
        return f"What {name} costs is not known, so nothing can be said of leaving {argument.now}."
    return f"Keep {name} on {argument.now}: nothing else that fits the task is worth its one-off cost."


def _first(argument: Argument) -> str:
    """What is to be done at the present strategy before anything else."""
    match argument.finding.code:
        case Code.BETTER_PROMPT:
            return "better the prompt before anything else: its answers are not good enough"
        case Code.SHORTEN:
            steps = argument.case.snapshot.feature.task.prompt_chain_steps
            return f"shorten its chain of {steps} model calls: the task is simple"
        case _:
            chosen = argument.finding.chosen
            grows = "" if chosen is None else f", for it grows towards {option_told(chosen)}"
            return f"write down at what volume it is too expensive and what would come then{grows}"


def _due(argument: Argument, chosen: Prospect) -> str:
    figures, target = argument.money.base, option_told(chosen)
    move = f"Move {argument.name} from {argument.now} to {target}"
    if argument.finding.need is not None:
        return f"{move}: {argument.finding.need.why}; {_compared(chosen)}."
    day, worth = argument.said.from_day, dollars(chosen.saving_usd_month)
    if day is not None and argument.retirement is not None and argument.retirement.on == day:
        named = argument.retirement.replacement
        return f"{move} by {day}: {argument.retirement.model} ends then, and on {named} it is worth {worth} a month."
    if day is not None:
        return f"{move} by {day}: from then on an announced price makes it worth {worth} a month."
    payback = f", pays back in {_some(figures.payback_days, 'day')}" if figures.payback_days else ""
    return f"{move}: saves {dollars(chosen.saving_usd_month)} a month{payback}."


def _compared(chosen: Prospect) -> str:
    """A move that is needed may cost more than today."""
    month = chosen.month_usd
    if month > 0:
        return f"it saves {dollars(chosen.saving_usd_month)} a month, too"
    return f"it costs {dollars(-month)} a month more, and {dollars(chosen.plan.one_off_usd)} once"


def _held(argument: Argument, chosen: Prospect, code: Code | None) -> str:
    name, saved, target = argument.name, dollars(chosen.saving_usd_month), option_told(chosen)
    if code is Code.APPROACHING and argument.finding.calm in {"persist", "dwell"}:
        return f"Moving {name} to {target} would save {saved} a month; it is too soon to call for it."
    if code is Code.APPROACHING:
        return f"{name} is growing towards {target}: it is not worth moving yet."
    items = chosen.evidence.items
    wanted = f"an eval of {items:,} items would settle it" if items else "it has not been proven by an eval"
    but = {
        Code.NO_BASELINE: "today's quality was never measured, so nobody could tell whether it got worse",
        Code.NEEDS_EVAL: f"whether it is good enough is open: {wanted}",
        Code.UNMEASURED: f"whether it fits is open: tell us {' and '.join(chosen.asks)}",
        Code.EXHAUST_PROMPT: "nobody has said that prompting was taken as far as it goes, which comes before training",
        Code.QUALITY: "it scored below what is required",
        Code.TEACHER: "today's answers, which it would learn from, are below the floor themselves",
        Code.DEADLINE: "it cannot be built in the days a migration may take",
        Code.DATA: "there are not enough labelled examples that cover what comes in",
    }
    held = but[code] if code else ""
    if argument.finding.need is not None:
        return f"{name} points to {target}, for {argument.finding.need.why}; but {held}."
    return f"Moving {name} to {target} would save {saved} a month, but {held}."


def option_told(prospect: Prospect) -> str:
    """An option in words."""
    strategy, _, variant = prospect.plan.option.partition(":")
    told = {
        "own": f"{strategy} (own weights)",
        "hosted": f"{strategy} (hosted fine-tune)",
        "rag": f"{strategy} (retrieval)",
        "cheaper_model": "a cheaper model with the same prompt",
        "tuned": "the same prompt tuned (cached or in batch)",
    }
    return told.get(variant, strategy)


def retired_told(retirement: Retirement) -> str:
    """A retirement as a clause."""
    instead = f"; its vendor names {retirement.replacement} in its place" if retirement.replacement else ""
    return f"{retirement.model} stops answering on {retirement.on}{instead}"


def _some(number: int, noun: str) -> str:
    """A count with its noun.

    >>> _some(1, "day"), _some(1200, "call")
    ('1 day', '1,200 calls')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
