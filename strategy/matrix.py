"""The task-property matrix: how well each strategy fits each of the eight properties of a task.

A measured value wins over a declared one, and the row says so. Hard cells rule a strategy out; soft ones only count.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from strategy.kinds import Fit, Property, Source, Strategy
from strategy.money import ZERO
from strategy.policy import Cell, Policy
from strategy.profile import TaskProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What traffic says of a task: the slow end of today's latency, calls a day, USD a call; None is unknown."""

    now: Strategy
    latency_p95_ms: float | None
    calls_per_day: Decimal | None
    usd_per_call: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One property of the task with its value, where that comes from, and the fit of each strategy."""

    name: Property
    value: str | int | Decimal | None
    unit: str | None
    source: Source
    fit: tuple[tuple[Strategy, Fit], ...]

    def fits(self, strategy: Strategy) -> Fit:
        """The fit of one strategy."""
        return dict(self.fit)[strategy]


def matrix_rows(task: TaskProfile, measured: Measured, policy: Policy) -> tuple[MatrixRow, ...]:
    """The eight rows, in the order of the seed's table."""
    latency = measured.latency_p95_ms
    calls = measured.calls_per_day
    label = None if calls is None else band(calls, "seed000", policy)
    unit_cost = measured.usd_per_call
    per_day = None if calls is None else int(calls)
    shown = task.latency_budget_ms if latency is None else round(latency)
    row = _Rows(policy)
    return (
        row.make(Property.DETERMINISM, task.determinism, _declared(task.determinism), row.ordinal(task.determinism)),
        row.make(Property.INPUT_SPACE, task.input_space, _declared(task.input_space), _input_fit(task.input_space)),
        row.make(Property.LATENCY, shown, _source(latency, task.latency_budget_ms), _latency_fit(task, measured)),
        row.make(Property.ERROR_COST, task.error_cost, _declared(task.error_cost), row.ordinal(task.error_cost)),
        row.make(Property.VOLUME, per_day, _source(calls, None), row.volume(label)),
        row.make(
            Property.DATA, task.labelled_examples, _declared(task.labelled_examples), _least(task.labelled_examples)
        ),
        row.make(
            Property.TIME_TO_PRODUCTION,
            task.days_to_production,
            _declared(task.days_to_production),
            _range(task.days_to_production),
        ),
        row.make(Property.MARGINAL_COST, unit_cost, _source(unit_cost, None), _cost_fit(unit_cost, measured.now)),
    )


def ruled_out(rows: tuple[MatrixRow, ...], strategy: Strategy, policy: Policy) -> tuple[Property, ...]:
    """The properties whose hard cell this strategy fails."""
    return tuple(row.name for row in rows if row.fits(strategy) is Fit.NO and policy.cells[row.name, strategy].hard)


def band(calls_per_day: Decimal, seed: str, policy: Policy) -> str:
    """The label a seed's volume band gives to so many calls a day."""
    return [label for label, start in policy.bands[seed] if calls_per_day >= start][-1]


_FitRule = Callable[[Strategy, Cell], Fit]


class _Rows:
    """Builds rows from one policy's cells."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def make(self, name: Property, value: str | int | Decimal | None, source: Source, fit: _FitRule) -> MatrixRow:
        cells = {strategy: self.policy.cells[name, strategy] for strategy in Strategy}
        unknown = value is None
        fits = tuple((s, Fit.UNKNOWN if unknown else fit(s, cell)) for s, cell in cells.items())
        return MatrixRow(name=name, value=value, unit=self.policy.units[name] or None, source=source, fit=fits)

    def ordinal(self, value: str | None) -> _FitRule:
        """Fits where the task demands no more than the strategy offers."""

        def fit(_: Strategy, cell: Cell) -> Fit:
            words = next(words for words in self.policy.ordinals.values() if value in words and cell.hi in words)
            return Fit.YES if words.index(str(value)) <= words.index(cell.hi) else Fit.NO

        return fit

    def volume(self, label: str | None) -> _FitRule:
        """Fits within the cell, partly one step beside it."""

        def fit(_: Strategy, cell: Cell) -> Fit:
            words = self.policy.ordinals[Property.VOLUME]
            at, lo, hi = words.index(str(label)), words.index(cell.lo), words.index(cell.hi)
            return (Fit.YES, Fit.PARTLY, Fit.NO)[max(lo - at, at - hi, 0)]

        return fit


def _declared(value: object) -> Source:
    return Source.UNKNOWN if value is None else Source.DECLARED


def _source(measured: object, declared: object) -> Source:
    return Source.MEASURED if measured is not None else _declared(declared)


def _input_fit(value: str | None) -> _FitRule:
    """Any text fits a model partly; only code needs its inputs to be listed or given by a schema."""

    def fit(_: Strategy, cell: Cell) -> Fit:
        return Fit.YES if value in cell.values else Fit.NO if cell.hard else Fit.PARTLY

    return fit


def _latency_fit(task: TaskProfile, measured: Measured) -> _FitRule:
    """A strategy fits a budget it can answer within; today's strategy is judged by what was measured."""

    def fit(strategy: Strategy, cell: Cell) -> Fit:
        budget, seen = task.latency_budget_ms, measured.latency_p95_ms
        if strategy is measured.now and seen is not None:
            return Fit.YES if budget is None or seen <= budget else Fit.NO
        wanted = seen if budget is None else budget
        return Fit.YES if Decimal(str(wanted)) >= Decimal(cell.lo) else Fit.NO

    return fit


def _least(value: int | None) -> _FitRule:
    def fit(_: Strategy, cell: Cell) -> Fit:
        return Fit.YES if (value or 0) >= Decimal(cell.lo) else Fit.NO

    return fit


def _range(value: int | None) -> _FitRule:
    """Time enough for the slow end fits, for the quick end fits partly."""

    def fit(_: Strategy, cell: Cell) -> Fit:
        days = Decimal(value or 0)
        return Fit.YES if days >= Decimal(cell.hi) else Fit.PARTLY if days >= Decimal(cell.lo) else Fit.NO

    return fit


def _cost_fit(value: Decimal | None, now: Strategy) -> _FitRule:
    """A strategy fits where its usual cost per call is no more than what a call costs now."""

    def fit(strategy: Strategy, cell: Cell) -> Fit:
        cost = value or ZERO
        if strategy is now or cost >= Decimal(cell.hi):
            return Fit.YES
        return Fit.PARTLY if cost >= Decimal(cell.lo) else Fit.NO

    return fit
