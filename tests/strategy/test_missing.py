"""What is missing is listed with the day it will be there, or that it never will, and with what it is worth."""

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest

from strategy.facts import Snapshot
from strategy.judge import judge
from strategy.kinds import Code, Outcome
from strategy.verdict import document
from strategy.wanted import Wanted
from tests.strategy.made import BEFORE_CUT, DISTILL_COSTS, FREE_TEXT, POLICY, days, feature, proven, score, snapshot
from tests.strategy.test_judge import DISTILLABLE, DUE, HELD
from tests.strategy.test_steady import EVEN, START, distilled

TODAY = BEFORE_CUT.date()


def first(of: Snapshot) -> Wanted:
    """The most useful thing that is missing."""
    return judge(of, POLICY).wanted[0]


def cold(counts: list[int], until: date = TODAY) -> tuple[Wanted, ...]:
    """What a feature lacks that has only these days, up to a day."""
    of = snapshot(DISTILLABLE, scores=proven("distill"))
    of = replace(of, usage=replace(of.usage, days=tuple(use for use in days(counts, until) if use.calls)))
    said = judge(of, POLICY)
    assert said.code is Code.COLD_START
    return tuple(each for each in said.wanted if each.kind in {"days", "calls"})


def test_a_cold_start_says_on_which_day_it_ends() -> None:
    """Nine of fourteen days: the rest in five, and on that day, with traffic as it is, it is cold no more."""
    (wanted,) = cold([1000] * 9)
    by = TODAY + timedelta(days=5)
    assert (wanted.kind, wanted.by, wanted.never) == ("days", by, False)
    assert wanted.text == "traffic: 9 of 14 days are there; the rest on 2026-08-03"
    for ahead, code in ((4, Code.COLD_START), (5, None)):
        later = snapshot(DISTILLABLE, at=BEFORE_CUT + timedelta(days=ahead), calls=[1000] * (9 + ahead))
        assert (judge(later, POLICY).code is Code.COLD_START) is (code is Code.COLD_START)


def test_days_with_calls_are_counted_at_the_rate_at_which_they_come() -> None:
    """Calls on every fifth day only: four of seven in the window, and never seven of them."""
    counts = [1000 if number % 5 == 0 else 0 for number in range(20)]
    (wanted,) = cold(counts)
    assert (wanted.kind, wanted.by, wanted.never) == ("days", None, True)
    assert wanted.text == "traffic: calls on 4 of 7 days in the last 28; never at this rate"
    (soon,) = cold([1000 if number % 3 == 0 else 0 for number in range(17)])
    # One day in 17/6: 6 are there, the seventh after three more.
    assert (soon.by, soon.text.endswith("enough by 2026-08-01 at this rate")) == (TODAY + timedelta(days=3), True)


def test_calls_are_counted_at_the_rate_at_which_they_come() -> None:
    """Four a day for twenty days are 80 of 100: the rest in five days; at three a day never a hundred in the window."""
    (wanted,) = cold([4] * 20)
    assert (wanted.kind, wanted.by) == ("calls", TODAY + timedelta(days=5))
    assert wanted.text == "traffic: 80 of 100 calls in the last 28 days; enough by 2026-08-03 at this rate"
    (never,) = cold([3] * 28)
    assert (never.by, never.never) == (None, True)
    assert never.text == "traffic: 84 of 100 calls in the last 28 days; never at this rate"


def test_without_any_traffic_no_day_is_promised() -> None:
    """Nothing has come: fourteen days from a day that nobody knows."""
    (wanted,) = cold([])
    assert (wanted.by, wanted.never) == (None, True)
    assert wanted.text == "traffic: none has come yet, and 14 days of it are needed"
    assert [each.kind for each in cold([10], TODAY - timedelta(days=30))] == ["days", "calls"]


def test_an_eval_says_on_how_many_items_and_what_it_is_worth() -> None:
    """What a pass saves a month; and its expected worth times the chance that it passes, in whole dollars."""
    of = HELD["no eval of the target"][0]
    said = judge(of, POLICY)
    wanted = said.wanted[0]
    assert (wanted.kind, wanted.items, wanted.usd_month) == ("eval", 1546, said.saving_usd_month)
    assert wanted.text == (
        "eval: score distill on 1,546 items with the same metric and evaluator; a pass would save $1,980.00 a month, "
        f"and at a chance of 79% the answer is worth about ${wanted.usd:,}"
    )
    assert document(said)["wanted"][0] == {  # type: ignore[index]  # a list of objects
        "kind": "eval",
        "text": wanted.text,
        "by": None,
        "never_at_this_rate": False,
        "items": 1546,
        "saving_usd_month": "1980.00",
        "worth_usd": f"{wanted.usd}.00",
    }
    assert said.missing == tuple(each.text for each in said.wanted)


def test_an_eval_whose_answer_saves_nothing_has_no_worth() -> None:
    """A better answer that costs more is wanted for its quality; no money is promised for the eval."""
    asked = feature(replace(FREE_TEXT, needs_citation=True, private_data=True, knowledge_changes=True))
    said = judge(snapshot(asked, calls=1000, scores=(score("prompt", "0.92"),)), POLICY)
    evals = [each for each in said.wanted if each.kind == "eval"]
    assert (said.code, said.target) == (Code.NEEDS_EVAL, "hybrid:rag")
    assert [(each.usd_month, each.usd, "worth" in each.text) for each in evals] == [(None, None, False)]


