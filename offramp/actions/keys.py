"""API keys: made, shown once, listed, revoked, and held against what a request presents.

A key is `ofr_<8 public characters>_<43 secret characters><6 of a checksum>` (base 62; 43 characters are 256 bits). The
public part names it in lists and logs; the checksum tells a typing error from a wrong key without asking the database.
"""

import hmac
import os
import secrets
import string
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from db.queries.keys import StoredKey, api_keys
from db.session import Engine, reading, transaction
from db.store.keys import add_key, revoke_key
from offramp.actions.actors import HERE, By, acting, may_write_all
from offramp.actions.failure import BadInput, Problem
from strategy.shown import instant

SCOPES = ("ingest", "read", "write")
_LETTERS = string.digits + string.ascii_letters
_PUBLIC, _SECRET, _CHECK = 8, 43, 6
# What an unknown key is compared with, so that it takes as long as a known one.
_NOBODYS = sha256(b"").digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made; `text` is shown once and kept nowhere."""

    id: str
    name: str
    scopes: tuple[str, ...]
    text: str

    def document(self) -> dict[str, object]:
        """The key with its secret, for the one who made it."""
        return {"id": self.id, "name": self.name, "scopes": list(self.scopes), "key": self.text}


def create_key(
    engine: Engine,
    *,
    name: str,
    scopes: Sequence[str],
    at: datetime,
    expires_at: datetime | None = None,
    by: By = HERE,
) -> NewKey:
    """Make a key and keep its digest.

    Raises:
        NotAllowed: only an admin may.
        BadInput: a scope does not exist, or the key would have ended already.
    """
    wrong = [scope for scope in scopes if scope not in SCOPES]
    if wrong or not scopes:
        raise BadInput(
            [Problem(error=f"no scope {(wrong or ['(none)'])[0]!r}", field="scope", cure=f"use {', '.join(SCOPES)}")]
        )
    if expires_at is not None and expires_at <= at:
        raise BadInput([Problem(error="the key would have ended already", field="expires", cure="name a later day")])
    key = _minted(name, scopes)
    with acting(engine, by, "make a key", key.id, at) as session:
        may_write_all(by, "make a key")
        add_key(
            session,
            key_id=key.id,
            name=name,
            digest=_digest(key.text),
            scopes=scopes,
            at=at,
            expires_at=expires_at,
        )
    return key


def first_key(engine: Engine, file: Path, at: datetime) -> bool:
    """Write a first key of every scope to `file` (mode 600) where there is no key at all; whether it was written.

    Raises:
        BadInput: the file cannot be written.
    """
    key = _minted("first", SCOPES)
    with transaction(engine) as session:
        if api_keys(session):
            return False
        add_key(session, key_id=key.id, name=key.name, digest=_digest(key.text), scopes=SCOPES, at=at, expires_at=None)
        # Before the commit: a file without its key is made again next time, a key without its file would be lost.
        _write_secret(file, key.text)
    return True


def list_keys(engine: Engine) -> list[StoredKey]:
    """Every key, oldest first."""
    with reading(engine) as session:
        return api_keys(session)


def keys_document(found: Sequence[StoredKey], at: datetime) -> list[dict[str, object]]:
    """Keys as JSON; no secret is in it."""
    return [
        {
            "id": key.id,
            "name": key.name,
            "scopes": sorted(key.scopes),
            "state": key.state(at),
            "created_at": instant(key.created_at),
            "expires_at": instant(key.expires_at),
            "revoked_at": instant(key.revoked_at),
            "last_used_at": instant(key.last_used_at),
        }
        for key in found
    ]


def end_key(engine: Engine, key_id: str, at: datetime, by: By = HERE) -> None:
    """Revoke a key by its public part (or the whole key); servers refuse it within seconds.

    Raises:
        NotAllowed: only an admin may.
        BadInput: there is no such key, or it has ended already.
    """
    public = _public_part(key_id) or key_id.removeprefix("ofr_")
    with acting(engine, by, "revoke a key", public[:20], at) as session:
        may_write_all(by, "revoke a key")
        if not revoke_key(session, public, at):
            raise BadInput([Problem(error=f"no active key {public[:20]!r}", cure="see `offramp keys list`")])


def holder(ring: Mapping[str, StoredKey], presented: str, at: datetime) -> StoredKey | None:
    """The active key that `presented` is, None where it is none; it takes the same time for any wrong one."""
    key = ring.get(_public_part(presented) or "")
    same = hmac.compare_digest(_digest(presented), key.digest if key else _NOBODYS)
    return key if key is not None and same and key.state(at) == "active" else None


def _minted(name: str, scopes: Collection[str]) -> NewKey:
    public, secret = _letters(_PUBLIC), _letters(_SECRET)
    text = f"ofr_{public}_{secret}{_checksum(public + secret)}"
    return NewKey(id=public, name=name, scopes=tuple(scopes), text=text)


def _letters(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def _checksum(text: str) -> str:
    number, found = crc32(text.encode()), ""
    for _ in range(_CHECK):
        number, digit = divmod(number, len(_LETTERS))
        found += _LETTERS[digit]
    return found


def _public_part(text: str) -> str | None:
    """The public part of a well-formed key, None for any other text."""
    prefix, _, rest = text.partition("_")
    public, _, tail = rest.partition("_")
    formed = prefix == "ofr" and len(public) == _PUBLIC and len(tail) == _SECRET + _CHECK
    return public if formed and _checksum(public + tail[:_SECRET]) == tail[_SECRET:] else None


def _digest(text: str) -> bytes:
    # A key is 256 random bits: one SHA-256 is enough, nothing is there to guess.
    return sha256(text.encode("utf-8", "replace")).digest()


def _write_secret(file: Path, text: str) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(f"{text}\n")
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as failure:
        told = f"{file} cannot be written: {failure.strerror}"
        raise BadInput([Problem(error=told, field="OFFRAMP_FIRST_KEY_FILE", cure="name a writable file")]) from None
