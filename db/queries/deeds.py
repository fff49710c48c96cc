"""What signed-in people did, and what they were refused."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import DeedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One write of a person; `done` is False where it was refused."""

    at: datetime
    who: str
    role: str
    what: str
    about: str
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who wrote, or was refused, with the role they had then and when that was."""

    who: str
    role: str
    last_at: datetime


def deeds(session: Session, limit: int = 50) -> list[Deed]:
    """The newest first."""
    query = select(DeedRow).order_by(DeedRow.at.desc(), DeedRow.id.desc()).limit(limit)
    names = Deed.__dataclass_fields__
    return [Deed(**{name: getattr(row, name) for name in names}) for row in session.scalars(query)]


def people(session: Session) -> list[Person]:
    """Everybody who ever wrote or was refused, by name, with their newest role."""
    newest = select(func.max(DeedRow.id)).group_by(DeedRow.who)
    query = select(DeedRow).where(DeedRow.id.in_(newest)).order_by(DeedRow.who)
    return [Person(who=row.who, role=row.role, last_at=row.at) for row in session.scalars(query)]
