"""The seeds' ladder in the live judge: what quality and knowledge ask for, whatever the money says."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from strategy.advice import advise, read_described
from strategy.case import case_of
from strategy.facts import Before, Retirement, Score, Snapshot
from strategy.judge import judge
from strategy.kinds import Code, Outcome, Strategy
from strategy.parse import feature_document, parse_feature
from strategy.profile import Feature, Quality
from strategy.verdict import Verdict
from tests.strategy.made import (
    BEFORE_CUT,
    DISTILL_COSTS,
    FREE_TEXT,
    LABELS,
    LUNA,
    POLICY,
    PRICES,
    feature,
    proven,
    score,
)
from tests.strategy.made import snapshot as made

SCORED = (score("prompt", "0.92"), *(score(each, "0.93") for each in ("hybrid:rag", "distill", "embed")))
Told = tuple[str, str | None, str | None]


def live(of: Feature, calls: int = 2_000, **changes: Any) -> Verdict:  # noqa: ANN401 (a test names what it changes)
    """What the live judge says at a volume at which no money speaks for a move, every target having passed."""
    return judge(made(of, calls=calls, **{"scores": SCORED, **changes}), POLICY)


def told(said: Verdict) -> Told:
    """Outcome, code and target."""
    return said.outcome, said.code, said.target


def advised(of: Feature) -> Told:
    """What `offramp advise` says of the same document."""
    described, errors = read_described(feature_document(of))
    assert errors == []
    assert described is not None
    said = advise(described, POLICY, id=of.slug, voice="breakeven", as_of=BEFORE_CUT).verdict
    return said.outcome, said.code, said.target


def profile(**task: object) -> Feature:
    """A free-text feature on a prompt with more said of its task."""
    return feature(replace(FREE_TEXT, labelled_examples=None, examples_diverse=None, **task))  # type: ignore[arg-type]  # a test names the field


LADDER: Mapping[str, tuple[dict[str, object], Told]] = {
    "a gap, nothing tried": ({"quality_gap": True, "tried": ()}, ("watch", "better_prompt", None)),
    "a gap, nothing said": ({"quality_gap": True}, ("watch", "better_prompt", None)),
    "a gap of knowledge": ({"quality_gap": True, "gap_cause": "knowledge"}, ("due", None, "hybrid:rag")),
    "a gap of knowledge, nothing tried": (
        {"quality_gap": True, "gap_cause": "knowledge", "tried": ()},
        ("watch", "better_prompt", None),
    ),
    "a gap of style after a better prompt": (
        {"quality_gap": True, "gap_cause": "style", "tried": ("prompt",)},
        ("due", None, "distill"),
    ),
    "a gap after prompt and retrieval": (
        {"quality_gap": True, "gap_cause": "knowledge", "tried": ("prompt", "rag")},
        ("due", None, "distill"),
    ),
    "a gap nobody explains": ({"quality_gap": True, "tried": ("prompt",)}, ("watch", "unmeasured", None)),
    "only a cause": ({"gap_cause": "instructions"}, ("watch", "better_prompt", None)),
    "fresh and private": ({"private_data": True, "knowledge_changes": True}, ("due", None, "hybrid:rag")),
    "citations": ({"needs_citation": True}, ("due", None, "hybrid:rag")),
    "private, changing often": (
        {"private_data": True, "change_frequency": "high"},
        ("due", None, "hybrid:rag"),
    ),
    "locked, prompting exhausted": (
        {"behaviour_locked": True, "prompt_exhausted": True},
        ("due", None, "distill"),
    ),
    "locked, prompting not exhausted": (
        {"behaviour_locked": True, "prompt_exhausted": False},
        ("watch", "exhaust_prompt", "distill"),
    ),
    "a chain for a simple task": ({"task_simple": True, "prompt_chain_steps": 3}, ("watch", "shorten", None)),
    "one prompt for a simple task": ({"task_simple": True, "prompt_chain_steps": 1}, ("stay", None, None)),
    "nothing wrong": ({"quality_gap": False, "gap_cause": "style"}, ("stay", None, None)),
}


@pytest.mark.parametrize("name", LADDER)
def test_the_live_judge_climbs_the_ladder_as_advise_does(name: str) -> None:
    """The same outcome, code and target for the same words, once the evidence that advise takes for met is there."""
    task, wanted = LADDER[name]
    of = profile(**task)
    of = replace(of, task=replace(of.task, labelled_examples=1200, examples_diverse=True))
    found = told(live(of))
    assert (found[0], found[1], (found[2] or "").removesuffix(":own").removesuffix(":hosted") or None) == wanted
    assert advised(of) == wanted


def test_a_needed_move_waits_for_its_evidence() -> None:
    """Retrieval answers otherwise than the bare prompt: no baseline, no eval, a bad eval each stand in its way."""
    of = profile(private_data=True)
    base = score("prompt", "0.92")
    assert told(live(of, scores=())) == ("blocked", "no_baseline", "hybrid:rag")
    assert told(live(of, scores=(base,))) == ("watch", "needs_eval", "hybrid:rag")
    assert told(live(of, scores=(base, score("hybrid", "0.95")))) == ("watch", "needs_eval", "hybrid:rag")
    assert told(live(of, scores=(base, score("hybrid:rag", "0.8")))) == ("blocked", "quality", "hybrid:rag")
    hasty = profile(private_data=True, days_to_production=1)
    assert told(live(hasty, scores=SCORED)) == ("blocked", "deadline", "hybrid:rag")
    quick = profile(private_data=True, latency_budget_ms=20)
    assert told(live(quick)) == ("stay", None, None)
    waiting = live(of, scores=(base,)).headline
    assert waiting.startswith("Ticket triage points to hybrid (retrieval), for it needs knowledge that the model lacks")


def test_a_needed_move_says_what_it_costs() -> None:
    """It saves nothing, and the headline says how much more it costs: 2,000 tokens read along with each call."""
    said = live(profile(private_data=True))
    assert said.saving_usd_month == 0
    # 2,000 calls a day x 30 x (2,000 tokens at $1.00 + 800 embedded at $0.02 per Mtok) + 50 + half a day of 600 USD.
    assert "it costs $470.96 a month more, and " in said.headline
    assert said.confidence is not None
    own = feature(
        replace(FREE_TEXT, private_data=True),
        costs=((Strategy.HYBRID, replace(DISTILL_COSTS[0][1], monthly_usd=Decimal(1), usd_per_call=Decimal(0))),),
    )
    assert live(own).headline.endswith("it saves $68.60 a month, too.")


def test_retrieval_that_cannot_be_priced_is_told_and_not_weighed() -> None:
    """Without a price of the embedding model there is no plan; the sentence points there all the same."""
    said = live(profile(private_data=True), prices=PRICES[:4])
    assert told(said) == ("stay", None, None)
    assert any("that points to retrieval under hybrid (seed 002)" in reason for reason in said.reasons)


def test_what_code_or_an_embedding_can_do_goes_first() -> None:
    """The first two gates are asked before the ladder: a classifier that passed is due, gap or not."""
    of = feature(replace(LABELS, quality_gap=True, private_data=True))
    assert told(live(of, calls=100_000)) == ("due", None, "embed")
    assert told(live(of, calls=100)) == ("due", None, "hybrid:rag")


def test_a_gap_holds_what_the_money_would_move() -> None:
    """A cheaper way of answers that are not good enough is no way; what is exhausted may go on."""
    gap = replace(FREE_TEXT, quality_gap=True)
    paid = feature(gap, costs=DISTILL_COSTS)
    assert told(live(paid, calls=100_000)) == ("watch", "better_prompt", None)
    exhausted = feature(replace(gap, prompt_exhausted=True), costs=DISTILL_COSTS)
    assert told(live(exhausted, calls=100_000)) == ("due", None, "distill")
    unexhausted = feature(replace(FREE_TEXT, prompt_exhausted=False), costs=DISTILL_COSTS)
    said = live(unexhausted, calls=100_000)
    assert told(said) == ("watch", "exhaust_prompt", "distill")
    assert said.headline == (
        "Moving Ticket triage to distill would save $1,980.00 a month, but nobody has said that prompting was taken as "
        "far as it goes, which comes before training."
    )
    held = feature(replace(FREE_TEXT, private_data=True), costs=DISTILL_COSTS)
    assert told(live(held, calls=100_000, scores=proven("distill"))) == ("due", None, "distill")


def test_a_score_below_the_floor_is_a_gap_where_nothing_else_is_worth_saying() -> None:
    """Measured, not declared: the prompt is bettered; where a move is worth it, its own obstacle is told."""
    low = Quality(metric="accuracy", floor=Decimal("0.95"))
    assert told(live(feature(FREE_TEXT, quality=low), scores=(score("prompt", "0.9"),))) == (
        "watch",
        "better_prompt",
        None,
    )
    paid = feature(FREE_TEXT, quality=low, costs=DISTILL_COSTS)
    assert told(live(paid, calls=100_000, scores=(score("prompt", "0.9"),))) == ("blocked", "teacher", "distill")
    content = feature(replace(FREE_TEXT, quality_gap=False), quality=low)
    assert told(live(content, scores=(score("prompt", "0.9"),))) == ("stay", None, None)


def test_locked_behaviour_asks_whether_prompting_is_exhausted() -> None:
    """Where nobody said so and no money asks for it: watched, and the question is on the list."""
    said = live(profile(behaviour_locked=True))
    assert told(said)[:2] == ("watch", "exhaust_prompt")
    assert said.missing[0].startswith("prompt_exhausted: ")
    paid = feature(replace(FREE_TEXT, behaviour_locked=True), costs=DISTILL_COSTS)
    assert told(live(paid, calls=100_000)) == ("due", None, "distill")
    switched = feature(replace(FREE_TEXT, behaviour_locked=True, change_frequency="high"))
    assert told(live(switched)) == ("stay", None, None)


def test_what_is_trained_or_code_has_no_ladder() -> None:
    """A better prompt is asked of what runs on a prompt; a hybrid is taken to have its retrieval."""
    gap = replace(FREE_TEXT, quality_gap=True, private_data=True)
    assert live(feature(gap, strategy=Strategy.EMBED)).code is not Code.BETTER_PROMPT
    assert told(live(feature(replace(gap, quality_gap=None), strategy=Strategy.HYBRID))) == ("stay", None, None)
    assert told(live(feature(gap, strategy=Strategy.HYBRID), scores=()))[1:] == ("no_baseline", "hybrid:rag")


TRAINED = (Strategy.EMBED, Strategy.DISTILL)


def trained(now: Strategy, scores: tuple[Score, ...] | None = None, **task: object) -> Verdict:
    """What is said of a feature that runs on what was trained, at a prompt's prices, everything having passed."""
    of = feature(replace(FREE_TEXT, **task), strategy=now, model=LUNA)  # type: ignore[arg-type]  # a test names the field
    known = (score(str(now), "0.90"), score("hybrid:rag", "0.95"), score("prompt", "0.80"))
    return live(of, scores=known if scores is None else scores)


