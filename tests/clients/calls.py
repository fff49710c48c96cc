"""Runs inside a client's own environment: instruments the OpenAI SDK as its users do, and makes the same few calls.

    python calls.py CLIENT PROVIDER_URL RECEIVER_URL [KEY]

Inside a span that says `feature`: two chats; outside: a chat that is refused with 429. Nothing of Offramp is imported.
"""

import os
import sys
from importlib import import_module
from typing import Any

MESSAGES = [{"role": "user", "content": "Summarise ticket 7"}]
INSTRUMENTORS = {
    "openai-v2": "opentelemetry.instrumentation.openai_v2",
    "genai": "opentelemetry.instrumentation.genai.openai",
    "openinference": "openinference.instrumentation.openai",
    "traceloop": "opentelemetry.instrumentation.openai",
}


def main() -> None:
    """Instrument, call, flush."""
    client, provider_url, receiver_url, key = sys.argv[1:]
    os.environ["OTEL_SERVICE_NAME"] = "support-bot"  # noqa: TID251 (how an SDK is set up; this is no program of ours)
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver_url  # noqa: TID251 (how an SDK is set up)
    os.environ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf"  # noqa: TID251 (how an SDK is set up)
    if client == "langfuse":
        _langfuse(receiver_url, key, f"{provider_url}/v1")
        return
    trace, flush = _tracing()
    if client == "litellm":
        _litellm(trace, f"{provider_url}/v1")
    else:
        import_module(INSTRUMENTORS[client]).OpenAIInstrumentor().instrument()
        _openai(trace, f"{provider_url}/v1")
    flush()


def _tracing() -> tuple[Any, Any]:
    sdk, export = import_module("opentelemetry.sdk.trace"), import_module("opentelemetry.sdk.trace.export")
    exporter = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter").OTLPSpanExporter()
    provider = sdk.TracerProvider()
    # One request for each span: children come before their parents, as with real traffic.
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    trace = import_module("opentelemetry.trace")
    trace.set_tracer_provider(provider)
    return trace.get_tracer("app"), provider.shutdown


def _openai(tracer: Any, url: str) -> None:  # noqa: ANN401 (a class of a package that is not installed here)
    openai = import_module("openai")
    client = openai.OpenAI(base_url=url, api_key="none", max_retries=0)
    with tracer.start_as_current_span("POST /triage", attributes={"feature": "ticket-triage"}):
        client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES)
        client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES)
    try:
        client.chat.completions.create(model="refused", messages=MESSAGES)
    except openai.RateLimitError:
        return
    raise AssertionError("the provider did not refuse")


def _langfuse(receiver_url: str, key: str, url: str) -> None:
    langfuse = import_module("langfuse")
    client = langfuse.Langfuse(public_key="app", secret_key=key, base_url=receiver_url)
    openai, wrapped = import_module("openai"), import_module("langfuse.openai")
    ask = wrapped.OpenAI(base_url=url, api_key="none", max_retries=0).chat.completions.create
    with (
        client.start_as_current_observation(name="POST /triage", as_type="span"),
        langfuse.propagate_attributes(metadata={"feature": "ticket-triage"}),
    ):
        ask(model="gpt-4o-mini", messages=MESSAGES)
        ask(model="gpt-4o-mini", messages=MESSAGES)
        client.score_current_trace(name="helpful", value=0.75)
        client.score_current_span(name="polite", value=True, data_type="BOOLEAN")
    try:
        ask(model="refused", messages=MESSAGES)
    except openai.RateLimitError:
        client.flush()
        client.shutdown()
        return
    raise AssertionError("the provider did not refuse")


def _litellm(tracer: Any, url: str) -> None:  # noqa: ANN401 (a class of a package that is not installed here)
    # Without it LiteLLM writes a call's figures onto the span around it: of two calls inside, the first is lost.
    os.environ["USE_OTEL_LITELLM_REQUEST_SPAN"] = "true"  # noqa: TID251 (how the callback is set up)
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # noqa: TID251 (asks no network)
    litellm: Any = import_module("litellm")
    litellm.callbacks = ["otel"]
    ask = {"messages": MESSAGES, "api_base": url, "api_key": "none", "max_retries": 0, "num_retries": 0}
    with tracer.start_as_current_span("POST /triage", attributes={"feature": "ticket-triage"}):
        litellm.completion(model="openai/gpt-4o-mini", **ask)
        litellm.completion(model="openai/gpt-4o-mini", **ask)
        litellm.completion(model="anthropic/claude-haiku-4-5", **{**ask, "api_base": url.removesuffix("/v1")})
    try:
        litellm.completion(model="openai/refused", **ask)
    except litellm.RateLimitError:
        import_module("time").sleep(3)
        return
    raise AssertionError("the provider did not refuse")


if __name__ == "__main__":
    main()
