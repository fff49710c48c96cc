"""Known past prices, read from the reading room's curated facts."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from strategy.kinds import PriceKind


@dataclass(frozen=True)
class KnownChange:
    """One change: what a model cost before an instant and from it on."""

    provider: str
    name: str
    at: datetime
    kind: PriceKind
    old: Decimal
    new: Decimal


def known_changes(shared: Path) -> list[KnownChange]:
    """Every curated change of an input or output price whose day is known."""
    found = []
    with (shared / "data" / "price_changes_curated.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["date_kind"].startswith("between"):
                continue
            hour = 16 if "16:00 UTC" in row["note"] else 0
            at = datetime.fromisoformat(row["effective_date"]).replace(tzinfo=UTC) + timedelta(hours=hour)
            for kind in (PriceKind.INPUT, PriceKind.OUTPUT):
                old, new = row[f"old_{kind}_mtok"], row[f"new_{kind}_mtok"]
                if new:
                    found.append(KnownChange(row["provider"], row["model"], at, kind, Decimal(old), Decimal(new)))
    return found
