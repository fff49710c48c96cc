"""The demo company's bills: what its providers charge, two days behind, as a file from their consoles.

OpenAI also bills a research group whose calls nobody sends to Offramp, and Anthropic grants a discount.
"""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from collectors.bill_rows import INVOICE_COLUMNS
from db.session import Engine
from offramp.actions.differences import ProviderDay
from offramp.actions.reconcile import reconcile

_LAG = timedelta(days=2)
_CENT = Decimal("0.01")
_CHARGED = {"anthropic": Decimal("0.97"), "google": Decimal(1), "openai": Decimal(1)}
_RESEARCH_USD = (Decimal("14.20"), Decimal("22.75"), Decimal("9.60"), Decimal("31.05"), Decimal("17.40"))


def write_bill(engine: Engine, folder: Path, first: date, now: datetime) -> Path | None:
    """Write the bill of the days that came to be billed since `first`, of what was tracked; None for no such day."""
    last = now.date() - _LAG
    found = ((row, row.day) for row in _tracked(engine, now))
    rows = [each for row, day in found if day and first - _LAG <= day < last for each in _charges(row, day)]
    if not rows:
        return None
    path = folder / f"invoice-{first}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([INVOICE_COLUMNS, *rows])
    return path


def _tracked(engine: Engine, now: datetime) -> Iterator[ProviderDay]:
    # This month and, on its first days, the one before.
    for month in sorted({f"{now.date() - _LAG:%Y-%m}", f"{now.date().replace(day=1) - timedelta(days=1):%Y-%m}"}):
        yield from reconcile(engine, at=now, month=month).days


def _charges(of: ProviderDay, day: date) -> Iterator[tuple[str, date, Decimal, str, str]]:
    if of.provider in _CHARGED and of.tracked_usd:
        yield of.provider, day, (of.tracked_usd * _CHARGED[of.provider]).quantize(_CENT), "products", "USD"
    if of.provider == "openai" and day.weekday() < len(_RESEARCH_USD):
        yield of.provider, day, _RESEARCH_USD[day.weekday()], "research", "USD"
