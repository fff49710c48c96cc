"""Everything a description says, read once: volume, money, the matrix, the gates and the holds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from strategy.advice.described import Described
from strategy.advice.gates import stated_gates
from strategy.advice.holds import described_holds
from strategy.advice.money import StatedMoney, stated_money
from strategy.advice.volume import StatedVolume, stated_volume
from strategy.gates import GateAnswer
from strategy.hold import Hold
from strategy.kinds import Answer, Gate, Property, Source, Strategy
from strategy.matrix import MatrixRow, Measured, matrix_rows, ruled_out
from strategy.money import DAYS_PER_YEAR
from strategy.policy import Policy

_SOLVABLE = {Property.DATA, Property.TIME_TO_PRODUCTION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One description before the judge. `voice` is the volume policy that decides."""

    described: Described
    policy: Policy
    voice: str
    volume: StatedVolume
    money: StatedMoney
    rows: tuple[MatrixRow, ...]
    ruled: Mapping[Strategy, tuple[Property, ...]]
    gates: Mapping[Gate, GateAnswer]
    holds: tuple[Hold, ...]

    @property
    def now(self) -> Strategy:
        """The present strategy."""
        return self.described.now

    @property
    def volume_pays(self) -> Answer | None:
        """Whether a fixed cost is worth paying by the volume alone, in the voice that decides."""
        return self.volume.pays(self.voice)

    def pays(self, strategy: Strategy) -> Answer | None:
        """Whether a move pays: by money where it is stated, else by the volume; None where neither is."""
        by_money = self.money.pays(strategy)
        return self.volume_pays if by_money is None else by_money

    def misfits(self, strategy: Strategy) -> tuple[Property, ...]:
        """The properties whose hard cell rules a strategy out; a lack of data or time is told apart."""
        return tuple(name for name in self.ruled[strategy] if name not in _SOLVABLE)

    def lacks_time(self, strategy: Strategy) -> bool:
        """Whether a strategy cannot be built in the days a migration may take."""
        return Property.TIME_TO_PRODUCTION in self.ruled[strategy]

    def closed(self, strategy: Strategy) -> Hold | None:
        """The hold that keeps a strategy from being chosen."""
        return next((hold for hold in self.holds if strategy in hold.closed), None)


def read(described: Described, voice: str, policy: Policy) -> Stated:
    """Read a description under one volume policy."""
    volume = stated_volume(described, policy)
    money = stated_money(described, volume, policy)
    by_money = money.pays(Strategy.DISTILL)
    pays = volume.pays(voice) if by_money is None else by_money
    rows = _rows(described, volume, money, policy)
    return Stated(
        described=described,
        policy=policy,
        voice=voice,
        volume=volume,
        money=money,
        rows=rows,
        ruled={strategy: ruled_out(rows, strategy, policy) for strategy in Strategy},
        gates={answer.gate: answer for answer in stated_gates(described, pays, policy)},
        holds=described_holds(described),
    )


def _rows(described: Described, volume: StatedVolume, money: StatedMoney, policy: Policy) -> tuple[MatrixRow, ...]:
    """The matrix's eight rows; what was only said in words stands there in words, and all of it is declared."""
    calls = volume.calls_per_day
    if calls is None and volume.label is not None:
        calls = dict(policy.bands["seed000"])[volume.label]
    spend = money.spend_usd_year
    per_call = spend / (volume.calls_per_day * DAYS_PER_YEAR) if spend and volume.calls_per_day else None
    measured = Measured(now=described.now, latency_p95_ms=None, calls_per_day=calls, usd_per_call=per_call)
    rows = matrix_rows(described.task, measured, policy)
    return tuple(_declared(row, volume) for row in rows)


def _declared(row: MatrixRow, volume: StatedVolume) -> MatrixRow:
    if row.source is Source.MEASURED:
        row = replace(row, source=Source.DECLARED)
    if row.name is Property.VOLUME and volume.calls_per_day is None and volume.label is not None:
        return replace(row, value=volume.label, unit=None)
    return row
