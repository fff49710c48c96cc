"""One body from the door to the disk: into the database, or into the journal while the database is away."""

from datetime import datetime, timedelta

from collectors.resolver import ResolverConfig
from db.failures import DatabaseError, is_away
from db.journal import Journal
from db.session import Engine
from offramp.actions.ingest import IngestResult, Sent, ingest_batch, known_resolver, read_body, resolver
from offramp.actions.spill import spill


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
    rules = _rules(engine, journal)
    batch = read_body(sent, rules=rules, at=at, late_window=late_window)
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
    calls = sum(fact.call is not None for fact in batch.spans)
    return IngestResult(
        accepted=calls, duplicates=0, refused=dict(batch.refused), ignored=batch.others.get("not_a_call", 0)
    )


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
