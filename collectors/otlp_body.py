"""From the bytes of an OTLP/HTTP request to a request of its signal, or one of three named errors and nothing else.

Rules of the OTLP specification (opentelemetry.io/docs/specs/otlp): protobuf and JSON on one
port, gzip must be taken, the size limit holds after decompression, undecodable is 400, too large is 413.
"""

import zlib
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collectors.otlp_errors import BadBody, TooLarge, Unsupported
from collectors.otlp_json import json_document, traces_from_json
from collectors.otlp_json_others import logs_from_json, metrics_from_json
from collectors.otlp_lean import LeanRequest, lean_request
from collectors.otlp_wire import LOGS, METRICS, TRACES, check_messages

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
# The specification's recommended default, after decompression.
LIMIT_BYTES = 64 * 2**20
# Below this size even a body of empty messages parses into less than 100 MB, so counting them can be saved.
_COUNT_FROM_BYTES = 2**20
_MOST_MESSAGES = 1_000_000
_GZIP = 31
# Clients send one member, some flush a few; a thousand empty ones are an attack on the loop below.
_MOST_MEMBERS = 100

R = TypeVar("R", ExportTraceServiceRequest, LeanRequest, ExportMetricsServiceRequest, ExportLogsServiceRequest)


class _Signal(NamedTuple, Generic[R]):
    from_bytes: Callable[[bytes], R]
    from_json: Callable[[dict[str, Any]], R]
    schema: Mapping[int, object]
    word: str


_TRACES = _Signal(ExportTraceServiceRequest.FromString, traces_from_json, TRACES, "trace")
_SPANS = _Signal(
    lean_request, lambda document: lean_request(traces_from_json(document).SerializeToString()), TRACES, "trace"
)
_METRICS = _Signal(ExportMetricsServiceRequest.FromString, metrics_from_json, METRICS, "metrics")
_LOGS = _Signal(ExportLogsServiceRequest.FromString, logs_from_json, LOGS, "logs")


def media_type(content_type: str | None) -> str:
    """PROTOBUF or JSON, whatever parameters follow; Unsupported where it is neither.

    >>> media_type("application/json; charset=utf-8")
    'application/json'
    """
    name = (content_type or "").partition(";")[0].strip().lower()
    if name in (PROTOBUF, "application/protobuf"):
        return PROTOBUF
    if name == JSON:
        return JSON
    raise Unsupported(f"send {PROTOBUF} or {JSON}")


def inflate(body: bytes, content_encoding: str | None, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """The body without its compression: gzip (several members too) or none; never more than `limit_bytes`."""
    encoding = (content_encoding or "identity").strip().lower()
    if encoding in ("gzip", "x-gzip"):
        return _gunzip(body, limit_bytes)
    if encoding not in ("identity", ""):
        raise Unsupported("send gzip or no Content-Encoding")
    if len(body) > limit_bytes:
        raise TooLarge(f"the body is larger than {limit_bytes} bytes; send smaller batches")
    return body


def decode(
    body: bytes, content_type: str | None, content_encoding: str | None = None, limit_bytes: int = LIMIT_BYTES
) -> ExportTraceServiceRequest:
    """The trace request in a body; raises BadBody (400), TooLarge (413) or Unsupported (415) only."""
    return _decode(_TRACES, inflated(body, content_type, content_encoding, limit_bytes))


def decode_spans(body: bytes, content_type: str | None, content_encoding: str | None = None) -> LeanRequest:
    """The trace request in a body, with its attributes and states as they came; raises as `decode` does."""
    given = inflated(body, content_type, content_encoding, LIMIT_BYTES)
    return _decode(_SPANS, given)


def decode_metrics(
    body: bytes, content_type: str | None, content_encoding: str | None = None
) -> ExportMetricsServiceRequest:
    """The metrics request in a body; raises as `decode` does."""
    return _decode(_METRICS, inflated(body, content_type, content_encoding, LIMIT_BYTES))


def decode_logs(body: bytes, content_type: str | None, content_encoding: str | None = None) -> ExportLogsServiceRequest:
    """The logs request in a body; raises as `decode` does."""
    return _decode(_LOGS, inflated(body, content_type, content_encoding, LIMIT_BYTES))


def inflated(
    body: bytes, content_type: str | None, content_encoding: str | None, limit_bytes: int
) -> tuple[str, bytes]:
    """The media type and the plain body."""
    kind = media_type(content_type)
    return kind, inflate(body, content_encoding, limit_bytes)


def _decode(signal: _Signal[R], given: tuple[str, bytes]) -> R:
    kind, plain = given
    if kind == JSON:
        request = signal.from_json(json_document(plain) if plain.strip() else {})
        if len(plain) > _COUNT_FROM_BYTES:
            check_messages(request.SerializeToString(), _MOST_MESSAGES, signal.schema)
        return request
    if len(plain) > _COUNT_FROM_BYTES:
        check_messages(plain, _MOST_MESSAGES, signal.schema)
    try:
        return signal.from_bytes(plain)
    except DecodeError:
        raise BadBody(f"the body is not a protobuf {signal.word} request") from None


def _gunzip(body: bytes, limit_bytes: int) -> bytes:
    # decompressobj says nothing about a truncated stream or a second member: both must be asked for.
    plain: list[bytes] = []
    left = limit_bytes
    rest = body
    for _ in range(_MOST_MEMBERS):
        member = zlib.decompressobj(_GZIP)
        try:
            plain.append(member.decompress(rest, left + 1))
        except zlib.error:
            raise BadBody("the body is not gzip") from None
        left -= len(plain[-1])
        if left < 0:
            raise TooLarge(f"the body is larger than {limit_bytes} bytes once decompressed; send smaller batches")
        if not member.eof:
            raise BadBody("the gzip body is cut off")
        rest = member.unused_data
        if not rest:
            # Of one member, as nearly all are, this is the very object: 64 MiB are not copied.
            return b"".join(plain)
    raise BadBody(f"the gzip body has more than {_MOST_MEMBERS} members")
