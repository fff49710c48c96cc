"""The sections of figures: what was spent, and which prices moved."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from reports.layout import Section, Table
from reports.value import PriceMove, Spend, WeeklyReport
from reports.words import against_before, change, cost, day, known, percent, usd
from strategy.money import ZERO
from strategy.shown import exact

_MOST_MOVERS = 8
_MOST_TOUCHED = 4
_CENTS = 2
_KINDS = {"cached_input": "cached input", "cache_write": "cache write"}


def spend_section(report: WeeklyReport) -> Section | None:
    """What the week cost; None where there was no usage in it or the week before."""
    table, over = report.spend, report.complete
    if not table.rows:
        return None
    shown, rest = table.rows[:_MOST_MOVERS], table.rows[_MOST_MOVERS:]
    rows = [_spend_cells(row, row.name or "Unattributed", over=over) for row in shown]
    if rest:
        rows.append(_rest_cells(rest, over=over))
    # A part of a week is not held against a whole one.
    columns = ("", "this week", "change") if over else ("", "so far", "the week before")
    note = f"{against_before(table.total)}; the biggest movers first".capitalize() if over else ""
    total = _spend_cells(table.total, "Total", over=over)
    return Section(
        title="Spend",
        figure=cost(table.total),
        note=note,
        table=Table(columns=columns, rows=tuple(rows), total=total),
    )


def _spend_cells(row: Spend, label: str, *, over: bool) -> tuple[str, ...]:
    beside = _moved(row.change_usd) if over else known(row.cost_before_usd)
    return label, cost(row), beside


def _moved(amount: Decimal | None) -> str:
    return "not known" if amount is None else change(amount)


def _rest_cells(rest: Sequence[Spend], *, over: bool) -> tuple[str, ...]:
    """The features that moved least in one row, so that the columns still add up."""
    spent = _sum([row.cost_usd for row in rest], usd)
    beside = [row.change_usd for row in rest] if over else [row.cost_before_usd for row in rest]
    return f"{len(rest)} more", spent, _sum(beside, change if over else usd)


def _sum(amounts: Sequence[Decimal | None], shown: Callable[[Decimal], str]) -> str:
    known = [amount for amount in amounts if amount is not None]
    if not known:
        return "not known"
    unknown = len(amounts) - len(known)
    return shown(sum(known, ZERO)) + (f" + {unknown} not known" if unknown else "")


def price_section(report: WeeklyReport, year: int) -> Section | None:
    """The prices that moved and those announced; None where there are none."""
    if not report.prices_changed and not report.prices_announced:
        return None
    names = {row.feature: row.name or row.feature for row in report.spend.rows if row.feature}
    past = [
        f"{_price(move)} since {day(move.valid_from, year)}{_touched(move, names)}" for move in report.prices_changed
    ]
    ahead = [
        f"Announced: {_price(move)} from {day(move.valid_from, year)}{_touched(move, names)}"
        for move in report.prices_announced
    ]
    return Section(title="What got dearer or cheaper", bullets=(*past, *ahead))


def _touched(move: PriceMove, names: Mapping[str, str]) -> str:
    """Whom it concerns: the features that call the model or name it."""
    if not move.features:
        return ""
    named = [names.get(slug, slug) for slug in move.features]
    more = len(named) - _MOST_TOUCHED
    return "; touches " + ", ".join(named[:_MOST_TOUCHED]) + (f" and {more} more" if more > 0 else "")


def _price(move: PriceMove) -> str:
    new = _per_mtok(move.new_usd_per_mtok)
    kind = _KINDS.get(move.kind, move.kind)
    if move.old_usd_per_mtok is None:
        return f"{move.model}, {kind}: first price {new} per million tokens"
    moved = move.new_usd_per_mtok - move.old_usd_per_mtok
    share = percent(abs(moved), move.old_usd_per_mtok) if move.old_usd_per_mtok else "from free"
    sign = "+" if moved > 0 else "−"
    old = _per_mtok(move.old_usd_per_mtok)
    return f"{move.model}, {kind}: {old} → {new} per million tokens ({sign}{share})"


def _per_mtok(price: Decimal) -> str:
    whole, _, digits = exact(price).partition(".")
    return f"${whole}.{digits.ljust(_CENTS, '0')}"
