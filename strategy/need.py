"""What quality and knowledge ask of a live feature, whatever it costs: the ladder is orthogonal to money.

The order is that of the seeds' flowchart and ladder (decision research, section 2.3), the same as in `strategy.advice`:
what code or an embedding answers is asked first; then knowledge, the rung of a quality gap, and locked behaviour.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from strategy.kinds import Code, Strategy
from strategy.ladder import LLM, Rung, is_exhausted, lacks_knowledge, next_step
from strategy.profile import TaskProfile

RETRIEVAL = "hybrid:rag"
_TRAINED = frozenset({Strategy.EMBED, Strategy.DISTILL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that is asked for: a move to `option` (a strategy, or a variant), or `code`, a thing to do before.

    `why` is a clause for a person; `asks` names the field that would settle it. `measured`: only a score below the
    floor says so.
    """

    why: str
    option: str | None = None
    code: Code | None = None
    asks: tuple[str, ...] = ()
    measured: bool = False

    def leads_to(self, option: str) -> bool:
        """Whether a way such as `distill:own` is what is asked for."""
        return self.option in {option, option.partition(":")[0]} and (option != RETRIEVAL or self.option == RETRIEVAL)


def needs_of(task: TaskProfile, now: Strategy, *, short: bool) -> tuple[Need, ...]:
    """What a feature's profile asks for, in order; `short` says that today's score is below the declared floor."""
    if now in LLM:
        return tuple(_needs(task, now, short=short))
    return tuple(_of_the_trained(task, now, short=short)) if now in _TRAINED else ()


def wants_retrieval(task: TaskProfile, now: Strategy) -> bool:
    """Whether a plan of retrieval is worth working out: something asks for it, or may."""
    if now in _TRAINED:
        return lacks_knowledge(task) and "rag" not in (task.tried or ())
    return any(need.option == RETRIEVAL for need in needs_of(task, now, short=False))


def _of_the_trained(task: TaskProfile, now: Strategy, *, short: bool) -> Iterator[Need]:
    """What was trained knows what it was taught: what is fresh or must be cited is not in a student's weights.

    A classifier names labels, and private data may well be what it was taught: there only a gap speaks for retrieval.
    """
    if not wants_retrieval(task, now):
        return
    if now is Strategy.DISTILL and (task.knowledge_changes or task.needs_citation):
        yield Need(why="what it needs to know changes or must be cited, and its training ended", option=RETRIEVAL)
    elif task.quality_gap or task.gap_cause == "knowledge" or (short and task.quality_gap is None):
        measured = not task.quality_gap and task.gap_cause != "knowledge"
        yield Need(why="its answers fall short for want of knowledge", option=RETRIEVAL, measured=measured)


def _needs(task: TaskProfile, now: Strategy, *, short: bool) -> Iterator[Need]:
    gap = bool(task.quality_gap) or (task.quality_gap is None and task.gap_cause is not None)
    tried = task.tried or ()
    # A hybrid whose knowledge is not found wanting is taken to have its retrieval already.
    if lacks_knowledge(task) and "rag" not in tried and (gap or now is Strategy.PROMPT):
        yield Need(why="it needs knowledge that the model lacks or must cite", option=RETRIEVAL)
    if gap or (short and task.quality_gap is None):
        yield _rung(task, measured=not gap)
    if task.behaviour_locked:
        code = None if is_exhausted(task) else Code.EXHAUST_PROMPT
        asks = ("prompt_exhausted",) if code and task.prompt_exhausted is None else ()
        yield Need(why="its behaviour must never vary", option=Strategy.DISTILL, code=code, asks=asks)


def _rung(task: TaskProfile, *, measured: bool) -> Need:
    step = next_step(task.gap_cause, task.tried, exhausted=task.prompt_exhausted)
    match step.rung:
        case Rung.RETRIEVAL:
            return Need(why="its answers fall short for want of knowledge", option=RETRIEVAL, measured=measured)
        case Rung.FINE_TUNE:
            why = "its answers fall short and prompting is exhausted"
            return Need(why=why, option=Strategy.DISTILL, measured=measured)
        case Rung.SAY_WHY:
            why = "its answers fall short after a better prompt"
            return Need(why=why, code=Code.UNMEASURED, asks=("gap_cause",), measured=measured)
        case _:
            return Need(why="its answers are not good enough", code=Code.BETTER_PROMPT, measured=measured)
