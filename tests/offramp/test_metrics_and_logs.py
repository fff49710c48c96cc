"""Metrics count where a service sends no spans, evaluations become scores; once each, in any order."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from sqlalchemy import Engine

from db.queries.scores import scores
from db.queries.sources import intake
from db.session import reading
from offramp.actions.ingest import IngestResult, Sent
from offramp.actions.receive import receive
from offramp.actions.usage import usage
from tests.collectors.otlp_bodies import CHAT, NOW_NS, RECEIVED, SIZED, TRACE, Given, request

PROTOBUF, JSON = "application/x-protobuf", "application/json"
DURATION, TOKENS = "gen_ai.client.operation.duration", "gen_ai.client.token.usage"
SECOND = 10**9
MINUTE = 60 * SECOND
CUMULATIVE, DELTA = 2, 1
SERVICE = {"service.name": "bot"}
DAY = timedelta(hours=24)


def point(
    name: str,
    amounts: tuple[int, float],
    *,
    minute: int = 0,
    began: int = -10,
    temporality: int = CUMULATIVE,
    kind: str = "",
    more: Mapping[str, object] | None = None,
    service: Mapping[str, object] = SERVICE,
) -> ExportMetricsServiceRequest:
    """A histogram with one point: (count, sum), told so many minutes after now, of a process begun at `began`."""
    attributes: dict[str, object] = {**CHAT, **(more or {}), **({"gen_ai.token.type": kind} if kind else {})}
    found = ExportMetricsServiceRequest()
    group = found.resource_metrics.add()
    for key, value in service.items():
        group.resource.attributes.add(key=key).value.string_value = str(value)
    metric = group.scope_metrics.add().metrics.add(name=name)
    metric.histogram.aggregation_temporality = temporality  # type: ignore[assignment]  # protobuf's enum is an int
    data = metric.histogram.data_points.add(count=amounts[0], sum=amounts[1])
    data.start_time_unix_nano, data.time_unix_nano = NOW_NS + began * MINUTE, NOW_NS + minute * MINUTE
    for key, value in attributes.items():
        data.attributes.add(key=key).value.string_value = str(value)
    return found


def send(engine: Engine, *points: ExportMetricsServiceRequest, window: timedelta | None = DAY) -> IngestResult:
    """One request with these points, received an hour after them."""
    whole = ExportMetricsServiceRequest()
    for one in points:
        whole.MergeFrom(one)
    sent = Sent("metrics", whole.SerializeToString(), PROTOBUF)
    return receive(engine, None, sent, at=RECEIVED + timedelta(hours=1), late_window=window)


def spans(engine: Engine, *given: Given, later: timedelta = timedelta()) -> None:
    """One trace request of the service."""
    body = request(given, SERVICE).SerializeToString()
    receive(engine, None, Sent("traces", body, PROTOBUF), at=RECEIVED + later, late_window=None)


def counted(engine: Engine) -> dict[str | None, tuple[int, int, int, int, int]]:
    """Calls, errors, input, output, calls without tokens, by source."""
    return {
        row.source: (row.calls, row.errors, row.input_tokens, row.output_tokens, row.calls_without_tokens)
        for row in usage(engine, by=("source",)).rows
    }


def outcomes(engine: Engine, source: str) -> dict[str, int]:
    """What arrived from a source, by outcome."""
    with reading(engine) as session:
        return {item.outcome: item.count for item in intake(session, 0) if item.source == source}


def test_a_cumulative_stream_counts_what_it_grew_by(engine: Engine) -> None:
    """In any order, however often sent; a restarted process begins again; a sum that falls began anew in silence."""
    first = point(DURATION, (3, 4.2), minute=1), point(TOKENS, (3, 300), minute=1, kind="input")
    second = point(DURATION, (5, 7.0), minute=2), point(TOKENS, (4, 420), minute=2, kind="input")
    send(engine, *first, point(TOKENS, (3, 30), minute=1, kind="output"))
    assert counted(engine) == {"otlp_metrics": (3, 0, 300, 30, 0)}
    send(engine, *second)
    for again in (first, second, first):
        send(engine, *again)
    assert counted(engine) == {"otlp_metrics": (5, 0, 420, 30, 1)}
    send(engine, point(DURATION, (2, 1.0), minute=3, began=2))
    send(engine, point(DURATION, (1, 1.0), minute=4))
    assert counted(engine)["otlp_metrics"][0] == 8


def test_delta_points_count_once_in_any_order(engine: Engine) -> None:
    """Each names its own span of time; a failed call is a call and an error."""
    points = [point(DURATION, (2, 1.0), minute=end, began=end - 1, temporality=DELTA) for end in range(1, 6)]
    points.append(point(DURATION, (1, 1.0), minute=3, began=2, temporality=DELTA, more={"error.type": "Timeout"}))
    dice = random.Random(3)  # noqa: S311 (a repeatable course of events, no secret)
    for _ in range(3):
        dice.shuffle(points)
        for one in points:
            send(engine, one)
    assert counted(engine) == {"otlp_metrics": (11, 1, 0, 0, 10)}


def test_a_stream_that_began_before_the_window_is_only_noted(engine: Engine) -> None:
    """What it counted is of an unknown time; what it grows by from now on counts."""
    send(engine, point(DURATION, (1000, 1.0), minute=1, began=-60 * 30))
    assert counted(engine) == {}
    send(engine, point(DURATION, (1007, 1.0), minute=2, began=-60 * 30))
    assert counted(engine)["otlp_metrics"][0] == 7


@pytest.mark.parametrize("spans_first", [True, False])
def test_spans_win_over_metrics_by_the_hour(engine: Engine, spans_first: bool) -> None:  # noqa: FBT001 (a column of the table)
    """Of an hour with a span of the service its metrics count nothing, whichever came first; another hour's stay."""
    quiet = point(DURATION, (4, 1.0), minute=-120, began=-121, temporality=DELTA)
    busy = point(DURATION, (2, 1.0), minute=-1, began=-3, temporality=DELTA)
    steps: list[Callable[[], object]] = [
        lambda: spans(engine, Given(number=1, ended_ago_ms=90_000)),
        lambda: send(engine, busy),
    ]
    send(engine, quiet)
    for step in steps if spans_first else steps[::-1]:
        step()
    assert counted(engine) == {"otlp": (1, 0, 100, 20, 0), "otlp_metrics": (4, 0, 0, 0, 4)}
    assert outcomes(engine, "otlp_metrics").get("left_to_spans", 0) == (2 if spans_first else 0)
    send(engine, point(DURATION, (2, 1.0), minute=-1, began=-3, temporality=DELTA, service={"service.name": "other"}))
    assert counted(engine)["otlp_metrics"][0] == 6


