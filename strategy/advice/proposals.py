"""Where a description points, in the order of the flowchart: each proposal with its sentence and the seeds it is from.

Before the third gate stand the ladder and the needs that no gate asks for: knowledge, locked behaviour, set-ups.
"""

from collections.abc import Iterator

from strategy.advice.described import strategy_of
from strategy.advice.needs import before_training, late_ladder
from strategy.advice.proposal import Proposal
from strategy.advice.stated import Stated
from strategy.hold import TRAINED
from strategy.kinds import Answer, Code, Gate, Property, Strategy

_TWO_GATES = {Gate.SPECIFIABLE: Strategy.CODE, Gate.CLASSIFICATION: Strategy.EMBED}


def proposals(stated: Stated, *, unfit: bool) -> Iterator[Proposal]:
    """Every proposal in order; `unfit` says that the present strategy cannot stay."""
    for gate in stated.policy.gates:
        if gate in _TWO_GATES:
            yield from _by_gate(stated, gate)
        elif gate is Gate.DISTILLABLE:
            yield from before_training(stated)
            yield from _training(stated)
        elif gate is Gate.SEPARABLE:
            yield from _wrapping(stated)
    yield from _by_latency(stated)
    yield from _by_money(stated)
    yield from late_ladder(stated)
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


def _training(stated: Stated) -> Iterator[Proposal]:
    answer = stated.gates[Gate.DISTILLABLE]
    between = stated.voice == "seed001" and stated.volume.vote("seed001") == "hybrid" and not stated.money.known
    if between and stated.closed(Strategy.DISTILL) is None:
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
