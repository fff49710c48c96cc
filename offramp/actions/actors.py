"""Who writes, and whether they may: asked in every action, whichever page or route it came from.

A viewer reads. An owner writes what belongs to a feature whose owner is their e-mail address, their name or one of
their groups, or which nobody owns. An admin writes everything: prices, jobs, messages and keys too. A plain name is
somebody at the command line, at pages that need no sign-in, or behind a key: they may do what that place lets them.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.session import Engine, Session, transaction
from db.store.deeds import note_deed
from offramp.actions.failure import BadInput, Problem


class Role(StrEnum):
    """What somebody who signed in may do, the least first."""

    VIEWER = "viewer"
    OWNER = "owner"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who signed in. `names` are the owners of features that they stand for."""

    name: str
    role: Role
    names: frozenset[str] = frozenset()

    def owns(self, owner: str | None) -> bool:
        """Whether a feature of this owner is theirs; one that nobody owns is."""
        return owner is None or not owner.strip() or owner.strip().casefold() in self.names


By = str | Actor
HERE = "command line"


class NotAllowed(BadInput):
    """Somebody may not do this; the message says who may. Nothing was written but that they were refused."""


def name_of(by: By) -> str:
    """The name to keep with a write."""
    return by.name if isinstance(by, Actor) else by


@contextmanager
def acting(engine: Engine, by: By, what: str, about: str, at: datetime) -> Iterator[Session]:
    """One transaction of somebody's write, with who did what; a refusal is written down on its own.

    Raises:
        NotAllowed: the action inside said so.
    """
    try:
        with transaction(engine) as session:
            yield session
            _note(session, by, what, about, at, done=True)
    except NotAllowed:
        with transaction(engine) as session:
            _note(session, by, what, about, at, done=False)
        raise


def may_write_feature(by: By, slug: str, owners: Collection[str | None]) -> None:
    """Let an admin through, and an owner whose all these owners of a feature (the present, the next) are.

    Raises:
        NotAllowed: they may not.
    """
    if not isinstance(by, Actor) or by.role is Role.ADMIN:
        return
    strangers = sorted({owner for owner in owners if owner is not None and not by.owns(owner)})
    if by.role is Role.OWNER and not strangers:
        return
    theirs = strangers or sorted({owner for owner in owners if owner})
    who = f"its owner ({' and '.join(theirs)})" if theirs else "somebody with the role owner"
    raise _refusal(by, f"write {slug}", f"{who} or an admin")


def may_write_all(by: By, what: str) -> None:
    """Let an admin through.

    Raises:
        NotAllowed: they are none.
    """
    if isinstance(by, Actor) and by.role is not Role.ADMIN:
        raise _refusal(by, what, "an admin")


def _refusal(by: Actor, what: str, who: str) -> NotAllowed:
    error = f"{by.name} ({by.role}) may not {what}"
    return NotAllowed([Problem(error=error, field="role", cure=f"ask {who}")])


def _note(session: Session, by: By, what: str, about: str, at: datetime, *, done: bool) -> None:
    if isinstance(by, Actor):
        note_deed(session, at=at, who=by.name, role=by.role, what=what, about=about, done=done)
