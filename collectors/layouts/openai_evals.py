"""OpenAI Evals: its log as JSONL, a `spec` first, events, and a `final_report` last; each figure of it is a score.

`n` is the number of samples that were matched or measured. Times are UTC without saying so.
"""

from typing import Any

from collectors.layouts.cells import as_object, as_utc
from collectors.layouts.layout import Layout, Origin, Rows, marks
from collectors.layouts.scored import feature_of, is_spread, number, unit_scale
from collectors.raw_rows import RawRow
from collectors.rejected import Rejected

_SCORED = {"match", "metrics"}


def _scores(rows: Rows, origin: Origin) -> Rows:
    spec: dict[str, Any] = {}
    report: dict[str, Any] = {}
    samples = set[object]()
    events = 0
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        spec = spec or as_object(row.cells.get("spec"))
        report = as_object(row.cells.get("final_report")) or report
        if row.cells.get("type") in _SCORED:
            events += 1
            samples.add(row.cells.get("sample_id", events))
    if not report:
        yield Rejected(1, "final_report", "is missing: the run did not end", "run the eval to its end, then load it")
        return
    for metric, value in report.items():
        known = number(value)
        if known is None or is_spread(metric):
            continue
        cells = {
            "feature": feature_of(as_object(spec.get("run_config")).get("feature"), origin, spec.get("eval_name")),
            "timestamp": as_utc(spec.get("created_at")),
            "metric": metric,
            "score": known,
            "n": len(samples) or None,
            "evaluator": spec.get("base_eval") or spec.get("eval_name"),
            "evaluator_version": spec.get("eval_name"),
            "run_id": spec.get("run_id"),
            **(unit_scale([known]) if metric == "accuracy" else {}),
        }
        yield RawRow(1, cells)


LAYOUT = Layout(
    name="OpenAI Evals log",
    source="openai_evals",
    kind="evals",
    marks=marks("spec"),
    read=_scores,
)
