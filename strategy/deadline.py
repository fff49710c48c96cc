"""By when a verdict must be acted on, and why: the announced price that decides it, or the end of what it runs on."""

from dataclasses import dataclass
from datetime import date, timedelta

from strategy.announced import Decided
from strategy.case import Case
from strategy.headline import retired_told
from strategy.price_told import price_told, size_of

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The day, and the sentence that says what happens on it."""

    by: date
    why: str


def deadline(said: Decided) -> Deadline | None:
    """The soonest of the announced day that decides and the retirement that forces; None where neither is."""
    end, day = said.retirement, said.from_day
    if end is not None and (day is None or end.on <= day):
        return Deadline(by=end.on, why=f"{retired_told(end)}.")
    return None if day is None else Deadline(by=day, why=_price(said.case, day))


def _price(case: Case, day: date) -> str:
    """The largest move of a price that takes effect on a day, of what carries the traffic where that moves."""
    book, carried = case.load.book, {mix.model for mix in case.snapshot.usage.mix}
    moves = []
    for new in book.lines:
        if new.valid_from == case.load.at:
            before, tier = new.valid_from - _MOMENT, new.tier_min_input_tokens
            old = book.in_force(new.model, new.kind, before, tier=tier, processing=new.processing)
            if old is not None and old.usd_per_mtok != new.usd_per_mtok:
                moves.append((old, new))
    if not moves:
        return f"An announced price takes effect on {day}."
    return price_told(*max(moves, key=lambda move: size_of(move[0], move[1], carried)), "will rise", "will fall")
