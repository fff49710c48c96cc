"""What a description states of money, and whether a move pays by it. Nothing is assumed where nothing is stated.

The test is the live judge's own (`strategy.payback`): the saving must repay the one-off with the hurdle on top.
"""

from dataclasses import dataclass
from decimal import Decimal

from strategy.advice.described import Described, Range, strategy_of
from strategy.advice.volume import StatedVolume
from strategy.kinds import Answer, Property, Strategy
from strategy.money import DAYS_PER_MONTH, DAYS_PER_YEAR, ZERO, dollars, saving
from strategy.payback import payback_days, saving_wanted
from strategy.policy import Policy
from strategy.profile import CostOverride


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedMove:
    """The money of moving to one option: USD a year, the one-off at both ends of its range, and whether it pays."""

    option: str
    saving_usd_year: Decimal
    one_off_usd: Range
    pays: Answer
    because: str

    @property
    def net_usd(self) -> Decimal:
        """What is left of a year's saving after the dearer one-off."""
        return self.saving_usd_year - self.one_off_usd[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedMoney:
    """Every move whose money is stated; `spend_usd_year` is today's where it is."""

    moves: tuple[StatedMove, ...]
    claim: str | None
    claimed: Strategy | None
    no_token_saving: bool
    spend_usd_year: Decimal | None

    @property
    def known(self) -> bool:
        """Whether anything was said of money."""
        return bool(self.moves) or self.claim is not None or self.no_token_saving

    def move(self, strategy: Strategy) -> StatedMove | None:
        """The best priced option of a strategy."""
        mine = [move for move in self.moves if strategy_of(move.option) is strategy]
        return max(mine, key=lambda move: (move.net_usd, move.option), default=None)

    def pays(self, strategy: Strategy) -> Answer | None:
        """Whether moving to a strategy pays; None where its money is not stated."""
        move = self.move(strategy)
        if move is not None:
            return move.pays
        if self.claim is not None and self.claimed in {None, strategy}:
            return Answer.YES if self.claim == "positive" else Answer.NO
        return Answer.NO if strategy is Strategy.DISTILL and self.no_token_saving else None


def stated_money(described: Described, volume: StatedVolume, policy: Policy) -> StatedMoney:
    """Read the money: yearly costs, or the owner's own conclusion, or the cost of moving with the volume."""
    costs, now = described.cost_per_year, described.current
    spend = costs.get(now, costs.get(described.now.value))
    moves: list[StatedMove] = []
    if spend is not None:
        others = [each for each in costs if each not in {now, described.now.value}]
        moves = [
            _priced(option, spend, costs[option], _one_off(described, option, policy), policy) for option in others
        ]
        moves += _bounded(described, volume, spend, policy) if not _named(others, Strategy.DISTILL) else []
    elif described.economics is None:
        moves = _by_usual_costs(described, volume, policy)
    tokens = described.prompt_tokens, described.ft_tokens
    candidate = described.candidate
    return StatedMoney(
        moves=tuple(moves),
        claim=described.economics,
        claimed=None if candidate is None else strategy_of(candidate),
        no_token_saving=tokens[0] is not None and tokens[1] is not None and tokens[1] >= tokens[0],
        spend_usd_year=spend,
    )


def _one_off(described: Described, option: str, policy: Policy) -> Range:
    """The stated cost of moving, else its two parts: the owner's, or the cited usual ones."""
    if described.migration_cost is not None:
        return described.migration_cost
    strategy = strategy_of(option)
    own = dict(described.costs).get(strategy, CostOverride())
    days = policy.number(f"{strategy}_engineer_days") if own.engineer_days is None else own.engineer_days
    rest = policy.number(f"{strategy}_one_off_usd") if own.one_off_usd is None else own.one_off_usd
    once = days * policy.number("engineer_day_usd") + rest
    return once, once


def _priced(option: str, present: Decimal, then: Decimal, one_off: Range, policy: Policy) -> StatedMove:
    spared = saving(present, then)
    month = spared * DAYS_PER_MONTH / DAYS_PER_YEAR
    low, high = (saving_wanted(each, policy) for each in one_off)
    pays = Answer.YES if month >= high else Answer.UNKNOWN if month >= low else Answer.NO
    days = payback_days(one_off[1], month)
    repaid = (
        f"repays {dollars(one_off[1])} once in {days} day{'s' * (days > 1)}"
        if days
        else "never repays its one-off cost"
    )
    because = f"moving to {option} saves {dollars(spared)} a year and {repaid}"
    return StatedMove(option=option, saving_usd_year=spared, one_off_usd=one_off, pays=pays, because=because)


def _named(options: list[str], strategy: Strategy) -> bool:
    return any(strategy_of(option) is strategy for option in options)


def _bounded(described: Described, volume: StatedVolume, spend: Decimal, policy: Policy) -> list[StatedMove]:
    """Fine-tuning whose own cost is not stated beside today's: kept where it cannot pay.

    No saving is above the spend, nor above what the matrix's usual cost per call leaves of it.
    """
    if described.now is Strategy.DISTILL:
        return []
    calls = volume.calls_per_day or ZERO
    then = usual_usd_per_call(Strategy.DISTILL, policy) * calls * DAYS_PER_YEAR
    one_off = _one_off(described, Strategy.DISTILL.value, policy)
    move = _priced(Strategy.DISTILL.value, spend, then, one_off, policy)
    return [move] if move.pays is Answer.NO else []


def _by_usual_costs(described: Described, volume: StatedVolume, policy: Policy) -> list[StatedMove]:
    """A stated cost of moving and a volume, at the matrix's usual costs per call ("used only without a price book")."""
    calls, now = volume.calls_per_day, described.now
    if described.migration_cost is None or calls is None:
        return []
    target = described.candidate or Strategy.DISTILL.value
    if strategy_of(target) is now:
        return []
    present, then = (usual_usd_per_call(each, policy) * calls * DAYS_PER_YEAR for each in (now, strategy_of(target)))
    return [_priced(target, present, then, described.migration_cost, policy)]


def usual_usd_per_call(strategy: Strategy, policy: Policy) -> Decimal:
    """The middle of the matrix's range of costs per call: its geometric mean."""
    cell = policy.cells[Property.MARGINAL_COST, strategy]
    return max(ZERO, (Decimal(cell.lo) * Decimal(cell.hi)).sqrt())
