"""DeepEval: a test run as JSON (`.deepeval/.latest_test_run.json`, `test_run_YYYYmmdd_HHMMSS.json`).

The score of a metric is the mean over the cases that were scored; a case whose metric broke was not. The file holds
neither a time nor its version: the time is the file's own.
"""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from collectors.layouts.cells import as_list, as_object
from collectors.layouts.layout import Layout, Origin, Record, Rows, marks
from collectors.layouts.scored import feature_of, mean, number, run_of, stem, undated, unit_scale
from collectors.raw_rows import RawRow
from collectors.rejected import Rejected

# Of these metrics DeepEval's documentation says that less is better.
_LESS_IS_BETTER = ("hallucination", "bias", "toxicity")


def _scores(rows: Rows, origin: Origin) -> Rows:
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        run = row.cells
        told = as_object(run.get("hyperparameters"))
        common = {
            "feature": feature_of(told.get("feature"), origin, run.get("identifier")),
            "strategy": told.get("strategy"),
            "run_id": run_of(origin),
            **undated(origin),
            **_named_time(origin),
        }
        for metric in as_list(run.get("metricsScores")):
            yield RawRow(row.number, common | _score(as_object(metric), run))


def _score(metric: Record, run: Record) -> dict[str, Any]:
    values = [known for value in as_list(metric.get("scores")) if (known := number(value)) is not None]
    name = str(metric.get("metric"))
    judges = _judges(run, name)
    return {
        "metric": name,
        "score": mean(values),
        "n": len(values) or None,
        "evaluator": "deepeval" + (f" {judges[0]}" if len(judges) == 1 else ""),
        "higher_is_better": not any(word in name.lower() for word in _LESS_IS_BETTER),
        **unit_scale(values),
    }


def _judges(run: Record, metric: str) -> list[str]:
    """The models that judged this metric."""
    found = set[str]()
    for case in as_list(run.get("testCases")):
        for result in as_list(as_object(case).get("metricsData")):
            data = as_object(result)
            if data.get("name") == metric and isinstance(data.get("evaluationModel"), str):
                found.add(data["evaluationModel"])
    return sorted(found)


def _named_time(origin: Origin) -> dict[str, Any]:
    """The time in the file's name; it is local, so the earlier of it and the file's own is taken."""
    if "timestamp" in origin.given:
        return {}
    with suppress(ValueError):
        named = datetime.strptime(stem(origin), "test_run_%Y%m%d_%H%M%S").replace(tzinfo=UTC)
        return {"timestamp": min(named, origin.changed_at)}
    return {}


LAYOUT = Layout(
    name="DeepEval run",
    source="deepeval",
    kind="evals",
    marks=marks("testcases metricsscores"),
    read=_scores,
)
