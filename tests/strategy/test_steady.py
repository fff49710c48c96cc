"""Calm: what is due has held, what was said stays until it has clearly failed, and a price closes at once."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategy.facts import Before, Price, Score, Snapshot
from strategy.judge import judge, outcome_of
from strategy.kinds import Code, Outcome, Strategy
from strategy.profile import Feature
from tests.strategy.made import (
    CUT,
    DISTILL_COSTS,
    FREE_TEXT,
    LABELS,
    LUNA,
    POLICY,
    PRICES,
    days,
    feature,
    known_by,
    proven,
    score,
    snapshot,
)

DISTILLABLE = feature(costs=DISTILL_COSTS)
START = datetime(2026, 5, 1, tzinfo=UTC)
# From so many calls a day on the student is worth it, under the constants in force.
EVEN = judge(snapshot(DISTILLABLE, at=START, scores=proven("distill")), POLICY).breakeven_calls_per_day or 0


def told(of: Snapshot) -> tuple[str, str | None, str | None]:
    """Outcome, code and target."""
    return outcome_of(of, POLICY)


def said(outcome: Outcome, code: Code | None, target: str | None, now: Strategy = Strategy.PROMPT) -> Before:
    """What was said since a week ago."""
    return Before(outcome=outcome, code=code, target=target, now=now, since=date(2026, 4, 24))


DUE = said(Outcome.DUE, None, "distill")


def distilled(
    calls: int | list[int], *, at: datetime = START, before: Before | None = None, **more: object
) -> Snapshot:
    """The distillable feature with a proven student, at some volumes."""
    made = snapshot(DISTILLABLE, at=at, calls=calls, scores=proven("distill"))
    changed = replace(made, before=before, scores=tuple(replace(s, at=at - timedelta(days=9)) for s in made.scores))
    return replace(changed, **more)  # type: ignore[arg-type]  # a test names the field it changes


Book = Callable[[datetime], tuple[Price, ...]]
"""What is known of prices on a day."""


def lived(
    counts: list[int], of: Feature = DISTILLABLE, *, scores: Iterable[Score] = (), book: Book = known_by
) -> list[str]:
    """What was said each day, reviewed daily with what was said before, from the 20th day of these counts on."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    before: Before | None = None
    found = []
    known = tuple(scores)
    for number in range(20, len(counts)):
        at = first + timedelta(days=number)
        made = snapshot(of, at=at, calls=counts[max(0, number - 56) : number], scores=known, prices=book(at))
        outcome, code, target = outcome_of(replace(made, before=before), POLICY)
        if before is None or (before.outcome, before.code, before.target) != (outcome, code, target):
            before = Before(outcome=outcome, code=code, target=target, now=of.strategy, since=at.date())
        found.append(outcome.value)
    return found


def passed() -> tuple[Score, ...]:
    """A baseline and a student scored before the year began."""
    return tuple(replace(each, at=datetime(2025, 12, 1, tzinfo=UTC)) for each in proven("distill"))


def test_a_viral_day_opens_nothing() -> None:
    """At a third of the volume a day of fifty times as much is nothing; nor are three of them."""
    quiet = [EVEN // 3] * 90
    assert set(lived([*quiet[:40], EVEN * 50, *quiet[41:]], scores=passed())) == {"stay"}
    assert "due" not in lived([*quiet[:40], *[EVEN * 50] * 3, *quiet[43:]], scores=passed())


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 6), st.floats(0.0, 0.4))
def test_a_weekend_flips_nothing(first: int, quiet: float) -> None:
    """A week whose mean is well above the line is due on every day once it is; one well below on none."""
    week = [1.0 if (number + first) % 7 < 5 else quiet for number in range(7)]
    mean = sum(week) / 7
    above, below = ([int(EVEN * times * part / mean) for part in week] * 7 for times in (1.5, 0.6))
    high = lived(above, scores=passed())
    assert set(high[high.index("due") :]) == {"due"}
    assert "due" not in lived(below, scores=passed())


