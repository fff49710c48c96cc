"""The life of an alert: every move from every state, legal or refused, and what makes a no be asked about again."""

from decimal import Decimal

import pytest

from strategy.lifecycle import BY_PEOPLE, HELD, OPEN, IllegalMove, Move, State, after, legal, moved_materially

# The whole table as a person would write it down; a dot is a refusal.
TABLE = """
            open    claim    snooze   dismiss    finish    reopen  wake    close   succeed    fail
(none)      active  .        .        .          .         .       .       .       .          .
active      .       claimed  snoozed  dismissed  finished  .       .       closed  .          .
claimed     .       .        .        dismissed  finished  active  .       closed  .          .
snoozed     .       claimed  snoozed  dismissed  finished  active  active  closed  .          .
dismissed   .       .        .        .          .         active  .       closed  .          .
finished    .       .        .        .          .         .       .       .       succeeded  failed
succeeded   .       .        .        .          .         .       .       .       .          failed
failed      .       .        .        .          .         .       .       .       succeeded  .
closed      .       .        .        .          .         .       .       .       .          .
"""
_HEAD, *_ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [(row[0], move, to) for row in _ROWS for move, to in zip(_HEAD, row[1:], strict=True)]


@pytest.mark.parametrize(("state", "move", "to"), CELLS, ids=[f"{state}-{move}" for state, move, _ in CELLS])
def test_every_move_from_every_state(state: str, move: str, to: str) -> None:
    """A legal move leads where the table says; any other is refused, with the legal ones of people named."""
    before = None if state == "(none)" else State(state)
    if to == ".":
        with pytest.raises(IllegalMove, match=f"cannot {move}") as refused:
            after(before, Move(move))
        assert refused.value.legal == legal(before)
    else:
        assert after(before, Move(move)) is State(to)


def test_the_table_is_whole() -> None:
    """Every state and every move stands in it, and the cells above are all there are."""
    assert {row[0] for row in _ROWS} == {"(none)", *State}
    assert list(Move) == _HEAD
    assert len(CELLS) == (len(State) + 1) * len(Move)


def test_what_people_may_do() -> None:
    """What is over and what is measured is moved by nobody; what is held can always be left."""
    free = {state: legal(state) for state in State}
    assert {state for state, moves in free.items() if not moves} == set(State) - set(HELD)
    assert free[State.CLAIMED] == (Move.DISMISS, Move.FINISH, Move.REOPEN)
    assert set(OPEN) < set(HELD)
    assert all(set(moves) <= set(BY_PEOPLE) for moves in free.values())


@pytest.mark.parametrize(
    ("then", "now", "asked"),
    [
        ("100", "149.99", False),
        ("100", "150", True),
        ("100", "20", False),
        ("0", "0", True),
        (None, "1", True),
        ("100", None, False),
    ],
)
def test_a_no_is_asked_about_again_when_the_saving_has_outgrown_it(
    then: str | None, now: str | None, *, asked: bool
) -> None:
    """By the share, upwards; an unknown saving is no news, one that became known is."""
    known = [None if amount is None else Decimal(amount) for amount in (then, now)]
    assert moved_materially(known[0], known[1], Decimal("0.5")) is asked
