"""Counts what was sent and is not used: silence would look like loss."""

from datetime import datetime

from db.session import Engine, transaction
from db.store.usage import record_intake


def count_unused(engine: Engine, signal: str, *, at: datetime) -> None:
    """Count one OTLP request of a signal that nothing reads yet (`metrics`, `logs`)."""
    with transaction(engine) as session:
        record_intake(session, f"otlp_{signal}", {"not_used": 1}, at)
