"""What several clients' programs share: tracing set up as an application's, and a call that must be refused.

Runs inside a client's environment, so it imports nothing of Offramp and finds packages by name.
"""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

QUESTION = "Summarise ticket 7"


class App(NamedTuple):
    """An application that sends its spans: where its provider is, its tracer, and what it calls before it ends."""

    provider: str
    tracer: Any
    flush: Callable[[], None]

    def feature(self) -> Any:  # noqa: ANN401 (a class of a package that is not installed here)
        """A span around calls that says whose they are."""
        return self.tracer.start_as_current_span("POST /triage", attributes={"feature": "ticket-triage"})


def app() -> App:
    """Tracing to the receiver named on the command line: PROGRAM CLIENT PROVIDER_URL RECEIVER_URL."""
    provider, receiver = sys.argv[2:4]
    settings = {"SERVICE_NAME": "support-bot", "EXPORTER_OTLP_ENDPOINT": receiver}
    for name, value in {**settings, "EXPORTER_OTLP_PROTOCOL": "http/protobuf"}.items():
        os.environ[f"OTEL_{name}"] = value  # noqa: TID251 (how an SDK is set up; this is no program of ours)
    sdk, export = import_module("opentelemetry.sdk.trace"), import_module("opentelemetry.sdk.trace.export")
    exporter = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter").OTLPSpanExporter()
    tracing = sdk.TracerProvider()
    # One request for each span: children come before their parents, as with real traffic.
    tracing.add_span_processor(export.SimpleSpanProcessor(exporter))
    trace = import_module("opentelemetry.trace")
    trace.set_tracer_provider(tracing)
    return App(provider, trace.get_tracer("app"), tracing.shutdown)


def refused(call: Callable[[], object], error: type[Exception]) -> None:
    """Make a call that the provider refuses with this error."""
    try:
        call()
    except error:
        return
    raise AssertionError("the provider did not refuse")
