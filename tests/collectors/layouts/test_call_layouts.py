"""Logs of other tools: tokens under one rule, features where they stand, and nothing of what was said."""

import csv
import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from collectors.files import detect_kind, read_calls
from collectors.rejected import Rejected, SourceError
from strategy.facts import Call

PROMPT = "what the prompt said"


def calls_of(path: Path, **given: str) -> list[Call]:
    """The calls of a file, of which no row is refused."""
    found = list(read_calls(path, set_columns=given))
    assert detect_kind(path) == "calls"
    assert PROMPT not in repr(found)
    assert [item for item in found if isinstance(item, Rejected)] == []
    return [item for item in found if isinstance(item, Call)]


def spend_logs(shared: Path) -> list[dict[str, Any]]:
    """Rows that LiteLLM itself wrote: two of spend logs, three of its log bucket."""
    written = json.loads(
        (shared / "samples/litellm/generated_1.106.2/spendlog_and_standard_payload_rows.json").read_text()
    )
    return [row["row"] for row in written]


def lines(path: Path, *rows: object) -> Path:
    """The rows as JSONL."""
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def test_litellm_logs_keep_totals_cache_cost_and_feature(shared: Path, tmp_path: Path) -> None:
    """`prompt_tokens` is the total; the two ways LiteLLM writes a call down are one call."""
    rows = spend_logs(shared)
    first, payload = calls_of(lines(tmp_path / "a.jsonl", rows[0])), calls_of(lines(tmp_path / "b.jsonl", rows[1]))
    (call,) = first
    assert (call.feature, call.provider, call.model, call.source) == (
        "ticket_summary",
        "openai",
        "gpt-4o-mini",
        "litellm",
    )
    assert (call.input_tokens, call.cached_input_tokens, call.output_tokens, call.reasoning_tokens) == (
        2006,
        1920,
        300,
        128,
    )
    assert (call.cost_usd, call.latency_ms) == (Decimal("0.0003369"), 997.0)
    assert payload[0].key == call.key
    assert calls_of(lines(tmp_path / "c.jsonl", rows[4]))[0].errors == 1


def test_litellm_logs_are_the_same_in_every_form(shared: Path, tmp_path: Path) -> None:
    """CSV of the table, a page of /spend/logs/v2, gzipped or not: the same calls."""
    rows = [row for row in spend_logs(shared) if "request_id" in row]
    plain = calls_of(lines(tmp_path / "a.jsonl", *rows))
    with (tmp_path / "a.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    page = tmp_path / "page.json"
    page.write_text(json.dumps({"data": rows, "total": 2, "page": 1}, indent=1))
    zipped = tmp_path / "a.jsonl.gz"
    zipped.write_bytes(gzip.compress((tmp_path / "a.jsonl").read_bytes()))
    assert len(plain) == 2
    assert [calls_of(path) for path in (tmp_path / "a.csv", page, zipped)] == [plain] * 3


def test_a_hit_of_the_gateways_cache_used_no_tokens(shared: Path, tmp_path: Path) -> None:
    """It asked no provider: a call that costs nothing."""
    row = spend_logs(shared)[0] | {"cache_hit": "True", "spend": 0.0}
    (call,) = calls_of(lines(tmp_path / "a.jsonl", row))
    assert (call.input_tokens, call.cached_input_tokens, call.output_tokens) == (0, None, 0)


def test_old_litellm_rows_without_a_call_id_count_by_request_and_start(shared: Path) -> None:
    """Times without a zone are UTC."""
    (call,) = calls_of(shared / "samples/litellm/spend_logs_payload.trimmed.json")
    assert call.at == datetime(2025, 1, 24, 9, 20, 46, 847371, UTC)
    assert (call.input_tokens, call.output_tokens, call.latency_ms) == (10, 20, 4.583)


@pytest.mark.parametrize(
    ("name", "feature", "calls", "tokens"),
    [
        ("framework-trace-openai-agents-2025-09-30.json", "Agent workflow", 2, 140),
        ("framework-trace-pydantic-ai-tools-2025-12-04.json", "joke-generator", 4, 1315),
        ("framework-trace-autogen-2025-06-06.json", "autogen-chat-trace", 1, 41),
        ("v2_observations_docs_sample.json", "support-chat", 1, 98),
    ],
)
def test_langfuse_counts_generations_only(shared: Path, name: str, feature: str, calls: int, tokens: int) -> None:
    """Agents, spans and tools hold generations; counting them would count twice."""
    found = calls_of(shared / "samples/langfuse" / name)
    assert {call.feature for call in found} == {feature}
    assert (len(found), sum(call.input_tokens or 0 for call in found)) == (calls, tokens)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {"input": 86, "output": 172, "input_cached_tokens": 1920, "output_reasoning_tokens": 128, "total": 2306},
            True,
        ),
        (
            {"input": 2006, "output": 300, "input_cached_tokens": 1920, "output_reasoning_tokens": 128, "total": 2306},
            True,
        ),
        (
            {"input": 86, "output": 300, "input_cached_tokens": 1920, "output_reasoning_tokens": 128, "total": 2306},
            True,
        ),
        (
            {"input": 2006, "output": 172, "input_cached_tokens": 1920, "output_reasoning_tokens": 128, "total": 2306},
            True,
        ),
        ({"input": 86, "output": 172, "input_cached_tokens": 1920, "output_reasoning_tokens": 128}, False),
    ],
)
def test_langfuse_totals_tell_whether_parts_stand_beside(
    tmp_path: Path, usage: dict[str, int], *, expected: bool
) -> None:
    """Some integrations leave cached tokens in `input`, as Langfuse means it they are out."""
    row = {
        "id": "o1",
        "traceId": "t1",
        "type": "GENERATION",
        "startTime": "2026-11-20T10:00:00.000Z",
        "endTime": "2026-11-20T10:00:01.500Z",
        "providedModelName": "gpt-4o",
        "usageDetails": usage,
        "tags": ["prod", "feature:triage"],
        "input": PROMPT,
    }
    (call,) = calls_of(lines(tmp_path / "a.jsonl", row))
    assert (call.feature, call.latency_ms, call.cached_input_tokens, call.reasoning_tokens) == (
        "triage",
        1500.0,
        1920,
        128,
    )
    assert call.input_tokens == 2006
    assert call.output_tokens == (300 if expected else 172)


