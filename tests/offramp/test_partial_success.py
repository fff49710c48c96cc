"""What senders of metrics and logs are told of refused records, in their own encoding, while the others count."""

import json
from base64 import b64encode

import pytest
from google.protobuf.json_format import MessageToJson, Parse
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from db.queries.sources import intake
from db.session import reading
from tests.offramp.live_server import Live
from tests.offramp.spans import JSON, PROTOBUF
from tests.offramp.test_metrics_and_logs import DURATION, TOKENS, log, point

# Minutes from the moment that points are made by, which is two hours after the server's.
_GOOD, _LATE, _AHEAD = -180, -60 * 27, 0
_HOUR_NS = 3600 * 10**9


def _metrics(encoding: str) -> bytes:
    """One point that counts, two that are late, one of the future, one that is no number."""
    whole = ExportMetricsServiceRequest()
    for minute in (_GOOD, _LATE, _LATE - 1, _AHEAD):
        whole.MergeFrom(point(DURATION, (2, 1.0), minute=minute, began=minute - 1))
    whole.MergeFrom(point(TOKENS, (1, float("nan")), minute=_GOOD, began=_GOOD - 1, kind="input"))
    return whole.SerializeToString() if encoding == "protobuf" else MessageToJson(whole).encode()


def _logs(encoding: str) -> bytes:
    """One evaluation that is kept, two whose score is no number, and an event that is none."""
    records = [log(), log(value="NaN"), log(value="Infinity"), log(event="gen_ai.user.message")]
    for record in records:
        record["timeUnixNano"] = str(int(str(record["timeUnixNano"])) - 3 * _HOUR_NS)
        if encoding == "protobuf":  # its own JSON has base64 where OTLP's has hexadecimal
            ids = {name: b64encode(bytes.fromhex(str(record[name]))).decode() for name in ("traceId", "spanId")}
            record.update(ids)
    document = {"resourceLogs": [{"scopeLogs": [{"scope": {"name": "judge"}, "logRecords": records}]}]}
    text = json.dumps(document)
    return text.encode() if encoding == "json" else Parse(text, ExportLogsServiceRequest()).SerializeToString()


def _intake(live: Live, source: str) -> dict[str, int]:
    with reading(live.service.engine) as session:
        return {item.outcome: item.count for item in intake(session, 0) if item.source == source}


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_refused_points_are_told_by_partial_success(live: Live, encoding: str) -> None:
    """200 with their number and reasons; the one that can be read counts, and each reason is counted."""
    headers = PROTOBUF if encoding == "protobuf" else JSON
    answer = live.client.post("/v1/metrics", content=_metrics(encoding), headers=headers)
    words = "refused data points, by reason: bad_number: 1, future: 1, late: 2; late is more than 24 h ago"
    assert (answer.status_code, answer.headers["content-type"]) == (200, headers["content-type"])
    if encoding == "protobuf":
        told = ExportMetricsServiceResponse.FromString(answer.content).partial_success
        assert (told.rejected_data_points, told.error_message) == (4, words)
    else:
        assert answer.json() == {"partialSuccess": {"rejectedDataPoints": "4", "errorMessage": words}}
    assert {calls for calls, _, _ in live.counted().values()} == {2}
    assert _intake(live, "otlp_metrics") == {"accepted": 2, "late": 2, "future": 1, "bad_number": 1}


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_refused_log_records_are_told_by_partial_success(live: Live, encoding: str) -> None:
    """200 with the number and reason of the refused; a log event that is no evaluation is not one of them."""
    headers = PROTOBUF if encoding == "protobuf" else JSON
    answer = live.client.post("/v1/logs", content=_logs(encoding), headers=headers)
    words = "refused log records, by reason: bad_number: 2"
    assert (answer.status_code, answer.headers["content-type"]) == (200, headers["content-type"])
    if encoding == "protobuf":
        told = ExportLogsServiceResponse.FromString(answer.content).partial_success
        assert (told.rejected_log_records, told.error_message) == (2, words)
    else:
        assert answer.json() == {"partialSuccess": {"rejectedLogRecords": "2", "errorMessage": words}}
    assert _intake(live, "otlp_logs") == {"eval_accepted": 1, "not_used": 1, "bad_number": 2}
