"""Values for the judge's tests: a ticket-triage feature of 100,000 calls a day on a model whose price fell.

The facts are real: gpt-5.6-luna cost $1/$6 per Mtok until 2026-07-30 and $0.20/$1.20 since.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from offramp.policy import load_policy
from strategy.facts import DayUse, Price, Retirement, Score, Snapshot, TokenMix, Usage
from strategy.kinds import PriceKind, Strategy
from strategy.profile import CostOverride, Feature, Quality, TaskProfile

POLICY = load_policy()
LUNA = "openai/gpt-5.6-luna"
EMBEDDER = "openai/text-embedding-3-small"
CHEAP = "openai/gpt-6-luna"
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
CUT = datetime(2026, 7, 30, tzinfo=UTC)
BEFORE_CUT = datetime(2026, 7, 29, tzinfo=UTC)

FREE_TEXT = TaskProfile(
    determinism="no",
    input_space="open",
    output_space="free",
    latency_budget_ms=2000,
    error_cost="medium",
    labelled_examples=1200,
    examples_diverse=True,
)
LABELS = replace(FREE_TEXT, output_space="label")
FUNCTION = TaskProfile(determinism="yes", input_space="enumerable", output_space="exact", error_cost="high")
DISTILL_COSTS = (
    (
        Strategy.DISTILL,
        CostOverride(engineer_days=Decimal(8), monthly_usd=Decimal(1200), usd_per_call=Decimal("0.0001")),
    ),
)


def price(
    model: str,
    kind: PriceKind,
    usd: str,
    since: datetime = LONG_AGO,
    until: datetime | None = None,
    tier: int = 0,
) -> Price:
    """A price line."""
    return Price(
        model=model,
        kind=kind,
        usd_per_mtok=Decimal(usd),
        valid_from=since,
        valid_to=until,
        tier_min_input_tokens=tier,
        source="test",
    )


PRICES = (
    price(LUNA, PriceKind.INPUT, "1.00", until=CUT),
    price(LUNA, PriceKind.OUTPUT, "6.00", until=CUT),
    price(LUNA, PriceKind.INPUT, "0.20", CUT),
    price(LUNA, PriceKind.OUTPUT, "1.20", CUT),
    price(EMBEDDER, PriceKind.INPUT, "0.02"),
    price(CHEAP, PriceKind.INPUT, "0.10"),
    price(CHEAP, PriceKind.OUTPUT, "0.50"),
)


def mix(
    calls: int, model: str | None = LUNA, *, tokens: tuple[int, int] = (800, 60), tier: int = 0, cached: int = 0
) -> TokenMix:
    """So many calls of one size: `tokens` in and out per call."""
    return TokenMix(
        model=model,
        tier=tier,
        processing="standard",
        calls=calls,
        input_tokens=calls * tokens[0],
        cached_input_tokens=calls * cached,
        cache_write_tokens=0,
        output_tokens=calls * tokens[1],
    )


def days(calls: int | list[int], until: date, errors: int = 0) -> tuple[DayUse, ...]:
    """Complete days that end the day before `until`; 60 alike ones where a number is given."""
    counts = calls if isinstance(calls, list) else [calls] * 60
    start = until - timedelta(days=len(counts))
    return tuple(
        DayUse(day=start + timedelta(days=offset), calls=count, errors=errors, cost_usd=None)
        for offset, count in enumerate(counts)
    )


def score(strategy: str | None, value: str, n: int | None = 4000, **changes: object) -> Score:
    """An eval result of one judge version, for accuracy."""
    made = Score(
        key=f"{strategy}{value}".encode().ljust(16)[:16],
        feature="ticket-triage",
        metric="accuracy",
        score=Decimal(value),
        n=n,
        at=datetime(2026, 7, 1, tzinfo=UTC),
        strategy=strategy,
        evaluator="judge",
        evaluator_version="2",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names the field it changes


def feature(task: TaskProfile = FREE_TEXT, **changes: object) -> Feature:
    """The feature, with a task and an exit note."""
    made = Feature(
        slug="ticket-triage",
        name="Ticket triage",
        task=task,
        quality=Quality(metric="accuracy"),
        exit_note="Above 200,000 a day a small model should take over.",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names the field it changes


def snapshot(
    of: Feature | None = None,
    *,
    at: datetime = BEFORE_CUT,
    calls: int | list[int] = 100_000,
    carries: tuple[TokenMix, ...] | None = None,
    scores: tuple[Score, ...] = (),
    prices: tuple[Price, ...] | None = None,
    retirements: tuple[Retirement, ...] = (),
    latency: float | None = None,
) -> Snapshot:
    """Sixty days of traffic before `at`, and the prices as they were known then: the cut was not announced."""
    daily = calls if isinstance(calls, int) else sum(calls[-28:]) // 28
    return Snapshot(
        feature=of or feature(),
        usage=Usage(
            days=days(calls, at.date()),
            mix=(mix(max(1, daily * 28)),) if carries is None else carries,
            latency_p95_ms=latency,
        ),
        scores=scores,
        prices=known_by(at) if prices is None else prices,
        retirements=retirements,
        constants=POLICY.frozen(),
        as_of=at,
    )


def known_by(at: datetime) -> tuple[Price, ...]:
    """The prices of the book that had begun by an instant, each without the end that nobody knew of."""
    begun = (line for line in PRICES if line.valid_from <= at)
    return tuple(
        replace(line, valid_to=None) if line.valid_to is not None and line.valid_to > at else line for line in begun
    )


def proven(target: str, present: str = "prompt") -> tuple[Score, ...]:
    """A baseline and a target that passes it."""
    return score(present, "0.92"), score(target, "0.93")
