"""What is asked before training is: knowledge a model lacks, the ladder, locked behaviour, exact formats, set-ups.

None of it hangs on volume (decision research, section 2.3: quality-driven, orthogonal to the cost-driven gates).
"""

from collections.abc import Iterator

from strategy.advice.proposal import CHEAPER, RETRIEVAL, Proposal
from strategy.advice.setups import cheaper_holds, tuned_is_better
from strategy.advice.stated import Stated
from strategy.kinds import Answer, Code, Strategy
from strategy.ladder import LLM, Rung, lacks_knowledge, next_step


def before_training(stated: Stated) -> Iterator[Proposal]:
    """Knowledge, then quality: what a model lacks, what a prompt can still do, what only training can."""
    described, task = stated.described, stated.described.task
    if stated.now is Strategy.CODE:
        return
    gap = has_gap(stated)
    if lacks_knowledge(task) and not (gap and "rag" in (task.tried or ())):
        yield _retrieval(stated)
    if gap and stated.now in LLM and not _taught_too_little(stated):
        yield _ladder(stated)
    if stated.now not in LLM:
        return
    seeds: tuple[str, ...] = ("seed001",)
    if task.behaviour_locked:
        because = "“Locked-in behavior required: Fine-Tuning — cannot reliably achieve with prompts alone”"
        yield Proposal(option="distill", because=because, seeds=seeds, needed=True)
    if described.format_strict or described.domain_specific:
        yield from _pulled(stated)
    if tuned_is_better(described, stated.policy):
        because = "the fine-tuned set-up was measured, and it alone is good enough or clearly better"
        yield Proposal(option="distill", because=because, seeds=("seed003",), needed=True)
    if cheaper_holds(described, stated.policy) and stated.pays(Strategy.DISTILL) is Answer.YES:
        because = "the same prompt on the cheaper model was measured and is good enough: training must beat that first"
        yield Proposal(option=CHEAPER, because=because, seeds=("seed000", "seed003"))


def has_gap(stated: Stated) -> bool:
    """Whether today's output is not good enough: said, or measured below what is required (by default 0.85)."""
    described, task = stated.described, stated.described.task
    if task.quality_gap is not None:
        return task.quality_gap
    if described.baseline_score is not None:
        floor = described.required_score
        worth_keeping = stated.policy.number("prompt_worth_keeping")
        return described.baseline_score < (worth_keeping if floor is None else floor)
    return task.gap_cause is not None


def _taught_too_little(stated: Stated) -> bool:
    """Whether the gap is only known by scores, a teacher's among them: then the teacher's bound is asked first."""
    return stated.described.task.quality_gap is None and stated.described.teacher_score is not None


def _retrieval(stated: Stated) -> Proposal:
    task = stated.described.task
    if task.needs_citation:
        because = "“You need citation and traceability”, and retrieval names its source"
    elif task.knowledge_changes:
        because = "the knowledge changes: “New data? Update the vector store. No retraining needed”"
    else:
        because = "“The model needs access to private or frequently updated data”"
    return Proposal(option=RETRIEVAL, because=because, seeds=("seed002",), needed=True, anyway=True)


def _ladder(stated: Stated) -> Proposal:
    task = stated.described.task
    step = next_step(task.gap_cause, task.tried, exhausted=task.prompt_exhausted)
    match step.rung:
        case Rung.RETRIEVAL:
            option, code = RETRIEVAL, None
        case Rung.FINE_TUNE:
            option, code = "distill", None
        case Rung.SAY_WHY:
            option, code = stated.described.current, Code.UNMEASURED
        case _:
            asked = stated.described.candidate or ""
            trains = asked.startswith("distill") and task.prompt_exhausted is False
            option, code = stated.described.current, Code.EXHAUST_PROMPT if trains else Code.BETTER_PROMPT
    return Proposal(option=option, because=step.because, seeds=step.seeds, code=code, needed=True)


def _pulled(stated: Stated) -> Iterator[Proposal]:
    """Formats and domain patterns pull to training; where volume does not speak for it, the prompt comes first."""
    what = "formats that must be exact" if stated.described.format_strict else "patterns of a special domain"
    because = f"{what} pull towards fine-tuning: “consistent adherence to specific formats, domain-specific patterns”"
    pays, seeds = stated.pays(Strategy.DISTILL), ("seed003", "seed002")
    if stated.described.task.prompt_exhausted or pays is Answer.YES:
        yield Proposal(option="distill", because=because, seeds=seeds, needed=pays is not Answer.YES)
    elif pays is not Answer.NO:
        yield Proposal(option=stated.described.current, because=because, seeds=seeds, code=Code.EXHAUST_PROMPT)


def late_ladder(stated: Stated) -> Iterator[Proposal]:
    """The ladder after training was asked, where the teacher's bound went first."""
    if has_gap(stated) and stated.now in LLM and _taught_too_little(stated):
        yield _ladder(stated)
