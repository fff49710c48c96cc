r"""Makes tests/data/otlp: what real instrumented clients send for five calls to a make-believe provider.

The clients are no dependency of the project; they live in an environment of their own (its path stands in the stack
trace of the refused call, hence not in a home):

    python -m venv /opt/clients && /opt/clients/bin/pip install openai==3.54.0 \
        opentelemetry-sdk==1.45.1 opentelemetry-instrumentation==0.66b1 opentelemetry-exporter-otlp-proto-http==1.45.1 \
        opentelemetry-exporter-otlp-json-http==0.66b1 opentelemetry-instrumentation-genai-openai==1.3b0 \
        openinference-instrumentation-openai==0.1.66
    /opt/clients/bin/python tests/data/make_otlp.py

Each client makes the same calls: inside a span that says `feature`, two chats (each 100 tokens in, 64 of them cached,
and 20 out, 8 of them reasoning); outside it, a stream without usage, an embedding of 5 tokens, and a chat that is
refused with 429. Prompts say "Summarise ticket 7", so that tests can look for it.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

OUT = Path(__file__).parent / "otlp"
CLIENTS = {"genai-gzip": ".pb.gz", "genai-json": ".json", "openinference": ".pb"}
PROMPT = [{"role": "user", "content": "Summarise ticket 7"}]
USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 64},
    "completion_tokens_details": {"reasoning_tokens": 8},
}


def main() -> None:
    """Run each client in a process of its own: instrumentation cannot be taken off again."""
    if len(sys.argv) > 1:
        capture(sys.argv[1])
        return
    for client in CLIENTS:
        subprocess.run([sys.executable, __file__, client], check=True)


def capture(client: str) -> None:
    """Serve the provider and the receiver, make the calls, write the one body that comes."""
    bodies: list[bytes] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(bodies))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    provider = _instrument(client, url)
    _make_calls(url)
    provider.shutdown()
    server.shutdown()
    OUT.mkdir(exist_ok=True)
    (OUT / f"{client}{CLIENTS[client]}").write_bytes(bodies[0])


def _instrument(client: str, url: str) -> Any:  # noqa: ANN401 (a class of a package that is not installed here)
    sdk, export = import_module("opentelemetry.sdk.trace"), import_module("opentelemetry.sdk.trace.export")
    resources = import_module("opentelemetry.sdk.resources")
    provider = sdk.TracerProvider(resource=resources.Resource({"service.name": "support-bot"}))
    provider.add_span_processor(export.BatchSpanProcessor(_exporter(client, f"{url}/v1/traces")))
    import_module("opentelemetry.trace").set_tracer_provider(provider)
    package = (
        "openinference.instrumentation.openai"
        if client == "openinference"
        else "opentelemetry.instrumentation.genai.openai"
    )
    import_module(package).OpenAIInstrumentor().instrument()
    return provider


def _exporter(client: str, endpoint: str) -> Any:  # noqa: ANN401 (a class of a package that is not installed here)
    if client == "genai-json":
        return import_module("opentelemetry.exporter.otlp.json.http.trace_exporter").OTLPSpanExporter(endpoint=endpoint)
    http = import_module("opentelemetry.exporter.otlp.proto.http")
    compression = http.Compression.Gzip if client == "genai-gzip" else http.Compression.NoCompression
    exporter = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter").OTLPSpanExporter
    return exporter(endpoint=endpoint, compression=compression)


def _make_calls(url: str) -> None:
    openai = import_module("openai")
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
    tracer = import_module("opentelemetry.trace").get_tracer("app")
    with tracer.start_as_current_span("POST /triage", attributes={"feature": "ticket-triage"}):
        client.chat.completions.create(model="gpt-4o-mini", messages=PROMPT)
        client.chat.completions.create(model="gpt-4o-mini", messages=PROMPT)
    for _ in client.chat.completions.create(model="gpt-4o-mini", messages=PROMPT, stream=True):
        pass
    client.embeddings.create(model="text-embedding-3-small", input="Summarise ticket 7")
    try:
        client.chat.completions.create(model="refused", messages=PROMPT)
    except openai.RateLimitError:
        return
    raise AssertionError("the provider did not refuse")


def _handler(bodies: list[bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/traces":
                bodies.append(body)
                self._answer(200, b"", self.headers["Content-Type"])
                return
            status, answer, content_type = _answer(self.path, json.loads(body))
            self._answer(status, answer, content_type)

        def _answer(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        log_message: Callable[..., None] = lambda *_: None

    return Handler


def _answer(path: str, asked: dict[str, Any]) -> tuple[int, bytes, str]:
    if asked["model"] == "refused":
        return 429, json.dumps({"error": {"message": "slow down", "type": "rate_limit"}}).encode(), "application/json"
    if path.endswith("/embeddings"):
        data = [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}]
        usage = {"prompt_tokens": 5, "total_tokens": 5}
        return 200, _json({"object": "list", "model": asked["model"], "data": data, "usage": usage}), "application/json"
    answer = {"id": "chatcmpl-1", "created": 1, "model": "gpt-4o-mini-2024-07-18", "object": "chat.completion"}
    if not asked.get("stream"):
        message = {"role": "assistant", "content": "It is about a refund."}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        return 200, _json({**answer, "choices": [choice], "usage": USAGE}), "application/json"
    delta = {"index": 0, "finish_reason": "stop", "delta": {"role": "assistant", "content": "Refund."}}
    chunk = _json({**answer, "object": "chat.completion.chunk", "choices": [delta]})
    return 200, b"data: " + chunk + b"\n\ndata: [DONE]\n\n", "text/event-stream"


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


if __name__ == "__main__":
    main()
