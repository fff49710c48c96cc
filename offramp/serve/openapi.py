"""The API as an OpenAPI document, and a page that shows it without asking a network for anything."""

from html import escape
from typing import Any

from offramp import __version__

Document = dict[str, Any]

_ERROR: Document = {
    "type": "object",
    "required": ["error", "row", "field", "cure"],
    "properties": {
        "error": {"type": "string"},
        "row": {"type": ["integer", "null"]},
        "field": {"type": ["string", "null"]},
        "cure": {"type": ["string", "null"]},
    },
}
_PUSHED: Document = {
    "type": "object",
    "required": ["accepted", "duplicates", "rejected"],
    "properties": {
        "accepted": {"type": "integer"},
        "duplicates": {"type": "integer"},
        "rejected": {"type": "array", "items": _ERROR},
    },
}
_CALL: Document = {
    "type": "object",
    "required": ["timestamp", "model"],
    "properties": {
        "timestamp": {"type": ["string", "number"], "description": "RFC 3339, or unix seconds or milliseconds"},
        **{name: {"type": "string"} for name in ("model", "feature", "provider", "call_id")},
        **{
            name: {"type": "integer", "minimum": 0}
            for name in (
                "input_tokens",
                "cached_input_tokens",
                "cache_write_tokens",
                "output_tokens",
                "reasoning_tokens",
            )
        },
        "calls": {"type": "integer", "minimum": 1},
        "cost_usd": {"type": ["number", "string"]},
        "latency_ms": {"type": "number", "minimum": 0},
        "error": {"type": ["integer", "string"]},
    },
}
_SCORE: Document = {
    "type": "object",
    "required": ["timestamp", "feature", "metric", "score"],
    "properties": {
        "timestamp": {"type": ["string", "number"]},
        **{
            name: {"type": "string"}
            for name in ("feature", "metric", "strategy", "evaluator", "evaluator_version", "run_id")
        },
        "score": {"type": ["number", "string"]},
        "n": {"type": "integer", "minimum": 1},
        **{name: {"type": ["number", "string"]} for name in ("scale_min", "scale_max")},
        "higher_is_better": {"type": "boolean"},
    },
}
_FEATURES: Document = {
    "type": "object",
    "required": ["features"],
    "properties": {"features": {"type": "array", "items": {"type": "object", "required": ["slug"]}}},
}
_MOVE: Document = {
    "type": "object",
    "properties": {
        name: {"type": "string"} for name in ("by", "due", "until", "saving_at_least", "reason", "note", "model")
    },
}
_ROWS: Document = {"type": "array", "items": {"type": "object"}}


def document() -> Document:
    """The OpenAPI 3.1 document of the JSON API; OTLP's own paths are described by OpenTelemetry."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Offramp",
            "version": __version__,
            "description": "The same JSON as the command line's --json.",
        },
        "security": [{}, {"key": []}],
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "ofr_…"}}},
        "paths": {
            "/api/usage": {"post": _post("Count calls, each once.", {"type": "array", "items": _CALL}, _PUSHED)},
            "/api/evals": {"post": _post("Keep eval scores, each once.", {"type": "array", "items": _SCORE}, _PUSHED)},
            "/api/features": {
                "get": _get("Registered features, and those that traffic tells of.", _ROWS),
                "post": _post("Register or update features: all or none.", _FEATURES, _ROWS),
            },
            "/api/alerts": {
                "get": _get(
                    "Open alerts, or those of a state or an owner.", _ROWS, _asked("state", "owner"), also=(400,)
                )
            },
            "/api/alerts/{slug}/{move}": {
                "post": {
                    **_post("Claim, snooze, dismiss, finish or reopen an alert.", _MOVE, {"type": "object"}),
                    "parameters": [
                        *_in_path("slug"),
                        *_in_path("move", ("claim", "snooze", "dismiss", "finish", "reopen")),
                    ],
                }
            },
            "/api/explain/{slug}": {
                "get": _get(
                    "The stored verdict with its whole argument.", {"type": "object"}, _in_path("slug"), also=(404,)
                )
            },
            "/healthz": {"get": _get("The process lives.", {"type": "object"})},
            "/readyz": {"get": _get("The database can be reached and has this schema.", {"type": "object"})},
        },
    }


def page() -> str:
    """The document as one HTML page: no script, nothing fetched."""
    parts = [
        f"<h1>Offramp {escape(__version__)}: the API</h1><p>As a document: <a href='openapi.json'>openapi.json</a>."
    ]
    for path, methods in document()["paths"].items():
        for method, told in methods.items():
            asked = ", ".join(item["name"] for item in told.get("parameters", ()))
            parts.append(f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(told['summary'])}</p>")
            parts.append(f"<p>Parameters: {escape(asked)}.</p>" if asked else "")
            schema = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            names = schema.get("items", schema).get("properties", {})
            parts.append(
                f"<p>Fields: {', '.join(f'<code>{escape(name)}</code>' for name in names)}.</p>" if names else ""
            )
            parts.append(f"<p>Answers: {', '.join(told['responses'])}.</p>")
    style = "body{font:16px/1.5 system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>Offramp: the API</title><style>{style}</style>"
    return f"{head}<body>{''.join(parts)}</body></html>"


def _answers(schema: Document, also: tuple[int, ...]) -> Document:
    wrong = {str(status): {"description": "what is wrong", "content": _json(_ERROR)} for status in also}
    return {"200": {"description": "done", "content": _json(schema)}, **wrong}


def _json(schema: Document) -> Document:
    return {"application/json": {"schema": schema}}


def _get(
    summary: str, schema: Document, parameters: list[Document] | None = None, *, also: tuple[int, ...] = ()
) -> Document:
    statuses = (*also, 401, 403, 429, 503)
    return {"summary": summary, "parameters": parameters or [], "responses": _answers(schema, statuses)}


def _post(summary: str, body: Document, schema: Document) -> Document:
    statuses = (400, 401, 403, 408, 413, 415, 429, 503)
    answers = _answers(schema, statuses)
    if schema is _PUSHED:  # not one row could be kept, or the body could not be read
        answers["400"]["content"] = _json({"anyOf": [_PUSHED, _ERROR]})
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": _json(body)},
        "responses": answers,
    }


def _asked(*names: str) -> list[Document]:
    return [{"name": name, "in": "query", "required": False, "schema": {"type": "string"}} for name in names]


def _in_path(name: str, values: tuple[str, ...] = ()) -> list[Document]:
    schema: Document = {"type": "string", **({"enum": list(values)} if values else {"minLength": 1})}
    return [{"name": name, "in": "path", "required": True, "schema": schema}]
