"""Counts the plain rows of a large file of calls as sums; what is left is for the row parser."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from collectors.bulk_calls import BulkCalls, Keys, bulk_calls
from collectors.files import SOURCE, FileReading
from db.session import Engine, reading, transaction
from db.store.bulk import known_keys, record_sums
from db.store.usage import record_intake
from offramp.actions.load_options import LoadOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkLoaded:
    """What was counted as sums, and the calls that named each feature."""

    accepted: int = 0
    duplicates: int = 0
    named: Mapping[str, int] = field(default_factory=dict)


def load_in_bulk(engine: Engine, source: FileReading[Any], at: datetime, options: LoadOptions) -> BulkLoaded:
    """Count what can be counted as sums, and leave the other rows in `source`; nothing where that is all of them."""
    if source.kind != "calls" or source.layout is not None:
        return BulkLoaded()
    bulk = bulk_calls(
        source.path,
        given=source.set_columns,
        newest=source.newest,
        source=SOURCE,
        least_bytes=options.bulk_bytes,
    )
    return BulkLoaded() if bulk is None else _load(engine, bulk, source, at, options)


def _load(engine: Engine, bulk: BulkCalls, source: FileReading[Any], at: datetime, options: LoadOptions) -> BulkLoaded:
    summed = bulk.sums(told=options.read)
    if summed is None:
        return BulkLoaded()
    once, to_parser = _apart(summed.keys)
    with reading(engine) as session:
        known = known_keys(session, once)
    if len(known) or len(to_parser):
        summed = bulk.sums(np.union1d(known, to_parser), options.read)
        if summed is None:
            return BulkLoaded()
    new = np.setdiff1d(once, known, assume_unique=True) if len(known) else once
    if not options.dry_run:
        with transaction(engine) as session:
            record_sums(session, summed.sums, summed.latencies, new, at)
            record_intake(session, SOURCE, {"duplicate": len(known)}, at)
    left = summed.left or len(to_parser)
    source.rows = (lambda: bulk.rows(to_parser)) if left else lambda: iter(())
    named: Counter[str] = Counter()
    for item in summed.sums:
        if item.feature:
            named[item.feature] += item.calls
    if options.progress:
        options.progress(len(once))
    return BulkLoaded(accepted=len(new), duplicates=len(known), named=named)


def _apart(keys: Keys) -> tuple[Keys, Keys]:
    """Of keys in order those that are there once, and those that are there more often, each once.

    Equal rows without an id are calls of their own, by their number among themselves: only rows tell.
    """
    ends = np.flatnonzero(np.append(keys[1:] != keys[:-1], [True] * bool(len(keys))))
    if len(ends) == len(keys):
        return keys, keys[:0]
    times = np.diff(ends, prepend=-1)
    return keys[ends[times == 1]], keys[ends[times > 1]]
