"""Middleware that asks for a key once there is one: 401 without, 403 where its scopes do not reach.

Pages and health checks need none. The keys are read again every few seconds, so that a revoked one ends soon; while the
database is away the last known keys go on counting, for what arrives is spilled and must be let in.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from collectors.otlp_body import media_type
from collectors.otlp_errors import Unsupported
from db.failures import DatabaseError
from db.queries.keys import StoredKey, api_keys
from db.session import reading, transaction
from db.store.keys import mark_used
from offramp.actions.keys import holder
from offramp.serve.answers import otlp_error, refusal
from offramp.serve.doors import is_otlp, presented_key
from offramp.serve.langfuse import INGESTION, SCORES
from offramp.serve.service import Service, status_of

KNOWN_FOR = timedelta(seconds=5)
_NOTED_EVERY = timedelta(minutes=1)
_MAKE_ONE = "send `Authorization: Bearer ofr_…`; `offramp keys create` makes a key"
_PUSHED = ("/api/usage", "/api/evals", SCORES, INGESTION)


class KeyRing:
    """The keys as this process last read them."""

    def __init__(self, service: Service, known_for: timedelta = KNOWN_FOR) -> None:
        self._service = service
        self._known_for = known_for
        self._keys: Mapping[str, StoredKey] | None = None
        self._read_at: datetime | None = None
        self._noted_at: datetime | None = None
        self._used: set[str] = set()

    async def keys(self) -> Mapping[str, StoredKey]:
        """The keys by public part.

        Raises:
            DatabaseError: they were never read and cannot be now.
        """
        at = self._service.now()
        if self._keys is None or self._read_at is None or at - self._read_at >= self._known_for:
            try:
                self._keys = await self._service.reads.run(lambda: self._read(at))
            except DatabaseError:
                if self._keys is None:
                    raise
            self._read_at = at
        return self._keys

    def allowed(self, key: StoredKey) -> None:
        """Note that a key was used; written at most once a minute."""
        self._used.add(key.id)

    def _read(self, at: datetime) -> Mapping[str, StoredKey]:
        used, self._used = self._used, set()
        if used and (self._noted_at is None or at - self._noted_at >= _NOTED_EVERY):
            with transaction(self._service.engine) as session:
                mark_used(session, used, at)
            self._noted_at = at
        else:
            self._used |= used
        with reading(self._service.engine) as session:
            return {key.id: key for key in api_keys(session)}


class Keyed:
    """Lets a request of ours through with a key of the right scope, or while there are no keys at all."""

    def __init__(self, app: ASGIApp, service: Service, ring: KeyRing | None = None, *, always: bool = False) -> None:
        self._app = app
        self._service = service
        self._ring = ring or KeyRing(service)
        self._always = always

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        needed = _needed(scope) if scope["type"] == "http" else None
        answer = None if needed is None else await self._refused(scope, needed)
        await (self._app if answer is None else answer)(scope, receive, send)

    async def _refused(self, scope: Scope, needed: str) -> Response | None:
        headers = Headers(scope=scope)
        try:
            keys = await self._ring.keys()
        except DatabaseError as error:
            return _answer(scope, headers, *status_of(error, scope["path"]))
        if not keys and not self._always:
            return None
        presented, taken = presented_key(headers, ingest=needed == "ingest")
        key = holder(keys, presented, self._service.now())
        if not taken or key is None:
            words = "a key is needed: none was sent" if not presented else "this key is unknown, expired or revoked"
            return _answer(scope, headers, 401, words, _MAKE_ONE)
        if needed not in key.scopes:
            return _answer(scope, headers, 403, f"key {key.id} has not the scope {needed}", _MAKE_ONE)
        self._ring.allowed(key)
        return None


def _needed(scope: Scope) -> str | None:
    """The scope a request needs; None where it needs none."""
    path: str = scope["path"]
    if is_otlp(path) or path in _PUSHED:
        return "ingest"
    if path.startswith("/api/") or path == "/metrics":
        return "read" if scope["method"] in ("GET", "HEAD") else "write"
    return None


def _answer(scope: Scope, headers: Headers, status: int, words: str, cure: str | None = None) -> Response:
    extra = {"Connection": "close"} | ({"WWW-Authenticate": "Bearer"} if status == 401 else {})  # noqa: PLR2004 (the status)
    if is_otlp(scope["path"]):
        try:
            kind = media_type(headers.get("content-type"))
        except Unsupported:
            kind = None
        return otlp_error(status, words, kind, headers=extra)
    return refusal(status, words, cure=cure, headers=extra)
