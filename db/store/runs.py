"""Writing the history of loads and collector runs."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.tables import SourceRun


def record_run(
    session: Session,
    source: str,
    *,
    started_at: datetime,
    finished_at: datetime | None,
    outcome: str,
    accepted: int = 0,
    duplicates: int = 0,
    rejected: int = 0,
    message: str = "",
) -> SourceRun:
    """Append one run; `outcome` is ok, partial or failed."""
    run = SourceRun(
        source=source,
        started_at=started_at,
        finished_at=finished_at,
        outcome=outcome,
        accepted=accepted,
        duplicates=duplicates,
        rejected=rejected,
        message=message,
    )
    session.add(run)
    session.flush()
    return run
