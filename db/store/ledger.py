"""Writing the ledger: a finished migration, and its spans as they are measured; both only appended."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from db.store.upsert import insert_new
from db.tables import AlertRow, LedgerSpanRow, MigrationRow
from strategy.ledger import Effects

_NANO = Decimal("1e-9")


def open_migration(session: Session, alert: AlertRow, running: tuple[Decimal, Decimal], at: datetime) -> None:
    """Freeze what was promised and on what; `running` is USD a month beside the calls, before and after."""
    session.add(
        MigrationRow(
            alert_id=alert.id,
            verdict_id=alert.verdict_id,
            finished_at=at,
            promised_usd_month=alert.saving_usd_month,
            running_before_usd_month=running[0].quantize(_NANO),
            running_after_usd_month=running[1].quantize(_NANO),
        )
    )
    session.flush()


def keep_span(  # noqa: PLR0913 (a row's columns)
    session: Session,
    migration_id: int,
    number: int,
    *,
    days: tuple[date, date],
    at: datetime,
    calls: int,
    usage_usd: Decimal | None,
    effects: Effects | None,
    unmeasured: str | None = None,
) -> bool:
    """Append a measured span, from `days[0]` up to, not including, `days[1]`; False where it was kept already."""
    row = {
        "migration_id": migration_id,
        "number": number,
        "start": days[0],
        "end": days[1],
        "measured_at": at,
        "calls": calls,
        "usage_usd": None if usage_usd is None else usage_usd.quantize(_NANO),
        "volume_usd": effects.volume_usd if effects else None,
        "price_usd": effects.price_usd if effects else None,
        "strategy_usd": effects.strategy_usd if effects else None,
        "unmeasured": unmeasured,
    }
    return bool(insert_new(session, LedgerSpanRow, [row], "id"))