def test_langfuse_csv_export_is_read(tmp_path: Path) -> None:
    """With JSON in its cells."""
    path = tmp_path / "export.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "trace_id", "type", "start_time", "end_time", "name", "level", "provided_model_name",
                         "usage_details", "cost_details", "input", "tags"])  # fmt: skip # a table
        writer.writerow(["o1", "t1", "GENERATION", "2026-11-20 10:00:00.000", "2026-11-20 10:00:02.000", "n", "ERROR",
                         "claude-sonnet-5", '{"input": 10, "output": 2, "total": 12}', '{"total": 0.5}', PROMPT,
                         '["feature:triage"]'])  # fmt: skip # a table
        writer.writerow(["o2", "t1", "SPAN", "2026-11-20 10:00:00.000", "", "n", "", "", "{}", "{}", PROMPT, "[]"])
    (call,) = calls_of(path)
    assert (call.feature, call.errors, call.latency_ms, call.cost_usd) == ("triage", 1, 2000.0, Decimal("0.5"))


CHAT = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1795100400,
    "model": "gpt-5.6-luna",
    "choices": [{"message": {"content": PROMPT}}],
    "usage": {
        "prompt_tokens": 2006,
        "completion_tokens": 300,
        "prompt_tokens_details": {"cached_tokens": 1920},
        "completion_tokens_details": {"reasoning_tokens": 128},
    },
    "service_tier": "flex",
    "metadata": {"feature": "triage"},
}
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1795100400,
    "model": "gpt-5.6-luna",
    "status": "completed",
    "error": None,
    "usage": {
        "input_tokens": 2006,
        "output_tokens": 300,
        "input_tokens_details": {"cached_tokens": 1920},
        "output_tokens_details": {"reasoning_tokens": 128},
    },
    "metadata": {"feature": "triage"},
}


@pytest.mark.parametrize("answer", [CHAT, RESPONSE])
def test_openai_answers_give_their_totals(tmp_path: Path, answer: dict[str, Any]) -> None:
    """Chat completions and responses alike, alone or as a list of stored ones."""
    (call,) = calls_of(lines(tmp_path / "a.jsonl", answer))
    assert (call.feature, call.model, call.provider, call.source) == ("triage", "gpt-5.6-luna", "openai", "openai")
    assert (call.input_tokens, call.cached_input_tokens, call.output_tokens, call.reasoning_tokens) == (
        2006,
        1920,
        300,
        128,
    )
    assert call.processing == ("flex" if answer is CHAT else "standard")
    stored = tmp_path / "list.json"
    stored.write_text(json.dumps({"object": "list", "data": [answer, answer]}))
    assert {again.key for again in calls_of(stored)} == {call.key}


def test_openai_batches_are_priced_as_batch_and_their_failures_named(tmp_path: Path) -> None:
    """A line that failed has neither time nor model; it says so and costs nothing."""
    good = {"id": "batch_1", "custom_id": "x", "response": {"status_code": 200, "body": CHAT}, "error": None}
    bad = {"id": "batch_2", "custom_id": "y", "response": {"status_code": 429, "body": {"error": {"message": PROMPT}}}}
    found = list(read_calls(lines(tmp_path / "a.jsonl", good, bad)))
    assert PROMPT not in repr(found)
    assert [(item.processing, item.key) for item in found if isinstance(item, Call)] == [
        ("batch", calls_of(lines(tmp_path / "b.jsonl", CHAT))[0].key)
    ]
    assert [(item.row, item.field) for item in found if isinstance(item, Rejected)] == [(2, "timestamp")]


