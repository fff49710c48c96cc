"""Bodies from the door to the disk: into the database, or into the journal while the database is away.

What waits at the same moment is counted together: a transaction costs as much as reading some hundred spans, so several
bodies share one. Each is still answered for itself, and one that the database will not take spoils no other.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from traceback import clear_frames

from collectors.otlp_spans import SOURCE
from collectors.resolver import ResolverConfig
from db.failures import DatabaseError, is_away
from db.journal import Journal
from db.session import Engine
from offramp.actions.ingest import Batch, IngestResult, Sent, ingest_batch, known_resolver, read_body, resolver
from offramp.actions.spill import spill
from strategy.spans import SpanFact

Outcome = IngestResult | Exception


def receive(
    engine: Engine,
    journal: Journal | None,
    sent: Sent,
    *,
    at: datetime,
    late_window: timedelta | None,
) -> IngestResult:
    """Take a body; durable when this returns. What was spilled is told as accepted.

    Raises:
        collectors.otlp_errors.BadBody, TooLarge, Unsupported: the body cannot be read; nothing was written.
        DatabaseError: the database is away and there is no journal, or it was never seen, so that no rules are known.
        JournalFull: the database is away and the journal has no room; nothing was written.
    """
    batch = read_body(sent, rules=_rules(engine, journal), at=at, late_window=late_window)
    return _stored(engine, journal, batch)


def receive_read(engine: Engine, journal: Journal | None, batch: Batch) -> IngestResult:
    """Take what was read elsewhere; as `receive`, and with its exceptions of the database and the journal."""
    return _stored(engine, journal, batch)


def receive_all(
    engine: Engine,
    journal: Journal | None,
    given: Sequence[tuple[Sent, datetime]],
    *,
    late_window: timedelta | None,
) -> list[Outcome]:
    """What becomes of each body with the time it came at: its result, or the exception that `receive` would raise."""
    try:
        rules = _rules(engine, journal)
    except DatabaseError as error:
        return [error for _ in given]
    read = [_read(sent, at, rules, late_window) for sent, at in given]
    spans = [batch for batch in read if isinstance(batch, Batch) and batch.source == SOURCE]
    counted = len(spans) > 1 and _counted_together(engine, journal, spans)
    return [
        _told(batch)
        if counted and isinstance(batch, Batch) and batch.source == SOURCE
        else _outcome(engine, journal, batch)
        for batch in read
    ]


def together(batches: Sequence[Batch]) -> Batch:
    """Batches of spans as one; a span in two of them is there once."""
    refused, others = Counter[str](), Counter[str]()
    for batch in batches:
        refused.update(batch.refused)
        others.update(batch.others)
    # The first that came stays.
    found = {fact.key: fact for batch in reversed(batches) for fact in batch.spans}
    if len(found) < sum(len(batch.spans) for batch in batches):
        others["duplicate"] += sum(_calls(batch.spans) for batch in batches) - _calls(found.values())
    latest = max(batches, key=lambda batch: batch.at)
    return replace(latest, spans=tuple(found.values()), refused=refused, others=others)


def _calls(spans: Iterable[SpanFact]) -> int:
    return sum(fact.call is not None for fact in spans)


def _counted_together(engine: Engine, journal: Journal | None, batches: Sequence[Batch]) -> bool:
    """Whether they are all in the database; otherwise none is, and each has to find out for itself why."""
    if journal is not None and journal.away:
        return False
    try:
        ingest_batch(engine, together(batches), patient=journal is None)
    except Exception:  # noqa: BLE001 (each body is tried alone afterwards, and its failure told)
        return False
    return True


def _read(sent: Sent, at: datetime, rules: ResolverConfig, late_window: timedelta | None) -> Batch | Exception:
    try:
        return read_body(sent, rules=rules, at=at, late_window=late_window)
    except Exception as error:  # noqa: BLE001 (what it is decides the answer to this body alone)
        return _bare(error)


def _bare(error: Exception) -> Exception:
    """The error and the lines it came from, without what was in hand there: a body of 64 MB, many times over."""
    clear_frames(error.__traceback__)
    error.__context__ = None
    return error


def _outcome(engine: Engine, journal: Journal | None, batch: Batch | Exception) -> Outcome:
    if isinstance(batch, Exception):
        return batch
    try:
        return _stored(engine, journal, batch)
    except Exception as error:  # noqa: BLE001 (what it is decides the answer to this body alone)
        return _bare(error)


def _stored(engine: Engine, journal: Journal | None, batch: Batch) -> IngestResult:
    if journal is None:
        return ingest_batch(engine, batch)
    if not journal.away:
        try:
            return ingest_batch(engine, batch, patient=False)
        except DatabaseError as error:
            if not is_away(error):
                raise
            journal.away = True
    spill(journal, batch)
    return _told(batch)


def _told(batch: Batch) -> IngestResult:
    """What a sender is told of a batch that was taken whole; how many of its calls were known nobody asks."""
    calls = _calls(batch.spans)
    ignored = batch.others.get("not_a_call", 0)
    return IngestResult(accepted=calls, duplicates=0, refused=dict(batch.refused), ignored=ignored)


def _rules(engine: Engine, journal: Journal | None) -> ResolverConfig:
    known = known_resolver(engine)
    if journal is not None and journal.away and known is not None:
        return known
    try:
        return resolver(engine)
    except DatabaseError as error:
        if journal is None or known is None or not is_away(error):
            raise
        journal.away = True
        return known
