"""The one shape of a pull collector: a window of time in, rows of calls (docs/collect.md) out.

A puller only fetches and names; what is a good row, `collectors.call_rows` alone decides. Each window is read whole and
replaces what the same source said of it before, so that reading again changes no figure and late data is not lost.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from collectors.call_rows import parse_call
from collectors.layouts.layout import Layout, Origin
from collectors.names import MODEL_LENGTH
from collectors.occurrences import Occurrences
from collectors.pulls.config import PullSource, usable
from collectors.raw_rows import RawRow
from collectors.rejected import Rejected, SourceError
from collectors.tokens import BadNumber, whole
from strategy.facts import Billed, Call, Score

Record = Mapping[str, Any]
# Of a project's day, not of one request.
_MOST_OF_A_DAY = 10**15
_BOUND = "bound it by >= :start and < :end, and let hours and days be of UTC"


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` up to, not including, `end`; both on UTC days except where a day is not over."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The scores of a window, those of single answers as one mean each, and how many were left out, by reason."""

    scores: tuple[Score, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)


Records = Callable[[PullSource, Window], Iterator[Record]]
Bills = Callable[[PullSource, Window], Iterator[Billed]]
Scores = Callable[[PullSource, Window], Scored]


@dataclass(frozen=True, slots=True, kw_only=True)
class Puller:
    """One kind of source: how its records are fetched, and the layout (as in its files) that makes rows of them.

    `bills` reads what was charged and `scores` how good answers were, where the source knows; a source of bills alone
    has no `records`. Of one that is `bounded` a call outside the window is refused: it was asked for these instants, so
    its hours are of another zone, and what is left out here would be in no other window.
    """

    kind: str
    records: Records | None = None
    layout: Layout | None = None
    bills: Bills | None = None
    scores: Scores | None = None
    bounded: bool = False


def pulled(puller: Puller, source: PullSource, window: Window) -> Iterator[Call | Rejected]:
    """The calls of a window, each once, and what could not be read; calls outside the window are left out or refused.

    Raises:
        SourceError: the source did not answer as its kind does.
    """
    for item in _judged(puller, source, window):
        yield replace(item, day=window.start.date()) if isinstance(item, Rejected) else item


def _judged(puller: Puller, source: PullSource, window: Window) -> Iterator[Call | Rejected]:
    seen, occurrences = set[bytes](), Occurrences()
    for row in _rows(puller, source, window):
        if isinstance(row, Rejected):
            yield row
            continue
        call = parse_call(row.cells, row.number, occurrences, source=source.label)
        if isinstance(call, Rejected):
            yield call
        elif not window.start <= call.at < window.end:
            if puller.bounded:
                error = f"{call.at:%Y-%m-%d %H:%M} is outside what was asked for"
                yield Rejected(row.number, "timestamp", error, _BOUND)
        elif call.key not in seen:
            seen.add(call.key)
            yield call


def check(puller: Puller, source: PullSource, window: Window) -> None:
    """Ask for the first page of a window, once, and look at nothing of it: whoever asks is waiting.

    Raises:
        SourceError: the source cannot be read; with the cure.
    """
    usable(source)
    source = replace(source, attempts=1)
    if puller.records is not None:
        next(puller.records(source, window), None)
    if puller.bills is not None:
        next(puller.bills(source, window), None)


def _rows(puller: Puller, source: PullSource, window: Window) -> Iterator[RawRow | Rejected]:
    records = () if puller.records is None else puller.records(source, window)
    raw = (RawRow(number, record) for number, record in enumerate(records, start=1))
    if puller.layout is None:
        return raw
    return puller.layout.read(raw, Origin(source.name, window.end, {}))


def list_in(document: Record, name: str, host: str) -> list[Record]:
    """The list of records under a name.

    Raises:
        SourceError: there is none; the answer was not understood.
    """
    found = document.get(name)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise SourceError(f"{host} answered without {name!r}", cure="check the kind and version of this source")
    return found


def billed_line(source: PullSource, provider: str, day: date, amount_usd: object, project: object) -> Billed:
    """One day's charge of a project, which a later pull of the day replaces.

    Raises:
        SourceError: the amount is no number.
    """
    try:
        # Numbers, though clients in the field were sent text.
        amount = Decimal(str(amount_usd))
    except ArithmeticError:
        raise SourceError(f"{source.name} sent an amount that is no number", permanent=False) from None
    return Billed(
        slot=f"{source.label}|{day}",
        provider=provider,
        day=day,
        amount_usd=amount,
        project=None if project in (None, "") else str(project)[:MODEL_LENGTH],
        source="pull",
    )


def told_line(source: PullSource, line: Billed, inputs: Iterable[object], output: object) -> Billed:
    """How many tokens a provider says that a project used on a day; `inputs` are the parts of the input.

    Raises:
        SourceError: one is no count.
    """
    try:
        counts = [whole(part, _MOST_OF_A_DAY) for part in (*inputs, output) if part is not None]
    except BadNumber:
        raise SourceError(f"{source.name} sent a number of tokens that is none", permanent=False) from None
    into = sum(counts) if output is None else sum(counts[:-1])
    return replace(line, category="tokens", input_tokens=into, output_tokens=0 if output is None else counts[-1])
