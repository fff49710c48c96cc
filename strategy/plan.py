"""A migration's plan: steps, data, the eval that must pass, the way back, the range; from the feature's own facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from strategy.baseline import running_costs
from strategy.facts import Score, Snapshot
from strategy.kinds import Strategy
from strategy.ledger import corrected
from strategy.loss import loss_usd_month
from strategy.migration import Asks, asks_of
from strategy.money import dollars
from strategy.need import RETRIEVAL
from strategy.policy import Policy
from strategy.quality import Evidence, evidence_for
from strategy.retiring import lasting
from strategy.volume import volume_of

_Step = Callable[["_Facts"], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do, with what, how to tell that it works, how to go back, and what to expect."""

    feature: str
    name: str
    now: str
    target: str
    steps: tuple[str, ...]
    data: tuple[str, ...]
    eval: tuple[str, ...]
    roll_back: tuple[str, ...]
    expected: tuple[str, ...]
    asks: Asks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    snapshot: Snapshot
    target: str
    policy: Policy
    evidence: Evidence
    calls_per_day: str
    model: str
    lasting: str


def plan_of(
    snapshot: Snapshot,
    document: Mapping[str, Any],
    target: str,
    policy: Policy,
    learnt: tuple[Decimal, int] | None = None,
) -> Plan:
    """The plan of moving a feature to a target, from the snapshot and the verdict it was judged by.

    `learnt` is what a promise of this strategy was worth so far, and of how many migrations.
    """
    feature = snapshot.feature
    calls = volume_of(snapshot.usage, snapshot.as_of.date(), policy).calls_per_day
    mixes = sorted(((mix.calls, mix.model) for mix in snapshot.usage.mix if mix.model), reverse=True)
    model = feature.model or (mixes[0][1] if mixes else None)
    facts = _Facts(
        snapshot=snapshot,
        target=target,
        policy=policy,
        evidence=evidence_for(snapshot, target, policy),
        calls_per_day="an unknown number of" if calls is None else f"{calls:,.0f}",
        model=model or "its model",
        lasting="its model" if model is None else lasting(snapshot, model, policy),
    )
    return Plan(
        feature=feature.slug,
        name=feature.name or feature.slug,
        now=str(feature.strategy),
        target=target,
        steps=(*_STEPS[_kind(target)](facts), *_roll_out(facts)),
        data=_data(facts),
        eval=_eval(facts),
        roll_back=_back(facts, asks_of(snapshot, target, policy)),
        expected=_expected(document, target, learnt),
        asks=asks_of(snapshot, target, policy),
    )


def _kind(target: str) -> str:
    return target if target in _STEPS else target.partition(":")[0]


def _code(facts: _Facts) -> tuple[str, ...]:
    task = facts.snapshot.feature.task
    space = f"{task.input_space or 'unknown'} input, {task.output_space or 'unknown'} output"
    return (
        f"Write down the right answer for every valid input ({space}), with whoever owns the rules.",
        f"Turn the {_cases(facts.evidence.baseline)} into unit tests; what the rules leave open becomes a question.",
        "Write the function until every test passes; an input it does not know is refused, and counted.",
    )


def _embed(facts: _Facts) -> tuple[str, ...]:
    model, least = facts.policy.text("embed_model"), facts.policy.text("min_labels")
    have = facts.snapshot.feature.task.labelled_examples
    return (
        f"Split the {_number(have)} labelled examples by time; keep the newest fifth unseen.",
        f"Embed them with {model} and train a classifier on top, logistic regression first; {least} are the least.",
        f"Choose the confidence below which a request still goes to {facts.lasting}; log which ones do.",
    )


def _student(facts: _Facts) -> tuple[str, ...]:
    have = facts.snapshot.feature.task.labelled_examples
    return (
        f"Collect what {facts.model} answers, with its inputs, in a store of yours; Offramp keeps no text.",
        f"Have people pass or strike out each answer; {_number(have)} examples are reviewed so far.",
        "Keep a fifth, the newest, unseen for the eval.",
    )


