"""Stand-ins for LiteLLM, OpenAI, Anthropic and a warehouse, over HTTP and SQL, holding the same calls.

They answer as the vendors' sources and documents say: paging, caps, inclusive bounds, numbers as text.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import create_engine, text

from collectors.pulls.config import PullSource

_FEATURES = {
    "openai": {"proj-triage": "triage", "proj-tags": "tags"},
    "litellm_daily": {"feature:triage": "triage", "feature:tags": "tags"},
}
KEY = "planted-secret-3f9a"
Query = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One call as the source knows it."""

    id: str
    at: datetime
    feature: str
    model: str = "gpt-5.6-luna"
    input_tokens: int = 800
    cached: int = 100
    output_tokens: int = 60
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One score of an answer: of an observation, or of its whole trace; `value` as the source holds it."""

    id: str
    at: datetime
    of: str
    value: float | str
    name: str = "helpful"
    kind: str = "NUMERIC"
    source: str = "EVAL"
    whole_trace: bool = False
    config: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)


@dataclass
class World:
    """A source and what it holds; `troubles` are statuses that the next answers have instead of content."""

    source: PullSource
    uses: list[Use] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    troubles: list[int] = field(default_factory=list)
    charges: dict[str, str] = field(default_factory=dict)
    used: dict[str, dict[str, object]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: bool = False
    retry_after: str = "0"
    knows_errors: bool = True

    def between(self, start: datetime, end: datetime, *, inclusive: bool = False) -> list[Use]:
        """What started in a window, oldest first."""
        found = [use for use in self.uses if start <= use.at < end or (inclusive and use.at == end)]
        return sorted(found, key=lambda use: (use.at, use.id))


Answer = Callable[[World, str, Query], Any]


def litellm(world: World, path: str, query: Query) -> Any:  # noqa: ANN401 (any JSON)
    """`/spend/logs/v2`: both bounds inclusive, offset pages, a total that ends at 10,000."""
    if path != "/spend/logs/v2":
        return None
    start, end = (datetime.fromisoformat(query[name][0]).replace(tzinfo=UTC) for name in ("start_date", "end_date"))
    found = world.between(start, end, inclusive=True)
    page, size = int(query["page"][0]), int(query["page_size"][0])
    rows = [
        {
            "request_id": use.id,
            "startTime": f"{use.at:%Y-%m-%d %H:%M:%S.%f}+00:00",
            "endTime": f"{use.at + timedelta(milliseconds=400):%Y-%m-%d %H:%M:%S.%f}+00:00",
            "model": use.model,
            "custom_llm_provider": "openai",
            "prompt_tokens": use.input_tokens,
            "completion_tokens": use.output_tokens,
            "spend": 0.001,
            "status": "failure" if use.failed else "success",
            "cache_hit": "None",
            "request_tags": json.dumps(["User-Agent: x", f"feature:{use.feature}"]),
            "metadata": json.dumps({"additional_usage_values": {"cache_read_input_tokens": use.cached}}),
            "messages": "never to be read",
        }
        for use in found[(page - 1) * size : page * size]
    ]
    return {"data": rows, "total": min(len(found), 10_000), "page": page, "page_size": size}


def litellm_daily(world: World, path: str, query: Query) -> Any:  # noqa: ANN401 (any JSON)
    """`/tag/daily/activity`: sums of UTC days for one tag, a result a page; of models newer ones wrap their sums."""
    if path != "/tag/daily/activity":
        return None
    (tag,), (day,) = query["tags"], query["start_date"]
    assert query["end_date"] == [day]
    start = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    uses = [use for use in world.between(start, start + timedelta(days=1)) if tag == f"feature:{use.feature}"]
    models = {
        model: {"metrics": _daily_sums([use for use in uses if use.model == model])}
        for model in sorted({use.model for use in uses})
    }
    results = [{"date": day, "metrics": _daily_sums(uses), "breakdown": {"models": models, "providers": {}}}]
    page = int(query["page"][0])
    return {"results": results if page == 1 else [], "metadata": {"page": page, "total_pages": 2}}


def _daily_sums(uses: list[Use]) -> dict[str, Any]:
    return {
        "spend": 0.001 * len(uses),
        "prompt_tokens": sum(use.input_tokens for use in uses),
        "completion_tokens": sum(use.output_tokens for use in uses),
        "cache_read_input_tokens": sum(use.cached for use in uses),
        "cache_creation_input_tokens": 0,
        "api_requests": len(uses),
        "successful_requests": sum(not use.failed for use in uses),
        "failed_requests": sum(use.failed for use in uses),
        "total_response_time_ms": 400.0 * len(uses),
        "timed_requests": len(uses),
    }


def openai(world: World, path: str, query: Query) -> Any:  # noqa: ANN401 (any JSON)
    """`/v1/organization/usage/completions`: buckets of groups by hour or day, some of projects nobody mapped."""
    if path == "/v1/organization/usage/embeddings":
        return {"data": [], "has_more": False, "next_page": None}
    if path == "/v1/organization/costs":
        return _costs(world, query)
    if path != "/v1/organization/usage/completions":
        return None
    width = {"1h": timedelta(hours=1), "1d": timedelta(days=1)}[query["bucket_width"][0]]
    start, end = (datetime.fromtimestamp(int(query[name][0]), UTC) for name in ("start_time", "end_time"))
    begun = [start + n * width for n in range(-(-(end - start) // width))]
    first = int(query.get("page", ["0"])[0])
    size = int(query["limit"][0]) // 2
    data = [_bucket(world, at, width) for at in begun[first : first + size]]
    more = first + size < len(begun)
    return {"data": data, "has_more": more, "next_page": str(first + size) if more else None}


def _costs(world: World, query: Query) -> Any:  # noqa: ANN401 (any JSON)
    """Days of amounts, numbers in one half and text in the other, two to a page."""
    first, days = int(query.get("page", ["0"])[0]), sorted(world.charges)
    data = [
        {
            "start_time": int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()),
            "results": [
                {"amount": {"value": float(world.charges[day]), "currency": "usd"}, "project_id": "proj-triage"},
                {"amount": {"value": world.charges[day], "currency": "usd"}, "project_id": None},
            ],
        }
        for day in days[first : first + 2]
    ]
    more = first + 2 < len(days)
    return {"data": data, "has_more": more, "next_page": str(first + 2) if more else None}


def anthropic(world: World, path: str, query: Query) -> Any:  # noqa: ANN401 (any JSON)
    """`/v1/organizations/cost_report`: cents as text; `usage_report/messages`: tokens, the cache beside the input."""
    start, end = query["starting_at"][0][:10], query["ending_at"][0]
    if path == "/v1/organizations/usage_report/messages":
        days = [
            {"starting_at": f"{day}T00:00:00Z", "results": [{"workspace_id": None, **used}]}
            for day, used in sorted(world.used.items())
            if start <= day < end
        ]
        return {"data": days, "has_more": False, "next_page": None}
    if path != "/v1/organizations/cost_report":
        return None
    data = [
        {"starting_at": f"{day}T00:00:00Z", "results": [{"amount": amount, "currency": "USD", "workspace_id": None}]}
        for day, amount in sorted(world.charges.items())
        if start <= day < end
    ]
    return {"data": data, "has_more": False, "next_page": None}


def _bucket(world: World, at: datetime, width: timedelta) -> dict[str, Any]:
    groups: dict[tuple[str, str], list[Use]] = {}
    for use in world.between(at, at + width):
        groups.setdefault((f"proj-{use.feature}", use.model), []).append(use)
    results = [
        {
            "project_id": project,
            "api_key_id": None,
            "model": model,
            "batch": False,
            "service_tier": "default",
            "input_tokens": sum(use.input_tokens for use in uses),
            "input_cached_tokens": sum(use.cached for use in uses),
            "output_tokens": sum(use.output_tokens for use in uses),
            "num_model_requests": len(uses),
        }
        for (project, model), uses in groups.items()
    ]
    start = int(at.timestamp())
    end = start + int(width.total_seconds())
    return {"object": "bucket", "start_time": start, "end_time": end, "results": results}


@contextmanager
def http_world(kind: str, answer: Answer, *, knows_errors: bool = True) -> Iterator[World]:
    """A server on this machine that answers as a vendor's does."""
    world = World(source=PullSource(name="source", kind=kind), knows_errors=knows_errors)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            world.asked.append(self.path)
            status, content = _status(world, answer, parts.path, parse_qs(parts.query), dict(self.headers))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status == 429:
                self.send_header("Retry-After", world.retry_after)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name in the standard library)
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    secrets = {
        "litellm": ("key",),
        "litellm_daily": ("key",),
        "openai": ("key",),
        "anthropic": ("key",),
        "langfuse": ("public_key", "secret_key"),
    }[kind]
    world.source = replace(
        world.source,
        url=f"http://127.0.0.1:{server.server_address[1]}",
        allow_private=True,
        secrets=dict.fromkeys(secrets, KEY),
        features=_FEATURES.get(kind, {}),
    )
    try:
        yield world
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _status(world: World, answer: Answer, path: str, query: Query, headers: Mapping[str, str]) -> tuple[int, bytes]:
    if not headers.get("Authorization", "").startswith(("Bearer ", "Basic ")) and headers.get("x-api-key") != KEY:
        return 401, b"{}"
    if world.troubles:
        return world.troubles.pop(0), b"{}"
    if world.broken:
        return 200, b'{"message": "welcome"}'
    document = answer(world, path, query)
    return (404, b"{}") if document is None else (200, json.dumps(document).encode())


