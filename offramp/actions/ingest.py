"""Takes one OTLP body of traces: decoded, attributed, counted once; what is refused is counted by reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collectors.otlp_body import decode
from collectors.otlp_spans import SOURCE, Intake, calls_from_traces
from collectors.resolver import ResolverConfig, resolver_for
from db.queries.features import features, features_stamp
from db.session import Engine, Session, reading, transaction
from db.store.usage import record_calls, record_intake
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
    intake = calls_from_traces(request, resolver=resolver(engine), received_at=at, oldest=oldest)
    with transaction(engine) as session:
        return _record(session, intake, at)


def _record(session: Session, intake: Intake, at: datetime) -> IngestResult:
    recorded = record_calls(session, intake.calls, at)
    others = {**intake.refused, "duplicate": intake.duplicates, "not_a_call": intake.ignored}
    record_intake(session, SOURCE, others, at)
    return IngestResult(
        accepted=recorded.accepted,
        duplicates=recorded.duplicates + intake.duplicates,
        refused=dict(intake.refused),
        ignored=intake.ignored,
    )