def _own(facts: _Facts) -> tuple[str, ...]:
    _, after = running_costs(facts.snapshot, facts.target, facts.policy)
    return (
        *_student(facts),
        "Train an open-weights model of about 8B parameters on the rest; keep data, code and seed together.",
        f"Serve {facts.calls_per_day} calls a day; serving, upkeep, retraining count {dollars(after)} a month.",
    )


def _hosted(facts: _Facts) -> tuple[str, ...]:
    base, ends = facts.policy.text("hosted_base"), facts.policy.text("hosted_training_ends")
    return (
        *_student(facts),
        f"Train a fine-tune of {base} at its vendor; no new training is taken after {ends}.",
        f"See that the price book knows the tuned model ({facts.policy.text('hosted_model')}).",
    )


def _hybrid(facts: _Facts) -> tuple[str, ...]:
    task = facts.snapshot.feature.task
    share = "an undeclared share" if task.code_share is None else f"{task.code_share:.0%}"
    return (
        f"Cut the pipeline where it is deterministic: code is to answer {share} of {facts.calls_per_day} calls a day.",
        f"Write that code with tests from real requests; {facts.lasting} keeps the rest, with a prompt for it alone.",
        "Count what each side answers: a smaller share than declared saves less.",
    )


def _retrieval(facts: _Facts) -> tuple[str, ...]:
    embedder, found = facts.policy.text("embed_model"), facts.policy.text("retrieved_tokens")
    return (
        f"Gather what the answers must rest on; cut it up, embed it with {embedder}, keep the index fresh.",
        f"Put what is found before the question: {found} tokens more in each of {facts.calls_per_day} calls a day.",
        f"Have {facts.lasting} answer from them and name its source; count how often nothing fitting is found.",
    )


def _prompt(facts: _Facts) -> tuple[str, ...]:
    model = facts.snapshot.feature.model or facts.policy.text("prompt_model")
    before, _ = running_costs(facts.snapshot, facts.target, facts.policy)
    return (
        f"Write a plain prompt for {model}, with what {facts.snapshot.feature.strategy} does today as its examples.",
        "Take it as far as it goes against the eval below before anything is switched off.",
        f"Switch off what runs beside the calls today: {dollars(before)} a month.",
    )


def _cheaper(facts: _Facts) -> tuple[str, ...]:
    return (
        f"Send the present prompt unchanged to the cheaper model, on the cases that {facts.model} was scored on.",
        "Mend the prompt for it where it falls short, and nowhere else.",
    )


def _tuned(facts: _Facts) -> tuple[str, ...]:
    used = facts.snapshot.usage.mix
    sent, cached = sum(mix.input_tokens for mix in used), sum(mix.cached_input_tokens for mix in used)
    share = f"{Decimal(cached) / sent:.0%}" if sent else "none"
    return (
        f"Put what never changes first and mark it for the cache: {share} of the input of {facts.model} is cached now.",
        "Send what can wait as batches, shorten what no eval misses, and keep answers to repeated requests.",
    )


def _roll_out(facts: _Facts) -> tuple[str, ...]:
    return (
        f"Run it beside {facts.snapshot.feature.strategy} for a week ({facts.calls_per_day} calls a day) and compare.",
        "Switch 5 %, then 50 %, then all calls by a flag; a day between the steps.",
        f"Say that it is live: `offramp alerts finish {facts.snapshot.feature.slug}`. From then on it is measured.",
    )


_STEPS: Mapping[str, _Step] = {
    Strategy.CODE: _code,
    Strategy.EMBED: _embed,
    Strategy.DISTILL: _own,
    "distill:hosted": _hosted,
    Strategy.HYBRID: _hybrid,
    RETRIEVAL: _retrieval,
    Strategy.PROMPT: _prompt,
    "prompt:cheaper_model": _cheaper,
    "prompt:tuned": _tuned,
}


