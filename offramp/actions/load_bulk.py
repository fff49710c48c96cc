"""Counts the plain rows of a large file of calls as sums; what is left is for the row parser."""

from collections import Counter
from collections.abc import Callable, Mapping
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
    """What was counted as sums: calls by feature ("" is none), and by model those that told no cost of their own."""

    accepted: int = 0
    duplicates: int = 0
    named: Mapping[str, int] = field(default_factory=dict)
    uncosted: Mapping[str, int] = field(default_factory=dict)

    def plus(self, other: "BulkLoaded") -> "BulkLoaded":
        """Both together."""
        return BulkLoaded(
            accepted=self.accepted + other.accepted,
            duplicates=self.duplicates + other.duplicates,
            named=Counter(self.named) + Counter(other.named),
            uncosted=Counter(self.uncosted) + Counter(other.uncosted),
        )


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
        most_rows=options.bulk_rows,
    )
    return BulkLoaded() if bulk is None else _load(engine, bulk, source, at, options)


def _load(engine: Engine, bulk: BulkCalls, source: FileReading[Any], at: datetime, options: LoadOptions) -> BulkLoaded:
    done, left, to_parser = BulkLoaded(), 0, np.empty(0, np.int64)
    parts = bulk.parts()
    for place in range(parts):
        loaded = _part(engine, bulk, (place, parts), at, options)
        if loaded is None:
            # The row parser reads it all; what is counted already is known to it.
            return done
        sums, odd, part_left = loaded
        done, left, to_parser = done.plus(sums), left + part_left, np.union1d(to_parser, odd)
        if options.progress:
            options.progress(done.accepted + done.duplicates)
    source.rows = (lambda: bulk.rows(to_parser)) if left or len(to_parser) else lambda: iter(())
    return done


def _part(
    engine: Engine, bulk: BulkCalls, part: tuple[int, int], at: datetime, options: LoadOptions
) -> tuple[BulkLoaded, Keys, int] | None:
    """What was counted of a part, the keys that are left to the row parser, and how many rows were not plain."""
    told = _share_of(part, options)
    summed = bulk.sums(part, told=told)
    if summed is None:
        return None
    once, to_parser = _apart(summed.keys)
    with reading(engine) as session:
        known = known_keys(session, once)
    if len(known) or len(to_parser):
        summed = bulk.sums(part, np.union1d(known, to_parser), told)
        if summed is None:
            return None
    new = np.setdiff1d(once, known, assume_unique=True) if len(known) else once
    if not options.dry_run:
        with transaction(engine) as session:
            record_sums(session, summed.sums, summed.latencies, new, at)
            record_intake(session, SOURCE, {"duplicate": len(known)}, at)
    named, uncosted = Counter[str](), Counter[str]()
    for item in summed.sums:
        named[item.feature or ""] += item.calls
        uncosted[item.model] += item.calls - item.reported_calls
    loaded = BulkLoaded(accepted=len(new), duplicates=len(known), named=named, uncosted=uncosted)
    return loaded, to_parser, summed.left


def _share_of(part: tuple[int, int], options: LoadOptions) -> Callable[[float], None] | None:
    read, (place, parts) = options.read, part
    return None if read is None else lambda share: read((place + share) / parts)


def _apart(keys: Keys) -> tuple[Keys, Keys]:
    """Of keys in order those that are there once, and those that are there more often, each once.

    Equal rows without an id are calls of their own, by their number among themselves: only rows tell.
    """
    differ = keys[1:] != keys[:-1]
    if differ.all():
        return keys, keys[:0]
    ends = np.append(np.flatnonzero(differ), len(keys) - 1)
    times = np.diff(ends, prepend=-1)
    return keys[ends[times == 1]], keys[ends[times > 1]]
