"""The OTLP/HTTP receiver: traces are counted, metrics and logs are taken and said to be unused."""

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from collectors.otlp_body import inflate, media_type
from collectors.otlp_errors import Unsupported
from offramp.actions.ingest import IngestResult, ingest_traces
from offramp.actions.unused import count_unused
from offramp.serve.answers import otlp_error, otlp_success
from offramp.serve.service import Service, status_of

_HOUR = timedelta(hours=1)
_REJECTED = {"traces": "rejectedSpans", "metrics": "rejectedDataPoints", "logs": "rejectedLogRecords"}


async def receive(service: Service, request: Request) -> Response:
    """POST /v1/traces, /v1/metrics, /v1/logs: durable when answered with 200; refused spans by partial success."""
    signal = request.url.path.rpartition("/")[2]
    content_type, encoding = request.headers.get("content-type"), request.headers.get("content-encoding")
    kind = media_type(content_type)
    at = service.now()
    async with service.writes.body(request.stream()) as body:
        if signal != "traces":
            await service.writes.run(lambda: _take(service, body, encoding, signal=signal, at=at))
            words = f"Offramp reads traces only: these {signal} were taken and are not used"
            return otlp_success(kind, _REJECTED[signal], 0, words)
        result = await service.writes.run(
            lambda: ingest_traces(service.engine, body, content_type, encoding, at=at, late_window=service.late_window)
        )
    return otlp_success(kind, _REJECTED[signal], sum(result.refused.values()), _why(service, result))


def otlp_failure(error: Exception, request: Request) -> Response:
    """Any failure as google.rpc.Status in the request's content type."""
    status, words = status_of(error, request.url.path)
    try:
        kind = media_type(request.headers.get("content-type"))
    except Unsupported:
        kind = None
    return otlp_error(status, words, kind)


def _take(service: Service, body: bytes, encoding: str | None, *, signal: str, at: datetime) -> None:
    inflate(body, encoding)
    count_unused(service.engine, signal, at=at)


def _why(service: Service, result: IngestResult) -> str:
    if not result.refused:
        return ""
    reasons = ", ".join(f"{reason}: {count}" for reason, count in sorted(result.refused.items()))
    window = service.late_window
    late = f"; late is more than {window // _HOUR} h ago" if "late" in result.refused and window is not None else ""
    return f"refused spans, by reason: {reasons}{late}"
