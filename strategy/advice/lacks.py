"""What stands in the way of a move, by what is stated: data, teacher, baseline, quality, time, an unexhausted prompt.

Not spoken of counts as met, so each of these speaks up only where the description says that it is missing.
"""

from dataclasses import dataclass
from decimal import Decimal

from strategy.advice.described import Described
from strategy.advice.holds import too_young
from strategy.advice.stated import Stated
from strategy.hold import TRAINED
from strategy.kinds import Code, Outcome, Strategy
from strategy.ladder import is_unexhausted
from strategy.policy import Policy


@dataclass(frozen=True, slots=True)
class Lack:
    """One missing prerequisite; `stays` where the verdict is about the present strategy and not the target."""

    code: Code
    because: str
    seeds: tuple[str, ...] = ()
    outcome: Outcome = Outcome.BLOCKED
    stays: bool = False


def lacks(stated: Stated, strategy: Strategy, *, retrieval: bool = False) -> list[Lack]:
    """All that is stated to be missing for a strategy, the hardest first; `retrieval` needs no examples."""
    found: list[Lack | None] = []
    if strategy in TRAINED:
        found += [_data(stated.described, stated.policy)]
        found += [_teacher(stated.described)] if strategy is Strategy.DISTILL else []
        found += [_baseline(stated.described), _inferior(stated.described, strategy)]
    if strategy is Strategy.HYBRID and not retrieval and stated.described.task.labelled_examples == 0:
        found.append(Lack(Code.DATA, "it wants “Some examples”, and there is none", ("seed000",)))
    if stated.lacks_time(strategy):
        found.append(Lack(Code.DEADLINE, "it cannot be built in the days a migration may take", ("seed000",)))
    if strategy in TRAINED and too_young(stated.described, stated.policy):
        age = stated.described.age_days
        because = f"it is {age:f} day{'s' * (age != 1)} old: too young to know what really comes in"
        found.append(Lack(Code.COLD_START, because, ("seed000",), Outcome.WATCH))
    if strategy is Strategy.DISTILL and stated.now in {Strategy.PROMPT, Strategy.HYBRID}:
        found.append(_unexhausted(stated.described))
    return [lack for lack in found if lack is not None]


def _data(described: Described, policy: Policy) -> Lack | None:
    """Seed 000: "enough labeled examples (typically hundreds to low thousands) and enough diversity"."""
    task, least = described.task, policy.number("min_labels")
    if described.curated_dataset is False:
        because = "prompting is right “when you do not have a curated training dataset”"
        return Lack(Code.DATA, because, ("seed003",), stays=True)
    labels = task.labelled_examples
    if labels is None and described.examples is not None:
        labels = int(described.examples[1])
    if labels is not None and labels < least:
        because = f"“typically hundreds to low thousands” of labelled examples are needed, at least {least:f}, "
        return Lack(Code.DATA, f"{because}and there are {labels:,}", ("seed000",))
    if task.examples_diverse is False:
        because = "the examples do not have “enough diversity … to cover the distribution of real inputs”"
        return Lack(Code.DATA, because, ("seed000",))
    return None


def _teacher(described: Described) -> Lack | None:
    """Seed 000: "the quality of the teacher's output serves as an upper limit for the student's performance"."""
    teacher, wanted = described.teacher_score, described.required_score
    if wanted is None and described.baseline_score is not None:
        wanted = described.baseline_score - (described.margin or Decimal(0))
    if teacher is None or wanted is None or teacher >= wanted:
        return None
    because = (
        f"the teacher scores {teacher:f} and {wanted:f} is required: “the quality of the teacher's output serves as "
        "an upper limit for the student's performance”"
    )
    return Lack(Code.TEACHER, because, ("seed000",))


def _baseline(described: Described) -> Lack | None:
    if described.baseline_eval is not False:
        return None
    because = "nobody established “what good looked like before”: it is “impossible to measure improvement”"
    return Lack(Code.NO_BASELINE, because, ("seed001",))


def _inferior(described: Described, strategy: Strategy) -> Lack | None:
    named = described.candidate is not None and described.candidate.partition(":")[0] == strategy
    general = described.ni_passed if strategy is Strategy.DISTILL or named else None
    shown = described.embed_ni if strategy is Strategy.EMBED and described.embed_ni is not None else general
    if shown is not False:
        return None
    return Lack(Code.QUALITY, "it was measured and not shown to be as good as what it would replace")


def _unexhausted(described: Described) -> Lack | None:
    """Seed 003: "Always exhaust prompt engineering before fine-tuning"."""
    if not is_unexhausted(described.task):
        return None
    because = "“Always exhaust prompt engineering before fine-tuning”"
    return Lack(Code.EXHAUST_PROMPT, because, ("seed003", "seed002"), Outcome.WATCH)
