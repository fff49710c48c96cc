"""When the present strategy cannot stay, by what is stated: the matrix, a hold, money, or another kind of task."""

from strategy.advice.stated import Stated
from strategy.hold import TRAINED
from strategy.kinds import Strategy


def why_unfit(stated: Stated) -> str | None:
    """Why the present strategy cannot stay, by what is stated; None where it can."""
    now, described = stated.now, stated.described
    misfits = stated.misfits(now)
    if misfits:
        return f"{now} does not meet what is demanded of {misfits[0].replace('_', ' ')}"
    hold = stated.closed(now)
    if hold is not None and hold.leaves:
        return hold.because
    if now in TRAINED and described.economics == "negative" and stated.money.claimed in {None, now}:
        return f"what justified {now} no longer does: “The task that justified fine-tuning … may not justify it” today"
    if now is Strategy.DISTILL and prompting_wins(stated) and not stated.money.known:
        return f"at this volume prompting wins ({stated.voice.replace('seed', 'seed ')})"
    return _no_longer_its_kind(stated)


def _no_longer_its_kind(stated: Stated) -> str | None:
    task, described = stated.described.task, stated.described
    if stated.now is Strategy.EMBED and task.output_space in {"free", "structured"}:
        return f"the output is {task.output_space}, which takes a model that generates"
    brittle = described.rules_brittle or described.subjective or described.needs_world_knowledge
    if stated.now is Strategy.CODE and (brittle or task.output_space == "free" or task.determinism == "no"):
        return "no rule covers it: “hard-coding rules would be brittle”"
    return None


def prompting_wins(stated: Stated) -> bool:
    """Whether the seed whose bands were asked for keeps prompting at this volume."""
    return stated.voice in {"seed001", "seed002", "seed003"} and stated.volume.vote(stated.voice) == "prompt"
