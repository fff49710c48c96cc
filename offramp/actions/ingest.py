"""Takes one OTLP body of traces, metrics or logs: read, attributed, counted once; what is refused is counted by reason.

Reading needs the match rules of features and no more; what was read is a `Batch`, which the database then takes in one
transaction: now, or later where it is away and a journal keeps the batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from collectors import otlp_metrics, otlp_spans
from collectors.otlp_body import decode_logs, decode_metrics, decode_spans
from collectors.otlp_evaluations import evaluations_from_logs
from collectors.otlp_metrics import points_from_metrics
from collectors.otlp_spans import spans_from_traces
from collectors.resolver import ResolverConfig, resolver_for
from db.queries.features import features, features_stamp
from db.session import Engine, Session, reading, transaction
from db.store.metrics import TooManyStreams, count_increases, increases
from db.store.turns import take_turn
from db.store.usage import record_intake
from offramp.actions.settle import count_spans
from offramp.config import feature_keys
from strategy.metrics import MetricPoint
from strategy.parse import parse_feature
from strategy.spans import SpanFact

LOGS = "otlp_logs"
_resolvers: dict[str, tuple[tuple[tuple[int, datetime | None], tuple[str, ...]], ResolverConfig]] = {}


class Sent(NamedTuple):
    """A body of `traces`, `metrics` or `logs` as it came, with the headers that say how to read it."""

    signal: str
    body: bytes
    content_type: str | None
    content_encoding: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one body holds, in our own words: nothing in it is text that somebody sent to a model.

    `oldest` is the start of the late window when it was received (None: no window).
    """

    source: str
    at: datetime
    oldest: datetime | None
    spans: tuple[SpanFact, ...] = ()
    points: tuple[MetricPoint, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    others: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestResult:
    """What became of one body: new calls, calls seen before, refused records by reason, records that are no calls."""

    accepted: int
    duplicates: int
    refused: Mapping[str, int] = field(default_factory=dict)
    ignored: int = 0


def resolver(engine: Engine) -> ResolverConfig:
    """The feature resolver with the settings and the rules of every feature, read again on a change.

    The rules of those that ended come last: what took their place may have the same ones.
    """
    url = engine.url.render_as_string(hide_password=False)
    with reading(engine) as session:
        stamp = features_stamp(session), feature_keys()
        known = _resolvers.get(url)
        if known is None or known[0] != stamp:
            running = features(session)
            runs = {head.slug for head in running}
            every = running + [head for head in features(session, ended=True) if head.slug not in runs]
            parsed = [parse_feature(head.document)[0] for head in every]
            known = stamp, resolver_for([feature for feature in parsed if feature is not None], stamp[1])
            _resolvers[url] = known
    return known[1]


def known_resolver(engine: Engine) -> ResolverConfig | None:
    """The resolver as it was last read, without asking the database; None where it never was."""
    known = _resolvers.get(engine.url.render_as_string(hide_password=False))
    return None if known is None else known[1]


def read_body(
    sent: Sent,
    *,
    rules: ResolverConfig,
    at: datetime,
    late_window: timedelta | None,
) -> Batch:
    """What a body received `at` holds; nothing is written.

    Raises:
        collectors.otlp_errors.BadBody, TooLarge, Unsupported: the body cannot be read.
    """
    oldest = None if late_window is None else at - late_window
    if sent.signal == "metrics":
        points = points_from_metrics(
            decode_metrics(sent.body, sent.content_type, sent.content_encoding),
            resolver=rules,
            received_at=at,
            oldest=oldest,
        )
        others = {"not_a_call": points.ignored}
        return Batch(
            source=otlp_metrics.SOURCE,
            at=at,
            oldest=oldest,
            points=points.points,
            refused=points.refused,
            others=others,
        )
    if sent.signal == "logs":
        scores, refused, ignored = evaluations_from_logs(
            decode_logs(sent.body, sent.content_type, sent.content_encoding),
            resolver=rules,
            received_at=at,
            oldest=oldest,
        )
        others = {"not_used": ignored}
        return Batch(source=LOGS, at=at, oldest=oldest, spans=tuple(scores), refused=refused, others=others)
    request = decode_spans(sent.body, sent.content_type, sent.content_encoding)
    found = spans_from_traces(request, resolver=rules, received_at=at, oldest=oldest)
    others = {"duplicate": found.repeated, "not_a_call": found.ignored}
    return Batch(
        source=otlp_spans.SOURCE, at=at, oldest=oldest, spans=found.spans, refused=found.refused, others=others
    )


def count_batch(session: Session, batch: Batch) -> IngestResult:
    """Count what is new in a batch, in the caller's transaction."""
    outcomes = {**batch.refused, **batch.others}
    refused = dict(batch.refused)
    take_turn(session)
    if batch.points:
        try:
            found = increases(session, batch.points, 0 if batch.oldest is None else _nanoseconds(batch.oldest))
            calls, beside = count_increases(session, found)
        except TooManyStreams:
            refused["too_many_streams"] = len(batch.points)
            record_intake(session, batch.source, {**outcomes, **refused}, batch.at)
            return IngestResult(accepted=0, duplicates=0, refused=refused)
        outcomes |= {"accepted": calls, "left_to_spans": beside}
        record_intake(session, batch.source, outcomes, batch.at)
        return IngestResult(accepted=calls, duplicates=0, refused=refused, ignored=batch.others.get("not_a_call", 0))
    counted = count_spans(session, batch.spans, batch.at)
    duplicates = counted.duplicates + outcomes.get("duplicate", 0)
    outcomes |= {"accepted": counted.accepted, "duplicate": duplicates, "eval_accepted": counted.scores}
    outcomes |= {"moved": counted.moved, "not_remembered": counted.not_remembered}
    record_intake(session, batch.source, outcomes, batch.at)
    return IngestResult(
        accepted=counted.accepted, duplicates=duplicates, refused=refused, ignored=batch.others.get("not_a_call", 0)
    )


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp()) * 10**9


def ingest_batch(engine: Engine, batch: Batch, *, patient: bool = True) -> IngestResult:
    """Count what is new in a batch, in a transaction of its own; `patient` says whether to wait for other writers."""
    with transaction(engine, patient=patient) as session:
        return count_batch(session, batch)
