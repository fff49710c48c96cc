"""Scores as Langfuse's SDKs send them: an array (`/api/public/scores`), or events in a batch (`/api/public/ingestion`).

A score is of an observation, or of a whole trace; both are ids of OpenTelemetry, so its feature is that of the spans.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from collectors.keys import row_key, trace_mark
from collectors.layouts.langfuse_scores import Given, given
from collectors.otlp_evaluations import AHEAD, key_of
from collectors.rejected import SourceError
from collectors.row_values import WrongField, time_cell
from strategy.spans import Claims, Evaluation, SpanFact, SpanKind

SOURCE = "langfuse_scores"
_MOST_ITEMS = 10_000
_TRACE, _SPAN = 32, 16


class Pushed(NamedTuple):
    """One item of a body: its id, and the score as a fact, or why it is none."""

    id: str
    fact: SpanFact | None = None
    refused: str = ""


def pushed_scores(document: object, *, at: datetime, oldest: datetime | None) -> list[Pushed]:
    """What each score of an array is; `at` is when it came, `oldest` the late window's start (None: no window).

    Raises:
        SourceError: the body is no object and no array of objects.
    """
    rows = document if isinstance(document, list) else [document]
    scores = [row for row in rows if isinstance(row, dict)]
    if len(rows) > _MOST_ITEMS or len(scores) < len(rows):
        raise SourceError("the body is not a JSON array of scores", cure=f"send up to {_MOST_ITEMS} at once")
    return [_pushed(row, at, oldest) for row in scores]


def pushed_events(document: object, *, at: datetime, oldest: datetime | None) -> list[Pushed]:
    """What each event of a batch is; of all kinds only `score-create` is taken.

    Raises:
        SourceError: the body holds no batch.
    """
    batch = document.get("batch") if isinstance(document, dict) else None
    if not isinstance(batch, list) or len(batch) > _MOST_ITEMS or not all(isinstance(item, dict) for item in batch):
        raise SourceError("the body holds no batch of events", cure=f"send up to {_MOST_ITEMS} at once")
    return list(_events(batch, at, oldest))


def _events(batch: list[dict[str, Any]], at: datetime, oldest: datetime | None) -> Iterator[Pushed]:
    for event in batch:
        body, name = event.get("body"), str(event.get("id") or "")
        if event.get("type") != "score-create" or not isinstance(body, dict):
            yield Pushed(name, refused="not_a_score")
            continue
        said = {key: value for key, value in body.items() if value is not None}
        row = {"id": event.get("id"), "timestamp": event.get("timestamp")} | said
        yield _pushed(row, at, oldest)._replace(id=name)


def _pushed(row: Mapping[str, Any], at: datetime, oldest: datetime | None) -> Pushed:
    name = str(row.get("id") or "")
    score = given(row, {})
    if score is None:
        return Pushed(name, refused="no_score")
    try:
        made = time_cell({"at": score.at}, "at", at + AHEAD) if score.at else at
    except WrongField:
        return Pushed(name, refused="bad_time")
    if oldest is not None and made < oldest:
        return Pushed(name, refused="late")
    return Pushed(name, _fact(score, made))


def _fact(score: Given, made: datetime) -> SpanFact:
    nanoseconds = int(made.timestamp()) * 10**9
    about = (score.trace, score.observation, score.metric, score.evaluator, score.version)
    return SpanFact(
        key=row_key("langfuse score", (score.id,) if score.id else (*about, made.isoformat(), score.value)),
        parent=_parent(score),
        kind=SpanKind.EVALUATION,
        claims=Claims(),
        scope=0,
        start_ns=nanoseconds,
        end_ns=nanoseconds,
        score=Evaluation(score.metric, score.evaluator, score.version, score.value, made),
    )


def _parent(score: Given) -> bytes | None:
    trace, span = _id(score.trace, _TRACE), _id(score.observation, _SPAN)
    if trace is None:
        return None
    return trace_mark(trace) if span is None else key_of(trace, span)


def _id(text: str | None, length: int) -> bytes | None:
    """An id of OpenTelemetry; older SDKs write the dashes of a UUID into it."""
    plain = (text or "").replace("-", "")
    if len(plain) != length:
        return None
    try:
        found = bytes.fromhex(plain)
    except ValueError:
        return None
    return found if any(found) and len(found) * 2 == length else None
