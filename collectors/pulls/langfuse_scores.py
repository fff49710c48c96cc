"""Langfuse's scores of single answers, as one mean a day for each feature, metric, evaluator and scale.

The newest API first (`/api/public/v3/scores`), then v2 and v1, which self-hosted servers keep. A score names no
feature: that comes from the observation or the trace that it is of.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from collectors.keys import row_key
from collectors.layouts.langfuse import LAYOUT, feature_of
from collectors.layouts.langfuse_scores import WRITTEN, Given, given
from collectors.pulls.config import PullSource
from collectors.pulls.fetch import Fetch, NotThere
from collectors.pulls.langfuse import asked, between, cursored, paged, records, records_of_trace
from collectors.pulls.puller import Puller, Record, Scored, Window
from collectors.row_values import WrongField, time_cell
from strategy.facts import Score

_NEW, _OLD, _CONFIGS = (
    "/api/public/v3/scores",
    ("/api/public/v2/scores", "/api/public/scores"),
    "/api/public/score-configs",
)
# Of the newest, what is left out is who annotated.
_FIELDS, _PAGE = "subject,details", "100"
# So many traces are asked for one by one; more are found by reading the day's observations.
_MOST_BY_ID = 50
_DAY = timedelta(days=1)
_DIGITS = Decimal("1e-9")
WITHOUT_FEATURE, NO_NUMBER = "without a feature", "no number"


class _Sum(NamedTuple):
    """What keeps sums apart: scores of another evaluator, version or scale never mix."""

    feature: str
    metric: str
    evaluator: str
    version: str
    low: Decimal | None
    high: Decimal | None
    higher_is_better: bool


def scores(source: PullSource, window: Window) -> Scored:
    """The means of a day's scores; an answer that one evaluator scored twice counts by its newer score."""
    found, left_out = _read(source, window)
    features = _features(source, window, {item.trace for item in found if item.trace is not None})
    sums: dict[_Sum, list[Decimal]] = {}
    for item in found:
        feature = features.get(item.observation or "") or features.get(item.trace or "")
        if feature is None:
            left_out[WITHOUT_FEATURE] += 1
            continue
        higher = item.higher_is_better and item.metric not in source.lower_is_better
        group = _Sum(feature, item.metric, item.evaluator, item.version, item.low, item.high, higher)
        sums.setdefault(group, []).append(item.value)
    means = (_mean(source, window, group, values) for group, values in sums.items())
    return Scored(scores=tuple(means), left_out=dict(left_out))


def _read(source: PullSource, window: Window) -> tuple[list[Given], Counter[str]]:
    fetch = asked(source)
    newest: dict[tuple[object, ...], Given] = {}
    left_out: Counter[str] = Counter()
    configs: Mapping[str, Record] | None = None
    for row in _rows(fetch, source, window):
        if row.get("dataType") in WRITTEN:
            continue
        if configs is None:
            configs = {str(config.get("id")): config for config in _configs(fetch, source)}
        item = given(row, configs)
        if item is None:
            left_out[NO_NUMBER] += 1
        elif _within(item, window):
            subject = (item.observation or item.trace or item.id, item.metric, item.evaluator, item.version)
            newest[subject] = max(newest.get(subject, item), item, key=lambda one: (one.at, one.id))
    return list(newest.values()), left_out


def _rows(fetch: Fetch, source: PullSource, window: Window) -> Iterator[Record]:
    wanted = between(window, "Timestamp")
    try:
        yield from cursored(fetch, source, _NEW, [("fields", _FIELDS), *wanted, ("limit", _PAGE)])
    except NotThere:
        try:
            yield from paged(fetch, source, _OLD[0], wanted)
        except NotThere:
            yield from paged(fetch, source, _OLD[1], wanted)


def _configs(fetch: Fetch, source: PullSource) -> Iterable[dict[str, Any]]:
    try:
        return list(paged(fetch, source, _CONFIGS, []))
    except NotThere:
        return ()


def _within(item: Given, window: Window) -> bool:
    try:
        at = time_cell({"at": item.at}, "at", None)
    except WrongField:
        return False
    return window.start <= at < window.end


def _features(source: PullSource, window: Window, traces: set[str]) -> dict[str, str | None]:
    """The feature of each of these traces and of the observations in them; a trace of several features has none."""
    found: dict[str, str | None] = {}
    if len(traces) > _MOST_BY_ID:
        for start in (window.start, window.start - _DAY):
            _learn(found, records(source, Window(start, min(start + _DAY, window.end))), traces)
    for trace in sorted(traces - found.keys())[:_MOST_BY_ID]:
        _learn(found, records_of_trace(source, trace), traces)
    return found


def _learn(found: dict[str, str | None], rows: Iterable[Record], traces: set[str]) -> None:
    for row in rows:
        trace = str(row.get("traceId"))
        feature = feature_of(row) if trace in traces else None
        if feature is not None:
            found[str(row.get("id"))] = feature
            found[trace] = feature if found.get(trace, feature) == feature else None


def _mean(source: PullSource, window: Window, group: _Sum, values: list[Decimal]) -> Score:
    day = window.start
    return Score(
        key=row_key("pulled score", (source.label, f"{day:%Y-%m-%d}", *group)),
        feature=group.feature,
        metric=group.metric,
        score=(sum(values, Decimal(0)) / len(values)).quantize(_DIGITS).normalize(),
        n=len(values),
        at=_known_at(day),
        evaluator=group.evaluator,
        evaluator_version=group.version or None,
        scale_min=group.low,
        scale_max=group.high,
        higher_is_better=group.higher_is_better,
        source=source.label,
    )


def _known_at(day: datetime) -> datetime:
    """A day's scores are one fact, known when the day is over."""
    return day + _DAY - timedelta(seconds=1)


PULLER = Puller(kind="langfuse", records=records, layout=LAYOUT, scores=scores)
