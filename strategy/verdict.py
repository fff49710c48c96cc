"""A verdict as a value, and as the JSON document that the command line, the API and the pages show (the contract).

Money leaves as decimal strings with two places, scores and shares as numbers, unknown as null.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from strategy.facts import Price, Score
from strategy.gates import GateAnswer
from strategy.kinds import CauseKind, Code, Outcome, Strategy
from strategy.matrix import MatrixRow
from strategy.money import rate
from strategy.quality import Evidence
from strategy.shown import exact, instant, money
from strategy.wanted import Wanted, wanted_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What moved the verdict; `event_id` names the stored event where there is one."""

    kind: CauseKind
    detail: str
    event_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Money at one level of the estimates. None is unknown; a payback of None is unknown or never."""

    monthly_usd: tuple[tuple[Strategy, Decimal | None], ...]
    one_off_usd: tuple[tuple[Strategy, Decimal | None], ...]
    saving_usd_month: Decimal | None
    payback_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Base estimates, and each figure at its 10th and 90th percentile."""

    base: Figures
    low: Figures
    high: Figures
    horizon_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipPoint:
    """The value of one input, from today's on, at which the outcome changes. Prices are multiples of today's."""

    input: str
    now: Decimal
    at: Decimal
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the judge says of one feature at one instant, with its whole argument.

    `target` is a strategy, with a variant after a colon where one is meant; None where there is none. `confidence` is
    the chance that the saving repays its one-off times how sure the evidence is, None where that cannot be told.
    `due_by_reason` says what happens on the day by which it must be acted on.
    `wanted` is what `missing` says, line by line, as values; empty for advice, which lists questions alone.
    The caller puts `cause` in by `dataclasses.replace` when the verdict is a change.
    """

    feature: str
    as_of: datetime
    outcome: Outcome
    code: Code | None
    now: Strategy
    target: str | None
    saving_usd_month: Decimal | None
    confidence: Decimal | None
    gates: tuple[GateAnswer, ...]
    matrix: tuple[MatrixRow, ...]
    money: Money
    quality: Evidence | None
    bands: tuple[tuple[str, str | None], ...]
    breakeven_calls_per_day: int | None
    flip_points: tuple[FlipPoint, ...]
    due_by: date | None
    due_by_reason: str | None = None
    start_by: date | None
    missing: tuple[str, ...]
    wanted: tuple[Wanted, ...] = ()
    reasons: tuple[str, ...]
    prices: tuple[Price, ...]
    snapshot: str
    cause: Cause | None = None

    @property
    def headline(self) -> str:
        """The one sentence to show where there is room for one."""
        return self.reasons[0]


def document(verdict: Verdict) -> dict[str, object]:
    """The verdict as the contract's JSON document, every key present."""
    cause = verdict.cause
    return {
        "feature": verdict.feature,
        "as_of": instant(verdict.as_of),
        "verdict": verdict.outcome.value,
        "code": verdict.code.value if verdict.code else None,
        "now": verdict.now.value,
        "target": verdict.target,
        "cause": None
        if cause is None
        else {"kind": cause.kind.value, "detail": cause.detail, "event_id": cause.event_id},
        "gates": [_gate(answer) for answer in verdict.gates],
        "matrix": [_row(row) for row in verdict.matrix],
        "money": {
            **_figures(verdict.money.base),
            "low": _figures(verdict.money.low),
            "high": _figures(verdict.money.high),
            "horizon_days": verdict.money.horizon_days,
        },
        "quality": _quality(verdict.quality),
        "bands": {**dict(verdict.bands), "breakeven": {"calls_per_day": verdict.breakeven_calls_per_day}},
        "flip_points": [_flip(flip) for flip in verdict.flip_points],
        "due_by": None if verdict.due_by is None else verdict.due_by.isoformat(),
        "due_by_reason": verdict.due_by_reason,
        "start_by": None if verdict.start_by is None else verdict.start_by.isoformat(),
        "missing": list(verdict.missing),
        "wanted": [wanted_document(each) for each in verdict.wanted],
        "reasons": list(verdict.reasons),
        "prices": [_price(line) for line in verdict.prices],
        "snapshot": verdict.snapshot,
    }


def _gate(answer: GateAnswer) -> dict[str, object]:
    return {
        "gate": answer.gate.value,
        "answer": answer.answer.value,
        "value": answer.value,
        "source": answer.source.value,
        "because": answer.because,
    }


def _row(row: MatrixRow) -> dict[str, object]:
    return {
        "property": row.name.value,
        "value": exact(row.value) if isinstance(row.value, Decimal) else row.value,
        "unit": row.unit,
        "source": row.source.value,
        "fit": {strategy.value: fit.value for strategy, fit in row.fit},
    }


def _figures(figures: Figures) -> dict[str, object]:
    return {
        "monthly_usd": {strategy.value: money(amount) for strategy, amount in figures.monthly_usd},
        "one_off_usd": {strategy.value: money(amount) for strategy, amount in figures.one_off_usd},
        "saving_usd_month": money(figures.saving_usd_month),
        "payback_days": figures.payback_days,
    }


def _quality(evidence: Evidence | None) -> dict[str, object]:
    known = evidence or Evidence(option="", code=None)
    return {
        "metric": known.metric,
        "baseline": _score(known.baseline),
        "candidate": _score(known.candidate),
        "lower_bound": None if known.bound is None else float(known.bound),
        "passes": known.passes,
    }


def _score(score: Score | None) -> dict[str, object] | None:
    if score is None:
        return None
    return {
        "score": float(score.score),
        "n": score.n,
        "evaluator": score.evaluator,
        "evaluator_version": score.evaluator_version,
        "at": instant(score.at),
    }


def _flip(flip: FlipPoint) -> dict[str, object]:
    return {
        "input": flip.input,
        "now": _flip_value(flip.input, flip.now),
        "at": _flip_value(flip.input, flip.at),
        "verdict": flip.outcome.value,
    }


def _flip_value(name: str, value: Decimal) -> object:
    """Money as a string, calls as a whole number, shares and multiples as numbers."""
    if name == "one_off_usd":
        return money(value)
    return round(value) if name == "calls_per_day" else float(value)


def _price(line: Price) -> dict[str, object]:
    return {
        "model": line.model,
        "kind": line.kind.value,
        "usd_per_mtok": rate(line.usd_per_mtok),
        "valid_from": instant(line.valid_from),
        "source": line.source,
    }
