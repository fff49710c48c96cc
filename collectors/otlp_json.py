"""OTLP/JSON, by hand: ids are hex there (not base64), whole numbers strings or numbers, enums integers.

Only what a count needs is carried over (ids, times, status, attributes, the events that are read): other events and
links, where some clients put prompts, are left behind. A wrong shape refuses the body; a wrong id, time or number only
its span.
"""

import json
import math
import re
from typing import Any, NoReturn

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collectors.otlp_errors import BadBody, TooLarge
from collectors.otlp_names import EXCEPTION_EVENT, READ_EVENTS

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
_WHOLE = re.compile(r"-?[0-9]{1,20}")
_INT64 = 2**63
_UINT64 = 2**64
# The specification wants the number; some write the name.
_ERROR_CODES = (2, "STATUS_CODE_ERROR")
_FIELD_NAMES = {
    "resource_spans": "resourceSpans",
    "resource_metrics": "resourceMetrics",
    "resource_logs": "resourceLogs",
}
_MOST_BRACES = 1_000_000
_MOST_COMMAS = 2_000_000


def json_document(body: bytes) -> dict[str, Any]:
    """The object that a JSON body is; BadBody where it is none, TooLarge where it nests too many objects."""
    # An empty object of two bytes costs 64 once parsed, a text of two letters 58, so they are counted first.
    if body.count(b"{") + body.count(b"[") > _MOST_BRACES:
        raise TooLarge(f"the body holds more than {_MOST_BRACES} objects; send smaller batches")
    if body.count(b",") > _MOST_COMMAS:
        raise TooLarge(f"the body holds more than {_MOST_COMMAS} commas; send smaller batches")
    try:
        document = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise BadBody("the body is not UTF-8") from None
    except RecursionError:
        raise BadBody("the body is nested too deeply") from None
    except ValueError:
        raise BadBody("the body is not JSON") from None
    found = an_object(document, "the body")
    if wrong := next((name for name in _FIELD_NAMES if name in found), None):
        # To ignore it as any other unknown field would lose all that was sent.
        raise BadBody(f"the body has protobuf's own name {wrong}; OTLP/JSON writes {_FIELD_NAMES[wrong]}")
    return found


def traces_from_json(document: dict[str, Any]) -> ExportTraceServiceRequest:
    """The trace request in an OTLP/JSON document; BadBody where its shape is wrong."""
    request = ExportTraceServiceRequest()
    for group in objects(document, "resourceSpans"):
        into = request.resource_spans.add()
        resource(group, into.resource)
        for scoped in objects(group, "scopeSpans"):
            scope(scoped, into.scope_spans.add().scope)
            for span in objects(scoped, "spans"):
                _span(span, into.scope_spans[-1].spans.add())
    return request


def resource(group: dict[str, Any], into: Resource) -> None:
    """Carry over the attributes of a group's resource."""
    for pair in objects(an_object(group.get("resource"), "resource"), "attributes"):
        attribute(pair, into.attributes.add())


def scope(scoped: dict[str, Any], into: InstrumentationScope) -> None:
    """Carry over the name and version of an instrumentation."""
    given = an_object(scoped.get("scope"), "scope")
    into.name, into.version = text_of(given.get("name")), text_of(given.get("version"))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def an_object(value: object, what: str) -> dict[str, Any]:
    """The object, or an empty one where there is none; BadBody where it is something else."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadBody(f"{what} is not an object")
    return value


def objects(parent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list, none where there is no list; BadBody where it is something else."""
    value = parent.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadBody(f"{name} is not a list")
    return [an_object(item, f"an item of {name}") for item in value]


def _span(given: dict[str, Any], into: Span) -> None:
    into.trace_id = identifier(given.get("traceId"))
    into.span_id = identifier(given.get("spanId"))
    into.parent_span_id = identifier(given.get("parentSpanId"))
    into.name = text_of(given.get("name"))
    into.start_time_unix_nano = nanoseconds(given.get("startTimeUnixNano"))
    into.end_time_unix_nano = nanoseconds(given.get("endTimeUnixNano"))
    for pair in objects(given, "attributes"):
        attribute(pair, into.attributes.add())
    if an_object(given.get("status"), "status").get("code") in _ERROR_CODES:
        into.status.code = Status.STATUS_CODE_ERROR
    for event in objects(given, "events"):
        name = event.get("name")
        if isinstance(name, str) and name in READ_EVENTS:
            into.events.add(name=name, time_unix_nano=nanoseconds(event.get("timeUnixNano")))
            for pair in objects(event, "attributes") if name != EXCEPTION_EVENT else ():
                attribute(pair, into.events[-1].attributes.add())


def attribute(given: dict[str, Any], into: KeyValue) -> None:
    """Carry over one attribute."""
    into.key = text_of(given.get("key"))
    _value(an_object(given.get("value"), "value"), into.value, nested=False)


def _value(given: dict[str, Any], into: AnyValue, *, nested: bool) -> None:
    if "stringValue" in given:
        into.string_value = text_of(given["stringValue"])
    elif "boolValue" in given:
        into.bool_value = given["boolValue"] is True
    elif "intValue" in given:
        _whole(given["intValue"], into)
    elif "doubleValue" in given:
        into.double_value = double_of(given["doubleValue"])
    elif "arrayValue" in given and not nested:
        for item in objects(an_object(given["arrayValue"], "arrayValue"), "values"):
            _value(item, into.array_value.values.add(), nested=True)


def _whole(value: object, into: AnyValue) -> None:
    # What does not fit stays visibly wrong (a double or a text), so that only its own span is refused.
    number = int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value
    if isinstance(number, int) and not isinstance(number, bool) and -_INT64 <= number < _INT64:
        into.int_value = number
    elif isinstance(number, int | float):
        into.double_value = double_of(number)
    else:
        into.string_value = text_of(value)


def double_of(value: object) -> float:
    """A number, NaN where it is none."""
    try:
        return float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return math.nan


def nanoseconds(value: object) -> int:
    """A time in nanoseconds since 1970, 0 where it is none."""
    number = int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value
    return number if type(number) is int and 0 <= number < _UINT64 else 0


def identifier(value: object) -> bytes:
    """The bytes of a hex id, empty where it is none."""
    return bytes.fromhex(value) if isinstance(value, str) and _HEX.fullmatch(value) else b""


def text_of(value: object) -> str:
    """The text, empty where it is none; BadBody where no database could take it."""
    if not isinstance(value, str):
        return ""
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadBody("the body holds half a surrogate pair") from None
    return value
