"""Ragas: a table of one row per example with a column per metric, as CSV or JSONL; the scores are the columns' means.

A metric is a column of numbers only; an empty cell or NaN is a judge that failed, and is not counted. The texts in
the other columns are looked at for being numbers, and dropped.
"""

from decimal import Decimal

from collectors.layouts.layout import Layout, Origin, Rows, marks
from collectors.layouts.scored import feature_of, mean, number, run_of, stem, undated, unit_scale
from collectors.raw_rows import RawRow
from collectors.rejected import Rejected

_NO_METRICS = {"id", "index", "unnamed: 0", "", "row", "latency", "cost", "timestamp", "seed", "length"}
_FAILED = {"", "nan", "none", "null"}


def _scores(rows: Rows, origin: Origin) -> Rows:
    found: dict[str, list[Decimal]] = {}
    texts = set[str]()
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        for name, value in row.cells.items():
            known = number(value) if name not in texts else None
            if known is not None:
                found.setdefault(name, []).append(known)
            elif str(value).strip().lower() not in _FAILED:
                texts.add(name)
    for name, values in found.items():
        if name in texts or name.lower() in _NO_METRICS:
            continue
        cells = {
            "feature": feature_of(None, origin, stem(origin)),
            "metric": name,
            "score": mean(values),
            "n": len(values),
            "evaluator": "ragas",
            "run_id": run_of(origin),
            **undated(origin),
            **unit_scale(values),
        }
        yield RawRow(1, cells)


LAYOUT = Layout(
    name="Ragas results",
    source="ragas",
    kind="evals",
    marks=marks(
        "user_input response",
        "question answer contexts",
        "faithfulness",
        "answer_relevancy",
        "context_precision",
        "context_recall",
        "answer_correctness",
    ),
    read=_scores,
)
