"""What a scan of call logs found, as a value: the page and the command line show nothing else."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from strategy.kinds import Code, Outcome
from strategy.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """How long answers are, in tokens: half have at most `p50`, nine of ten at most `p90`. Two digits are kept."""

    calls: int
    p50: int
    p90: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What the length of the answers suggests of `output_space`, and the judgement if that is so.

    It is a guess by its nature: the verdict itself takes the task for unknown.
    """

    output_space: str
    outcome: Outcome
    code: Code | None
    target: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The calls of one UTC day."""

    day: date
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUse:
    """What one model carried, named as the log names it; a cost of None has no price in force."""

    provider: str | None
    name: str
    calls: int
    cost_usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One feature's traffic with its verdict; a feature of None is what no feature claims, and has no verdict.

    `cost_usd` is that of the priced calls, None where there are none; `growth` is the level as a multiple of the
    level four weeks before, None where the log is too short; latencies are in ms.
    """

    feature: str | None
    calls: int
    errors: int
    input_tokens: int
    cached_input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    reported_cost_usd: Decimal | None
    unpriced_calls: int
    calls_without_tokens: int
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    models: tuple[ModelUse, ...] = ()
    days: tuple[Day, ...] = ()
    growth: Decimal | None = None
    lengths: Lengths | None = None
    hint: Hint | None = None
    verdict: Verdict | None = None

    @property
    def look_first(self) -> str | None:
        """The option to look at first, by the hint where there is one, else by the verdict; None: none is named.

        Without a hint no option is named whose gate is unanswered: code would come first for being free alone.
        """
        return None if self.is_open else self._target

    @property
    def may_move(self) -> bool:
        """Whether another strategy would pay back, if the task fits it."""
        return self._target is not None

    @property
    def is_open(self) -> bool:
        """Whether some strategy would pay back and nothing tells which of them fits the task."""
        said = self.verdict
        return self.hint is None and said is not None and said.code is Code.UNMEASURED and said.target is not None

    @property
    def _target(self) -> str | None:
        said = self.hint or self.verdict
        return None if said is None else said.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The rows, costliest first and unattributed last, and their total, whose cost is the sum of the rows' exactly."""

    files: tuple[str, ...]
    first: date
    last: date
    as_of: datetime
    rows: tuple[Seen, ...]
    total: Seen
    rejected_rows: int
    duplicates: int

    @property
    def features(self) -> tuple[Seen, ...]:
        """The rows of features, without the unattributed one."""
        return tuple(row for row in self.rows if row.feature is not None)