def test_fresh_or_cited_knowledge_points_a_student_to_retrieval() -> None:
    """Its training ended: due once retrieval passed, watched before, and not again once it was tried."""
    for name in ("knowledge_changes", "needs_citation"):
        assert told(trained(Strategy.DISTILL, None, **{name: True})) == ("due", None, "hybrid:rag")
        assert told(trained(Strategy.DISTILL, None, **{name: True}, tried=("rag",)))[2] != "hybrid:rag"
    unproven = trained(Strategy.DISTILL, (score("distill", "0.90"),), knowledge_changes=True)
    assert told(unproven) == ("watch", "needs_eval", "hybrid:rag")
    assert "what it needs to know changes or must be cited, and its training ended" in unproven.headline


@pytest.mark.parametrize("now", TRAINED)
def test_private_knowledge_points_what_was_trained_to_retrieval_where_its_answers_fall_short(now: Strategy) -> None:
    """Private data may be what it was taught; a gap, or a score below the floor, says that it was not."""
    gap = trained(now, private_data=True, quality_gap=True)
    assert told(gap) == ("due", None, "hybrid:rag")
    assert "its answers fall short for want of knowledge" in gap.headline
    assert told(trained(now, private_data=True, gap_cause="knowledge")) == ("due", None, "hybrid:rag")
    assert told(trained(now, private_data=True))[2] != "hybrid:rag"
    assert told(trained(now, quality_gap=True))[2] != "hybrid:rag"
    low = feature(
        replace(FREE_TEXT, private_data=True),
        strategy=now,
        model=LUNA,
        quality=Quality(metric="accuracy", floor=Decimal("0.92")),
    )
    short = (score(str(now), "0.90"), score("hybrid:rag", "0.95"))
    assert told(live(low, scores=short)) == ("due", None, "hybrid:rag")


