"""Takes one OTLP body of traces: decoded, attributed, counted once; what is refused is counted by reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collectors.otlp_body import decode
from collectors.otlp_spans import SOURCE, Received, spans_from_traces
from collectors.resolver import ResolverConfig, resolver_for
from db.queries.features import features, features_stamp
from db.session import Engine, Session, reading, transaction
from db.store.usage import record_intake
from offramp.actions.settle import count_spans
from strategy.parse import parse_feature

_resolvers: dict[str, tuple[tuple[int, datetime | None], ResolverConfig]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestResult:
    """What became of one body: new calls, calls seen before, refused spans by reason, spans that are no calls."""

    accepted: int
    duplicates: int
    refused: Mapping[str, int] = field(default_factory=dict)
    ignored: int = 0


def resolver(engine: Engine) -> ResolverConfig:
    """The feature resolver with the match rules of every registered feature, read again when one has changed."""
    url = engine.url.render_as_string(hide_password=False)
    with reading(engine) as session:
        stamp = features_stamp(session)
        known = _resolvers.get(url)
        if known is None or known[0] != stamp:
            parsed = [parse_feature(head.document)[0] for head in features(session)]
            known = stamp, resolver_for([feature for feature in parsed if feature is not None])
            _resolvers[url] = known
    return known[1]


def ingest_traces(
    engine: Engine,
    body: bytes,
    content_type: str | None,
    content_encoding: str | None,
    *,
    at: datetime,
    late_window: timedelta | None,
) -> IngestResult:
    """Count the calls of one trace body received `at`; durable when this returns.

    Raises:
        collectors.otlp_errors.BadBody, TooLarge, Unsupported: the body cannot be read; nothing was written.
    """
    request = decode(body, content_type, content_encoding)
    oldest = None if late_window is None else at - late_window
    received = spans_from_traces(request, resolver=resolver(engine), received_at=at, oldest=oldest)
    with transaction(engine) as session:
        return _record(session, received, at)


def _record(session: Session, received: Received, at: datetime) -> IngestResult:
    counted = count_spans(session, received.spans, at)
    duplicates = counted.duplicates + received.repeated
    outcomes = {
        **received.refused,
        "accepted": counted.accepted,
        "duplicate": duplicates,
        "moved": counted.moved,
        "not_remembered": counted.not_remembered,
        "not_a_call": received.ignored,
    }
    record_intake(session, SOURCE, outcomes, at)
    return IngestResult(
        accepted=counted.accepted,
        duplicates=duplicates,
        refused=dict(received.refused),
        ignored=received.ignored,
    )
