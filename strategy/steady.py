"""What has a memory: persistence, dwell and hysteresis over the stateless finding (decision research, step 8).

A pure function of the snapshot: the volume of each of the last days is judged as it stood, and what was said before
stands in the snapshot (`Before`).

- A move is due where its money has held by the volume of each of `persist_days` days, and by the prices as they were
  known on it: a burst, a weekend, late data, or a wrong price that is taken back opens nothing, be it announced, of
  today, or back-dated. After a move nothing opens for `dwell_days`.
- What is due stays so until it fails at `withdraw_share` of the thresholds by the volume of each of the last
  `withdraw_days` days. Today's prices, profile and evals hold for all of these, so a price cut withdraws at once.
- What quality or knowledge asks for hangs on no volume, and a person or an eval said it: it acts at once.
- Another target takes over where it is better by `retarget_by` and its own one-off. What is only watched or blocked
  keeps its target on the same terms.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from strategy.case import Case, case_of
from strategy.core import Finding, asked_of
from strategy.cost import Plan
from strategy.facts import Before
from strategy.kinds import Code, Outcome
from strategy.known import prices_known
from strategy.prospect import Prospect
from strategy.worth import Asked

_SOON = {Code.APPROACHING, Code.NO_PLAN}


def steadied(today: Case, case: Case, finding: Finding) -> Finding:
    """The finding with what was said before taken into account; `case` is the instant that decides."""
    before, now = today.snapshot.before, today.snapshot.feature.strategy
    said = before if before is not None and before.now is now else None
    fresh = _opened(today, case, finding)
    if said is None or finding.need is not None:
        return fresh
    if said.outcome is Outcome.DUE:
        return _still(today, case, fresh, said)
    return fresh if fresh.outcome is Outcome.DUE else _kept(case, fresh, said)


def _opened(today: Case, case: Case, finding: Finding) -> Finding:
    """A move that is due opens once it has held, and not soon after the last one."""
    if finding.outcome is not Outcome.DUE or finding.chosen is None:
        return finding
    snapshot, terms = today.snapshot, case.outlook.terms
    moved, day = snapshot.moved, snapshot.as_of.date()
    waits = replace(finding, outcome=Outcome.WATCH, code=Code.APPROACHING)
    if moved is not None and (day - moved).days < terms.dwell_days:
        return replace(waits, calm="dwell", ripe=moved + timedelta(days=terms.dwell_days))
    if finding.need is not None:
        return finding
    past = _past(today, case, finding.chosen.plan, range(1, terms.persist_days), as_known_then=True)
    failed = next((back for back, asked in past if not asked.is_worth()), None)
    if failed is None:
        return finding
    return replace(waits, calm="persist", ripe=day + timedelta(days=terms.persist_days - failed))


def _still(today: Case, case: Case, fresh: Finding, said: Before) -> Finding:
    """What was due, where it still is or has not failed for long enough; else what the facts say."""
    mine = _prospect(fresh, said.target)
    if mine is None or not _proven(case, mine) or fresh.code is Code.COLD_START:
        return fresh
    if (
        fresh.outcome is Outcome.DUE
        and fresh.chosen is not None
        and (fresh.chosen is mine or _beats(fresh.chosen, mine, case))
    ):
        return fresh
    terms = case.outlook.terms
    past = _past(today, case, mine.plan, range(terms.withdraw_days), as_known_then=False)
    if mine.worth or any(asked.stands(terms.withdraw_share) for _, asked in past):
        return replace(fresh, outcome=Outcome.DUE, code=None, chosen=mine, calm="kept")
    return fresh


def _proven(case: Case, mine: Prospect) -> bool:
    """Whether nothing but money speaks against it; evidence may sink to its share of what opened it."""
    if mine.code in {Code.NEEDS_EVAL, Code.QUALITY} and mine.evidence.sure is not None:
        terms = case.outlook.terms
        return float(mine.evidence.sure) >= terms.sure_quality * terms.withdraw_share
    return mine.code is None


def _kept(case: Case, finding: Finding, said: Before) -> Finding:
    """What was watched or blocked, while it holds at the lower thresholds and nothing is clearly better."""
    mine = _prospect(finding, said.target)
    progress = mine is not None and finding.chosen is mine and mine.worth
    if mine is None or finding.present is None or progress or finding.code is Code.COLD_START:
        return finding
    better = finding.chosen
    same_kind = better is not None and better is not mine and better.is_alternative <= mine.is_alternative
    if better is not None and same_kind and better.worth and _beats(better, mine, case):
        return finding
    share, outlook = case.outlook.terms.withdraw_share, case.outlook
    calls = case.load.calls_per_day
    if (
        mine.code is not None
        and mine.code is said.code
        and outlook.asked(finding.present, mine.plan, calls).stands(share)
    ):
        return replace(finding, outcome=said.outcome, code=said.code, chosen=mine, calm="kept")
    if said.code in _SOON and not mine.is_open:
        near = calls / case.policy.number("approaching_from")
        if outlook.asked(finding.present, mine.plan, near).stands(share):
            return replace(finding, outcome=Outcome.WATCH, code=said.code, chosen=mine, calm="kept")
    return finding


def _prospect(finding: Finding, option: str | None) -> Prospect | None:
    return next((each for each in finding.prospects if each.plan.option == option), None)


def _beats(newcomer: Prospect, mine: Prospect, case: Case) -> bool:
    """Whether a newcomer is better by the agreed lead and by its own one-off."""
    lead = case.outlook.terms.retarget_by * abs(mine.npv)
    return newcomer.npv > mine.npv + lead + float(newcomer.plan.one_off_usd)


def _past(today: Case, case: Case, plan: Plan, days: range, *, as_known_then: bool) -> Iterator[tuple[int, Asked]]:
    """How many days ago, and the move by the volume of then, at the prices as known then or at those that decide.

    What is announced is priced at its own day all the time.
    """
    for back in days:
        at = today.snapshot.as_of - timedelta(days=back)
        then, instant = replace(case.snapshot, as_of=at), case.load.at
        if as_known_then:
            then = replace(then, prices=prices_known(case.snapshot, at))
            instant = at if case is today else instant
        asked = asked_of(case_of(then, case.policy, instant, of=case), plan.option)
        if asked is not None:
            yield back, asked
