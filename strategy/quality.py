"""Whether a target has proven itself: present and target scored alike, by a lower bound and never by a mean.

- Present and target are compared only where metric, evaluator and evaluator version agree; nothing is averaged.
- Scored on the same items (paired), the bound on the difference is Tango's score bound over all such runs; scored
  apart, it is the difference less both sides' exact one-sided bounds, taken together (Newcombe 1998, method 10, with
  the limits of Clopper and Pearson). It passes where that is no worse than the margin, and where the target's own
  exact bound reaches the declared floor (decision research, section 5).
- A present score that fell counts when a second one confirms it: one bad eval does not lower the bar.
- Scores are read as shares of their scale, best = 1; without a scale a score outside 0..1 proves nothing.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from strategy.alternatives import ALTERNATIVES, TUNED
from strategy.bound import items_needed
from strategy.compared import Compared, apart, together
from strategy.facts import Score, Snapshot
from strategy.kinds import Code, Strategy
from strategy.need import RETRIEVAL
from strategy.paired import Paired, items_to_prove
from strategy.policy import Policy

_ONE = Decimal(1)
_CONFIRMED_BY = 2
_WITHOUT_BASELINE = frozenset({Strategy.CODE.value})
_WITHOUT_EVAL = frozenset({Strategy.CODE.value, Strategy.HYBRID.value, TUNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a target's quality. `code` is why it is not enough, None where it is.

    Shares from 0 to 1: `required` is what must be reached (floor, or present less `margin`), `reached` what the target
    scored, `bound` the least it is believed to reach, `gap` the least it is believed to be better by, `sure` the chance
    that it is good enough. `items` is how many items scored by both would settle it, None where no affordable number
    would; `paired_items` how many were.
    """

    option: str
    code: Code | None
    metric: str | None = None
    baseline: Score | None = None
    candidate: Score | None = None
    required: Decimal | None = None
    margin: Decimal | None = None
    reached: Decimal | None = None
    bound: Decimal | None = None
    gap: Decimal | None = None
    sure: Decimal | None = None
    passes: bool | None = None
    paired_items: int | None = None
    items: int | None = None


def share_of(score: Score, value: Decimal) -> Decimal | None:
    """A value of this score's metric as a share of its scale, best = 1; None where it is not on a known scale."""
    if score.scale_min is not None and score.scale_max is not None and score.scale_max > score.scale_min:
        value = (value - score.scale_min) / (score.scale_max - score.scale_min)
    if not 0 <= value <= 1:
        return None
    return value if score.higher_is_better else _ONE - value


def paired_of(score: Score) -> Paired | None:
    """The paired counts of a score; None where it has none."""
    counts = score.both_ok, score.base_only, score.cand_only, score.both_bad
    return None if None in counts or not sum(c or 0 for c in counts) else Paired(*(c or 0 for c in counts))


def evidence_for(snapshot: Snapshot, option: str, policy: Policy, score: Decimal | None = None) -> Evidence:
    """The evidence for moving to an option such as `embed` or `distill:own`.

    `score` stands in for the target's measured share where a flip point is sought.
    """
    baseline, candidate, runs = _compared(snapshot, option)
    if runs is not None and candidate is not None and baseline is None:
        baseline = _told_by(candidate, runs, snapshot.feature.strategy)
    present = None if baseline is None else share_of(baseline, baseline.score)
    if baseline is None or present is None:
        return Evidence(option=option, code=_needed(option, Code.NO_BASELINE, _WITHOUT_BASELINE), baseline=baseline)
    floor, margin = _floor(snapshot, baseline), _margin(snapshot, baseline, policy)
    required = max((floor or Decimal(0), present - margin))
    known = Evidence(
        option=option, code=None, metric=baseline.metric, baseline=baseline, required=required, margin=margin
    )
    reached = None if candidate is None else share_of(candidate, candidate.score)
    if candidate is None or candidate.n is None or candidate.n < 1 or reached is None:
        if option.startswith(Strategy.DISTILL) and floor is not None and present < floor:
            # A student's labels are no better than its teacher (seed 000): there is nothing to distill.
            return replace(known, code=Code.TEACHER)
        items = _items(known, floor, present, present, policy)
        return replace(known, code=_needed(option, Code.NEEDS_EVAL, _WITHOUT_EVAL), candidate=candidate, items=items)
    known = replace(known, candidate=candidate)
    if runs is None:
        found = apart(present, baseline.n, reached if score is None else score, candidate.n, margin, floor, policy)
    else:
        found = together(runs, option, score, margin, floor, policy)
    return _measured(known, found, floor, policy)


