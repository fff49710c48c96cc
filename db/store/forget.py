"""Forgetting what can no longer matter: keys of pushed spans that a late window would refuse anyway."""

from datetime import datetime

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.orm import Session

from db.store.usage import hour_of
from db.tables import UsageLedger


def forget_keys(session: Session, before: datetime) -> int:
    """Forget the keys of the oldest hour of spans that ended before this instant; how many, 0 where none are left.

    Keys under hour 0 are kept for ever: files and pull sources may come again at any age.
    """
    oldest = session.scalar(
        select(func.min(UsageLedger.hour)).where(UsageLedger.hour > 0, UsageLedger.hour < hour_of(before))
    )
    if oldest is None:
        return 0
    done = session.execute(delete(UsageLedger).where(UsageLedger.hour == oldest))
    return done.rowcount if isinstance(done, CursorResult) else 0
