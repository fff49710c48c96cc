"""Where OTLP may be sent and how a key may be presented there: our own way, and the ways that exporters have built in.

Vendors' SDKs append the standard path to a prefix of their own and send the key in a header of their own; an
application that has one of them changes its address and its key, not its code.
"""

import binascii
from base64 import b64decode

from starlette.datastructures import Headers

SIGNALS = ("traces", "metrics", "logs")
# Langfuse's SDKs; LangSmith, Braintrust and Weave; Traceloop's and Langwatch's habit; Opik.
PREFIXES = ("", "/api/public/otel", "/otel", "/api/otel", "/otlp", "/api/v1/private/otel")
OTLP_PATHS = tuple(f"{prefix}/v1/{signal}" for prefix in PREFIXES for signal in SIGNALS)
_OTLP = frozenset(OTLP_PATHS)
_KEY_HEADERS = ("x-api-key", "api-key", "api_key")
_NEARLY = {"traces": ("trace", "span"), "metrics": ("metric",), "logs": ("log",)}


def is_otlp(path: str) -> bool:
    """Whether exporters send to this path, so that what is said there must be in their format."""
    return path in _OTLP or path.startswith("/v1/")


def meant(path: str) -> str | None:
    """The path that somebody who sent to `path` was looking for; None where it resembles none.

    >>> meant("/v1/trace"), meant("/api/traces/"), meant("/v1/log"), meant("/api/nope")
    ('/v1/traces', '/v1/traces', '/v1/logs', None)
    """
    words = path.lower()
    return next((f"/v1/{signal}" for signal, parts in _NEARLY.items() if any(part in words for part in parts)), None)


def presented_key(headers: Headers, *, ingest: bool) -> tuple[str, bool]:
    """The key that a request presents, empty where it has none, and whether that is a way in which keys are taken.

    `Authorization: Bearer` is taken everywhere; for sending alone also Basic, with the key as its password (Langfuse's
    SDKs), and the headers that other backends ask for.
    """
    kind, _, rest = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return rest.strip(), True
    if ingest and kind.lower() == "basic":
        return _password(rest.strip()), True
    named = next((headers[name].strip() for name in _KEY_HEADERS if ingest and name in headers), None)
    return (named, True) if named else (rest.strip() or kind, False)


def _password(encoded: str) -> str:
    try:
        return b64decode(encoded, validate=True).decode("ascii").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
