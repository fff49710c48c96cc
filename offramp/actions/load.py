"""Imports files of calls, eval scores and bills: what is right is counted once, what is wrong is named, row by row."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from db.store.bills import BillSums, record_bills
from db.store.runs import RunCounts, record_run
from db.store.scores import record_scores
from db.store.usage import Recorded, record_calls, record_intake
from offramp.actions.ended import list_ended, resume_words
from offramp.actions.failure import BadInput, Problem
from offramp.actions.load_bulk import load_in_bulk
from offramp.actions.load_options import LoadOptions
from offramp.actions.prices import without_price
from reports.words import count
from strategy.facts import Billed, Call, Score

_CHUNK = 5_000
# All are counted; this many are told in full, so that a wrong file of any size fits in memory.
_MOST_TOLD = 10_000
_MOST_WARNED = 5
_MOST_FEATURES = 10_000
_AHEAD = timedelta(minutes=5)

_Fact = TypeVar("_Fact", Call, Score)
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of one file; `rejected` tells the first rejected rows in full, `rejected_rows` counts all.

    `layout` names another tool's layout; `meant` are options that would rename those of `ignored_columns` which seem to
    be ours. `unregistered` tells, by slug, how many calls (or scores) name a feature that nobody registered, `ended`
    one that is no more, `unattributed` how many calls name none. They count all the same. `uncosted` tells, by model,
    how many told no cost of their own; `unpriced`, those of them whose model has no price (`with_unpriced`).
    """

    path: Path
    kind: str
    layout: str | None
    accepted: int
    duplicates: int
    rejected_rows: int
    rejected: tuple[Rejected, ...]
    ignored_columns: tuple[str, ...]
    meant: str = ""
    unregistered: Mapping[str, int]
    ended: Mapping[str, int] = field(default_factory=dict)
    unattributed: int = 0
    uncosted: Mapping[str, int] = field(default_factory=dict)
    unpriced: Mapping[str, int] = field(default_factory=dict)

    def warnings(self) -> list[str]:
        """What is no error, and yet not as it should be, each with its cure."""
        what = "call" if self.kind == "calls" else "score"
        named = sorted(self.unregistered.items(), key=lambda item: (-item[1], item[0]))
        told = [
            f"{count(rows, what)} of feature '{slug}' that nobody registered: register it with"
            f" `offramp register`, or correct the name"
            for slug, rows in named[:_MOST_WARNED]
        ]
        told += [
            f"{count(rows, what)} of feature '{slug}', which ended: where it runs, {resume_words(slug)}"
            for slug, rows in list(self.ended.items())[:_MOST_WARNED]
        ]
        if not (self.accepted or self.duplicates or self.rejected_rows):
            told.append(
                f"nothing in it says anything of {self.kind}: docs/collect.md tells what each kind of file holds"
                if self.layout
                else "it holds no row: where there should be some, export it again"
            )
        if self.unattributed:
            told.append(
                f"{count(self.unattributed, 'call')} of no feature: add the column feature, or say --set feature=NAME"
            )
        if self.unpriced:
            told.append(
                f"{count(sum(self.unpriced.values()), 'call')} without a price, cost not known (such as"
                f" {', '.join(sorted(self.unpriced)[:_MOST_WARNED])}): docs/prices.md tells how a price gets in"
            )
        more = len(named) - _MOST_WARNED
        return [*told, f"and {more} more such features: see `offramp features`"] if more > 0 else told

    def document(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "file": self.path.name,
            "kind": self.kind,
            "layout": self.layout,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "rejected": self.rejected_rows,
            "unattributed_calls": self.unattributed,
            "unpriced_calls": sum(self.unpriced.values()),
            "ignored_columns": list(self.ignored_columns),
            "warnings": self.warnings(),
            "errors": [
                {"error": item.error, "row": item.row, "field": item.field, "cure": item.cure} for item in self.rejected
            ],
        }


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
        return _load_bills(engine, bills, at, options)
    except SourceError as failure:
        raise BadInput([Problem(error=failure.message, cure=failure.cure or None)]) from None


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
        told += bad[: _MOST_TOLD - len(told)]
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
        _remember(engine, source.path.name, at, RunCounts(accepted=accepted, duplicates=duplicates, rejected=rejected))
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


def _load_bills(engine: Engine, source: FileReading[Billed], at: datetime, options: LoadOptions) -> Loaded:
    """A bill is one piece: its sums are written together, or not at all."""
    sums, bad = BillSums(), list[Rejected]()
    for line in source:
        if isinstance(line, Rejected):
            bad.append(line)
        else:
            sums.add([line])
    if bad and options.refused:
        options.refused(bad)
    with reading(engine) if options.dry_run else transaction(engine) as session:
        recorded = record_bills(session, sums, at, dry_run=options.dry_run)
    counts = RunCounts(accepted=recorded.accepted, duplicates=recorded.duplicates, rejected=len(bad))
    if not options.dry_run:
        _remember(engine, source.path.name, at, counts)
    return Loaded(
        path=source.path,
        kind=source.kind,
        layout=source.layout,
        accepted=recorded.accepted,
        duplicates=recorded.duplicates,
        rejected_rows=len(bad),
        rejected=tuple(bad[:_MOST_TOLD]),
        ignored_columns=tuple(source.extra_columns),
        unregistered={},
    )


def _unregistered(engine: Engine, named: Mapping[str, int]) -> dict[str, int]:
    with reading(engine) as session:
        known = registered_slugs(session) | former_names(session).keys() | ended_features(session).keys()
    return {slug: rows for slug, rows in named.items() if slug not in known}


def _remember(engine: Engine, name: str, at: datetime, counts: RunCounts) -> None:
    some = counts.accepted or counts.duplicates
    outcome = "ok" if not counts.rejected else ("partial" if some else "failed")
    with transaction(engine) as session:
        record_intake(session, "file", {"rejected": counts.rejected}, at)
        message = f"{count(counts.rejected, 'row')} rejected" if counts.rejected else ""
        record_run(
            session, f"file {name}", started_at=at, finished_at=at, outcome=outcome, counts=counts, message=message
        )


def _chunks(items: Iterable[_Fact | Rejected]) -> Iterator[list[_Fact | Rejected]]:
    source = iter(items)
    while chunk := list(islice(source, _CHUNK)):
        yield chunk