@pytest.mark.parametrize("now", TRAINED)
def test_retrieval_is_weighed_like_any_way_of_what_was_trained(now: Strategy) -> None:
    """At a prompt's price and the price of what is found: 800 + 2,000 tokens in, 60 out, and 800 embedded."""
    of = feature(replace(FREE_TEXT, private_data=True), strategy=now, model=LUNA)
    case = case_of(made(of, calls=2_000), POLICY, BEFORE_CUT)
    (plan,) = (each for each in case.plans["base"] if each.option == "hybrid:rag")
    assert plan.usd_per_call == Decimal("0.0028") + Decimal("0.00036") + Decimal("0.000016")
    unpriced = case_of(made(of, calls=2_000, prices=PRICES[4:]), POLICY, BEFORE_CUT)
    assert not [each for each in unpriced.plans["base"] if each.option == "hybrid:rag"]
    coded = case_of(made(replace(of, strategy=Strategy.CODE), calls=2_000), POLICY, BEFORE_CUT)
    assert not [each for each in coded.plans["base"] if each.option == "hybrid:rag"]


def test_a_prompt_without_an_exit_note_is_watched_where_it_costs_something() -> None:
    """Seed 000's note: asked for while nothing else is to be done, of what spends as much as is worth a mention."""
    without = feature(FREE_TEXT, exit_note=None)
    said = live(without)
    assert told(said) == ("watch", "no_plan", None)
    assert said.headline == (
        "Keep Ticket triage on prompt, and write down at what volume it is too expensive and what would come then."
    )
    assert any(line.startswith("exit_note: ") for line in said.missing)
    assert told(live(without, calls=20)) == ("stay", None, None)
    assert told(live(replace(without, strategy=Strategy.EMBED)))[1] is not Code.NO_PLAN
    near = replace(without, costs=DISTILL_COSTS)
    assert told(live(near, calls=58_000)) == ("watch", "no_plan", "distill")
    assert "for it grows towards distill" in live(near, calls=58_000).headline
    paid = live(near, calls=100_000)
    assert told(paid) == ("due", None, "distill")