def test_what_has_to_hold_names_the_day_on_which_it_has() -> None:
    """Above the line for three days: due on the day that is named, if nothing moves."""
    counts = [*[EVEN * 9 // 10] * 57, *[EVEN * 9] * 3]
    told = [
        judge(distilled([*counts, *[EVEN * 9] * ahead], at=START + timedelta(days=ahead)), POLICY) for ahead in range(3)
    ]
    assert [each.outcome for each in told] == [Outcome.WATCH, Outcome.DUE, Outcome.DUE]
    by = (START + timedelta(days=1)).date()
    assert told[0].wanted[0].by == by
    assert told[0].missing[0] == f"days: its money has held for 4 days on {by}, if nothing moves"


def test_rest_after_a_move_names_its_last_day() -> None:
    """Forty-five days from the move."""
    wanted = first(distilled(100_000, moved=date(2026, 4, 1)))
    assert (wanted.kind, wanted.by) == ("days", date(2026, 5, 16))
    assert wanted.text == "days: 45 days of rest after the move are over on 2026-05-16, if nothing moves"


def test_what_grows_names_the_day_on_which_the_trend_arrives() -> None:
    """Doubling every 28 days from 20,000 towards the break-even; flat or unknown growth is said as such."""
    rising = snapshot(DISTILLABLE, calls=[10_000] * 28 + [20_000] * 28, scores=proven("distill"))
    said = judge(rising, POLICY)
    even = said.breakeven_calls_per_day or 0
    by = TODAY + timedelta(days=math.ceil(28 * math.log2(even / 20_000)))
    assert said.wanted[0] == Wanted(
        kind="calls",
        by=by,
        text=f"calls: {even:,} a day are needed and 20,000 come; at the present growth they do by {by}",
    )
    flat = first(snapshot(DISTILLABLE, calls=[55_000] * 60, scores=proven("distill")))
    assert (flat.by, flat.never, flat.text.endswith("55,000 come; never at this rate")) == (None, True, True)
    young = first(snapshot(DISTILLABLE, calls=[55_000] * 30, scores=proven("distill")))
    assert (young.never, young.text.endswith("how fast they grow is not known yet")) == (False, True)
    slow = first(snapshot(DISTILLABLE, calls=[54_900] * 28 + [55_000] * 28, scores=proven("distill")))
    assert (slow.never, slow.text.endswith("not within 450 days at this rate")) == (True, True)


def test_work_that_comes_first_is_named() -> None:
    """A better prompt, one taken to its end, a shorter chain: each says what is to be done, and how it is said."""
    gap = judge(snapshot(feature(replace(FREE_TEXT, quality_gap=True))), POLICY)
    assert (gap.code, gap.wanted[0].kind) == (Code.BETTER_PROMPT, "work")
    assert gap.missing[0] == "prompt: a better one, scored like today's, and `prompt` said under `tried`"
    locked = judge(
        snapshot(feature(replace(FREE_TEXT, behaviour_locked=True, prompt_exhausted=False)), calls=10), POLICY
    )
    assert locked.code is Code.EXHAUST_PROMPT
    assert locked.missing[0] == "prompt: one taken as far as it goes, and `prompt_exhausted: true` said"
    chain = replace(FREE_TEXT, prompt_chain_steps=4, task_simple=True)
    short = judge(snapshot(feature(chain), calls=100), POLICY)
    assert short.code is Code.SHORTEN
    assert short.missing[0] == "prompt: one model call in the place of 4"


def test_the_note_comes_first_where_it_is_what_is_waited_for() -> None:
    """With `no_plan` the note is asked before open answers; otherwise after them."""
    note = "exit_note: At what volume is this too expensive, and what would its successor look like?"
    plain = judge(snapshot(feature(exit_note=None), at=BEFORE_CUT, calls=20_000), POLICY)
    assert (plain.code, plain.missing[0]) == (Code.NO_PLAN, note)
    early = judge(snapshot(feature(replace(FREE_TEXT, error_cost=None), exit_note=None), calls=[9] * 9), POLICY)
    assert early.missing[-1] == note


def test_an_answer_says_what_it_could_save() -> None:
    """Code would take over half of the calls: that answer is worth what the move would save a month."""
    hopeless = feature(exit_note="At 1M a day.")
    said = judge(snapshot(hopeless, scores=(score("prompt", "0.92"),)), POLICY)
    asked = next(each for each in said.wanted if each.text.startswith("code_share: "))
    assert asked.kind == "answer"
    assert asked.usd_month is not None
    assert f"worth up to ${asked.usd_month:,.2f} a month)" in asked.text


def test_an_answer_that_takes_a_move_away_has_no_worth() -> None:
    """What is due would not be, were its answers not good enough: no saving is promised for hearing that."""
    due = judge(snapshot(feature(costs=DISTILL_COSTS), scores=proven("distill")), POLICY)
    asked = [each for name in DUE for each in judge(DUE[name], POLICY).wanted if "(if" in each.text]
    asked += [each for each in due.wanted if "(if" in each.text]
    without = [each for each in asked if ": due" not in each.text]
    assert without
    assert {each.usd_month for each in without} == {None}
    assert not [each for each in without if "worth" in each.text]


def test_a_baseline_says_what_the_move_it_allows_would_save() -> None:
    """Scoring today's answers saves nothing by itself."""
    said = judge(HELD["no baseline"][0], POLICY)
    assert said.wanted[0].usd_month == said.saving_usd_month
    assert "; the move that it may allow would save " in said.missing[0]


@pytest.mark.parametrize("name", [*DUE, *HELD])
def test_nothing_is_listed_twice(name: str) -> None:
    """Whatever is missing is told once."""
    said = judge((DUE | {why: held for why, (held, _, _) in HELD.items()})[name], POLICY)
    assert len(set(said.missing)) == len(said.missing) == len(said.wanted)