def test_an_increase_across_the_hour_is_left_to_the_spans_of_either(engine: Engine) -> None:
    """The export of 12:00:30 tells of calls of 11:59: their spans stand in the hour before."""
    spans(engine, Given(number=1))
    send(engine, point(DURATION, (1, 1.0), minute=1, began=-1, temporality=DELTA))
    assert counted(engine) == {"otlp": (1, 0, 100, 20, 0)}


def test_what_speaks_of_no_call_is_no_use_and_what_is_wrong_is_refused(engine: Engine) -> None:
    """Agents' durations, other metrics; points late, ahead, without time, not finite, of no temporality."""
    agent = {"gen_ai.operation.name": "invoke_agent"}
    good = point(DURATION, (1, 1.0))
    done = send(
        engine,
        good,
        point(DURATION, (1, 1.0), more=agent),
        point("http.client.duration", (1, 1.0)),
        point(TOKENS, (1, float("nan")), kind="input"),
        point(TOKENS, (1, 2.5), kind="output"),
        point(DURATION, (1, 1.0), minute=-60 * 24, began=-60 * 25),
        point(DURATION, (1, 1.0), minute=70),
        point(DURATION, (1, 1.0), minute=1, began=2),
        point(DURATION, (1, 1.0), temporality=0),
    )
    assert done.refused == {"bad_number": 2, "late": 1, "future": 1, "bad_time": 1, "bad_temporality": 1}
    assert (done.accepted, done.ignored) == (1, 2)


