"""Writing the history of loads and collector runs."""

from dataclasses import dataclass
from datetime import datetime

from db.session import Session
from db.tables import SourceRun


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCounts:
    """How many records of a run were new, known already, and refused."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0


def record_run(
    session: Session,
    source: str,
    *,
    started_at: datetime,
    finished_at: datetime | None,
    outcome: str,
    counts: RunCounts = RunCounts(),
    message: str = "",
) -> None:
    """Append one run; `outcome` is ok, partial or failed."""
    session.add(
        SourceRun(
            source=source,
            started_at=started_at,
            finished_at=finished_at,
            outcome=outcome,
            accepted=counts.accepted,
            duplicates=counts.duplicates,
            rejected=counts.rejected,
            message=message,
        )
    )
    session.flush()
