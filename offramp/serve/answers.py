"""Answers: JSON for people and scripts, OTLP's own messages (protobuf or JSON) for exporters."""

import json
from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from collectors.otlp_body import JSON, PROTOBUF

# Exporters give up after 10 s in all: a longer pause would lose what they hold.
RETRY_AFTER_SECONDS = 1

_GRPC_CODES = {400: 3, 404: 5, 405: 12, 408: 4, 413: 8, 415: 3, 429: 8, 503: 14}
_UNKNOWN = 2
_RETRIED = (429, 503)
_VARINT_MORE = 0x80


def refusal(status: int, error: str, *, cure: str | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """An error as design's JSON, {"error", "row", "field", "cure"}."""
    content = {"error": error, "row": None, "field": None, "cure": cure}
    return JSONResponse(content, status, {**_retry(status), **(headers or {})})


def otlp_error(status: int, message: str, kind: str | None, *, headers: Mapping[str, str] | None = None) -> Response:
    """A google.rpc.Status in the request's content type; JSON where that was neither."""
    code = _GRPC_CODES.get(status, _UNKNOWN)
    text = message.encode()
    if kind == PROTOBUF:
        # The message is two fields; a library for it would be a dependency for twelve bytes.
        content = b"\x08" + _varint(code) + b"\x12" + _varint(len(text)) + text
        return Response(content, status, {**_retry(status), **(headers or {})}, media_type=PROTOBUF)
    found = {"code": code, "message": message}
    return JSONResponse(found, status, {**_retry(status), **(headers or {})})


def otlp_success(kind: str, rejected_field: str, rejected: int, message: str) -> Response:
    """An Export*ServiceResponse: empty, or a partial success; all three signals share the field numbers."""
    if kind == PROTOBUF:
        return Response(_partial(rejected, message), media_type=PROTOBUF)
    if not rejected and not message:
        return Response("{}", media_type=JSON)
    found: dict[str, object] = {"errorMessage": message}
    if rejected:
        found = {rejected_field: str(rejected), **found}
    return Response(json.dumps({"partialSuccess": found}), media_type=JSON)


def _partial(rejected: int, message: str) -> bytes:
    text = message.encode()
    inner = b"\x08" + _varint(rejected) if rejected else b""
    inner += b"\x12" + _varint(len(text)) + text if text else b""
    return b"\x0a" + _varint(len(inner)) + inner if inner else b""


def _varint(number: int) -> bytes:
    found = bytearray()
    while number >= _VARINT_MORE:
        found.append(number % _VARINT_MORE | _VARINT_MORE)
        number //= _VARINT_MORE
    return bytes([*found, number])


def _retry(status: int) -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER_SECONDS)} if status in _RETRIED else {}