def _measured(known: Evidence, found: Compared, floor: Decimal | None, policy: Policy) -> Evidence:
    margin = known.margin or Decimal(0)
    passes = found.gap >= -margin and (floor is None or found.bound >= floor)
    evidence = replace(
        known,
        reached=found.reached,
        bound=found.bound,
        gap=found.gap,
        sure=found.sure,
        passes=passes,
        paired_items=found.paired_items,
        required=max(floor or Decimal(0), found.present - margin),
    )
    if passes:
        return evidence
    if found.reached < found.present - margin or (floor is not None and found.reached < floor):
        return replace(evidence, code=Code.QUALITY)
    code = _needed(known.option, Code.NEEDS_EVAL, _WITHOUT_EVAL)
    return replace(
        evidence, code=code, items=_items(evidence, floor, found.present, found.reached, policy, found.discord)
    )


def _needed(option: str, code: Code, optional: frozenset[str]) -> Code | None:
    """The code, unless moving to this option does not ask for it.

    Code that is specified for every input is proven by its tests; hybrid and a tuned prompt keep the same model, so a
    baseline will do. Retrieval changes what the model is told, and so what it answers.
    """
    if option == RETRIEVAL:
        return code
    return None if option.partition(":")[0] in optional or option in optional else code


def _compared(snapshot: Snapshot, option: str) -> tuple[Score | None, Score | None, Paired | None]:
    """Present and target as one evaluator version scored them by one metric, with the counts of its paired runs."""
    now, metric = snapshot.feature.strategy, snapshot.feature.quality.metric
    # An eval of the day itself counts at once; the traffic of an unfinished day does not.
    end_of_day = snapshot.as_of + timedelta(days=1)
    fitting = [s for s in snapshot.scores if s.at < end_of_day and metric in {None, s.metric}]
    newest = sorted(fitting, key=lambda s: (s.at, s.key), reverse=True)
    present = [s for s in newest if s.strategy not in ALTERNATIVES and (s.strategy or now).partition(":")[0] == now]
    names = {option} if option in {*ALTERNATIVES, RETRIEVAL} else {option, option.partition(":")[0]}
    target = [s for s in newest if s.strategy in names]
    for candidate in target:
        alike = [s for s in present if _scored_by(s) == _scored_by(candidate)]
        if paired_of(candidate) is not None:
            return _bar(alike), candidate, _pooled(candidate, target)
        if alike:
            return _bar(alike), candidate, None
    return _bar([s for s in present if _scored_by(s) == _scored_by(present[0])]), None, None


def _bar(alike: list[Score]) -> Score | None:
    """The newest score of the present, or the one before it where that was better; newest first in."""
    return max(alike[:_CONFIRMED_BY], key=lambda s: share_of(s, s.score) or Decimal(0), default=None)


def _pooled(candidate: Score, target: list[Score]) -> Paired:
    """All paired runs by the same evaluator version together; a run told twice counts once."""
    runs: dict[object, Paired] = {}
    for score in reversed(target):
        counts = paired_of(score)
        if counts is not None and _scored_by(score) == _scored_by(candidate):
            runs[score.run_id or score.key] = counts
    total = Paired()
    for counts in runs.values():
        total = total.plus(counts)
    return total


def _told_by(candidate: Score, runs: Paired, now: Strategy) -> Score:
    """The present's score that paired runs tell by their counts."""
    right = Decimal(runs.both_ok + runs.base_only) / runs.n
    return replace(
        candidate, score=right, strategy=now, n=runs.n, scale_min=None, scale_max=None, higher_is_better=True
    )


def _scored_by(score: Score) -> tuple[str | None, ...]:
    return score.metric, score.evaluator, score.evaluator_version


def _floor(snapshot: Snapshot, baseline: Score) -> Decimal | None:
    floor = snapshot.feature.quality.floor
    return None if floor is None else share_of(baseline, floor)


def is_below_floor(snapshot: Snapshot, score: Score) -> bool:
    """Whether a score is below the floor that the feature declares; not where either cannot be read."""
    floor, reached = _floor(snapshot, score), share_of(score, score.score)
    return floor is not None and reached is not None and reached < floor


def _margin(snapshot: Snapshot, baseline: Score, policy: Policy) -> Decimal:
    """The loss that is accepted, as a share of the scale: declared, else by what an error costs."""
    margin = snapshot.feature.quality.margin
    if margin is None:
        return policy.number(f"margin_{snapshot.feature.task.error_cost or 'medium'}")
    if baseline.scale_min is not None and baseline.scale_max is not None and baseline.scale_max > baseline.scale_min:
        return margin / (baseline.scale_max - baseline.scale_min)
    return margin


def _items(
    known: Evidence,
    floor: Decimal | None,
    present: Decimal,
    reached: Decimal,
    policy: Policy,
    discord: float | None = None,
) -> int | None:
    """The items, scored by both, that would prove it with 80 % power if the target is as good as it seems."""
    most = int(policy.number("max_eval_items"))
    usual = float(policy.number("discord_share")) if discord is None else discord
    advantage = float(reached - present)
    found = items_to_prove(float(known.margin or 0), max(usual, abs(advantage)), advantage)
    if floor is not None and found is not None:
        enough = items_needed(float(reached), float(floor), most, float(policy.number("confidence")))
        found = None if enough is None else max(found, enough)
    return None if found is None or found > most else found
