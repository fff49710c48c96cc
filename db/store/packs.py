"""Packed keys of whole files: which of some keys they hold, and adding more.

A key is taken by its first 8 bytes. That one of ten million new keys meets a stranger's among a billion has a chance of
one in two thousand; whole keys would double the space for less than that.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.tables.usage import LedgerPack, UsageLedger

Keys = NDArray[np.int64]

_PER_ROW = 8_192
_AT_ONCE = 200
_STORED = np.dtype("<i8")


def short_keys(keys: Sequence[bytes]) -> Keys:
    """The first 8 bytes of each key as a whole number."""
    return np.frombuffer(b"".join(key[:8] for key in keys), dtype=_STORED).astype(np.int64)


def packed(session: Session, keys: Sequence[bytes]) -> set[bytes]:
    """Those of the keys that packs hold."""
    if not keys:
        return set()
    short = short_keys(keys)
    held = np.isin(short, packed_keys(session, np.sort(short)))
    return {key for key, is_held in zip(keys, held, strict=True) if is_held}


def packed_keys(session: Session, keys: Keys) -> Keys:
    """Those of the keys (in order) that packs hold, in order."""
    found = [held[np.isin(held, keys, assume_unique=True)] for held in _rows_with(session, keys)]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def ledger_keys(session: Session, keys: Keys) -> Keys:
    """Those of the keys (in order) that stand in the ledger one by one, of files and pull sources, in order."""
    found = [np.empty(0, np.int64)]
    rows = session.execute(
        select(UsageLedger.key).where(UsageLedger.hour == 0).execution_options(yield_per=50_000)
    ).scalars()
    for part in rows.partitions():
        short = short_keys(part)
        found.append(short[np.isin(short, keys)])
    return np.unique(np.concatenate(found))


def add_pack(session: Session, keys: Keys) -> None:
    """Remember keys that are in order and each there once."""
    for start in range(0, len(keys), _PER_ROW * _AT_ONCE):
        some = keys[start : start + _PER_ROW * _AT_ONCE]
        parts = (some[at : at + _PER_ROW] for at in range(0, len(some), _PER_ROW))
        rows = [
            {"first": int(part[0]), "last": int(part[-1]), "keys": part.astype(_STORED).tobytes()} for part in parts
        ]
        session.execute(insert(LedgerPack), rows)


def _rows_with(session: Session, keys: Keys) -> Iterator[Keys]:
    """The rows of keys whose range holds one of these."""
    ranges = session.execute(select(LedgerPack.id, LedgerPack.first, LedgerPack.last)).all()
    ordered = keys.tolist() if ranges and len(keys) < _PER_ROW else []
    wanted = [
        row.id
        for row in ranges
        if not ordered or ((place := bisect_right(ordered, row.last)) and ordered[place - 1] >= row.first)
    ]
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(LedgerPack.keys).where(LedgerPack.id.in_(wanted[start : start + _AT_ONCE]))
        for blob in session.scalars(query):
            yield np.frombuffer(blob, dtype=_STORED).astype(np.int64)
