"""promptfoo: results as JSON (`-o results.json`) or JSONL, one score per feature, prompt, provider and metric.

Its totals (`score`, `namedScores`) are sums and what they count changed between versions (promptfoo#3968), so the
rows are read: a named metric is the mean over its assertions. A set `error` may be a plain failed assertion: only
`failureReason` 2 is an error, and an error has not passed. Cost and latency are never taken: cached runs have none.
Of two providers on the same tests, one labelled `prompt`, the other's score says on which tests which was right.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from collectors.layouts.cells import as_list, as_object, first
from collectors.layouts.layout import Layout, Origin, Record, Rows, marks
from collectors.layouts.scored import feature_of, is_strategy, mean, number, run_of, undated, unit_scale
from collectors.raw_rows import RawRow
from collectors.rejected import Rejected
from strategy.kinds import Strategy

_Group = tuple[Any, Any, str]


def _scores(rows: Rows, origin: Origin) -> Rows:
    run: dict[str, Any] = {}
    groups: dict[_Group, list[Record]] = {}
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        run = run or _run(row.cells)
        for item in _items(row.cells):
            groups.setdefault(_group(item, run, origin), []).append(item)
    own_id = run.get("id") or run_of(origin)
    for number_, ((feature, index, provider), items) in enumerate(groups.items(), start=1):
        strategy = _strategy(items[0])
        rivals = sum(1 for other in groups if other[0] == feature)
        if rivals > 1 and strategy is None and "strategy" not in origin.given:
            yield Rejected(
                number_,
                "strategy",
                f"is not named, and {rivals} providers or prompts were scored for one feature",
                "label each provider with the strategy it stands for (embed, prompt …), or use --set strategy=…",
            )
            continue
        common = {
            "feature": feature,
            "strategy": strategy,
            "evaluator": "promptfoo",
            "evaluator_version": run.get("version"),
            "run_id": "/".join(str(part) for part in (own_id, index, provider)),
            **({"timestamp": run["at"]} if run.get("at") else undated(origin)),
        }
        today = _today(groups, feature, strategy)
        for metric, values in _metrics(items).items():
            cells = {**common, "metric": metric, "score": mean(values), "n": len(values), **unit_scale(values)}
            yield RawRow(number_, cells | _pairs(_right(today, metric), _right(items, metric)))


def _today(groups: Mapping[_Group, list[Record]], feature: Any, strategy: str | None) -> list[Record]:  # noqa: ANN401 (a feature as the file has it)
    """The results of what runs today: of the one other provider of the feature, labelled `prompt`."""
    others = [items for other, items in groups.items() if other[0] == feature and _strategy(items[0]) != strategy]
    alone = sum(1 for other in groups if other[0] == feature) == 2  # noqa: PLR2004 (today's and the candidate)
    return others[0] if alone and len(others) == 1 and _strategy(others[0][0]) == Strategy.PROMPT else []


def _right(items: list[Record], metric: str) -> dict[int, bool]:
    """By test whether it was right; nothing where a test has no plain yes or no, or was run several times."""
    found: dict[int, bool] = {}
    for item in items:
        test, values = item.get("testIdx"), _metrics([item]).get(metric, [])
        if not isinstance(test, int) or test in found or len(values) != 1 or values[0] not in (0, 1):
            return {}
        found[test] = values[0] == 1
    return found


def _pairs(today: Mapping[int, bool], candidate: Mapping[int, bool]) -> dict[str, int]:
    """On how many of the same tests both were right, only today's, only the candidate, neither; else nothing."""
    if not today or today.keys() != candidate.keys():
        return {}
    names = {
        (True, True): "both_ok",
        (True, False): "base_only",
        (False, True): "cand_only",
        (False, False): "both_bad",
    }
    counts = Counter(names[right, candidate[test]] for test, right in today.items())
    return {name: counts[name] for name in names.values()}


def _run(cells: Record) -> dict[str, Any]:
    results = as_object(cells.get("results"))
    config = as_object(cells.get("config"))
    return {
        "id": cells.get("evalId"),
        "at": results.get("timestamp"),
        "version": as_object(cells.get("metadata")).get("promptfooVersion"),
        "tags": as_object(config.get("tags")),
        "description": config.get("description"),
    }


def _items(cells: Record) -> Iterator[Record]:
    """The scored rows: those inside a whole result, or the one that a line is."""
    if "results" not in cells:
        yield cells
        return
    for item in as_list(as_object(cells.get("results")).get("results")):
        if isinstance(item, dict):
            yield item


def _group(item: Record, run: Mapping[str, Any], origin: Origin) -> _Group:
    told = first(
        as_object(item.get("metadata")).get("feature"),
        as_object(as_object(item.get("testCase")).get("metadata")).get("feature"),
        as_object(run.get("tags")).get("feature"),
    )
    provider = item.get("provider")
    name = provider.get("id") if isinstance(provider, dict) else provider
    return feature_of(told, origin, run.get("description")), item.get("promptIdx"), str(name)


def _strategy(item: Record) -> str | None:
    """What was scored: named by the test's metadata, or by the label of its provider."""
    told = as_object(item.get("metadata")).get("strategy")
    label = as_object(item.get("provider")).get("label")
    return next((str(text) for text in (told, label) if is_strategy(text)), None)


def _metrics(items: list[Record]) -> dict[str, list[Decimal]]:
    found: dict[str, list[Decimal]] = {
        "pass_rate": [Decimal(item.get("success") is True) for item in items],
    }
    for item in items:
        _append(found, "score", item.get("score"))
        parts = as_list(as_object(item.get("gradingResult")).get("componentResults"))
        counted = set[str]()
        for part in parts:
            metric = as_object(as_object(part).get("assertion")).get("metric")
            if isinstance(metric, str) and metric:
                counted.add(metric)
                _append(found, metric, as_object(part).get("score"))
        for metric, value in as_object(item.get("namedScores")).items():
            if metric not in counted:
                _append(found, metric, value)
    return {metric: values for metric, values in found.items() if values}


def _append(found: dict[str, list[Decimal]], metric: str, value: object) -> None:
    known = number(value)
    if known is not None:
        found.setdefault(metric, []).append(known)


LAYOUT = Layout(
    name="promptfoo results",
    source="promptfoo",
    kind="evals",
    marks=marks("evalid results", "gradingresult promptidx"),
    read=_scores,
)
