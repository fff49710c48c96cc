"""The flowchart of seed 000: five questions in order, each answered with its source and a sentence.

An answer is `unknown` where a property that could decide is not known; a gate that is closed only by missing data or a
bad teacher says so in `code`, because that is something a person can change.
"""

from dataclasses import dataclass
from decimal import Decimal

from strategy.hold import holds
from strategy.kinds import Answer, Code, Gate, Source, Strategy
from strategy.policy import Policy
from strategy.profile import TaskProfile

GATE_OF = {
    Strategy.CODE: Gate.SPECIFIABLE,
    Strategy.EMBED: Gate.CLASSIFICATION,
    Strategy.DISTILL: Gate.DISTILLABLE,
    Strategy.HYBRID: Gate.SEPARABLE,
    Strategy.PROMPT: Gate.PROMPT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GateAnswer:
    """One question's answer. `asks` names the task fields that would settle an unknown."""

    gate: Gate
    answer: Answer
    source: Source
    because: str
    code: Code | None = None
    asks: tuple[str, ...] = ()

    @property
    def value(self) -> bool | None:
        """The answer as a truth value, None where unknown."""
        return {Answer.YES: True, Answer.NO: False}.get(self.answer)


def answers(task: TaskProfile, pays: Answer, policy: Policy) -> tuple[GateAnswer, ...]:
    """The answers in the policy's order; `pays` is whether distilling pays at today's volume and prices.

    Volume is no constant here: seed 000 says that using distillation "hinges on volume and cost", so money answers.
    """
    asked = {
        Gate.SPECIFIABLE: _specifiable(task),
        Gate.CLASSIFICATION: _classification(task, policy),
        Gate.DISTILLABLE: _distillable(task, pays, policy),
        Gate.SEPARABLE: _separable(task, policy),
    }
    asked[Gate.PROMPT] = last_answer(tuple(asked.values()))
    return tuple(asked[gate] for gate in policy.gates)


def _answer(
    gate: Gate, answer: Answer, because: str, *, code: Code | None = None, asks: tuple[str, ...] = ()
) -> GateAnswer:
    source = Source.UNKNOWN if answer is Answer.UNKNOWN else Source.DECLARED
    return GateAnswer(gate=gate, answer=answer, source=source, because=because, code=code, asks=asks)


def _specifiable(task: TaskProfile) -> GateAnswer:
    """Seed 000: "if the task is finite and the correct output can be specified for every valid input"."""
    gate = Gate.SPECIFIABLE
    if task.determinism not in {None, "yes"}:
        return _answer(gate, Answer.NO, f"the task demands determinism '{task.determinism}', not 'yes'")
    if task.input_space not in {None, "enumerable", "structured"}:
        return _answer(gate, Answer.NO, f"the input is {task.input_space}: no rule covers everything people write")
    if task.output_space in {"free", "retrieved"}:
        return _answer(gate, Answer.NO, f"the output is {task.output_space}, so no one right value can be specified")
    asks = tuple(name for name in ("determinism", "input_space") if getattr(task, name) is None)
    if asks:
        return _answer(gate, Answer.UNKNOWN, f"not known: {_listed(asks)}", asks=asks)
    return _answer(
        gate, Answer.YES, "the same input must always give the same output, and every input can be specified"
    )


def _classification(task: TaskProfile, policy: Policy) -> GateAnswer:
    """Seed 000: a label or a retrieved item as output, and a labelled set to learn from."""
    gate = Gate.CLASSIFICATION
    if task.output_space is None:
        return _answer(gate, Answer.UNKNOWN, "not known: output_space", asks=("output_space",))
    if task.output_space not in {"label", "retrieved"}:
        return _answer(gate, Answer.NO, f"the output is {task.output_space}, neither a label nor an existing item")
    if held := _held(gate, Strategy.EMBED, task):
        return held
    lacks = _data(
        gate,
        task,
        policy,
        f"the output is a {task.output_space} item" if task.output_space == "retrieved" else "the output is a label",
    )
    return lacks or _answer(
        gate,
        Answer.YES,
        f"the output is one of a known set, and there are {task.labelled_examples:,} labelled examples",
    )


def _distillable(task: TaskProfile, pays: Answer, policy: Policy) -> GateAnswer:
    """Seed 000: high volume, hundreds to thousands of diverse examples; seeds 001-003: behaviour that holds still."""
    gate = Gate.DISTILLABLE
    if held := _held(gate, Strategy.DISTILL, task):
        return held
    if pays is Answer.NO:
        return _answer(gate, Answer.NO, "at today's volume and prices a distilled model does not pay back")
    if lacks := _data(gate, task, policy, "a student needs examples"):
        return lacks
    if pays is Answer.UNKNOWN:
        return _answer(gate, Answer.UNKNOWN, "whether it pays is not known, for today's cost is not known")
    return _answer(
        gate,
        Answer.YES,
        f"it pays back at today's volume, and there are {task.labelled_examples:,} examples to learn from",
    )


def _held(gate: Gate, strategy: Strategy, task: TaskProfile) -> GateAnswer | None:
    """Seeds 001 to 003: what must change often, or switch models, is held where it is quick to change."""
    closing = [hold for hold in holds(task) if strategy in hold.closed]
    return _answer(gate, Answer.NO, closing[0].because) if closing else None


def _data(gate: Gate, task: TaskProfile, policy: Policy, what: str) -> GateAnswer | None:
    """What the labelled set lacks; None where nothing is known to be missing."""
    least = policy.number("min_labels")
    if task.labelled_examples is None:
        return _answer(gate, Answer.UNKNOWN, f"{what}; not known: labelled_examples", asks=("labelled_examples",))
    if task.labelled_examples < least:
        because = f"{what}, but {task.labelled_examples:,} labelled examples are fewer than {least:,f}"
        return _answer(gate, Answer.NO, because, code=Code.DATA)
    if task.examples_diverse is False:
        because = f"{what}, but the examples do not cover what really comes in"
        return _answer(gate, Answer.NO, because, code=Code.DATA)
    return None


def _separable(task: TaskProfile, policy: Policy) -> GateAnswer:
    """Seed 000: mostly deterministic code with one language step; the share that code answers alone is explicit."""
    gate = Gate.SEPARABLE
    share, absorbed = task.share_deterministic, task.code_share
    if absorbed is not None and absorbed > 0:
        return _answer(gate, Answer.YES, f"code can answer {_percent(absorbed)} of the calls without a model")
    if share is not None and share >= policy.number("separable_share"):
        return _answer(gate, Answer.YES, f"{_percent(share)} of the pipeline is plain code around one language step")
    if task.determinism == "partially" and task.input_space == "structured+open":
        return _answer(gate, Answer.YES, "part of the input is structured and part of the output is determined")
    asks = tuple(name for name in ("share_deterministic", "code_share") if getattr(task, name) is None)
    if asks:
        return _answer(gate, Answer.UNKNOWN, f"not known: {_listed(asks)}", asks=asks)
    return _answer(gate, Answer.NO, f"only {_percent(share or Decimal(0))} of the pipeline is plain code")


def last_answer(before: tuple[GateAnswer, ...]) -> GateAnswer:
    """Seed 000: "You only reach 'prompt an LLM' after ruling out the alternatives"."""
    gate = Gate.PROMPT
    yes = [answer.gate for answer in before if answer.answer is Answer.YES]
    if yes:
        return _answer(gate, Answer.NO, f"an earlier question, {yes[0]}, was answered with yes")
    if any(answer.answer is Answer.UNKNOWN for answer in before):
        return _answer(gate, Answer.UNKNOWN, "an earlier question is open")
    return _answer(gate, Answer.YES, "every alternative is ruled out")


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names)
