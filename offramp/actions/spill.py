"""Keeps what arrives while the database is away, and counts it exactly once when the database is back.

A record is a batch in our own words (design rule 9: never what somebody sent to a model), with a name of its own that
goes into the ledger together with what it counts: replayed twice, it counts once, whoever was killed when.
"""

import json
import logging
import secrets
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b

from db.failures import DatabaseError, database_words, is_away
from db.journal import Journal
from db.session import Engine, transaction
from db.store.turns import take_turn
from db.store.usage import new_keys, record_intake
from offramp.actions.ingest import Batch, count_batch
from strategy.facts import Call
from strategy.metrics import Measure, MetricPoint
from strategy.spans import Claims, Evaluation, SpanFact, SpanKind

_AT_ONCE = 50
_HOUR = 3600

_log = logging.getLogger(__name__)


def spill(journal: Journal, batch: Batch) -> None:
    """Keep a batch; it is on disk when this returns.

    Raises:
        JournalFull: there is no room; nothing was kept.
    """
    journal.append(encoded(batch, secrets.token_hex(16)))


def drain(engine: Engine, journal: Journal) -> int:
    """Count what the journal holds, oldest first, and forget it; how many records.

    Raises:
        DatabaseError: the database is still away; what is left waits on.
    """
    done = 0
    while found := journal.waiting(_AT_ONCE):
        for number, body in found:
            try:
                _replay(engine, body)
            except Exception as error:  # one bad record must not hold up the others; it is set aside
                if isinstance(error, DatabaseError) and is_away(error):
                    raise
                words = database_words(error) if isinstance(error, DatabaseError) else type(error).__name__
                _log.error("a record of the journal cannot be counted: %s", words)
                journal.set_aside(number, type(error).__name__)
                continue
            journal.away = False
            journal.remove(number)
            done += 1
    return done


def _replay(engine: Engine, body: bytes) -> None:
    batch, name = decoded(body)
    key = blake2b(b"journal" + name.encode(), digest_size=16).digest()
    with transaction(engine) as session:
        take_turn(session)
        if new_keys(session, [(int(batch.at.timestamp()) // _HOUR, key)]):
            count_batch(session, batch)
            record_intake(session, batch.source, {"journaled": 1}, batch.at)


def encoded(batch: Batch, name: str) -> bytes:
    """A batch as JSON."""
    document = {
        "name": name,
        "source": batch.source,
        "at": batch.at,
        "oldest": batch.oldest,
        "spans": batch.spans,
        "points": batch.points,
        "refused": dict(batch.refused),
        "others": dict(batch.others),
    }
    return json.dumps(document, default=_plain, separators=(",", ":")).encode()


def decoded(body: bytes) -> tuple[Batch, str]:
    """The batch of a record, and the record's name."""
    found = json.loads(body, object_hook=_valued)
    batch = Batch(
        source=found["source"],
        at=found["at"],
        oldest=found["oldest"],
        spans=tuple(_span(item) for item in found["spans"]),
        points=tuple(_point(item) for item in found["points"]),
        refused=found["refused"],
        others=found["others"],
    )
    return batch, found["name"]


def _plain(value: object) -> object:
    match value:
        case bytes():
            return {"$b": value.hex()}
        case Decimal():
            return {"$d": str(value)}
        case datetime():
            return {"$t": value.isoformat()}
    raise TypeError(type(value).__name__)


def _valued(found: dict[str, object]) -> object:
    match found:
        case {"$b": str(text)}:
            return bytes.fromhex(text)
        case {"$d": str(text)}:
            return Decimal(text)
        case {"$t": str(text)}:
            return datetime.fromisoformat(text)
    return found


def _span(item: list[object]) -> SpanFact:
    fact = SpanFact(*item)  # type: ignore[arg-type]  # the fields as they were written
    call, score = fact.call and Call(*fact.call), fact.score and Evaluation(*fact.score)
    return fact._replace(kind=SpanKind(fact.kind), claims=Claims(*fact.claims), call=call, score=score)


def _point(item: list[object]) -> MetricPoint:
    point = MetricPoint(*item)  # type: ignore[arg-type]  # the fields as they were written
    return point._replace(measure=Measure(point.measure))
