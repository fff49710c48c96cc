"""The flowchart's questions asked of a description: the live judge's own gates, and what else the seeds' words settle.

A prerequisite that was not spoken of counts as met; a question that the description does not settle stays unknown.
"""

from dataclasses import replace

from strategy.advice.described import Described
from strategy.gates import GateAnswer, answers, last_answer
from strategy.kinds import Answer, Code, Gate, Source, Strategy
from strategy.policy import Policy

NO_RULE = (
    ("subjective", "“The output is subjective or context-dependent”"),
    ("rules_brittle", "“The input varies enough that hard-coding rules would be brittle”"),
    ("needs_world_knowledge", "it needs “world knowledge that would be impractical to encode”"),
    ("needs_language_step", "it has a step that needs language understanding"),
)


_SIGNS = 2


def stated_gates(described: Described, pays: Answer | None, policy: Policy) -> tuple[GateAnswer, ...]:
    """The five answers in the policy's order; `pays` None means that neither money nor volume is stated."""
    task = described.task
    assumed = task.labelled_examples is None
    if assumed:
        task = replace(task, labelled_examples=int(policy.number("recommended_labels")))
    found = {answer.gate: answer for answer in answers(task, pays or Answer.UNKNOWN, policy)}
    found[Gate.SPECIFIABLE] = _specifiable(described, found[Gate.SPECIFIABLE])
    found[Gate.CLASSIFICATION] = _classification(described, found[Gate.CLASSIFICATION], assumed=assumed)
    found[Gate.DISTILLABLE] = _distillable(described, found[Gate.DISTILLABLE], pays, assumed=assumed)
    found[Gate.SEPARABLE] = _separable(described, found[Gate.SEPARABLE])
    before = tuple(found[gate] for gate in policy.gates if gate is not Gate.PROMPT)
    found[Gate.PROMPT] = last_answer(before)
    return tuple(found[gate] for gate in policy.gates)


def _told(gate: Gate, answer: Answer, because: str, code: Code | None = None) -> GateAnswer:
    source = Source.UNKNOWN if answer is Answer.UNKNOWN else Source.DECLARED
    return GateAnswer(gate=gate, answer=answer, source=source, because=because, code=code)


def _specifiable(described: Described, asked: GateAnswer) -> GateAnswer:
    gate, task = Gate.SPECIFIABLE, described.task
    for name, because in NO_RULE:
        if getattr(described, name):
            return _told(gate, Answer.NO, because)
    if asked.answer is Answer.NO and task.determinism != "mostly":
        return asked
    if task.share_deterministic == 1 or (described.routing_deterministic and described.needs_language_step is False):
        return _told(gate, Answer.YES, "all of it is deterministic, and no step needs language understanding")
    hardens = described.stable and described.rules_brittle is False
    if hardens and described.now in {Strategy.DISTILL, Strategy.EMBED} and task.input_space != "open":
        because = "the task is stable and “the patterns are regular enough to hard-code”"
        return _told(gate, Answer.YES, because)
    return asked


def _classification(described: Described, asked: GateAnswer, *, assumed: bool) -> GateAnswer:
    gate, output = Gate.CLASSIFICATION, described.task.output_space
    if output is None and described.embed_ni and described.stable:
        because = "embeddings were measured and are as good, and “the task stabilizes”"
        return _told(gate, Answer.YES, because)
    if output not in {"label", "retrieved"}:
        return asked
    if described.needs_world_knowledge:
        return _told(gate, Answer.NO, "the answer needs world knowledge that no set of examples holds")
    if described.curated_dataset is False:
        return _told(gate, Answer.NO, "the output is one of a known set, but there is no curated dataset", Code.DATA)
    if assumed and asked.answer is Answer.YES:
        because = "the output is one of a known set: “it does not need a generative model”; labels were not spoken of"
        return _told(gate, Answer.YES, because)
    return asked


def _distillable(described: Described, asked: GateAnswer, pays: Answer | None, *, assumed: bool) -> GateAnswer:
    gate, task = Gate.DISTILLABLE, described.task
    if task.change_frequency == "high" or task.must_switch_models:
        return asked
    if pays is None:
        return _told(gate, Answer.UNKNOWN, "neither volume nor cost is stated, and it “hinges on volume and cost”")
    if pays is Answer.NO:
        return _told(gate, Answer.NO, "at the stated volume and cost a fine-tuned model does not pay back")
    if described.curated_dataset is False:
        return _told(gate, Answer.NO, "a student needs examples, and there is no curated dataset", Code.DATA)
    if asked.answer is Answer.UNKNOWN:
        return _told(gate, Answer.UNKNOWN, "the volume lies between: only the economics can decide")
    return _trainable(asked, None if assumed else task.labelled_examples)


def _trainable(asked: GateAnswer, labels: int | None) -> GateAnswer:
    """A yes in the words of what was stated; `labels` None: nothing was said of them."""
    if asked.answer is not Answer.YES:
        return asked
    examples = "examples were not spoken of and count as there"
    examples = examples if labels is None else f"there are {labels:,} examples to learn from"
    return replace(asked, because=f"the stated volume or cost speaks for it, and {examples}")


def _separable(described: Described, asked: GateAnswer) -> GateAnswer:
    gate = Gate.SEPARABLE
    if asked.answer is Answer.YES:
        return asked
    if described.routing_deterministic and described.needs_language_step is not False:
        return _told(gate, Answer.YES, "the routing is deterministic code around one step that needs language")
    if matures(described):
        because = (
            "the approach is validated and its output can be checked: “As the system matures, you move to "
            "Strategy 3 (hybrid) by wrapping the LLM call in deterministic code”"
        )
        return _told(gate, Answer.YES, because)
    return asked


def matures(described: Described) -> bool:
    """Whether a bare prompt is ready to be wrapped: two of validated, a stable schema, outputs that nothing checks."""
    signs = (described.validated, described.schema_stable, described.unvalidated_outputs)
    return described.now is Strategy.PROMPT and False not in signs and signs.count(True) >= _SIGNS
