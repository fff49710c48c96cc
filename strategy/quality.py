"""Whether a target has proven itself: present and target scored alike, by an exact lower bound and never by a mean.

- Present and target are compared only where metric, evaluator and evaluator version agree; nothing is averaged.
- What must be proven is the larger of the declared floor and the present score less the margin.
- The target passes where its one-sided 95 % Clopper-Pearson lower bound reaches that (decision research, section 5).
  The present score counts as a point: the paired test needs per-item results, which a later score may bring.
- Scores are read as shares of their scale, best = 1; without a scale a score outside 0..1 proves nothing.
"""

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal

from strategy.bound import items_needed, lower_bound, tail
from strategy.facts import Score, Snapshot
from strategy.kinds import Code, Strategy
from strategy.policy import Policy

_FOUR = Decimal("0.0001")
_TWO = Decimal("0.01")
_ONE = Decimal(1)
_WITHOUT_BASELINE = frozenset({Strategy.CODE})
_WITHOUT_EVAL = frozenset({Strategy.CODE, Strategy.HYBRID})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a target's quality. `code` is why it is not enough, None where it is.

    `required`, `bound` and `sure` are shares from 0 to 1; `items` how many eval items would settle it, None where
    none are wanted or no affordable number would do.
    """

    option: str
    code: Code | None
    metric: str | None = None
    baseline: Score | None = None
    candidate: Score | None = None
    required: Decimal | None = None
    bound: Decimal | None = None
    sure: Decimal | None = None
    items: int | None = None

    @property
    def passes(self) -> bool | None:
        """Whether the target proved itself; None where it was not measured."""
        return None if self.bound is None or self.required is None else self.bound >= self.required


def share_of(score: Score, value: Decimal) -> Decimal | None:
    """A value of this score's metric as a share of its scale, best = 1; None where it is not on a known scale."""
    if score.scale_min is not None and score.scale_max is not None and score.scale_max > score.scale_min:
        value = (value - score.scale_min) / (score.scale_max - score.scale_min)
    if not 0 <= value <= 1:
        return None
    return value if score.higher_is_better else _ONE - value


def evidence_for(snapshot: Snapshot, option: str, policy: Policy, score: Decimal | None = None) -> Evidence:
    """The evidence for moving to an option such as `embed` or `distill:own`.

    `score` stands in for the target's measured share where a flip point is sought.
    """
    baseline, candidate = _pair(snapshot, option)
    if baseline is None or (present := share_of(baseline, baseline.score)) is None:
        return Evidence(option=option, code=_needed(option, Code.NO_BASELINE, _WITHOUT_BASELINE), baseline=baseline)
    required = _required(snapshot, baseline, present, policy)
    known = Evidence(option=option, code=None, metric=baseline.metric, baseline=baseline, required=required)
    reached = None if candidate is None else share_of(candidate, candidate.score)
    if candidate is None or candidate.n is None or candidate.n < 1 or reached is None:
        if _teacher_is_too_weak(snapshot, option, baseline, present):
            return replace(known, code=Code.TEACHER)
        items = _items(present, required, policy)
        return replace(known, code=_needed(option, Code.NEEDS_EVAL, _WITHOUT_EVAL), candidate=candidate, items=items)
    return _measured(known, candidate, candidate.n, reached if score is None else score, policy)


def _needed(option: str, code: Code, optional: frozenset[Strategy]) -> Code | None:
    """The code, unless moving to this strategy does not ask for it.

    Code that is specified for every input is proven by its tests; hybrid keeps the same model, so a baseline will do.
    """
    return None if option.partition(":")[0] in optional else code


def _pair(snapshot: Snapshot, option: str) -> tuple[Score | None, Score | None]:
    """The newest scores of the present and the target that one evaluator version gave for one metric."""
    now = snapshot.feature.strategy
    metric = snapshot.feature.quality.metric
    # An eval of the day itself counts at once; the traffic of an unfinished day does not.
    end_of_day = snapshot.as_of + timedelta(days=1)
    fitting = [s for s in snapshot.scores if s.at < end_of_day and metric in {None, s.metric}]
    newest = sorted(fitting, key=lambda s: (s.at, s.key), reverse=True)
    present = [s for s in newest if (s.strategy or now).partition(":")[0] == now]
    target = [s for s in newest if s.strategy in {option, option.partition(":")[0]}]
    for candidate in target:
        for baseline in present:
            if _scored_by(baseline) == _scored_by(candidate):
                return baseline, candidate
    return (present[0] if present else None), None


def _scored_by(score: Score) -> tuple[str | None, ...]:
    return score.metric, score.evaluator, score.evaluator_version


def _required(snapshot: Snapshot, baseline: Score, present: Decimal, policy: Policy) -> Decimal:
    """The share to prove: the floor, or the present score less the margin, whichever asks for more."""
    quality = snapshot.feature.quality
    margin = quality.margin
    if margin is None:
        margin = policy.number(f"margin_{snapshot.feature.task.error_cost or 'medium'}")
    elif baseline.scale_min is not None and baseline.scale_max is not None and baseline.scale_max > baseline.scale_min:
        margin = margin / (baseline.scale_max - baseline.scale_min)
    floor = None if quality.floor is None else share_of(baseline, quality.floor)
    return max(present - margin, Decimal(0)) if floor is None else max(present - margin, floor)


def _teacher_is_too_weak(snapshot: Snapshot, option: str, baseline: Score, present: Decimal) -> bool:
    """A student's labels are no better than its teacher (seed 000): below the floor there is nothing to distill."""
    floor = snapshot.feature.quality.floor
    least = None if floor is None else share_of(baseline, floor)
    return option.startswith(Strategy.DISTILL) and least is not None and present < least


def _items(score: Decimal, required: Decimal, policy: Policy) -> int | None:
    return items_needed(float(score), float(required), int(policy.number("max_eval_items")), _confidence(policy))


def _confidence(policy: Policy) -> float:
    return float(policy.number("confidence"))


def _measured(known: Evidence, candidate: Score, n: int, reached: Decimal, policy: Policy) -> Evidence:
    hits = math.floor(reached * n)
    bound = Decimal(lower_bound(hits, n, _confidence(policy))).quantize(_FOUR, ROUND_FLOOR)
    required = known.required or Decimal(0)
    sure = Decimal(1 - tail(hits, n, float(required))).quantize(_TWO, ROUND_FLOOR)
    found = replace(known, candidate=candidate, bound=bound, sure=sure)
    if bound >= required:
        return found
    if reached < required:
        return replace(found, code=Code.QUALITY)
    code = _needed(known.option, Code.NEEDS_EVAL, _WITHOUT_EVAL)
    return replace(found, code=code, items=_items(reached, required, policy))
