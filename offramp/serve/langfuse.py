"""The ways of Langfuse's SDKs to send scores: `/api/public/scores` (version 5), `/api/public/ingestion` (before)."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collectors.langfuse_push import SOURCE, Pushed, pushed_events, pushed_scores
from offramp.actions.ingest import Batch
from offramp.actions.receive import receive_read
from offramp.serve.api import written
from offramp.serve.service import Service

SCORES, INGESTION = "/api/public/scores", "/api/public/ingestion"
_WHY = {
    "no_score": "no name, or neither a number nor pass or fail",
    "not_a_score": "only scores are taken here; calls come over OpenTelemetry, which the SDK speaks since version 3",
    "bad_time": "the timestamp is none, or in the future",
    "late": "the timestamp lies before the late window",
}


async def post_scores(service: Service, request: Request) -> Response:
    """POST /api/public/scores: 202 where all were taken, 207 with how many were not; one score alone is told its id."""

    def answer(document: object, found: list[Pushed]) -> Response:
        refused = [item for item in found if item.fact is None]
        if not isinstance(document, list) and not refused:
            return JSONResponse({"id": found[0].id})
        if not refused:
            return JSONResponse({"message": "Accepted"}, 202)
        errors = [{"message": _told(item)} for item in refused]
        return JSONResponse({"accepted": len(found) - len(refused), "rejected": len(refused), "errors": errors}, 207)

    return await _taken(service, request, pushed_scores, answer)


async def post_ingestion(service: Service, request: Request) -> Response:
    """POST /api/public/ingestion: 207 with what became of each event."""

    def answer(_document: object, found: list[Pushed]) -> Response:
        good = [{"id": item.id, "status": 201} for item in found if item.fact is not None]
        bad = [{"id": item.id, "status": 400, "message": _told(item)} for item in found if item.fact is None]
        return JSONResponse({"successes": good, "errors": bad}, 207)

    return await _taken(service, request, pushed_events, answer)


async def _taken(
    service: Service,
    request: Request,
    read: Callable[..., list[Pushed]],
    answer: Callable[[object, list[Pushed]], Response],
) -> Response:
    at = service.now()
    oldest = None if service.late_window is None else at - service.late_window

    def work(document: object) -> Response:
        found = read(document, at=at, oldest=oldest)
        receive_read(service.engine, service.journal, _batch(found, at, oldest))
        return answer(document, found)

    return await written(service, request, work)


def _batch(found: list[Pushed], at: datetime, oldest: datetime | None) -> Batch:
    facts = {item.fact.key: item.fact for item in found if item.fact is not None}
    refused = Counter(item.refused for item in found if item.fact is None)
    return Batch(source=SOURCE, at=at, oldest=oldest, spans=tuple(facts.values()), refused=refused)


def _told(item: Pushed) -> str:
    return _WHY[item.refused]
