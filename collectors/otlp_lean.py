"""Trace requests with every attribute still the bytes it came as: most were seen before, byte for byte.

To turn an attribute into a name and a value costs ten times as much as to find that its bytes are known. Field numbers
are those of opentelemetry-proto, trace/v1. A body that is none is refused as a whole: by the parser, which knows every
field that can be wrong in itself, or where one of its attributes or states is read (`collectors.otlp_alike`).
"""

from collections.abc import Sequence
from typing import Protocol, cast

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import Default
from google.protobuf.message_factory import GetMessageClass
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2
from opentelemetry.proto.trace.v1.trace_pb2 import Span

_PACKAGE = "offramp.lean"


class LeanSpan(Protocol):
    """A span; `status` and each of `attributes` are encoded messages."""

    trace_id: bytes
    span_id: bytes
    parent_span_id: bytes
    name: str
    start_time_unix_nano: int
    end_time_unix_nano: int
    attributes: Sequence[bytes]
    events: Sequence[Span.Event]
    status: bytes


class LeanScopeSpans(Protocol):
    """The spans of one instrumentation."""

    scope: InstrumentationScope
    spans: Sequence[LeanSpan]


class LeanResourceSpans(Protocol):
    """The spans of one resource."""

    resource: Resource
    scope_spans: Sequence[LeanScopeSpans]


class LeanRequest(Protocol):
    """A trace request."""

    resource_spans: Sequence[LeanResourceSpans]

    def SerializeToString(self) -> bytes:  # noqa: N802 (protobuf's name)
        """The request as it was sent."""


# Message, and its fields: name, number, type, whether there may be many, which message.
_Fields = tuple[tuple[str, int, "Field.Type.ValueType", bool, str], ...]
_MESSAGES: dict[str, _Fields] = {
    "Span": (
        ("trace_id", 1, Field.TYPE_BYTES, False, ""),
        ("span_id", 2, Field.TYPE_BYTES, False, ""),
        ("trace_state", 3, Field.TYPE_STRING, False, ""),
        ("parent_span_id", 4, Field.TYPE_BYTES, False, ""),
        ("name", 5, Field.TYPE_STRING, False, ""),
        ("start_time_unix_nano", 7, Field.TYPE_FIXED64, False, ""),
        ("end_time_unix_nano", 8, Field.TYPE_FIXED64, False, ""),
        ("attributes", 9, Field.TYPE_BYTES, True, ""),
        ("events", 11, Field.TYPE_MESSAGE, True, "opentelemetry.proto.trace.v1.Span.Event"),
        ("links", 13, Field.TYPE_MESSAGE, True, "opentelemetry.proto.trace.v1.Span.Link"),
        ("status", 15, Field.TYPE_BYTES, False, ""),
    ),
    "ScopeSpans": (
        ("scope", 1, Field.TYPE_MESSAGE, False, "opentelemetry.proto.common.v1.InstrumentationScope"),
        ("spans", 2, Field.TYPE_MESSAGE, True, f"{_PACKAGE}.Span"),
        ("schema_url", 3, Field.TYPE_STRING, False, ""),
    ),
    "ResourceSpans": (
        ("resource", 1, Field.TYPE_MESSAGE, False, "opentelemetry.proto.resource.v1.Resource"),
        ("scope_spans", 2, Field.TYPE_MESSAGE, True, f"{_PACKAGE}.ScopeSpans"),
        ("schema_url", 3, Field.TYPE_STRING, False, ""),
    ),
    "Request": (("resource_spans", 1, Field.TYPE_MESSAGE, True, f"{_PACKAGE}.ResourceSpans"),),
}


def _schema() -> FileDescriptorProto:
    needs = [module.DESCRIPTOR.name for module in (common_pb2, resource_pb2, trace_pb2)]
    file = FileDescriptorProto(name="offramp/lean.proto", package=_PACKAGE, syntax="proto3", dependency=needs)
    for message, fields in _MESSAGES.items():
        made = file.message_type.add(name=message)
        for name, number, kind, many, of in fields:
            label = Field.LABEL_REPEATED if many else Field.LABEL_OPTIONAL
            field = made.field.add(name=name, number=number, type=kind, label=label)
            if of:
                field.type_name = f".{of}"
    return file


Default().AddSerializedFile(_schema().SerializeToString())
_Request = GetMessageClass(Default().FindMessageTypeByName(f"{_PACKAGE}.Request"))


def lean_request(body: bytes) -> LeanRequest:
    """The request in a body.

    Raises:
        google.protobuf.message.DecodeError: it is none.
    """
    return cast("LeanRequest", _Request.FromString(body))
