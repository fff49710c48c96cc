"""The parts a letter is laid out in: plain text, the same for every format."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry: what it is about, its figure at the right, and sentences. `tone` is due, ended, late or plain."""

    head: str
    figure: str = ""
    lines: tuple[str, ...] = ()
    tone: str = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Figures in columns; the first is text, the others stand to the right. The last row is the total."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the letter with its sum; sections without content are left out."""

    title: str
    figure: str = ""
    note: str = ""
    items: tuple[Item, ...] = ()
    table: Table | None = None
    bullets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The whole letter. A week in which nothing changed has a headline, one line, and no sections."""

    week: str
    period: str
    headline: str
    lead: str
    sections: tuple[Section, ...]
