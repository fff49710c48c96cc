"""Clients that write the same thing in words of their own: each call once, no agent, the right tokens.

The shapes are ours, made after what each framework's source writes onto its spans.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collectors.otlp_lean import lean_request
from collectors.otlp_settle import settle
from collectors.otlp_spans import spans_from_traces
from collectors.resolver import ResolverConfig
from strategy.spans import Standing

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
_NS = int(AT.timestamp()) * 10**9
Attributes = Mapping[str, str | int | float]


class Told(NamedTuple):
    """What a call counts with."""

    provider: str
    model: str
    input: int | None
    cached: int | None
    written: int | None
    output: int | None
    reasoning: int | None


def _counted(*spans: tuple[str, Attributes]) -> list[Told]:
    """The calls that count in one trace of spans, each inside the one before it."""
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for number, (name, attributes) in enumerate(spans, start=1):
        span = scope.spans.add(trace_id=b"t" * 16, span_id=number.to_bytes(8, "big"), name=name)
        span.start_time_unix_nano, span.end_time_unix_nano = _NS - 10**9, _NS
        if number > 1:
            span.parent_span_id = (number - 1).to_bytes(8, "big")
        for key, value in attributes.items():
            given = span.attributes.add(key=key).value
            if isinstance(value, str):
                given.string_value = value
            elif isinstance(value, int):
                given.int_value = value
            else:
                given.double_value = value
    found = spans_from_traces(lean_request(request.SerializeToString()), resolver=ResolverConfig(), received_at=AT)
    assert not found.refused
    settled = settle({fact.key: fact for fact in found.spans})
    calls = [
        fact.call for fact in found.spans if fact.call is not None and settled[fact.key].standing is Standing.COUNTED
    ]
    return [
        Told(
            call.provider,
            call.model,
            call.input_tokens,
            call.cached_input_tokens,
            call.cache_write_tokens,
            call.output_tokens,
            call.reasoning_tokens,
        )
        for call in calls
    ]


def _usage(**counts: int) -> dict[str, int]:
    return {f"gen_ai.usage.{name}": count for name, count in counts.items()}


def _all(*parts: Attributes) -> Attributes:
    return {key: value for part in parts for key, value in part.items()}


_ADK: Attributes = {
    "gen_ai.system": "gcp.vertex.agent",
    "gen_ai.request.model": "gemini-2.5-flash",
    "gen_ai.usage.input_tokens": 50,
    "gen_ai.usage.output_tokens": 60,
    "gen_ai.usage.experimental.reasoning_tokens": 10,
}
_GENAI: Attributes = {
    "gen_ai.system": "gemini",
    "gen_ai.operation.name": "generate_content",
    "gen_ai.request.model": "gemini-2.5-flash",
    "gen_ai.usage.input_tokens": 50,
    "gen_ai.usage.output_tokens": 60,
}
_VERCEL: Attributes = {"ai.model.id": "gpt-4o", "ai.model.provider": "openai.responses"}
_DIALECTS: dict[str, tuple[list[tuple[str, Attributes]], list[Told]]] = {
    "strands": (
        [
            (
                "invoke_agent Agent",
                {"gen_ai.operation.name": "invoke_agent", **_usage(input_tokens=9, output_tokens=9)},
            ),
            ("execute_event_loop_cycle", {"event_loop.cycle_id": "1"}),
            (
                "chat",
                _all(
                    {
                        "gen_ai.operation.name": "chat",
                        "gen_ai.system": "strands-agents",
                        "gen_ai.request.model": "nova-pro",
                    },
                    _usage(prompt_tokens=100, input_tokens=100, completion_tokens=20, output_tokens=20),
                    _usage(cache_read_input_tokens=64, cache_write_input_tokens=8),
                ),
            ),
        ],
        [Told("strands-agents", "nova-pro", 100, 64, 8, 20, None)],
    ),
    "pydantic-ai": (
        [
            ("agent run", {"agent_name": "a", "model_name": "gpt-4o", **_usage(input_tokens=100, output_tokens=20)}),
            (
                "chat gpt-4o",
                _all(
                    {"gen_ai.operation.name": "chat", "gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o"},
                    {"gen_ai.usage.details.cached_tokens": 64, "gen_ai.usage.details.reasoning_tokens": 8},
                    _usage(input_tokens=100, output_tokens=20),
                ),
            ),
        ],
        [Told("openai", "gpt-4o", 100, 64, None, 20, 8)],
    ),
    "logfire": (
        [
            (
                "Chat Completion with 'gpt-4o'",
                _all(
                    {
                        "gen_ai.system": "openai",
                        "gen_ai.request.model": "gpt-4o",
                        "gen_ai.response.model": "gpt-4o-2024",
                    },
                    {"operation.cost": 0.25, **_usage(input_tokens=100, output_tokens=20)},
                ),
            )
        ],
        [Told("openai", "gpt-4o-2024", 100, None, None, 20, None)],
    ),
    "vercel-v4": (
        [
            ("ai.generateText", {"ai.operationId": "ai.generateText", "ai.usage.promptTokens": 100, **_VERCEL}),
            (
                "ai.generateText.doGenerate",
                _all(
                    {"ai.operationId": "ai.generateText.doGenerate", "gen_ai.system": "openai.responses", **_VERCEL},
                    {"gen_ai.request.model": "gpt-4o", "ai.usage.promptTokens": 100, "ai.usage.completionTokens": 20},
                    _usage(input_tokens=100, output_tokens=20),
                ),
            ),
        ],
        [Told("openai", "gpt-4o", 100, None, None, 20, None)],
    ),
    "vercel-v6": (
        [
            (
                "ai.streamText.doStream",
                _all(
                    {"ai.operationId": "ai.streamText.doStream", "gen_ai.system": "openai.responses", **_VERCEL},
                    {"ai.usage.inputTokens": 100, "ai.usage.outputTokens": 20},
                    {
                        "ai.usage.inputTokenDetails.cacheReadTokens": 64,
                        "ai.usage.inputTokenDetails.cacheWriteTokens": 4,
                    },
                    {"ai.usage.outputTokenDetails.reasoningTokens": 8},
                ),
            )
        ],
        [Told("openai", "gpt-4o", 100, 64, 4, 20, 8)],
    ),
    "semantic-kernel": (
        [
            ("AutoFunctionInvocationLoop", {"sk.available_functions": "f"}),
            (
                "chat.completions gpt-4o",
                _all(
                    {
                        "gen_ai.operation.name": "chat.completions",
                        "gen_ai.system": "openai",
                        "gen_ai.request.model": "gpt-4o",
                    },
                    {"gen_ai.response.prompt_tokens": 100, "gen_ai.response.completion_tokens": 20},
                ),
            ),
        ],
        [Told("openai", "gpt-4o", 100, None, None, 20, None)],
    ),
    "google-adk": (
        [("invoke_agent a", {"gen_ai.operation.name": "invoke_agent"}), ("call_llm", _ADK)],
        [Told("gcp.vertex.agent", "gemini-2.5-flash", 50, None, None, 60, 10)],
    ),
    "google-adk and the SDK's own": (
        [("call_llm", _ADK), ("generate_content gemini-2.5-flash", _GENAI)],
        [Told("gcp.vertex.agent", "gemini-2.5-flash", 50, None, None, 60, 10)],
    ),
    "bedrock-agentcore": (
        [
            ("invoke_agent_runtime", {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "a"}),
            (
                "chat us.anthropic.claude",
                _all(
                    {
                        "gen_ai.operation.name": "chat",
                        "gen_ai.system": "aws.bedrock",
                        "gen_ai.request.model": "us.claude",
                    },
                    _usage(input_tokens=100, output_tokens=20),
                ),
            ),
        ],
        [Told("aws.bedrock", "us.claude", 100, None, None, 20, None)],
    ),
    "azure-ai": (
        [
            ("process_thread_run", {"gen_ai.operation.name": "process_thread_run", **_usage(input_tokens=9)}),
            (
                "chat gpt-4o",
                _all(
                    {
                        "gen_ai.operation.name": "chat",
                        "gen_ai.system": "az.ai.inference",
                        "gen_ai.request.model": "gpt-4o",
                    },
                    _usage(input_tokens=100, output_tokens=20),
                ),
            ),
        ],
        [Told("az.ai.inference", "gpt-4o", 100, None, None, 20, None)],
    ),
    "llama-index and haystack by OpenInference": (
        [
            ("RetrieverQueryEngine.query", {"openinference.span.kind": "CHAIN"}),
            ("OpenAIGenerator", {"openinference.span.kind": "AGENT", "llm.token_count.prompt": 100}),
            (
                "OpenAI.chat",
                _all(
                    {"openinference.span.kind": "LLM", "llm.model_name": "gpt-4o", "llm.provider": "openai"},
                    {"llm.token_count.prompt": 100, "llm.token_count.completion": 20},
                    {"llm.token_count.prompt_details.cache_read": 64},
                ),
            ),
        ],
        [Told("openai", "gpt-4o", 100, 64, None, 20, None)],
    ),
    "an agent that repeats its calls' usage": (
        [
            (
                "agent",
                _all(
                    {"gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o", "gen_ai.agent.name": "a"},
                    _usage(input_tokens=100, output_tokens=20),
                ),
            )
        ],
        [],
    ),
}


@pytest.mark.parametrize("dialect", _DIALECTS)
def test_a_call_counts_once_with_its_tokens(dialect: str) -> None:
    """Agents and chains around it count nothing, whatever usage they repeat."""
    spans, told = _DIALECTS[dialect]
    assert _counted(*spans) == told