def test_a_retiring_model_goes_before_the_note_and_the_prompt() -> None:
    """Staying is what is blocked, whatever was to be done while staying."""
    ends = (Retirement(model=LUNA, on=BEFORE_CUT.date() + timedelta(days=60)),)
    for of in (feature(FREE_TEXT, exit_note=None), profile(quality_gap=True)):
        assert told(live(of, retirements=ends)) == ("blocked", "retired", "prompt")


def _before(outcome: Outcome, code: Code | None, target: str | None) -> Before:
    return Before(outcome=outcome, code=code, target=target, now=Strategy.PROMPT, since=date(2026, 7, 1))


def test_a_need_acts_at_once_and_is_not_held_by_what_was_said() -> None:
    """A person or an eval says it; only right after a move is nothing new called for."""

    def with_before(of: Feature, **changes: Any) -> Snapshot:  # noqa: ANN401 (a test names what it changes)
        return replace(made(of, calls=100_000, scores=SCORED), **changes)

    due = _before(Outcome.DUE, None, "distill")
    gap = feature(replace(FREE_TEXT, quality_gap=True), costs=DISTILL_COSTS)
    assert told(judge(with_before(gap, before=due), POLICY)) == ("watch", "better_prompt", None)
    asked = _before(Outcome.WATCH, Code.BETTER_PROMPT, None)
    mended = feature(FREE_TEXT, costs=DISTILL_COSTS)
    assert told(judge(with_before(mended, before=asked), POLICY)) == ("due", None, "distill")
    retrieved = profile(private_data=True)
    rested = with_before(retrieved, moved=BEFORE_CUT.date() - timedelta(days=10))
    assert told(judge(rested, POLICY))[:2] == ("watch", "approaching")


def test_what_was_said_of_the_note_stands_while_it_is_near() -> None:
    """The note stays asked for a little below the line from which it was."""
    of = feature(FREE_TEXT, exit_note=None, costs=DISTILL_COSTS)
    said = _before(Outcome.WATCH, Code.NO_PLAN, "distill")
    near = replace(made(of, calls=45_000, scores=proven("distill")), before=said)
    assert told(judge(near, POLICY)) == ("watch", "no_plan", "distill")


def test_that_nothing_was_tried_is_kept() -> None:
    """An empty list is an answer, and comes back from its document."""
    feature_, _ = parse_feature({"slug": "a", "task": {"tried": []}})
    assert feature_ is not None
    assert feature_.task.tried == ()
    again, _ = parse_feature(feature_document(feature_))
    assert again == feature_
