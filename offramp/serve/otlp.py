"""The OTLP/HTTP receiver: calls in traces, calls in metrics where no spans tell of them, evaluations in logs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from collectors.otlp_body import media_type
from collectors.otlp_errors import Unsupported
from offramp.actions.ingest import IngestResult, Sent
from offramp.actions.receive import Outcome, receive_all
from offramp.serve.answers import otlp_error, otlp_success
from offramp.serve.service import Service, status_of

_HOUR = timedelta(hours=1)
_REJECTED = {"traces": "rejectedSpans", "metrics": "rejectedDataPoints", "logs": "rejectedLogRecords"}
_WORDS = {"traces": "spans", "metrics": "data points", "logs": "log records"}


async def receive(service: Service, request: Request) -> Response:
    """POST /v1/traces, /v1/metrics, /v1/logs: durable when answered with 200; refused records by partial success."""
    signal = request.url.path.rpartition("/")[2]
    content_type, encoding = request.headers.get("content-type"), request.headers.get("content-encoding")
    kind = media_type(content_type)
    at = service.now()
    async with service.writes.body(request.stream()) as body:
        sent = Sent(signal, body, content_type, encoding)
        result = await service.turns.take(service.writes, sent, at, lambda given: _taken(service, given))
    return otlp_success(kind, _REJECTED[signal], sum(result.refused.values()), _why(service, signal, result))


def _taken(service: Service, given: Sequence[tuple[Sent, datetime]]) -> list[Outcome]:
    return receive_all(service.engine, service.journal, given, late_window=service.late_window)


def otlp_failure(error: Exception, request: Request) -> Response:
    """Any failure as google.rpc.Status in the request's content type."""
    status, words = status_of(error, request.url.path)
    try:
        kind = media_type(request.headers.get("content-type"))
    except Unsupported:
        kind = None
    return otlp_error(status, words, kind)


def _why(service: Service, signal: str, result: IngestResult) -> str:
    if not result.refused:
        return ""
    reasons = ", ".join(f"{reason}: {count}" for reason, count in sorted(result.refused.items()))
    window = service.late_window
    late = f"; late is more than {window // _HOUR} h ago" if "late" in result.refused and window is not None else ""
    return f"refused {_WORDS[signal]}, by reason: {reasons}{late}"
