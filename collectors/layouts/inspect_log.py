"""Inspect AI: the results of a finished eval log, from `.eval` (header only) or `.json`.

`n` is the number of samples after epochs were reduced, never samples × epochs. A log that was cancelled, failed or
was invalidated is no result, whatever scores stand in it.
"""

from collections.abc import Iterator
from typing import Any

from collectors.layouts.cells import as_list, as_object, count, first, tagged
from collectors.layouts.layout import Layout, Origin, Record, Rows, marks
from collectors.layouts.scored import feature_of, is_spread
from collectors.raw_rows import RawRow
from collectors.rejected import Rejected

_ON_UNIT_SCALE = {"accuracy", "f1", "precision", "recall"}


def _scores(rows: Rows, origin: Origin) -> Rows:
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        why = _no_result(row.cells)
        if why is not None:
            yield Rejected(row.number, "status", why, "run the eval to its end (inspect eval-retry), then load its log")
            continue
        for cells in _results(row.cells, origin):
            yield RawRow(row.number, cells)


def _no_result(log: Record) -> str | None:
    status = log.get("status")
    if status != "success":
        return f"is {status}, so its scores are no result" if isinstance(status, str) else "is missing: no header yet"
    if log.get("invalidated") is True:
        return "is success, but the log was invalidated"
    return None if _given(log) else "is success, but nothing was scored"


def _given(log: Record) -> list[Any]:
    return [score for score in as_list(as_object(log.get("results")).get("scores")) if isinstance(score, dict)]


def _results(log: Record, origin: Origin) -> Iterator[dict[str, Any]]:
    run, stats = as_object(log.get("eval")), as_object(log.get("stats"))
    metadata = as_object(run.get("metadata"))
    told = first(metadata.get("feature"), tagged(as_list(run.get("tags"))))
    common = {
        "feature": feature_of(told, origin, run.get("task")),
        "timestamp": first(stats.get("completed_at"), run.get("created")),
        "strategy": metadata.get("strategy"),
        "evaluator_version": _version(run),
        "run_id": first(run.get("eval_id"), run.get("run_id")),
    }
    for score in _given(log):
        scorer = first(score.get("name"), score.get("scorer"))
        for name, metric in as_object(score.get("metrics")).items():
            short = name.rsplit("/", 1)[-1]
            if not is_spread(short):
                scale = {"scale_min": 0, "scale_max": 1} if short in _ON_UNIT_SCALE else {}
                value = as_object(metric).get("value")
                yield common | scale | {"metric": short, "score": value, "n": _n(log, score), "evaluator": scorer}


def _version(run: Record) -> str | None:
    package = as_object(run.get("packages")).get("inspect_ai")
    task = run.get("task_version")
    parts = [f"inspect_ai {package}" if package else None, f"task {task}" if task not in (None, 0, "0") else None]
    return ", ".join(part for part in parts if part) or None


def _n(log: Record, score: Record) -> int | None:
    scored = count(score.get("scored_samples"))
    if scored is not None:
        return scored
    for reduction in as_list(first(log.get("reductions"), as_object(log.get("results")).get("sample_reductions"))):
        if as_object(reduction).get("scorer") in (score.get("scorer"), score.get("name")):
            return len(as_list(reduction.get("samples")))
    epochs = count(as_object(as_object(log.get("eval")).get("config")).get("epochs")) or 1
    completed = count(as_object(log.get("results")).get("completed_samples"))
    return None if completed is None else completed // epochs


LAYOUT = Layout(
    name="Inspect log",
    source="inspect",
    kind="evals",
    marks=marks("version status eval"),
    read=_scores,
)
