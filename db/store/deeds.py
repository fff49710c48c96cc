"""Writing down what signed-in people did."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.tables import DeedRow


def note_deed(session: Session, *, at: datetime, who: str, role: str, what: str, about: str, done: bool) -> None:
    """Append one write, done or refused."""
    session.add(DeedRow(at=at, who=who, role=role, what=what, about=about, done=done))
    session.flush()
