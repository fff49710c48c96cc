"""The JSON API: the same documents as the command line's `--json`."""

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collectors.otlp_body import JSON, inflate
from collectors.otlp_errors import BadBody, Unsupported
from collectors.rejected import SourceError
from db.failures import MIGRATE, DatabaseError
from db.revision import is_current
from offramp.actions.alert_requests import move_by_request
from offramp.actions.alerts import list_alerts
from offramp.actions.explain import explain
from offramp.actions.failure import BadInput
from offramp.actions.features import list_features
from offramp.actions.measures import Measure, journal_measures, measures
from offramp.actions.plans import alerts_listing
from offramp.actions.push import Pushed, push_calls, push_scores
from offramp.actions.register import register
from offramp.policy import load_policy
from offramp.serve.answers import refusal
from offramp.serve.prometheus import CONTENT_TYPE, prometheus_text
from offramp.serve.service import NO_SCHEMA, Service, status_of


async def post_usage(service: Service, request: Request) -> Response:
    """POST /api/usage: an array of calls; 400 where not one row could be kept."""
    at = service.now()
    return await written(service, request, lambda document: _pushed(push_calls(service.engine, document, at=at)))


async def post_evals(service: Service, request: Request) -> Response:
    """POST /api/evals: an array of eval scores; 400 where not one row could be kept."""
    at = service.now()
    return await written(service, request, lambda document: _pushed(push_scores(service.engine, document, at=at)))


async def post_features(service: Service, request: Request) -> Response:
    """POST /api/features: `{"features": […]}` or the array itself; all are registered or none."""
    at = service.now()

    def work(document: object) -> Response:
        rows = document.get("features") if isinstance(document, dict) else document
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise SourceError("the body holds no list of features", cure='send {"features": [{"slug": …}, …]}')
        done = register(service.engine, rows, at=at, by="http")
        return JSONResponse([item.document() for item in done])

    return await written(service, request, work)


async def get_features(service: Service, _request: Request) -> Response:
    """GET /api/features: registered and discovered features."""
    at = service.now()
    return await _read(service, lambda: [line.document() for line in list_features(service.engine, at)])


async def get_alerts(service: Service, request: Request) -> Response:
    """GET /api/alerts: open alerts, or `?state=S|all`, `?owner=O`."""
    state, owner = request.query_params.get("state"), request.query_params.get("owner")

    def work() -> object:
        found = list_alerts(service.engine, state=state, owner=owner)
        return alerts_listing(service.engine, found, load_policy())

    return await _read(service, work)


async def post_move(service: Service, request: Request) -> Response:
    """POST /api/alerts/{slug}/{move}: claim, snooze, dismiss, finish or reopen; 400 where the move is refused.

    The body holds the command's options: `by`, `due`, `until`, `saving_at_least`, `reason`, `note`, `model`.
    """
    at, slug, move = service.now(), request.path_params["slug"], request.path_params["move"]
    return await written(
        service, request, lambda body: JSONResponse(move_by_request(service.engine, slug, move, body, at=at).document())
    )


async def get_explain(service: Service, request: Request) -> Response:
    """GET /api/explain/{slug}: the stored verdict with its whole argument; 404 where none is stored."""
    slug: str = request.path_params["slug"]

    def work() -> Response:
        try:
            return JSONResponse(explain(service.engine, slug))
        except BadInput as error:
            return JSONResponse(_problems(error), 404)

    return await service.reads.run(work)


async def get_ready(service: Service, _request: Request) -> Response:
    """GET /readyz: 200 where the database can be reached and has this version's schema."""
    if await service.reads.run(lambda: is_current(service.engine)):
        return JSONResponse({"ready": True})
    return refusal(503, NO_SCHEMA, cure=MIGRATE)


async def get_metrics(service: Service, _request: Request) -> Response:
    """GET /metrics: Prometheus text; what this process answered, and what the database holds if it is there."""
    at = service.now()
    try:
        stored = await service.reads.run(lambda: measures(service.engine, at))
    except DatabaseError:
        stored = []
    answers = [
        Measure(
            name="offramp_http_answers_total",
            kind="counter",
            words="Answers of this process, by path and status.",
            value=count,
            labels=(("path", path), ("status", str(status))),
        )
        for (path, status), count in sorted(service.answers.items())
    ]
    spilled = await service.reads.run(lambda: journal_measures(service.journal))
    return Response(prometheus_text([*stored, *answers, *spilled]), media_type=CONTENT_TYPE)


def failure(error: Exception, request: Request) -> Response:
    """Any failure as design's JSON; every wrong field is named."""
    if isinstance(error, BadInput):
        return JSONResponse(_problems(error), 400)
    if isinstance(error, SourceError):
        return refusal(400, error.message, cure=error.cure or None)
    status, words = status_of(error, request.url.path)
    return refusal(status, words)


async def written(service: Service, request: Request, work: Callable[[Any], Response]) -> Response:
    """What `work` answers to the JSON that was sent; it is done in its turn, where things are written."""
    # Only JSON: a form of another site's page cannot send it without asking first.
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = request.headers.get("content-encoding")
    async with service.writes.body(request.stream()) as body:
        # Heard out first: a connection that is closed on a sender in mid-sentence takes the answer with it.
        if kind != JSON:
            raise Unsupported(f"send {JSON}")
        return await service.writes.run(lambda: work(_json(inflate(body, encoding))))


async def _read(service: Service, work: Callable[[], object]) -> Response:
    return await service.reads.run(lambda: JSONResponse(work()))


def _json(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadBody("the body is not JSON in UTF-8") from None


def _pushed(done: Pushed) -> Response:
    nothing = done.rejected and not done.accepted and not done.duplicates
    return JSONResponse(done.document(), 400 if nothing else 200)


def _problems(error: BadInput) -> dict[str, object]:
    documents = [problem.document() for problem in error.problems]
    return {**documents[0], "problems": documents}
