"""LangSmith's own export of LangChain's runs, told to send OTLP only; the feature is metadata of the run."""

import os
import sys
from importlib import import_module
from typing import Any

chains: Any = import_module("chains")
provider_url, receiver_url = sys.argv[2:4]
chains.ask_at(provider_url)
settings = {"OTEL_SERVICE_NAME": "support-bot", "OTEL_EXPORTER_OTLP_ENDPOINT": receiver_url}
# Anthropic's SDK would trace itself beside it, in a trace of its own: nothing would say that both are one call.
sent = {
    "ANTHROPIC_OPEN_TELEMETRY": "false",
    "LANGSMITH_TRACING": "true",
    "LANGSMITH_OTEL_ENABLED": "true",
    "LANGSMITH_OTEL_ONLY": "true",
}
os.environ.update(settings | sent)  # noqa: TID251 (how the SDK is set up; this is no program of ours)
chains.langchain_calls(f"{provider_url}/v1", config={"metadata": chains.FEATURE})
chains.expect_refusal(chains.langchain_refused)
import_module("langchain_core.tracers.langchain").wait_for_all_tracers()
import_module("langsmith.run_trees").get_cached_client().flush()
import_module("opentelemetry.trace").get_tracer_provider().shutdown()
