"""The matrix is the seed's, cell by cell, and measured values win."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from strategy.kinds import Property, Source, Strategy
from strategy.matrix import Measured, band, matrix_rows, ruled_out
from strategy.profile import TaskProfile
from tests.strategy.made import FREE_TEXT, POLICY

UNSEEN = Measured(now=Strategy.PROMPT, latency_p95_ms=None, calls_per_day=None, usd_per_call=None)


def fits(task: TaskProfile, name: Property, measured: Measured = UNSEEN) -> str:
    """The fits of a row as five letters, in the order code, embed, distill, hybrid, prompt."""
    row = next(row for row in matrix_rows(task, measured, POLICY) if row.name is name)
    return "".join({"unknown": "?"}.get(fit, fit[0]) for _, fit in row.fit)


@pytest.mark.parametrize(
    ("name", "field", "value", "expected"),
    [
        (Property.DETERMINISM, "determinism", "yes", "ynnnn"),
        (Property.DETERMINISM, "determinism", "mostly", "yynnn"),
        (Property.DETERMINISM, "determinism", "partially", "yynyn"),
        (Property.DETERMINISM, "determinism", "no", "yyyyy"),
        (Property.DETERMINISM, "determinism", None, "?????"),
        (Property.INPUT_SPACE, "input_space", "enumerable", "ypppp"),
        (Property.INPUT_SPACE, "input_space", "open", "nyypy"),
        (Property.INPUT_SPACE, "input_space", "structured+open", "nppyp"),
        (Property.LATENCY, "latency_budget_ms", 9, "ynnnn"),
        (Property.LATENCY, "latency_budget_ms", 40, "yynnn"),
        (Property.LATENCY, "latency_budget_ms", 300, "yyyyn"),
        (Property.LATENCY, "latency_budget_ms", 2000, "yyyyy"),
        (Property.ERROR_COST, "error_cost", "high", "ynnnn"),
        (Property.ERROR_COST, "error_cost", "low", "yyyyy"),
        (Property.DATA, "labelled_examples", 0, "ynnny"),
        (Property.DATA, "labelled_examples", 199, "ynnyy"),
        (Property.DATA, "labelled_examples", 200, "yyyyy"),
        (Property.TIME_TO_PRODUCTION, "days_to_production", 0, "nnnnn"),
        (Property.TIME_TO_PRODUCTION, "days_to_production", 10, "yynpy"),
        (Property.TIME_TO_PRODUCTION, "days_to_production", 100, "yyyyy"),
    ],
)
def test_each_property_fits_the_strategies_the_seed_names(
    name: Property, field: str, value: object, expected: str
) -> None:
    """code, embed, distill, hybrid, prompt: y(es), p(artly), n(o) or unknown."""
    assert fits(replace(TaskProfile(), **{field: value}), name) == expected  # type: ignore[arg-type]  # one field a case


@pytest.mark.parametrize(("calls", "expected"), [(500, "ynnpy"), (20_000, "yppyy"), (50_000, "yyyyp")])
def test_volume_fits_by_the_seeds_words(calls: int, expected: str) -> None:
    """Low, medium and high of seed 000; two steps away does not fit."""
    assert fits(FREE_TEXT, Property.VOLUME, replace(UNSEEN, calls_per_day=Decimal(calls))) == expected


@pytest.mark.parametrize(("usd", "expected"), [("0.2", "yyyyy"), ("0.002", "yyypy"), ("0.0001", "yppny")])
def test_a_strategy_fits_where_it_usually_costs_no_more(usd: str, expected: str) -> None:
    """Against what a call costs now; today's strategy fits what it costs."""
    assert fits(FREE_TEXT, Property.MARGINAL_COST, replace(UNSEEN, usd_per_call=Decimal(usd))) == expected


def test_a_measured_latency_wins_over_the_declared_budget() -> None:
    """The row shows what was measured; today's strategy fails where it is slower than the budget."""
    seen = replace(UNSEEN, latency_p95_ms=2400.4)
    row = next(row for row in matrix_rows(FREE_TEXT, seen, POLICY) if row.name is Property.LATENCY)
    assert (row.value, row.source, row.unit) == (2400, Source.MEASURED, "ms")
    assert fits(FREE_TEXT, Property.LATENCY, seen) == "yyyyn"
    assert fits(TaskProfile(), Property.LATENCY, seen) == "yyyyy"
    assert fits(TaskProfile(), Property.LATENCY, replace(seen, latency_p95_ms=20.0)) == "yynny"


def test_only_hard_cells_rule_a_strategy_out() -> None:
    """An open input rules out code; low volume rules out nothing."""
    rows = matrix_rows(FREE_TEXT, replace(UNSEEN, calls_per_day=Decimal(5)), POLICY)
    assert ruled_out(rows, Strategy.CODE, POLICY) == (Property.INPUT_SPACE,)
    assert ruled_out(rows, Strategy.DISTILL, POLICY) == ()


def test_bands_are_those_of_the_seeds() -> None:
    """Per day: seed 001 counts 100M and 1B a month, seed 002 100k and 1M a day."""
    votes = {seed: band(Decimal(500_000), seed, POLICY) for seed in POLICY.bands}
    assert votes == {"seed000": "high", "seed001": "prompt", "seed002": "grey"}
    assert band(Decimal(40_000_000), "seed001", POLICY) == "distill"


def test_the_matrix_is_that_of_the_golden_cases(shared: Path) -> None:
    """All 40 cells say what acceptance/golden/matrix.json says."""
    golden = json.loads((shared / "acceptance/golden/matrix.json").read_text(encoding="utf-8"))
    names = {
        "latency_ms": "latency",
        "time_to_production_days": "time_to_production",
        "marginal_cost_usd": "marginal_cost",
    }
    assert len(golden["cells"]) == len(POLICY.cells) == 40
    for cell in golden["cells"]:
        name = Property(names.get(cell["property"], cell["property"]))
        ours = POLICY.cells[name, Strategy(cell["strategy"])]
        assert ours.text == cell["cell_text"]
        assert list(ours.values) == cell.get("values", [])
        assert ours.source.startswith("seed 000")
        for end, word in ((cell.get("lo"), ours.lo), (cell.get("hi"), ours.hi)):
            assert (word == "") if end is None else word == end or float(word) == end


def test_every_constant_has_a_source_and_an_ordered_range() -> None:
    """Nothing is in force without saying where it comes from; low <= value <= high."""
    for constant in POLICY.constants.values():
        assert constant.source
        assert constant.grade in "ABCD"
        if constant.unit not in {"model", "date"}:
            assert Decimal(constant.low) <= Decimal(constant.value) <= Decimal(constant.high)


def test_a_snapshot_carries_the_constants_in_force() -> None:
    """Frozen and put back they are the same; a changed one wins; unknown keys are left alone."""
    assert POLICY.with_constants(POLICY.frozen()) == POLICY
    assert POLICY.with_constants(()) is POLICY
    dearer = POLICY.with_constants((("engineer_day_usd", "900"), ("nobody_knows", "1")))
    assert dearer.number("engineer_day_usd") == 900
    assert dearer.number("engineer_day_usd", "low") == 400
    assert dearer.text("embed_model") == POLICY.text("embed_model")
