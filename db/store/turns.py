"""Turns: a writer that reads what it then changes waits for one to end, so that no two work on the same state."""

from enum import IntEnum

from sqlalchemy import text
from sqlalchemy.orm import Session


class Turn(IntEnum):
    """What is changed by one transaction at a time, with the number of its advisory lock."""

    USAGE = 0x0FF7A3C
    BILLS = 0x0FF7A3D
    PRICES = 0x0FF7A3E


def take_turn(session: Session, turn: Turn = Turn.USAGE) -> None:
    """Wait until no other transaction has this turn; SQLite's write transactions take turns by themselves.

    Writers that read what they then change (a late parent moves a call) must not overlap, and turns cannot deadlock:
    no transaction takes two.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": int(turn)})
