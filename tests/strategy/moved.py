"""Facts with one figure moved for good: what a flip point promises must hold for a feature that really lives by it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from strategy.case import case_of
from strategy.core import find
from strategy.facts import Price, Score, Snapshot
from strategy.kinds import Strategy
from strategy.profile import CostOverride, Feature
from tests.strategy.made import POLICY

_ONE = Decimal(1)


def moved(of: Snapshot, figure: str, value: Decimal, target: str) -> Snapshot:
    """The snapshot of a feature whose figure has that value: traffic, book, costs, score or profile written anew."""
    return _MOVES[figure](of, value, target)


def _calls(of: Snapshot, value: Decimal, _: str) -> Snapshot:
    """Every day has so many calls, of the same sizes."""
    was = sum(mix.calls for mix in of.usage.mix)
    share = value * 28 / was
    mix = tuple(
        replace(
            each,
            calls=int(each.calls * share),
            input_tokens=int(each.input_tokens * share),
            cached_input_tokens=int(each.cached_input_tokens * share),
            output_tokens=int(each.output_tokens * share),
        )
        for each in of.usage.mix
    )
    days = tuple(replace(use, calls=int(value)) for use in of.usage.days)
    return replace(of, usage=replace(of.usage, days=days, mix=mix))


def _present_price(of: Snapshot, value: Decimal, _: str) -> Snapshot:
    """The models that carry the traffic have always cost so many times as much."""
    carried = {mix.model for mix in of.usage.mix}
    return replace(of, prices=tuple(_priced(line, value) if line.model in carried else line for line in of.prices))


def _priced(line: Price, times: Decimal) -> Price:
    return replace(line, usd_per_mtok=line.usd_per_mtok * times)


def _own(of: Snapshot, target: str, **figures: Decimal) -> Snapshot:
    """The owner's figures for a target."""
    strategy = Strategy(target.partition(":")[0])
    known = dict(of.feature.costs)
    known[strategy] = replace(known.get(strategy, CostOverride()), **figures)
    return _with(of, costs=tuple(sorted(known.items())))


def _with(of: Snapshot, **changes: object) -> Snapshot:
    feature: Feature = replace(of.feature, **changes)  # type: ignore[arg-type]  # a move names the field it changes
    return replace(of, feature=feature)


def _one_off(of: Snapshot, value: Decimal, target: str) -> Snapshot:
    return _own(of, target, engineer_days=Decimal(0), one_off_usd=value)


def _code_share(of: Snapshot, value: Decimal, _: str) -> Snapshot:
    return _with(of, task=replace(of.feature.task, code_share=value))


def _score(of: Snapshot, value: Decimal, target: str) -> Snapshot:
    """The target's newest eval says so on as many items."""

    def again(score: Score) -> Score:
        return replace(score, score=value) if score.strategy in {target, target.partition(":")[0]} else score

    return replace(of, scores=tuple(again(score) for score in of.scores))


_MOVES: Mapping[str, Callable[[Snapshot, Decimal, str], Snapshot]] = {
    "calls_per_day": _calls,
    "present_price": _present_price,
    "one_off_usd": _one_off,
    "code_share": _code_share,
    "score": _score,
}


def outcome(of: Snapshot) -> str:
    """What today's facts say, without what was said before."""
    case = case_of(of, POLICY.with_constants(of.constants), of.as_of)
    return find(case).outcome