def test_openai_usage_pages_are_buckets_of_calls(shared: Path, tmp_path: Path) -> None:
    """The model has to be in the grouping; a group without it is rejected, or named by hand."""
    page = shared / "samples/openai_admin/usage_completions.json"
    (wrong,) = list(read_calls(page))
    assert isinstance(wrong, Rejected)
    assert (wrong.field, wrong.cells["calls"]) == ("model", "5")
    (call,) = calls_of(page, model="gpt-4o")
    assert (call.calls, call.input_tokens, call.cached_input_tokens, call.cache_write_tokens) == (5, 1000, 400, 100)
    (tmp_path / "u.csv").write_text(
        "start_time,end_time,num_model_requests,model,input_tokens,input_cached_tokens,output_tokens,batch\n"
        "1730419200,1730505600,5,gpt-4o-2024-08-06,1000,400,500,true\n1730419200,1730505600,0,gpt-4o,,,,\n"
    )
    (row,) = calls_of(tmp_path / "u.csv")
    assert (row.calls, row.processing, row.source) == (5, "batch", "openai_usage")


def test_bedrock_adds_what_its_input_leaves_out(tmp_path: Path) -> None:
    """Cache reads and writes stand only in the answer's usage; the feature is the caller's metadata."""
    record = {
        "schemaType": "ModelInvocationLog",
        "timestamp": "2026-11-20T10:00:00Z",
        "requestId": "r1",
        "operation": "Converse",
        "modelId": "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "requestMetadata": {"feature": "triage"},
        "input": {"inputTokenCount": 86, "inputBodyJson": {"messages": [PROMPT]}},
        "output": {
            "outputTokenCount": 300,
            "outputBodyJson": {
                "output": {"message": PROMPT},
                "usage": {"inputTokens": 86, "cacheReadInputTokens": 1920, "cacheWriteInputTokens": 50},
                "metrics": {"latencyMs": 812},
            },
        },
    }
    failed = record | {"requestId": "r2", "errorCode": "ThrottlingException", "output": {}}
    (call, error) = calls_of(lines(tmp_path / "a.jsonl", record, failed))
    assert (call.feature, call.provider, call.input_tokens, call.cached_input_tokens) == (
        "triage",
        "aws.bedrock",
        2056,
        1920,
    )
    assert (call.cache_write_tokens, call.output_tokens, call.latency_ms, call.errors) == (50, 300, 812.0, 0)
    assert error.errors == 1


def test_azures_trace_needs_a_model(tmp_path: Path) -> None:
    """Its times are UTC; everything else is asked for."""
    path = tmp_path / "AzureLLMInferenceTrace_code.csv"
    path.write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n")
    (wrong,) = list(read_calls(path))
    assert isinstance(wrong, Rejected)
    assert "--set model=NAME" in wrong.cure
    (call,) = calls_of(path, model="openai/gpt-4o", feature="code")
    assert (call.at, call.feature) == (datetime(2023, 11, 16, 18, 17, 3, 979960, UTC), "code")
    assert (call.input_tokens, call.output_tokens) == (4808, 10)
    packed = tmp_path / "trace.parquet"
    duckdb.sql(f"copy (from read_csv('{path}')) to '{packed}' (format parquet)")
    assert calls_of(packed, model="openai/gpt-4o", feature="code") == [call]


def test_burst_gpt_begins_when_it_is_told(tmp_path: Path) -> None:
    """Seconds of an unnamed day; an answer of no tokens failed."""
    path = tmp_path / "BurstGPT_1.csv"
    path.write_text(
        "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
        "5,ChatGPT,472,18,490,Conversation log\n90061,GPT-4,10,0,10,API log\n"
    )
    with pytest.raises(SourceError, match="--set timestamp="):
        list(read_calls(path))
    first, second = calls_of(path, timestamp="2023-11-01T00:00:00Z")
    assert (first.at, first.model, first.errors) == (datetime(2023, 11, 1, 0, 0, 5, tzinfo=UTC), "ChatGPT", 0)
    assert (second.at, second.errors) == (datetime(2023, 11, 2, 1, 1, 1, tzinfo=UTC), 1)


def test_a_log_is_no_file_of_evals(tmp_path: Path) -> None:
    """--kind says what it is for, and the error what to do."""
    from collectors.files import read_scores

    with pytest.raises(SourceError, match="is a file of calls"):
        read_scores(lines(tmp_path / "a.jsonl", CHAT))
