"""Writes keys: new, revoked, used."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.tables import ApiKey


def add_key(
    session: Session,
    *,
    key_id: str,
    name: str,
    digest: bytes,
    scopes: Collection[str],
    at: datetime,
    expires_at: datetime | None,
) -> None:
    """Keep a new key's digest."""
    session.add(
        ApiKey(
            id=key_id,
            name=name,
            digest=digest,
            scopes=" ".join(sorted(scopes)),
            created_at=at,
            expires_at=expires_at,
            revoked_at=None,
            last_used_at=None,
        )
    )
    session.flush()


def revoke_key(session: Session, key_id: str, at: datetime) -> bool:
    """End a key for good; False where it had ended already or never was."""
    done = session.execute(update(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None)).values(revoked_at=at))
    return bool(getattr(done, "rowcount", 0))


def mark_used(session: Session, key_ids: Collection[str], at: datetime) -> None:
    """Remember when keys were last used."""
    session.execute(update(ApiKey).where(ApiKey.id.in_(key_ids)).values(last_used_at=at))