def _data(facts: _Facts) -> tuple[str, ...]:
    task, policy = facts.snapshot.feature.task, facts.policy
    diverse = {True: "diverse", False: "not diverse enough", None: "of unknown diversity"}[task.examples_diverse]
    have = "unknown" if task.labelled_examples is None else f"{task.labelled_examples:,}"
    sample = sum(mix.calls for mix in facts.snapshot.usage.mix)
    return (
        f"Labelled examples: {have}, {diverse}; {policy.text('min_labels')} are the least that is of use.",
        f"Traffic to sample from: {sample:,} calls in {policy.text('level_days')} days, on {facts.model}.",
    )


def _eval(facts: _Facts) -> tuple[str, ...]:
    """The baseline first; then what the target must reach, and what it has reached."""
    known = facts.evidence
    if known.baseline is None:
        now = facts.snapshot.feature.strategy
        return (f"First the baseline: nobody has scored {now} yet, and without it nothing compares.",)
    lines = [f"Baseline: {_told(known.baseline)}."]
    if known.required is not None:
        lines.append(f"The target must prove {known.required:.3f} by the same evaluator on the same cases.")
    if known.candidate is not None and known.bound is not None:
        verb = "which passes" if known.passes else "which does not pass"
        lines.append(
            f"Scored so far: {_told(known.candidate)}; at least {known.bound:.3f} with 95 % confidence, {verb}."
        )
    else:
        wanted = "" if known.items is None else f" {known.items:,} cases would settle it."
        lines.append(f"The target has not been scored yet.{wanted}")
    return tuple(lines)


def _back(facts: _Facts, asks: Asks) -> tuple[str, ...]:
    feature = facts.snapshot.feature
    return (
        f"Keep {feature.strategy} on {facts.lasting} deployed behind the flag until the first four weeks are measured.",
        f"Go back at once where {facts.evidence.metric or 'the eval'} falls below its gate: flip the flag.",
        f"Then register `strategy: {feature.strategy}` again, and it is judged as what it runs on.",
        f"Reversible: {asks.reversible}; {asks.reversible_because}.",
    )


def _expected(document: Mapping[str, Any], target: str, learnt: tuple[Decimal, int] | None) -> tuple[str, ...]:
    money, name = document["money"], target.partition(":")[0]
    once, payback = money["one_off_usd"].get(name), money["payback_days"]
    low, high = (money[side]["saving_usd_month"] for side in ("low", "high"))
    loss = loss_usd_month(document)
    worst = f" At worst it costs {dollars(loss)} a month more than today." if loss else ""
    lines = [f"Saving: {_usd(money['saving_usd_month'])} a month, {_range(low, high)}.{worst}"]
    after = "after an unknown time" if payback is None else f"after {payback} {'day' if payback == 1 else 'days'}"
    lines.append(f"Cost of moving: {_usd(once)}, repaid {after}.")
    if learnt is not None:
        factor, count = learnt
        here, *ends = (None if usd is None else str(usd) for usd in corrected(money, document["now"], factor))
        worth = "" if here is None else f": {_usd(here)} a month here, {_range(*ends)}"
        lines.append(f"By the record ({name}, {count} finished) a promise is worth {factor:.0%}{worth}.")
    if document["due_by"]:
        why = document.get("due_by_reason")
        lines.append(f"To be decided by {document['due_by']}" + (f": {why}" if why else "."))
    return tuple(lines)


def _range(low: str | None, high: str | None) -> str:
    if low is None or high is None:
        return "its range is unknown"
    ends = sorted((Decimal(low), Decimal(high)))
    return f"between {dollars(ends[0])} and {dollars(ends[1])} (10th and 90th percentile)"


def _usd(text: str | None) -> str:
    return "unknown" if text is None else dollars(Decimal(text))


def _number(count: int | None) -> str:
    return "unknown number of" if count is None else f"{count:,}"


def _cases(score: Score | None) -> str:
    return "cases of the eval" if score is None or score.n is None else f"{score.n:,} scored cases"


def _told(score: Score) -> str:
    by = " ".join(part for part in (score.evaluator, score.evaluator_version) if part) or "an unnamed evaluator"
    on = "an unknown number of" if score.n is None else f"{score.n:,}"
    return f"{score.metric} {score.score:.3f} on {on} cases by {by}, {score.at.date()}"
