"""Where a description points, in the order of the flowchart: each proposal with its sentence and the seeds it is from.

Before the third gate stand the ladder and the needs that no gate asks for: knowledge, locked behaviour, set-ups.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from strategy.advice.described import strategy_of
from strategy.advice.setups import cheaper_holds, tuned_is_better
from strategy.advice.stated import Stated
from strategy.hold import TRAINED
from strategy.kinds import Answer, Code, Gate, Property, Strategy
from strategy.ladder import Rung, next_step

_TWO_GATES = {Gate.SPECIFIABLE: Strategy.CODE, Gate.CLASSIFICATION: Strategy.EMBED}
_LLM = {Strategy.PROMPT, Strategy.HYBRID}
RETRIEVAL = "hybrid:rag"
CHEAPER = "prompt:cheaper_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One option and why. `code` set: not a move but a thing to do first, at the present strategy.

    `needed`: it does not hang on money. `wanted`: a missing prerequisite of it is worth telling.
    `anyway`: it may lead to a more flexible strategy than the present one. `by_volume`: the volume alone speaks for it.
    """

    option: str
    because: str
    seeds: tuple[str, ...]
    code: Code | None = None
    needed: bool = False
    wanted: bool = True
    anyway: bool = False
    by_volume: bool = False

    @property
    def strategy(self) -> Strategy:
        """The strategy without its variant."""
        return strategy_of(self.option)


def proposals(stated: Stated, *, unfit: bool) -> Iterator[Proposal]:
    """Every proposal in order; `unfit` says that the present strategy cannot stay."""
    for gate in stated.policy.gates:
        if gate in _TWO_GATES:
            yield from _by_gate(stated, gate)
        elif gate is Gate.DISTILLABLE:
            yield from _before_training(stated)
            yield from _training(stated)
        elif gate is Gate.SEPARABLE:
            yield from _wrapping(stated)
    yield from _by_latency(stated)
    yield from _by_money(stated)
    if unfit:
        yield from _what_is_left(stated)


def _by_gate(stated: Stated, gate: Gate) -> Iterator[Proposal]:
    """Code and embed: a yes is the strategy; a no for want of data is told where volume or money speaks for it."""
    answer, strategy = stated.gates[gate], _TWO_GATES[gate]
    only = strategy is Strategy.CODE and columns(stated) == (Strategy.CODE,)
    if answer.answer is Answer.YES or only:
        because = answer.because if not only or answer.answer is Answer.YES else "of the five columns only code is left"
        yield Proposal(option=strategy.value, because=because, seeds=("seed000",), needed=only, anyway=only)
    elif strategy is Strategy.EMBED and answer.answer is Answer.UNKNOWN:
        yield from (each for each in _by_money(stated) if each.strategy is Strategy.EMBED and each.code is None)
    elif answer.code is Code.DATA:
        spoken_for = stated.pays(strategy) is Answer.YES or stated.described.task.examples_diverse is False
        yield Proposal(option=strategy.value, because=answer.because, seeds=("seed000",), wanted=spoken_for)


def columns(stated: Stated) -> tuple[Strategy, ...]:
    """The strategies whose column of the matrix has no hard misfit, and whose gate is not answered with no."""
    ruled = {gate: stated.gates[gate].answer is Answer.NO for gate in _TWO_GATES}
    code_denied = ruled[Gate.SPECIFIABLE] and not _only_by_determinism(stated)
    denied = {Strategy.CODE: code_denied, Strategy.EMBED: ruled[Gate.CLASSIFICATION]}
    return tuple(each for each in Strategy if not stated.misfits(each) and not denied.get(each, False))


def _only_by_determinism(stated: Stated) -> bool:
    """Whether code is denied only because determinism is wanted mostly: a function offers more than that."""
    task, described = stated.described.task, stated.described
    brittle = described.subjective or described.rules_brittle or described.needs_world_knowledge
    spoken = brittle or described.needs_language_step or task.output_space in {"label", "retrieved", "free"}
    return task.determinism == "mostly" and task.error_cost == "high" and not spoken


def _before_training(stated: Stated) -> Iterator[Proposal]:
    """Knowledge, then quality: what a model lacks, what a prompt can still do, what only training can."""
    described, task = stated.described, stated.described.task
    if stated.now is Strategy.CODE:
        return
    gap = has_gap(stated)
    if (task.private_data or task.knowledge_changes or task.needs_citation) and not (gap and "rag" in task.tried):
        yield _retrieval(stated)
    if gap and stated.now in _LLM:
        yield _ladder(stated)
    if stated.now not in _LLM:
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
    step = next_step(task.gap_cause, stated.described.tried, exhausted=task.prompt_exhausted)
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


