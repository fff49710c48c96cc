"""Counts the plain rows of a large file of calls as sums; what is left is for the row parser."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from collectors.bulk_calls import BulkCalls, Without, bulk_calls
from collectors.bulk_sums import Keys, Marks, Summed
from collectors.files import SOURCE, FileReading
from collectors.zones import UTC
from db.session import Engine, reading, transaction
from db.store.bulk import known_keys, record_latencies, record_sums
from db.store.packs import add_pack
from db.store.usage import record_intake
from offramp.actions.load_options import LoadOptions

# The second one leaves out what the first found; another only where somebody counts the same calls at the same time.
_MOST_READINGS = 4


class _NotAllNewError(Exception):
    """Keys that were counted before, and keys that are there more than once: their sums must not be kept."""

    def __init__(self, without: Without) -> None:
        super().__init__(f"{len(without.known)} known, {len(without.repeated)} repeated")
        self.without = without


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
    # Of another zone than UTC only the row parser knows when it was what.
    elsewhere = source.zone is not None and source.zone.key != UTC
    if source.kind != "calls" or source.layout is not None or elsewhere:
        return BulkLoaded()
    bulk = bulk_calls(
        source.path,
        given=source.set_columns,
        renamed=source.renamed,
        newest=source.newest,
        source=SOURCE,
        least_bytes=options.bulk_bytes,
        most_rows=options.bulk_rows,
        bare_utc=source.zone is not None,
    )
    if bulk is None:
        return BulkLoaded()
    with _uncollected():
        return _load(engine, bulk, source, at, options)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Half a million rows of sums hold no circles: looking for some takes a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _load(engine: Engine, bulk: BulkCalls, source: FileReading[Any], at: datetime, options: LoadOptions) -> BulkLoaded:
    done, left = BulkLoaded(), list[Marks]()
    parts = bulk.parts()
    for place in range(parts):
        loaded = _part(engine, bulk, (place, parts), at, options)
        if loaded is None:
            # The row parser reads it all; what is counted already is known to it.
            return done
        done, left = done.plus(loaded[0]), [*left, loaded[1]]
        if options.progress:
            options.progress(done.accepted + done.duplicates)
    marks = np.concatenate(left)
    source.rows = (lambda: bulk.rows(marks)) if len(marks) else lambda: iter(())
    return done


def _part(
    engine: Engine, bulk: BulkCalls, part: tuple[int, int], at: datetime, options: LoadOptions
) -> tuple[BulkLoaded, Marks] | None:
    """What was counted of a part, and the rows that are left to the row parser."""
    told, without = _share_of(part, options), None
    for _ in range(_MOST_READINGS):
        summed = bulk.sums(part, without, told)
        if summed is None:
            return None
        duplicates = 0 if without is None else len(without.known)
        try:
            new = _count(engine, summed, duplicates, at, options)
        except _NotAllNewError as found:
            without = found.without if without is None else without.plus(found.without)
        else:
            return _loaded(summed, new, duplicates), summed.left
    return None


def _count(engine: Engine, summed: Summed, duplicates: int, at: datetime, options: LoadOptions) -> int:
    """Write the sums while their keys are sorted, and keep them if every key is new and there once; how many there are.

    Raises:
        _NotAllNewError: nothing was written.
    """
    with reading(engine) if options.dry_run else transaction(engine) as session:
        if not options.dry_run:
            record_sums(session, summed.sums, at)
            record_latencies(session, summed.latencies)
        once, repeated = _apart(summed.keys())
        known = known_keys(session, once)
        if len(known) or len(repeated):
            raise _NotAllNewError(Without(known, repeated))
        if not options.dry_run:
            add_pack(session, once)
            record_intake(session, SOURCE, {"duplicate": duplicates}, at)
    return len(once)


def _loaded(summed: Summed, new: int, duplicates: int) -> BulkLoaded:
    named, uncosted = Counter[str](), Counter[str]()
    for item in summed.sums:
        named[item.feature or ""] += item.calls
        uncosted[item.model] += item.calls - item.reported_calls
    return BulkLoaded(accepted=new, duplicates=duplicates, named=named, uncosted=uncosted)


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
