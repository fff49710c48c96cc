"""What is still to be done where nothing else is proposed: the present strategy stays, but not without a word."""

from collections.abc import Iterator

from strategy.advice.lacks import lacks
from strategy.advice.setups import tuned_is_worse
from strategy.advice.stated import Stated
from strategy.hold import TRAINED
from strategy.kinds import Answer, Code, Strategy
from strategy.ladder import LLM, is_overbuilt


def to_do(stated: Stated, unfit: str | None) -> Iterator[str]:
    """The codes that apply, the most useful first; `open` is a watch without a code."""
    described = stated.described
    if unfit is not None:
        yield "open"
    if overdone(stated):
        yield Code.SHORTEN
    if stated.now in TRAINED and described.baseline_eval is False:
        yield Code.UNMEASURED
    if has_no_plan(stated):
        yield Code.NO_PLAN
    if _between(stated):
        yield Code.APPROACHING if described.volume_trend == "growing" else "open"


def _between(stated: Stated) -> bool:
    """Whether the costs compound, or grow unmeasured, and nothing stated closes the cheaper ways."""
    closed = stated.closed(Strategy.DISTILL) or stated.misfits(Strategy.DISTILL)
    worse = tuned_is_worse(stated.described, stated.policy)
    grows = stated.described.volume_trend == "growing"
    pays = stated.pays(Strategy.DISTILL)
    undecided = pays is Answer.UNKNOWN or (pays is None and grows)
    shows = stated.now is Strategy.PROMPT or (stated.now is Strategy.HYBRID and grows)
    lacking = any(lack.code is Code.DATA for lack in lacks(stated, Strategy.DISTILL))
    return undecided and shows and not (closed or worse or lacking)


def overdone(stated: Stated) -> bool:
    """Seed 001: "Over-engineering prompts for simple tasks"."""
    return stated.now in LLM and is_overbuilt(stated.described.task)


def has_no_plan(stated: Stated) -> bool:
    """Seed 000: "When you write a prompt, also write a note"."""
    return stated.now is Strategy.PROMPT and stated.described.plan_recorded is False
