"""Imports files of calls, eval scores and bills: what is right is counted once, what is wrong is named, row by row."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar

from collectors.files import TIME, FileReading, detect_kind, read_bills, read_calls, read_scores
from collectors.rejected import Rejected, SourceError
from collectors.zones import check_times_are_texts, zone_named
from db.queries.ended import ended_features
from db.queries.features import former_names, registered_slugs
from db.queries.known import known_calls, known_scores
from db.session import Engine, Session, reading, transaction
from db.store.runs import RunCounts
from db.store.scores import record_scores
from db.store.usage import Recorded, record_calls, record_intake
from offramp.actions.ended import list_ended
from offramp.actions.failure import BadInput, Problem
from offramp.actions.load_bills import load_bills
from offramp.actions.load_bulk import load_in_bulk
from offramp.actions.load_options import LoadOptions
from offramp.actions.loaded import MOST_TOLD, Loaded, remember
from offramp.actions.prices import without_price
from strategy.facts import Billed, Call, Score

_CHUNK = 5_000
_MOST_FEATURES = 10_000
_AHEAD = timedelta(minutes=5)

_Fact = TypeVar("_Fact", Call, Score)
_Read = TypeVar("_Read")


def with_unpriced(engine: Engine, loaded: Loaded) -> Loaded:
    """The same, told which calls cannot be priced by the book as it is now."""
    missing = without_price(engine, loaded.uncosted)
    return replace(loaded, unpriced={model: loaded.uncosted[model] for model in missing})


def load_file(engine: Engine, path: Path, *, at: datetime, options: LoadOptions | None = None) -> Loaded:
    """Load one file; loading it again changes no figure.

    Raises:
        BadInput: the file cannot be read as that kind; nothing was written.
    """
    options = options or LoadOptions()
    given, renamed = options.set_columns, options.renamed
    try:
        found = detect_kind(path, renamed=renamed) if options.kind == "auto" else options.kind
        if found == "calls":
            calls = read_calls(path, set_columns=given, renamed=renamed, newest=at + _AHEAD)
            return _load(engine, _of_zone(calls, options.zone), _calls, at, options)
        if found == "evals":
            results = read_scores(path, set_columns=given, renamed=renamed, newest=at + _AHEAD)
            return _load(engine, _of_zone(results, options.zone), _scores, at, options)
        bills = _of_zone(read_bills(path, found, set_columns=given, renamed=renamed), options.zone)
        return load_bills(engine, [(bills, options)], at)[0]
    except SourceError as failure:
        raise BadInput([Problem(error=failure.message, cure=failure.cure or None)]) from None


def load_parts(engine: Engine, files: Mapping[Path, LoadOptions], *, at: datetime) -> list[Loaded]:
    """Load files that are one bill in parts, as clouds export large ones.

    Raises:
        BadInput: one of them cannot be read or is no bill; nothing was written.
    """
    try:
        return load_bills(engine, [(_part(path, options), options) for path, options in files.items()], at)
    except SourceError as failure:
        raise BadInput([Problem(error=failure.message, cure=failure.cure or None)]) from None


def _part(path: Path, options: LoadOptions) -> FileReading[Billed]:
    kind = detect_kind(path, renamed=options.renamed) if options.kind == "auto" else options.kind
    if kind not in ("focus", "invoice"):
        raise SourceError(f"{path.name} is no bill but a file of {kind}", cure="leave --parts out: such files add up")
    bill = read_bills(path, kind, set_columns=options.set_columns, renamed=options.renamed)
    return _of_zone(bill, options.zone)


def _of_zone(reading: FileReading[_Read], zone: str | None) -> FileReading[_Read]:
    """The reading with times that say no zone in this one; SourceError where it is none, or the file needs none."""
    if zone is None:
        return reading
    if reading.layout is not None or TIME not in reading.known_columns:
        known = "a bill has days" if reading.layout is None else f"the times of {reading.layout} say or mean UTC"
        raise SourceError(f"{reading.path.name} needs no --zone: {known}", cure="leave --zone out")
    found = zone_named(zone)
    check_times_are_texts(reading.path, found)
    return replace(reading, zone=found)


def _calls(session: Session, calls: Sequence[Call], at: datetime) -> Recorded:
    return record_calls(session, calls, at)


def _scores(session: Session, scores: Sequence[Score], at: datetime) -> Recorded:
    recorded = record_scores(session, scores)
    counts = {"eval_accepted": recorded.accepted, "eval_duplicate": recorded.duplicates}
    record_intake(session, "file", counts, at)
    return recorded


class _DryRun:
    """Says what would become of facts and writes nothing; 8 bytes of each key tell repetitions within the file."""

    def __init__(self, engine: Engine, known: Callable[[Session, Sequence[bytes]], set[bytes]]) -> None:
        self._engine, self._known = engine, known
        self._seen: set[bytes] = set()

    def __call__(self, facts: Sequence[_Fact]) -> Recorded:
        keys = [fact.key for fact in facts]
        with reading(self._engine) as session:
            known = self._known(session, keys)
        fresh = {key for key in keys if key not in known and key[:8] not in self._seen}
        self._seen.update(key[:8] for key in fresh)
        return Recorded(accepted=len(fresh), duplicates=len(facts) - len(fresh))


def _load(
    engine: Engine,
    source: FileReading[_Fact],
    record: Callable[[Session, Sequence[_Fact], datetime], Recorded],
    at: datetime,
    options: LoadOptions,
) -> Loaded:
    before = load_in_bulk(engine, source, at, options)
    accepted, duplicates, rejected, rows = before.accepted, before.duplicates, 0, before.accepted + before.duplicates
    told: list[Rejected] = []
    named, uncosted = Counter(before.named), Counter(before.uncosted)
    foresee = _DryRun(engine, known_scores if source.kind == "evals" else known_calls)
    for chunk in _chunks(source):
        good = [item for item in chunk if not isinstance(item, Rejected)]
        bad = [item for item in chunk if isinstance(item, Rejected)]
        told += bad[: MOST_TOLD - len(told)]
        rejected, rows = rejected + len(bad), rows + len(chunk)
        if bad and options.refused:
            options.refused(bad)
        if len(named) < _MOST_FEATURES:
            _tally(good, named, uncosted)
        if options.dry_run:
            recorded = foresee(good)
        else:
            with transaction(engine) as session:
                recorded = record(session, good, at)
        accepted, duplicates = accepted + recorded.accepted, duplicates + recorded.duplicates
        if options.progress:
            options.progress(rows)
    if not options.dry_run:
        remember(engine, source.path.name, at, RunCounts(accepted=accepted, duplicates=duplicates, rejected=rejected))
    return Loaded(
        path=source.path,
        kind=source.kind,
        layout=source.layout,
        accepted=accepted,
        duplicates=duplicates,
        rejected_rows=rejected,
        rejected=tuple(told),
        ignored_columns=tuple(source.extra_columns),
        meant=source.meant,
        unattributed=named.pop("", 0),
        uncosted=+uncosted,
        unregistered=_unregistered(engine, named),
        ended={slug: named[slug] for slug in sorted(list_ended(engine).keys() & named.keys())},
    )


def _tally(items: Iterable[Call | Score], named: Counter[str], uncosted: Counter[str]) -> None:
    for item in items:
        if isinstance(item, Call):
            named[item.feature or ""] += item.calls
            uncosted[item.model] += item.calls if item.cost_usd is None else 0
        elif item.feature:
            named[item.feature] += 1


def _unregistered(engine: Engine, named: Mapping[str, int]) -> dict[str, int]:
    with reading(engine) as session:
        known = registered_slugs(session) | former_names(session).keys() | ended_features(session).keys()
    return {slug: rows for slug, rows in named.items() if slug not in known}


def _chunks(items: Iterable[_Fact | Rejected]) -> Iterator[list[_Fact | Rejected]]:
    source = iter(items)
    while chunk := list(islice(source, _CHUNK)):
        yield chunk