def test_the_newest_names_count_once_beside_the_old(engine: Engine) -> None:
    """A sender that writes both generations is one; counters do not say of how many calls, so of all answered."""
    new = point("gen_ai.client.inference.duration", (2, 1.0))
    counter = ExportMetricsServiceRequest()
    counter.CopyFrom(new)
    metric = counter.resource_metrics[0].scope_metrics[0].metrics[0]
    metric.Clear()
    metric.name = "gen_ai.client.inference.usage.input_tokens"
    metric.sum.aggregation_temporality = CUMULATIVE  # type: ignore[assignment]  # protobuf's enum is an int
    data = metric.sum.data_points.add(as_int=70, start_time_unix_nano=NOW_NS - MINUTE, time_unix_nano=NOW_NS)
    data.attributes.add(key="gen_ai.provider.name").value.string_value = "openai"
    data.attributes.add(key="gen_ai.response.model").value.string_value = "gpt-4o-mini-2024-07-18"
    old = point(DURATION, (2, 1.0))
    old.resource_metrics[0].scope_metrics[0].metrics[0].name = DURATION
    both = ExportMetricsServiceRequest()
    both.CopyFrom(new)
    scope = both.resource_metrics[0].scope_metrics[0]
    scope.metrics.append(metric)
    scope.metrics.append(old.resource_metrics[0].scope_metrics[0].metrics[0])
    send(engine, both)
    assert counted(engine) == {"otlp_metrics": (2, 0, 70, 0, 0)}


CAPTURED = {
    "genai-openai/metrics-01.pb": (7, 1, 8032, 1200, 1),
    "genai-openai-delta/metrics-01.pb": (7, 1, 8032, 1200, 1),
    "genai-openai-gzip/metrics-01.pb.gz": (7, 1, 8032, 1200, 1),
    "genai-openai-json/metrics-01.json": (7, 1, 8032, 1200, 1),
    "genai-anthropic/metrics-01.pb": (1, 0, 2056, 300, 0),
    "traceloop/metrics-01.pb": (6, 1, 6026, 900, 1),
    "openai-v2-default/metrics-01.pb": (6, 1, 4020, 600, 2),
    "js-instrumentation-openai/metrics-01.json": (4, 1, 4020, 600, 0),
}


@pytest.mark.parametrize("name", CAPTURED)
def test_every_captured_metrics_body_counts_its_calls(engine: Engine, shared: Path, name: str) -> None:
    """By themselves metrics give the calls that were made; with the spans of the same run they add nothing."""
    folder = shared / "samples" / "otlp_captures" / name.partition("/")[0]
    body = (folder.parent / name).read_bytes()
    kind, packed = JSON if name.endswith(".json") else PROTOBUF, "gzip" if name.endswith(".gz") else None
    at = datetime(2026, 11, 22, 3, tzinfo=RECEIVED.tzinfo)
    receive(engine, None, Sent("metrics", body, kind, packed), at=at, late_window=None)
    assert counted(engine) == {"otlp_metrics": CAPTURED[name]}
    again = folder / "metrics-02.pb"
    if again.exists():
        receive(engine, None, Sent("metrics", again.read_bytes(), kind, packed), at=at, late_window=None)
        assert counted(engine) == {"otlp_metrics": CAPTURED[name]}
    (traces,) = (
        path for path in folder.glob("traces-01.*") if "decoded" not in path.name and "headers" not in path.name
    )
    receive(engine, None, Sent("traces", traces.read_bytes(), kind, packed), at=at, late_window=None)
    assert set(counted(engine)) == {"otlp"}


def log(name: str = "relevance", value: object = 0.5, *, number: int = 2, event: str = "gen_ai.evaluation.result",
        more: Sequence[tuple[str, str]] = ()) -> dict[str, object]:  # fmt: skip # a table
    """One log record of a span, with what it says about it."""
    attributes = [{"key": "gen_ai.evaluation.name", "value": {"stringValue": name}}]
    attributes += (
        [{"key": "gen_ai.evaluation.score.value", "value": {"doubleValue": value}}] if value is not None else []
    )
    attributes += [{"key": key, "value": {"stringValue": text}} for key, text in more]
    return {"eventName": event, "traceId": TRACE.hex(), "spanId": f"{number:016x}", "timeUnixNano": str(NOW_NS),
            "attributes": attributes}  # fmt: skip # a table


