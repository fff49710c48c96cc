"""The life of an alert as one table: from which state which move leads where, and who may make it.

The states are those of the cloud recommenders (Google's Recommender: active, claimed, dismissed, succeeded, failed;
failed may yet succeed; a dismissed one is not applied before it is active again), with snoozed, finished and closed.
A move that the table does not hold is refused; whoever asks is told the moves it does hold.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum


class State(StrEnum):
    """Where an alert stands."""

    ACTIVE = "active"
    CLAIMED = "claimed"
    SNOOZED = "snoozed"
    DISMISSED = "dismissed"
    FINISHED = "finished"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CLOSED = "closed"


class Move(StrEnum):
    """What moves an alert; `open` is its first move, from no state."""

    OPEN = "open"
    CLAIM = "claim"
    SNOOZE = "snooze"
    DISMISS = "dismiss"
    FINISH = "finish"
    REOPEN = "reopen"
    WAKE = "wake"
    CLOSE = "close"
    SUCCEED = "succeed"
    FAIL = "fail"


class Dismissal(StrEnum):
    """Why a person does not want a migration."""

    NOT_WORTH_IT = "not_worth_it"
    QUALITY_RISK = "quality_risk"
    PLANNED_RETIREMENT = "planned_retirement"
    WRONG_FACTS = "wrong_facts"
    NO_CAPACITY = "no_capacity"
    OTHER = "other"


# People move an alert on the page and the command line; the judge, the clock and the measurement make the others.
BY_PEOPLE: tuple[Move, ...] = (Move.CLAIM, Move.SNOOZE, Move.DISMISS, Move.FINISH, Move.REOPEN)
# It waits for somebody: these are counted, listed and totalled.
OPEN: tuple[State, ...] = (State.ACTIVE, State.CLAIMED, State.SNOOZED)
# It holds its feature's one place: while it does, no second alert opens.
HELD: tuple[State, ...] = (*OPEN, State.DISMISSED)
# It is over: what comes next is another alert.
ENDED: tuple[State, ...] = (State.SUCCEEDED, State.FAILED, State.CLOSED)

_AWAITS: dict[Move, State] = {
    Move.CLAIM: State.CLAIMED,
    Move.SNOOZE: State.SNOOZED,
    Move.DISMISS: State.DISMISSED,
    Move.FINISH: State.FINISHED,
    Move.CLOSE: State.CLOSED,
}
_BACK: dict[Move, State] = {Move.REOPEN: State.ACTIVE}

TABLE: Mapping[State | None, Mapping[Move, State]] = {
    None: {Move.OPEN: State.ACTIVE},
    State.ACTIVE: _AWAITS,
    State.CLAIMED: {
        Move.DISMISS: State.DISMISSED,
        Move.FINISH: State.FINISHED,
        Move.REOPEN: State.ACTIVE,
        Move.CLOSE: State.CLOSED,
    },
    State.SNOOZED: {**_AWAITS, **_BACK, Move.WAKE: State.ACTIVE},
    # The judge closes a dismissed alert only where another migration takes its place.
    State.DISMISSED: {**_BACK, Move.CLOSE: State.CLOSED},
    State.FINISHED: {Move.SUCCEED: State.SUCCEEDED, Move.FAIL: State.FAILED},
    State.SUCCEEDED: {Move.FAIL: State.FAILED},
    State.FAILED: {Move.SUCCEED: State.SUCCEEDED},
    State.CLOSED: {},
}


class IllegalMove(ValueError):  # noqa: N818 (it is what it says)
    """The table holds no such move from this state; `legal` names what people may do instead."""

    def __init__(self, state: State | None, move: Move) -> None:
        super().__init__(f"cannot {move} an alert that is {state or 'not there'}")
        self.state = state
        self.move = move
        self.legal = legal(state)


def after(state: State | None, move: Move) -> State:
    """The state that a move leads to.

    Raises:
        IllegalMove: it is not legal from here.

    >>> str(after(State.ACTIVE, Move.CLAIM))
    'claimed'
    """
    try:
        return TABLE[state][move]
    except KeyError:
        raise IllegalMove(state, move) from None


def legal(state: State | None) -> tuple[Move, ...]:
    """The moves that people may make from here, in their order.

    >>> [str(move) for move in legal(State.DISMISSED)]
    ['reopen']
    """
    return tuple(move for move in BY_PEOPLE if move in TABLE[state])


def moved_materially(dismissed_at: Decimal | None, saving: Decimal | None, share: Decimal) -> bool:
    """Whether a saving (USD a month) has outgrown the one that was dismissed by `share` of it or more.

    A smaller saving does not overturn a no. One that was unknown and is known now is news.

    >>> moved_materially(Decimal(100), Decimal(200), Decimal("0.5"))
    True
    """
    if saving is None:
        return False
    return dismissed_at is None or saving >= dismissed_at * (1 + share)
