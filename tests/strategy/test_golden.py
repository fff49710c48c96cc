"""The golden cases and our own: what the seeds' sentences ask for is what the public command says."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from offramp.cli.main import app

OWN = Path(__file__).resolve().parent.parent / "data" / "advise_cases.jsonl"
Case = dict[str, Any]


@cache
def answered(path: Path) -> tuple[tuple[Case, Case], ...]:
    """Each case of a file with the command's answer to it."""
    done = CliRunner().invoke(app, ["advise", str(path), "--json"])
    assert done.exit_code == 0, done.output
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return tuple(zip(cases, json.loads(done.stdout), strict=True))


def wrong(path: Path) -> list[str]:
    """The cases whose answer is not the expected one, each with both."""
    found = []
    for case, answer in answered(path):
        want, got = case["expect"], (answer["strategy"], answer["verdict"], answer["code"])
        right = got[0] in want["strategy"].split("|") and got[1:] == (want["verdict"], want["code"])
        if not right or answer["id"] != case["id"]:
            found.append(f"{case['id']}: wanted {want}, got {got}")
    return found


def silent(path: Path) -> list[str]:
    """The ambiguous cases whose reasons name no seed."""
    cases = [(case, " ".join(answer["reasons"]).lower()) for case, answer in answered(path) if not case["unambiguous"]]
    return [f"{case['id']}: {told}" for case, told in cases if "seed 00" not in told]


def test_the_golden_cases(shared: Path) -> None:
    """Every case gives the expected strategy, verdict and code, under the policy it names."""
    assert wrong(shared / "acceptance" / "golden" / "cases.jsonl") == []


def test_the_golden_disagreements_are_told(shared: Path) -> None:
    """An ambiguous case names the seeds that differ."""
    assert silent(shared / "acceptance" / "golden" / "cases.jsonl") == []


def test_our_own_cases() -> None:
    """More of each kind, near-misses and combinations, each reasoned from a sentence of the seeds."""
    assert len(answered(OWN)) >= 60
    assert wrong(OWN) == []
    assert silent(OWN) == []


def test_the_matrix_is_the_seeds(shared: Path) -> None:
    """The shipped matrix says what the reading room's says, cell by cell."""
    from tests.strategy.made import POLICY

    theirs = json.loads((shared / "acceptance" / "golden" / "matrix.json").read_text(encoding="utf-8"))["cells"]
    names = {
        "latency_ms": "latency",
        "time_to_production_days": "time_to_production",
        "marginal_cost_usd": "marginal_cost",
    }
    cells = {(str(name), str(strategy)): cell for (name, strategy), cell in POLICY.cells.items()}
    for cell in theirs:
        ours = cells[names.get(cell["property"], cell["property"]), cell["strategy"]]
        assert ours.text == cell["cell_text"]
    assert len(cells) == len(theirs) == 40


@pytest.mark.parametrize("key", ["gates", "matrix", "money", "bands", "reasons", "missing", "snapshot", "policy"])
def test_an_advice_has_the_shape_of_a_verdict(key: str) -> None:
    """The document of a verdict, with id, strategy and policy beside it."""
    assert all(key in answer for _, answer in answered(OWN))
