"""Keeping letters: one per week, whole."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.store.upsert import insert_into
from db.tables import ReportRow


def keep_report(session: Session, week: str, document: str, built_at: datetime) -> bool:
    """Keep the letter of a week; whether it was new or differs from the one kept.

    The same letter again changes nothing; another one (late calls, a price correction) takes its place.
    """
    statement = insert_into(session, ReportRow).values(week=week, built_at=built_at, document=document)
    changed = {"document": statement.excluded["document"], "built_at": statement.excluded["built_at"]}
    return (
        session.scalar(
            statement.on_conflict_do_update(
                index_elements=["week"], set_=changed, where=ReportRow.document != statement.excluded["document"]
            ).returning(ReportRow.week)
        )
        is not None
    )
