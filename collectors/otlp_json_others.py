"""OTLP/JSON metrics and logs, by hand, as far as a count needs them; bodies of log records are left behind."""

from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
)

from collectors.otlp_json import (
    an_object,
    attribute,
    double_of,
    identifier,
    nanoseconds,
    objects,
    resource,
    scope,
    text_of,
)

_TEMPORALITY = {1: 1, "AGGREGATION_TEMPORALITY_DELTA": 1, 2: 2, "AGGREGATION_TEMPORALITY_CUMULATIVE": 2}


def metrics_from_json(document: dict[str, Any]) -> ExportMetricsServiceRequest:
    """The metrics request in an OTLP/JSON document; BadBody where its shape is wrong."""
    request = ExportMetricsServiceRequest()
    for group in objects(document, "resourceMetrics"):
        into = request.resource_metrics.add()
        resource(group, into.resource)
        for scoped in objects(group, "scopeMetrics"):
            scope(scoped, into.scope_metrics.add().scope)
            for metric in objects(scoped, "metrics"):
                _metric(metric, into.scope_metrics[-1].metrics.add())
    return request


def _metric(given: dict[str, Any], into: Metric) -> None:
    into.name = text_of(given.get("name"))
    if "histogram" in given:
        data = an_object(given["histogram"], "histogram")
        into.histogram.aggregation_temporality = _temporality(data)
        for point in objects(data, "dataPoints"):
            _histogram_point(point, into.histogram.data_points.add())
    elif "exponentialHistogram" in given:
        data = an_object(given["exponentialHistogram"], "exponentialHistogram")
        into.exponential_histogram.aggregation_temporality = _temporality(data)
        for point in objects(data, "dataPoints"):
            _histogram_point(point, into.exponential_histogram.data_points.add())
    elif "sum" in given:
        data = an_object(given["sum"], "sum")
        into.sum.aggregation_temporality = _temporality(data)
        for point in objects(data, "dataPoints"):
            _number_point(point, into.sum.data_points.add())


def _temporality(data: dict[str, Any]) -> Any:  # noqa: ANN401 (protobuf's enum type is an int to everybody else)
    given = data.get("aggregationTemporality")
    return _TEMPORALITY.get(given, 0) if isinstance(given, int | str) else 0


def _point(given: dict[str, Any], into: HistogramDataPoint | ExponentialHistogramDataPoint | NumberDataPoint) -> None:
    into.start_time_unix_nano = nanoseconds(given.get("startTimeUnixNano"))
    into.time_unix_nano = nanoseconds(given.get("timeUnixNano"))
    for pair in objects(given, "attributes"):
        attribute(pair, into.attributes.add())


def _histogram_point(given: dict[str, Any], into: HistogramDataPoint | ExponentialHistogramDataPoint) -> None:
    _point(given, into)
    # A count is a whole number as a time is one: text or number, 0 where it is none.
    into.count = nanoseconds(given.get("count"))
    if given.get("sum") is not None:
        into.sum = double_of(given["sum"])


def _number_point(given: dict[str, Any], into: NumberDataPoint) -> None:
    _point(given, into)
    value = given.get("asInt", given.get("asDouble"))
    into.as_double = double_of(value)


def logs_from_json(document: dict[str, Any]) -> ExportLogsServiceRequest:
    """The logs request in an OTLP/JSON document; BadBody where its shape is wrong."""
    request = ExportLogsServiceRequest()
    for group in objects(document, "resourceLogs"):
        into = request.resource_logs.add()
        resource(group, into.resource)
        for scoped in objects(group, "scopeLogs"):
            scope(scoped, into.scope_logs.add().scope)
            for record in objects(scoped, "logRecords"):
                _record(record, into.scope_logs[-1].log_records.add())
    return request


def _record(given: dict[str, Any], into: LogRecord) -> None:
    into.event_name = text_of(given.get("eventName"))
    into.trace_id = identifier(given.get("traceId"))
    into.span_id = identifier(given.get("spanId"))
    into.time_unix_nano = nanoseconds(given.get("timeUnixNano"))
    into.observed_time_unix_nano = nanoseconds(given.get("observedTimeUnixNano"))
    for pair in objects(given, "attributes"):
        attribute(pair, into.attributes.add())
