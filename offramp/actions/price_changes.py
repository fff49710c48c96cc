"""The history of prices as people ask for it: every row of the book with its status, or the moves of models in use."""

from datetime import datetime
from typing import Any

from db.queries.price_history import HistoryRow, price_history
from db.queries.prices import book_models, used_models
from db.session import Engine, reading
from offramp.actions.prices import book_id, usd_per_mtok
from strategy.shown import instant


def changes(engine: Engine, model: str | None, at: datetime) -> list[dict[str, Any]]:
    """Every row of one model, or of the models in use where none is named, with what became of it; oldest first."""
    with reading(engine) as session:
        models = used_models(session) if model is None else [book_id(model, book_models(session))]
        rows = price_history(session, models, at)
    found = []
    before: dict[tuple[str, str, str, int], HistoryRow] = {}
    for row in rows:
        series = (row.model, row.kind, row.processing, row.tier_min_input_tokens)
        last = before.get(series)
        found.append(_document(row, last))
        if row.status != "cancelled":
            before[series] = row
    return sorted(found, key=lambda told: (told["valid_from"], told["model"], told["kind"], told["recorded_at"]))


def _document(row: HistoryRow, last: HistoryRow | None) -> dict[str, Any]:
    return {
        "model": row.model,
        "kind": row.kind,
        "old": None if last is None else usd_per_mtok(last.usd_per_mtok),
        "new": usd_per_mtok(row.usd_per_mtok),
        "unit": row.unit,
        "currency": row.currency,
        "original": row.original or None,
        "valid_from": instant(row.valid_from),
        "tier_min_input_tokens": row.tier_min_input_tokens,
        "processing": row.processing,
        "status": row.status,
        "recorded_at": instant(row.recorded_at),
        "recorded_by": row.recorded_by,
        "source": row.source,
        "source_version": row.source_version,
        "source_sha256": row.source_sha256 or None,
        "reason": row.reason,
        "supersedes": row.supersedes_id,
        "id": row.id,
    }
