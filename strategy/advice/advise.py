"""Advice on a description: the judge with money and evidence unknown, or as far as they are stated."""

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from strategy.advice.asks import missing, most_telling, unspoken
from strategy.advice.decide import Decision, decide
from strategy.advice.described import Described, strategy_of
from strategy.advice.document import Advice
from strategy.advice.stated import Stated, read
from strategy.advice.turns import turns
from strategy.advice.words import reasons
from strategy.kinds import Strategy
from strategy.matrix import band
from strategy.money import DAYS_PER_MONTH, DAYS_PER_YEAR
from strategy.payback import payback_days, saving_wanted
from strategy.policy import Policy
from strategy.verdict import Figures, Money, Verdict

_MONTHS = Decimal(12)


def advise(described: Described, policy: Policy, *, id: str, voice: str, as_of: datetime) -> Advice:  # noqa: A002 (the contract's word)
    """Judge a description. `voice` is the volume policy for a description that names none."""
    chosen = described.policy or voice
    stated = read(described, chosen, policy)
    decision = decide(stated)
    asked = unspoken(stated, decision)
    most = most_telling(asked, decision)
    verdict = Verdict(
        feature=id,
        as_of=as_of,
        outcome=decision.outcome,
        code=decision.code,
        now=described.now,
        target=decision.target,
        saving_usd_month=None,
        confidence=None,
        gates=tuple(stated.gates.values()),
        matrix=stated.rows,
        money=_money(stated, decision),
        quality=None,
        bands=_bands(stated),
        breakeven_calls_per_day=_breakeven(stated, decision),
        flip_points=turns(stated, decision),
        due_by=None,
        start_by=None,
        missing=missing(asked),
        reasons=(*reasons(stated, decision), *([most] if most else [])),
        prices=(),
        snapshot=_digest(described, chosen),
    )
    return Advice(id=id, strategy=decision.strategy, policy=chosen, verdict=verdict)


def _bands(stated: Stated) -> tuple[tuple[str, str | None], ...]:
    """What each seed's bands say of the volume alone; null where no number is stated."""
    calls = stated.volume.calls_per_day
    seeds = sorted(stated.policy.bands)
    return tuple((seed, None if calls is None else band(calls, seed, stated.policy)) for seed in seeds)


def _money(stated: Stated, decision: Decision) -> Money:
    """The stated figures, by month; the one-off's low and high end stand where the percentiles stand in a review."""
    target = None if decision.target is None else strategy_of(decision.target)
    low, high = (_figures(stated, target, end) for end in (0, 1))
    return Money(base=high, low=low, high=high, horizon_days=int(stated.policy.number("horizon_days")))


def _figures(stated: Stated, target: Strategy | None, end: int) -> Figures:
    spend = stated.money.spend_usd_year
    moves = {each: stated.money.move(each) for each in Strategy}
    monthly: dict[Strategy, Decimal | None] = {
        each: None if spend is None or move is None else (spend - move.saving_usd_year) / _MONTHS
        for each, move in moves.items()
    }
    monthly[stated.now] = None if spend is None else spend / _MONTHS
    move = None if target is None else moves[target]
    return Figures(
        monthly_usd=tuple(monthly.items()),
        one_off_usd=tuple(
            (each, None if found is None else found.one_off_usd[end])
            for each, found in moves.items()
            if each is not stated.now
        ),
        saving_usd_month=None if move is None else move.saving_usd_year / _MONTHS,
        payback_days=None
        if move is None
        else payback_days(move.one_off_usd[end], move.saving_usd_year * DAYS_PER_MONTH / DAYS_PER_YEAR),
    )


def _breakeven(stated: Stated, decision: Decision) -> int | None:
    """The calls a day from which the stated move pays; None where its money or the volume is not stated."""
    target = Strategy.DISTILL if decision.target is None else strategy_of(decision.target)
    move, calls = stated.money.move(target), stated.volume.calls_per_day
    if move is None or not calls or move.saving_usd_year <= 0:
        return None
    per_call = move.saving_usd_year / (calls * DAYS_PER_YEAR)
    wanted = saving_wanted(move.one_off_usd[1], stated.policy)
    return int((wanted / DAYS_PER_MONTH / per_call).to_integral_value(ROUND_CEILING))


def _digest(described: Described, voice: str) -> str:
    """The name of what was judged: what was said and the policy, in one order; free text is no part of it."""
    text = json.dumps({**asdict(described), "policy": voice}, sort_keys=True, default=str)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