def tell(engine: Engine, *records: dict[str, object]) -> IngestResult:
    """One logs request."""
    scoped = {"scope": {"name": "deepeval", "version": "4.3"}, "logRecords": list(records)}
    body = json.dumps({"resourceLogs": [{"scopeLogs": [scoped]}]}).encode()
    return receive(engine, None, Sent("logs", body, JSON), at=RECEIVED, late_window=DAY)


def told(engine: Engine) -> list[tuple[str, str, Decimal, int | None, str | None, str | None]]:
    """The scores: feature, metric, score, n, evaluator and its version."""
    with reading(engine) as session:
        found = scores(session, ["bot", "triage"])
    return [(one.feature, one.metric, one.score, one.n, one.evaluator, one.evaluator_version) for one in found]


def test_evaluations_become_one_score_a_day(engine: Engine) -> None:
    """The mean of what is said of the feature's calls, by evaluator and version; sent again it is the same."""
    spans(engine, Given(number=2), Given(number=3))
    for _ in range(2):
        tell(
            engine,
            log(value=0.5),
            log(value=1.0, number=3),
            log("tone", None, more=[("gen_ai.evaluation.score.label", "Pass")]),
        )
    assert told(engine) == [
        ("bot", "relevance", Decimal("0.75"), 2, "deepeval", "4.3"),
        ("bot", "tone", Decimal(1), 1, "deepeval", "4.3"),
    ]


def test_an_evaluation_follows_its_call_to_the_feature(engine: Engine) -> None:
    """It may come before the call, and the call before the span that names the feature."""
    tell(engine, log())
    assert told(engine) == []
    spans(engine, Given(number=2, parent=1))
    assert told(engine) == [("bot", "relevance", Decimal("0.5"), 1, "deepeval", "4.3")]
    spans(engine, Given(number=1, attributes={"feature": "triage"}))
    assert told(engine) == [("triage", "relevance", Decimal("0.5"), 1, "deepeval", "4.3")]


def test_an_evaluation_may_name_the_response_instead(engine: Engine) -> None:
    """Some evaluators know the provider's response id and no span."""
    spans(engine, Given(number=2, attributes={**SIZED, "gen_ai.response.id": "chatcmpl-7", "feature": "triage"}))
    record = {**log(more=[("gen_ai.response.id", "chatcmpl-7")]), "traceId": "", "spanId": ""}
    tell(engine, record)
    assert [row[:4] for row in told(engine)] == [("triage", "relevance", Decimal("0.5"), 1)]


def test_an_evaluation_may_be_an_event_of_the_span(engine: Engine) -> None:
    """Older SDKs hang it onto the span itself, in protobuf and JSON."""
    body = request([Given(number=2)], SERVICE)
    event = body.resource_spans[0].scope_spans[0].spans[0].events.add(name="gen_ai.evaluation.result")
    event.attributes.add(key="gen_ai.evaluation.name").value.string_value = "relevance"
    event.attributes.add(key="gen_ai.evaluation.score.value").value.int_value = 1
    receive(engine, None, Sent("traces", body.SerializeToString(), PROTOBUF), at=RECEIVED, late_window=DAY)
    assert [row[:4] for row in told(engine)] == [("bot", "relevance", Decimal(1), 1)]


def test_a_truth_value_is_no_score(engine: Engine) -> None:
    """Refused like any other word; what came beside it counts."""
    truth = log("tone", None)
    truth["attributes"].append({"key": "gen_ai.evaluation.score.value", "value": {"boolValue": True}})  # type: ignore[attr-defined]  # a JSON list
    spans(engine, Given(number=2))
    done = tell(engine, truth, log())
    assert done.refused == {"bad_number": 1}
    assert [row[:3] for row in told(engine)] == [("bot", "relevance", Decimal("0.5"))]


def test_logs_that_are_no_evaluations_are_counted_and_dropped(engine: Engine) -> None:
    """Prompts come as log events: they leave nothing but a number; a score that is none is refused."""
    done = tell(
        engine,
        log(event="gen_ai.user.message"),
        log(value="NaN"),
        log(value="high"),
        log(value=None),
        log(name=""),
    )
    assert done.refused == {"bad_number": 2, "no_score": 1, "bad_name": 1}
    assert outcomes(engine, "otlp_logs") == {"not_used": 1, "bad_number": 2, "no_score": 1, "bad_name": 1}
