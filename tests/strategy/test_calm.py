"""Persistence, dwell and hysteresis: what passes for a week is due, what wavers is not."""

from collections.abc import Sequence
from dataclasses import replace

from offramp.policy import load_policy
from strategy.calm import Calm, moved, step
from strategy.decide import Weighed
from strategy.terms import terms_of

TERMS = replace(terms_of(load_policy()), persist_days=7, withdraw_days=7)
GOOD = Weighed(
    name="embed", npv=1000, merit=1000, one_off=100, positive=0.9, sure=0.9, passes=True, holds=True, hindrance=None
)
WEAK = replace(GOOD, passes=False, hindrance="worth")
GONE = replace(WEAK, holds=False)
RIVAL = replace(GOOD, name="code", npv=1300, merit=1300)


def after(days: Sequence[tuple[Weighed, ...]], calm: Calm | None = None, start: int = 0) -> Calm:
    """The state after these days."""
    state = calm or Calm()
    for offset, tested in enumerate(days):
        state = step(state, start + offset, tested, TERMS)
    return state


def test_days_of_passing_are_due_and_not_a_day_less() -> None:
    """Seven days after it first passed."""
    assert after([(GOOD,)] * 7).open is None
    assert after([(GOOD,)] * 8) == Calm(since=(("embed", 0),), open="embed", opened=7)


def test_a_price_typo_that_is_put_right_raises_nothing() -> None:
    """Five days of passing, one of not, and the count begins anew."""
    assert after([(GOOD,)] * 5 + [(WEAK,)] + [(GOOD,)] * 7).open is None


def test_an_open_verdict_stays_until_a_test_fails_by_half_for_a_week() -> None:
    """Falling just below a threshold withdraws nothing; losing the tests does, once it lasts."""
    opened = after([(GOOD,)] * 8)
    assert after([(WEAK,)] * 30, opened, 8).open == "embed"
    assert after([(WEAK,)] * 30, opened, 8).opened == 7
    assert after([(GONE,)] * 7, opened, 8).open == "embed"
    assert after([(GONE,)] * 8, opened, 8).open is None
    assert after([()] * 8, opened, 8) == Calm()
    assert after([(GONE,)] * 6 + [(WEAK,)] + [(GONE,)] * 7, opened, 8).open == "embed"


def test_a_newcomer_must_be_much_better() -> None:
    """By a quarter and its own one-off, for a week, and not while the team has just been told."""
    opened = after([(GOOD,)] * 60)
    assert after([(RIVAL, GOOD)] * 20, opened, 60).open == "embed"
    strong = replace(RIVAL, npv=1400, merit=1400)
    assert after([(strong, GOOD)] * 7, opened, 60).open == "embed"
    assert after([(strong, GOOD)] * 8, opened, 60).open == "code"
    assert after([(strong, GOOD)] * 8, opened, 60).opened == 67
    told = after([(GOOD,)] * 8)
    assert told.opened == 7
    assert after([(strong, GOOD)] * 44, told, 8).open == "embed"
    assert after([(strong, GOOD)] * 45, told, 8).open == "code"


def test_the_best_is_waited_for() -> None:
    """Where a better option passed yesterday, the settled lesser one is not raised in its place."""
    assert after([(GOOD,)] * 7 + [(RIVAL, GOOD)]).open is None
    assert after([(GOOD,)] * 7 + [(RIVAL, GOOD)] * 8).open == "code"


def test_a_team_that_moved_is_left_alone() -> None:
    """Nothing is raised for 45 days after a move began."""
    assert after([(GOOD,)] * 44, moved(0), 1).open is None
    assert after([(GOOD,)] * 45, moved(0), 1).open == "embed"
    assert after([(GOOD,)] * 44, moved(10), 11).open is None
    assert after([(GOOD,)] * 45, moved(10), 11).open == "embed"


def test_what_fails_is_withdrawn_before_another_is_raised() -> None:
    """While the open option fails nothing takes its place; the day it is withdrawn nothing is open."""
    opened = after([(GOOD,)] * 8)
    strong = replace(RIVAL, npv=9000, merit=9000)
    assert after([(strong, GONE)] * 7, opened, 8).open == "embed"
    assert after([(strong, GONE)] * 8, opened, 8).open is None
    assert after([(strong, GONE)] * 9, opened, 8).open == "code"


def test_a_newcomer_that_is_just_as_much_better_is_not_enough() -> None:
    """Exactly a quarter and the one-off more: the open option stays; a dollar more takes its place."""
    opened = after([(GOOD,)] * 60)
    assert after([(replace(RIVAL, merit=1350), GOOD)] * 20, opened, 60).open == "embed"
    assert after([(replace(RIVAL, merit=1351), GOOD)] * 20, opened, 60).open == "code"


def test_nothing_is_retargeted_on_a_day_of_failing() -> None:
    """A settled rival that is suddenly far better waits until the open option holds again or is withdrawn."""
    opened = after([(GOOD,)] * 60 + [(RIVAL, GOOD)] * 8)
    assert opened.open == "embed"
    strong = replace(RIVAL, npv=9000, merit=9000)
    assert after([(strong, GONE)], opened, 68).open == "embed"
    assert after([(strong, GOOD)], opened, 68).open == "code"
