"""Reads the judge's constants and matrix from the YAML files that ship beside the rules."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from strategy.kinds import Gate, Property, Strategy
from strategy.policy import Cell, Constant, Policy


@cache
def load_policy() -> Policy:
    """The rules in force: `strategy/constants.yaml` and `strategy/matrix.yaml` as one value."""
    constants = _read("constants.yaml")
    matrix = _read("matrix.yaml")
    rows = {Property(name): row for name, row in matrix["properties"].items()}
    return Policy(
        constants=MappingProxyType({key: _constant(key, line) for key, line in constants.items()}),
        cells=MappingProxyType(
            {
                (name, Strategy(strategy)): _cell(row, cell, str(matrix["source"]))
                for name, row in rows.items()
                for strategy, cell in row["cells"].items()
            }
        ),
        units=MappingProxyType({name: str(row["unit"]) for name, row in rows.items()}),
        ordinals=MappingProxyType({Property(name): tuple(words) for name, words in matrix["ordinals"].items()}),
        gates=tuple(Gate(name) for name in matrix["gates"]),
        bands=MappingProxyType(
            {
                seed: tuple((label, Decimal(start)) for label, start in band.items())
                for seed, band in matrix["bands"].items()
            }
        ),
    )


def _read(name: str) -> dict[str, Any]:
    text = files("strategy").joinpath(name).read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 (BaseLoader builds only text, lists and dicts)
    return loaded


def _constant(key: str, line: Mapping[str, str]) -> Constant:
    value = line["value"]
    return Constant(
        key=key,
        value=value,
        low=line.get("low", value),
        high=line.get("high", value),
        unit=line["unit"],
        grade=line["grade"],
        source=line["source"],
    )


def _cell(row: Mapping[str, str], cell: Mapping[str, Any], source: str) -> Cell:
    return Cell(
        text=cell["text"],
        lo=cell.get("lo", ""),
        hi=cell.get("hi", ""),
        values=tuple(cell.get("values", ())),
        hard=cell.get("force", row["force"]) == "hard",
        source=source.replace("{row}", row["row"]) + (f" ({cell['reading']})" if "reading" in cell else ""),
    )
