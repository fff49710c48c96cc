"""Names that want to be something else: HTML, SQL, formulas, right-to-left, half characters, far too long."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from db.session import make_engine
from offramp import clock
from offramp.actions.export import export_csv
from offramp.actions.report import build_report
from offramp.actions.usage import usage
from reports.render import render
from tests.faults.outages import receiver
from tests.faults.outcome import Outcome
from tests.offramp.live_server import free_port
from tests.offramp.spans import PROTOBUF

HOSTILE = (
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "'; DROP TABLE rollup; --",
        '" OR 1=1 --',
        "{{7*7}}",
    ),
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=1+1", "%s%s%n", "${jndi:ldap://x}", "../../etc/passwd"),
    *(
        "\u202eevil",
        "a\u0000b",
        "\ud7ff\ue000",
        "😀" * 50,
        "a\nb",
        "x" * 100_000,
        "NaN",
        "null",
        "[]",
        "ﬀ",
        " ",
        "\u200b",
    ),
    *("__proto__", "constructor", "a/b", "a:b", "![x](http://127.0.0.1/)", "[x](javascript:alert(1))", "`rm -rf`"),
)
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def hostile_names(url: str, journal: Path) -> Outcome:
    """Each name as feature, model, provider and service of a call, and as the name and owner of a feature."""
    port, wrong, kept = free_port(), 0, 0
    with receiver(url, port, journal), httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        for place, name in enumerate(HOSTILE):
            answer = client.post("/v1/traces", content=_body(place + 1, name), headers=PROTOBUF)
            wrong += answer.status_code != 200
            feature = {"slug": f"f{place}", "name": name, "owner": name, "strategy": "prompt"}
            registered = client.post("/api/features", json={"features": [feature]})
            wrong += registered.status_code not in {200, 400}
            kept += registered.status_code == 200
            wrong += (
                client.get(f"/api/explain/{name[:50]}" if name.isprintable() else "/api/explain/x").status_code != 404
            )
        wrong += sum(
            client.get(path).status_code != 200 for path in ("/api/features", "/api/alerts", "/metrics", "/readyz")
        )
    engine = make_engine(url)
    now = clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    rows = usage(engine, by=("feature", "model"), start=hour - timedelta(days=1), end=hour + timedelta(days=1))
    wrong += sum(cell.startswith(_FORMULAS) for row in csv.reader(io.StringIO(export_csv(engine))) for cell in row)
    letter = render(build_report(engine, f"{now:%G-W%V}", now), "html")
    wrong += sum(bad in letter for bad in ("<script>alert", "<img src=x", 'href="javascript:'))
    database = engine.dialect.name
    engine.dispose()
    return Outcome(
        fault="hostile names",
        database=database,
        done=f"{len(HOSTILE)} names in 6 places",
        acknowledged=len(HOSTILE),
        lost=max(0, len(HOSTILE) - rows.total.calls),
        doubled=max(0, rows.total.calls - len(HOSTILE)),
        wrong=wrong,
        also=f"{kept} registered, the others refused by name; CSV and letter are safe",
    )


def _body(number: int, name: str) -> bytes:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.add(key="service.name").value.string_value = name
    span = group.scope_spans.add().spans.add(trace_id=number.to_bytes(16, "big"), span_id=number.to_bytes(8, "big"))
    span.end_time_unix_nano = int((clock.now() - timedelta(minutes=5)).timestamp()) * 10**9
    span.start_time_unix_nano = span.end_time_unix_nano - 10**9
    texts = {
        "gen_ai.operation.name": "chat",
        "feature": name,
        "gen_ai.request.model": name,
        "gen_ai.provider.name": name,
    }
    for key, text in texts.items():
        span.attributes.add(key=key).value.string_value = text
    span.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = 10
    span.attributes.add(key="gen_ai.usage.output_tokens").value.int_value = 1
    return request.SerializeToString()