def test_late_data_opens_and_closes_nothing() -> None:
    """Yesterday half told, or not told at all, is the same verdict."""
    for level, expected in ((EVEN * 13 // 10, "due"), (EVEN * 8 // 10, "watch")):
        whole = distilled(level)
        part = replace(whole.usage.days[-1], calls=level // 2)
        for known in ((*whole.usage.days[:-1], part), whole.usage.days[:-1], whole.usage.days[:-2]):
            assert told(replace(whole, usage=replace(whole.usage, days=known)))[0] == expected


def test_a_real_step_is_told_soon_and_once() -> None:
    """From half the line to twice it: due within 28 days, and it stays due."""
    course = lived([EVEN // 2] * 60 + [EVEN * 2] * 60, scores=passed())
    first = course.index("due")
    assert 40 - 20 < first < 60 - 20 + 28
    assert set(course[first:]) == {"due"}


def test_a_move_is_due_once_its_money_has_held() -> None:
    """The third day above the line is too soon; the headline says so, the fourth is not."""
    step = [EVEN] * 40 + [EVEN * 6 // 5] * 20
    outcomes = {}
    for back in range(12, 20):
        of = distilled(step[: 40 + back])
        outcomes[back] = judge(of, POLICY)
    waiting = [verdict for verdict in outcomes.values() if verdict.code is Code.APPROACHING]
    for verdict in waiting:
        assert verdict.target == "distill"
    fresh = distilled(EVEN, before=None)
    young = replace(
        fresh,
        usage=replace(
            fresh.usage, days=(*days([EVEN * 9 // 10] * 57, date(2026, 4, 28)), *days([EVEN * 9] * 3, START.date()))
        ),
    )
    early = judge(young, POLICY)
    assert (early.outcome, early.code, early.target) == (Outcome.WATCH, Code.APPROACHING, "distill")
    assert "it is too soon to call for it" in early.headline
    assert any("has to hold for 4 days" in line for line in early.reasons)


def test_what_is_due_stays_until_it_has_clearly_failed() -> None:
    """A little below the line it stays due and says since when; far below for a week it ends; for three days not."""
    near = judge(distilled(EVEN * 95 // 100, before=DUE), POLICY)
    assert (near.outcome, near.target) == (Outcome.DUE, "distill")
    assert any(line.startswith("This stands since 2026-04-24") for line in near.reasons)
    assert told(distilled(EVEN * 95 // 100))[0] == "watch"
    assert told(distilled(EVEN // 2, before=DUE))[0] != "due"
    gone = distilled([EVEN * 95 // 100] * 57 + [0, 0, 0], before=DUE)
    assert told(gone)[0] == "due"


def test_a_price_cut_withdraws_at_once_and_so_does_a_changed_profile() -> None:
    """On the day of the cut nothing of what was said stands; nor where a gate closes."""
    assert told(distilled(100_000, at=CUT, before=DUE))[0] == "stay"
    often = replace(FREE_TEXT, change_frequency="high")
    assert told(distilled(100_000, before=DUE, feature=feature(often, costs=DISTILL_COSTS)))[0] != "due"


CHEAP = tuple(
    replace(line, valid_from=datetime(2024, 1, 1, tzinfo=UTC), valid_to=None)
    for line in PRICES
    if line.model != LUNA or line.valid_from == CUT
)


def dear(since: datetime, until: datetime | None = None, times: str = "5") -> tuple[Price, ...]:
    """The cheap book with the model dearer for a while."""
    lines = [line for line in CHEAP if line.model == LUNA]
    rise = [
        replace(line, valid_from=since, valid_to=until, usd_per_mtok=line.usd_per_mtok * Decimal(times))
        for line in lines
    ]
    back = [] if until is None else [replace(line, valid_from=until) for line in lines]
    return (*CHEAP, *rise, *back)


def test_a_price_has_to_hold_to_open_and_acts_at_once_to_close() -> None:
    """Five times the price is due once it held for four days; taken back, what was due is not, on the day."""
    assert told(distilled(100_000, prices=CHEAP))[0] == "stay"
    assert told(distilled(100_000, prices=dear(START))) == ("watch", "approaching", "distill")
    assert told(distilled(100_000, prices=dear(START - timedelta(days=2))))[0] == "watch"
    assert told(distilled(100_000, prices=dear(START - timedelta(days=3)))) == ("due", None, "distill")
    assert told(distilled(100_000, prices=CHEAP, before=DUE))[0] == "stay"


@pytest.mark.parametrize("days_wrong", [1, 3])
def test_a_wrong_price_that_is_taken_back_opens_nothing_and_a_real_one_soon_does(days_wrong: int) -> None:
    """Two and a half times the price, in range and accepted: due on no day if mended, else on the fourth."""
    typed = datetime(2026, 2, 20, tzinfo=UTC)
    back = typed + timedelta(days=days_wrong)

    def mended(at: datetime) -> tuple[Price, ...]:
        return CHEAP if at < typed else dear(typed, times="2.5") if at < back else dear(typed, back, "2.5")

    def real(at: datetime) -> tuple[Price, ...]:
        return CHEAP if at < typed else dear(typed, times="2.5")

    counts = [200_000] * 70
    start = (typed.date() - date(2026, 1, 21)).days
    wrong = lived(counts, scores=passed(), book=mended)
    assert wrong[start - 1 :][: days_wrong + 2] == ["stay", *["watch"] * days_wrong, "stay"]
    assert "due" not in wrong
    soon = lived(counts, scores=passed(), book=real)
    assert soon[start - 1 :][:5] == ["stay", "watch", "watch", "watch", "due"]
    assert set(soon[start + 3 :]) == {"due"}


def test_nothing_opens_soon_after_a_move() -> None:
    """45 days of rest, told as such; then it is due."""
    resting = judge(distilled(100_000, moved=date(2026, 4, 1)), POLICY)
    assert (resting.outcome, resting.code) == (Outcome.WATCH, Code.APPROACHING)
    assert any(line.startswith("It moved on 2026-04-01; within 45 days") for line in resting.reasons)
    assert told(distilled(100_000, moved=date(2026, 3, 1)))[0] == "due"


def test_a_bad_eval_opens_nothing_and_what_is_proven_to_be_worse_is_withdrawn() -> None:
    """A present score that fell once leaves the bar; a candidate that failed is no longer due, a doubtful one is."""
    rival = (
        score("prompt", "0.92", at=START - timedelta(days=60)),
        score("distill", "0.88", at=START - timedelta(days=9)),
    )
    fell = score("prompt", "0.80", at=START - timedelta(days=5))
    assert told(distilled(100_000, scores=(*rival, fell)))[0] == "blocked"
    failed = (
        score("prompt", "0.92", at=START - timedelta(days=9)),
        score("distill", "0.80", at=START - timedelta(days=1)),
    )
    assert told(distilled(100_000, scores=failed, before=DUE)) == ("blocked", "quality", "distill")
    doubtful = (failed[0], score("distill", "0.915", 800, at=START - timedelta(days=1)))
    assert told(distilled(100_000, scores=doubtful)) == ("watch", "needs_eval", "distill")
    assert told(distilled(100_000, scores=doubtful, before=DUE)) == ("due", None, "distill")


def test_another_target_takes_over_only_where_it_is_clearly_better() -> None:
    """Embedding saves more than the hybrid that is due, but not by a quarter and its one-off; at ten times it does."""
    both = feature(replace(LABELS, code_share=Decimal("0.9")))
    scores = tuple(replace(each, at=START - timedelta(days=9)) for each in proven("embed"))

    def at(calls: int, before: Before | None) -> str | None:
        made = snapshot(both, at=START, calls=calls, scores=scores)
        return told(replace(made, before=before))[2]

    hybrid = said(Outcome.DUE, None, "hybrid")
    assert (at(100_000, None), at(100_000, hybrid)) == ("embed", "hybrid")
    assert at(100_000, said(Outcome.DUE, None, "hybrid", Strategy.EMBED)) == "embed"


@pytest.mark.parametrize("calls", [EVEN * 95 // 100, EVEN * 105 // 100])
def test_what_is_watched_keeps_its_code_near_the_line(calls: int) -> None:
    """Needs an eval on one side of the line, approaches on the other; said before, it needs an eval on both."""
    unproven = (score("prompt", "0.92", at=START - timedelta(days=9)),)
    asked = said(Outcome.WATCH, Code.NEEDS_EVAL, "distill")
    assert told(distilled(calls, scores=unproven, before=asked)) == ("watch", "needs_eval", "distill")


def test_what_approached_keeps_approaching_a_little_further_off() -> None:
    """From 0.7 of the line it approaches; at 0.68 it stays, unless it was said to approach."""
    near = said(Outcome.WATCH, Code.APPROACHING, "distill")
    calls = EVEN * 68 // 100
    assert told(distilled(calls)) == ("stay", None, None)
    assert told(distilled(calls, before=near)) == ("watch", "approaching", "distill")
    assert told(distilled(EVEN // 3, before=near)) == ("stay", None, None)
    assert told(distilled(calls, before=said(Outcome.WATCH, Code.COLD_START, None))) == ("stay", None, None)


def test_a_clearly_better_way_takes_over_what_is_watched() -> None:
    """A student was to be scored; an embedding is worth more by a quarter and its one-off, and is named instead."""
    both = feature(LABELS, costs=DISTILL_COSTS)
    unproven = (score("prompt", "0.92", at=START - timedelta(days=9)),)
    asked = said(Outcome.WATCH, Code.NEEDS_EVAL, "distill")
    made = snapshot(both, at=START, calls=200_000, scores=unproven)
    assert told(replace(made, before=asked)) == ("watch", "needs_eval", "embed")


def test_what_is_far_below_the_line_is_no_longer_watched() -> None:
    """An eval that was wanted is not, at a third of the line."""
    unproven = (score("prompt", "0.92", at=START - timedelta(days=9)),)
    asked = said(Outcome.WATCH, Code.NEEDS_EVAL, "distill")
    assert told(distilled(EVEN // 3, scores=unproven, before=asked)) == ("stay", None, None)
