"""What the fields of a feature's form hold, as a document; knows no Streamlit."""

from collections.abc import Mapping
from typing import Any

from dashboard.palette import STRATEGIES
from strategy.fields import TASK_FIELDS, FieldKind, FieldSpec

FLAGS: dict[str, bool] = {"yes": True, "no": False}
SEPARATOR = "="


def read(values: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields hold as a document: what is empty is left out, what is wrong is left for the parser to name.

    `values` are the fields by name, `document` is what the form was filled from.
    """
    found: dict[str, Any] = {
        name: str(values[name])
        for name in ("slug", "name", "owner", "strategy", "model", "exit_note")
        if values.get(name)
    }
    task = {spec.name: _task_value(spec, values.get(f"task.{spec.name}")) for spec in TASK_FIELDS}
    quality = {name: values.get(f"quality.{name}") or None for name in ("metric", "floor", "margin")}
    groups = {"task": task, "quality": quality}
    found |= {name: {key: item for key, item in group.items() if item is not None} for name, group in groups.items()}
    found["costs"] = _costs(document, values.get("costs") or {})
    found["match"] = [_rule(line) for line in str(values.get("match") or "").splitlines() if line.strip()]
    return {name: item for name, item in found.items() if item not in ({}, [])}


def _task_value(spec: FieldSpec, value: Any) -> Any:  # noqa: ANN401 (one type per kind of field)
    if value is None or value in ("", []):
        return None
    if spec.kind is FieldKind.FLAG:
        return FLAGS[value]
    if isinstance(value, str) and spec.kind is FieldKind.WHOLE:
        return value.strip().replace(",", "").replace(" ", "")
    return value.strip() if isinstance(value, str) else value


def _costs(document: Mapping[str, Any], edits: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    known = {name: dict(group) for name, group in (document.get("costs") or {}).items()}
    for row, changes in (edits.get("edited_rows") or {}).items():
        group = known.setdefault(STRATEGIES[int(row)], {})
        group |= {name: None if value is None else f"{value:g}" for name, value in changes.items()}
    kept = {name: {key: item for key, item in group.items() if item is not None} for name, group in known.items()}
    return {name: group for name, group in kept.items() if group}


def _rule(line: str) -> dict[str, str]:
    attribute, _, value = line.partition(SEPARATOR)
    rule = {"attribute": attribute.strip(), "equals": value.strip()}
    return {name: item for name, item in rule.items() if item}
