"""OTLP/JSON trace requests, by hand: ids are hex there (not base64), whole numbers strings or numbers, enums integers.

Only what a count needs is carried over (ids, times, status, attributes): events and links, where some
clients put prompts, are left behind. A wrong shape refuses the body; a wrong id, time or number only its span.
"""

import json
import math
import re
from typing import Any, NoReturn

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span, Status

from collectors.otlp_errors import BadBody, TooLarge

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_WHOLE = re.compile(r"-?[0-9]{1,20}")
_INT64 = 2**63
_UINT64 = 2**64
# The specification wants the number; some write the name.
_ERROR_CODES = (2, "STATUS_CODE_ERROR")
_MOST_BRACES = 2_000_000


def read_json(body: bytes) -> ExportTraceServiceRequest:
    """The request in an OTLP/JSON body; BadBody where it is none, TooLarge where it nests too many objects."""
    # An empty object of two bytes costs 64 once parsed, so they are counted first.
    if body.count(b"{") + body.count(b"[") > _MOST_BRACES:
        raise TooLarge(f"the body holds more than {_MOST_BRACES} objects; send smaller batches")
    try:
        document = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise BadBody("the body is not UTF-8") from None
    except RecursionError:
        raise BadBody("the body is nested too deeply") from None
    except ValueError:
        raise BadBody("the body is not JSON") from None
    request = ExportTraceServiceRequest()
    for group in _objects(_object(document, "the body"), "resourceSpans"):
        into = request.resource_spans.add()
        for pair in _objects(_object(group.get("resource"), "resource"), "attributes"):
            _attribute(pair, into.resource.attributes.add())
        for scoped in _objects(group, "scopeSpans"):
            _scope(scoped, into.scope_spans.add())
    return request


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _object(value: object, what: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadBody(f"{what} is not an object")
    return value


def _objects(parent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = parent.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadBody(f"{name} is not a list")
    return [_object(item, f"an item of {name}") for item in value]


def _scope(given: dict[str, Any], into: ScopeSpans) -> None:
    into.scope.name = _text(_object(given.get("scope"), "scope").get("name"))
    for span in _objects(given, "spans"):
        _span(span, into.spans.add())


def _span(given: dict[str, Any], into: Span) -> None:
    into.trace_id = _identifier(given.get("traceId"))
    into.span_id = _identifier(given.get("spanId"))
    into.parent_span_id = _identifier(given.get("parentSpanId"))
    into.name = _text(given.get("name"))
    into.start_time_unix_nano = _nanoseconds(given.get("startTimeUnixNano"))
    into.end_time_unix_nano = _nanoseconds(given.get("endTimeUnixNano"))
    for pair in _objects(given, "attributes"):
        _attribute(pair, into.attributes.add())
    if _object(given.get("status"), "status").get("code") in _ERROR_CODES:
        into.status.code = Status.STATUS_CODE_ERROR


def _attribute(given: dict[str, Any], into: KeyValue) -> None:
    into.key = _text(given.get("key"))
    _value(_object(given.get("value"), "value"), into.value, nested=False)


def _value(given: dict[str, Any], into: AnyValue, *, nested: bool) -> None:
    if "stringValue" in given:
        into.string_value = _text(given["stringValue"])
    elif "boolValue" in given:
        into.bool_value = given["boolValue"] is True
    elif "intValue" in given:
        _whole(given["intValue"], into)
    elif "doubleValue" in given:
        into.double_value = _double(given["doubleValue"])
    elif "arrayValue" in given and not nested:
        for item in _objects(_object(given["arrayValue"], "arrayValue"), "values"):
            _value(item, into.array_value.values.add(), nested=True)


def _whole(value: object, into: AnyValue) -> None:
    # What does not fit stays visibly wrong (a double or a text), so that only its own span is refused.
    number = int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value
    if isinstance(number, int) and not isinstance(number, bool) and -_INT64 <= number < _INT64:
        into.int_value = number
    elif isinstance(number, int | float):
        into.double_value = _double(number)
    else:
        into.string_value = _text(value)


def _double(value: object) -> float:
    try:
        return float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return math.nan


def _nanoseconds(value: object) -> int:
    number = int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value
    return number if type(number) is int and 0 <= number < _UINT64 else 0


def _identifier(value: object) -> bytes:
    return bytes.fromhex(value) if isinstance(value, str) and _HEX.fullmatch(value) else b""


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadBody("the body holds half a surrogate pair") from None
    return value