@contextmanager
def sql_world(url: str) -> Iterator[World]:
    """A table of calls in a database that SQLAlchemy reaches; rows are added up by its own engine."""
    engine = create_engine(url)
    columns = "id TEXT, ended TIMESTAMP, feature TEXT, model TEXT, "
    counts = "input_tokens INTEGER, cached INTEGER, output_tokens INTEGER, failed INTEGER"
    # ClickHouse wants to know how a table is kept.
    kept = "ENGINE = MergeTree ORDER BY id" if engine.dialect.name in {"chdb", "clickhousedb"} else ""
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE llm_calls ({columns}{counts}) {kept}"))

    class Table(list[Use]):
        def append(self, use: Use) -> None:
            values = {name: getattr(use, name) for name in ("id", "feature", "model", "input_tokens", "cached")}
            values |= {
                "ended": use.at.replace(tzinfo=None),
                "output_tokens": use.output_tokens,
                "failed": int(use.failed),
            }
            with engine.begin() as connection:
                connection.execute(text("DELETE FROM llm_calls WHERE id = :id"), values)
                columns = ", ".join(values)
                marks = ", ".join(f":{name}" for name in values)
                connection.execute(text(f"INSERT INTO llm_calls ({columns}) VALUES ({marks})"), values)  # noqa: S608 (the names are those above)
            super().append(use)

    query = """
        SELECT ended AS timestamp, feature, 'openai' AS provider, model, failed AS error, COUNT(*) AS calls,
               SUM(input_tokens) AS input_tokens, SUM(cached) AS cached_input_tokens,
               SUM(output_tokens) AS output_tokens
        FROM llm_calls WHERE ended >= :start AND ended < :end GROUP BY ended, feature, model, failed
    """
    source = PullSource(name="source", kind="warehouse", query=query, secrets={"database": url})
    try:
        yield World(source=source, uses=Table())
    finally:
        with engine.begin() as connection:  # the server may stay
            connection.execute(text("DROP TABLE llm_calls"))
        engine.dispose()
