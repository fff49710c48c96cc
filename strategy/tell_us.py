"""The sentence that asks for one answer, such as “Tell us the error cost: if it is high, the answer becomes code”."""

from strategy.fields import TASK_FIELDS_BY_NAME, FieldKind
from strategy.kinds import Code, Outcome

_ONCE = {
    Code.UNMEASURED: "once it is known whether it fits",
    Code.NEEDS_EVAL: "once an eval proves it good enough",
    Code.EXHAUST_PROMPT: "once prompting is exhausted",
}
_BLOCKED = {
    Code.NO_BASELINE: "until today's answers are scored",
    Code.DATA: "for want of labelled examples",
    Code.DEADLINE: "for want of time",
    Code.TEACHER: "until today's answers are good enough to learn from",
    Code.QUALITY: "until it scores well enough",
}
_FIRST = {
    Code.BETTER_PROMPT: "a better prompt comes first",
    Code.EXHAUST_PROMPT: "the prompt is to be exhausted first",
    Code.SHORTEN: "a shorter chain of prompts comes first",
    Code.NO_PLAN: "it stays as it is, and a note is wanted of the volume at which it should move",
    Code.UNMEASURED: "more has to be measured",
}


# A field's name that reads as something the task has, not as what is asked of it.
_NAMED = {"determinism": "determinism that is demanded"}


def answer_told(value: object) -> str:
    """An answer as a person gives it."""
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def becomes(outcome: Outcome, code: Code | None, target: str | None, now: str) -> str:
    """What the verdict becomes, as a clause."""
    if target is None or outcome is Outcome.STAY:
        return (
            _FIRST.get(code, "it should be watched") if code else f"no move fits and pays, and it should stay on {now}"
        )
    if outcome is Outcome.DUE or code is None:
        return f"the answer becomes {target}"
    if code is Code.APPROACHING:
        return f"it grows towards {target}"
    if outcome is Outcome.BLOCKED:
        return f"{target} is blocked {_BLOCKED.get(code, 'for now')}"
    return f"the answer becomes {target}, {_ONCE.get(code, 'in time')}"


def tell_us(name: str, value: object, then: str) -> str:
    """The sentence for one field of a profile, the answer that matters most, and what follows from it."""
    spec = TASK_FIELDS_BY_NAME.get(name)
    if spec is not None and spec.kind is FieldKind.FLAG:
        return f"Tell us: {spec.question[0].lower()}{spec.question[1:]} If {answer_told(value)}, {then}."
    words, _, unit = name.partition("_ms")
    unit = " ms" if name.endswith("_ms") else unit
    words = _NAMED.get(name, words.replace("_", " "))
    return f"Tell us the {words}: if it is {answer_told(value)}{unit}, {then}."