def _training(stated: Stated) -> Iterator[Proposal]:
    answer = stated.gates[Gate.DISTILLABLE]
    if stated.voice == "seed001" and stated.volume.vote("seed001") == "hybrid" and not stated.money.known:
        because = "“100M-1B inferences/month: Hybrid approach”: some of the traffic on a fine-tuned model"
        yield Proposal(option="hybrid", because=because, seeds=("seed001",))
    for_want_of_data = answer.code is Code.DATA and stated.pays(Strategy.DISTILL) is Answer.YES
    if answer.answer is Answer.YES or for_want_of_data:
        alone = stated.money.pays(Strategy.DISTILL) is None
        yield Proposal(option="distill", because=answer.because, seeds=("seed000",), by_volume=alone)


def _wrapping(stated: Stated) -> Iterator[Proposal]:
    answer = stated.gates[Gate.SEPARABLE]
    if answer.answer is Answer.YES:
        yield Proposal(option="hybrid", because=answer.because, seeds=("seed000",))
    elif stated.described.task.determinism == "partially" and stated.now is Strategy.PROMPT:
        because = "the output must be partially deterministic: a bare prompt does not offer that, wrapping code does"
        yield Proposal(option="hybrid", because=because, seeds=("seed000",), needed=True)


def _by_latency(stated: Stated) -> Iterator[Proposal]:
    """An answer wanted faster than the present strategy gives it: the column whose range holds the budget."""
    budget = stated.described.task.latency_budget_ms
    if budget is None or Property.LATENCY not in stated.misfits(stated.now):
        return
    for strategy in (Strategy.EMBED, Strategy.DISTILL, Strategy.HYBRID):
        cell = stated.policy.cells[Property.LATENCY, strategy]
        if float(cell.lo) <= budget and strategy in columns(stated) and (budget < float(cell.hi)):
            because = f"“Latency is critical”: {budget} ms is within the {cell.text} of {strategy}"
            yield Proposal(
                option=strategy.value, because=because, seeds=("seed002", "seed000"), needed=True, anyway=True
            )


def _by_money(stated: Stated) -> Iterator[Proposal]:
    """A priced or claimed move that no gate denies, the largest net saving first; then what someone asks about."""
    for move in sorted(stated.money.moves, key=lambda move: (-move.net_usd, move.option)):
        if move.pays is Answer.YES and _not_denied(stated, strategy_of(move.option)):
            yield Proposal(option=move.option, because=move.because, seeds=("seed000",), anyway=True)
    asked = stated.described.candidate
    if asked is None or not _not_denied(stated, strategy_of(asked)):
        return
    pays = stated.money.pays(strategy_of(asked))
    if pays is Answer.YES:
        because = f"the economics of {asked} are stated to be positive"
        yield Proposal(option=asked, because=because, seeds=("seed000",), anyway=True)
    elif pays is None and stated.volume_pays is not Answer.NO and strategy_of(asked) in TRAINED:
        yield Proposal(option=asked, because="", seeds=(), code=Code.APPROACHING)


def _not_denied(stated: Stated, strategy: Strategy) -> bool:
    gates = {Strategy.CODE: Gate.SPECIFIABLE, Strategy.EMBED: Gate.CLASSIFICATION}
    gate = gates.get(strategy)
    return gate is None or stated.gates[gate].answer is not Answer.NO or stated.gates[gate].code is not None


def _what_is_left(stated: Stated) -> Iterator[Proposal]:
    """The present strategy cannot stay: the simplest column that is left, where it is the only one, else a prompt."""
    left = [each for each in columns(stated) if each is not stated.now]
    if len(left) == 1:
        because = f"of the five columns of the matrix only {left[0]} fits what is demanded"
        yield Proposal(option=left[0].value, because=because, seeds=("seed000",), needed=True, anyway=True)
    elif stated.now is not Strategy.PROMPT and not stated.misfits(Strategy.PROMPT):
        because = "what is left is prompting, which is “the right starting point”"
        yield Proposal(option="prompt", because=because, seeds=("seed000", "seed001"), needed=True, anyway=True)
