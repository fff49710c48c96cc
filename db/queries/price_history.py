"""Every row the price book ever got for a model, each with what has become of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import PriceRow


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One row. `status`: active, scheduled, cancelled, superseded (corrected or followed by another), quarantined."""

    id: int
    model: str
    kind: str
    tier_min_input_tokens: int
    processing: str
    usd_per_mtok: Decimal
    unit: str
    currency: str
    original: str
    valid_from: datetime
    recorded_at: datetime
    recorded_by: str
    source: str
    source_version: str
    source_sha256: str
    reason: str
    supersedes_id: int | None
    status: str


def price_history(session: Session, models: Collection[str], at: datetime) -> list[HistoryRow]:
    """The rows of these models as they stand at an instant, by model and kind, oldest first."""
    query = (
        select(PriceRow)
        .where(PriceRow.model.in_(models), PriceRow.recorded_at <= at)
        .order_by(
            PriceRow.model,
            PriceRow.kind,
            PriceRow.processing,
            PriceRow.tier_min_input_tokens,
            PriceRow.valid_from,
            PriceRow.recorded_at,
            PriceRow.id,
        )
    )
    rows = list(session.scalars(query))
    corrected = {row.supersedes_id: row.status for row in rows if row.status != "quarantined"}
    newest: dict[tuple[str, str, str, int], datetime] = {}
    for row in rows:
        if row.status in {"active", "scheduled"} and row.id not in corrected and row.valid_from <= at:
            newest[_series(row)] = row.valid_from
    names = [name for name in HistoryRow.__dataclass_fields__ if name != "status"]
    return [
        HistoryRow(
            **{name: getattr(row, name) for name in names}, status=_status(row, corrected, newest.get(_series(row)), at)
        )
        for row in rows
    ]


def _status(row: PriceRow, corrected: dict[int | None, str], newest: datetime | None, at: datetime) -> str:
    if row.status in {"cancelled", "quarantined"}:
        return row.status
    if row.id in corrected:
        return "cancelled" if corrected[row.id] == "cancelled" else "superseded"
    if row.valid_from > at:
        return "scheduled"
    return "superseded" if newest is not None and row.valid_from < newest else "active"


def _series(row: PriceRow) -> tuple[str, str, str, int]:
    return row.model, row.kind, row.processing, row.tier_min_input_tokens
