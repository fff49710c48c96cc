"""Makes the letter of one week from its facts: what changed, what is due, what was spent. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from db.queries.reports import FeatureThen
from db.queries.verdicts import Flip, StoredVerdict
from reports.blind import blind_spots
from reports.drift import drifts
from reports.facts import Used, WeekFacts
from reports.headline import headline
from reports.lines import one_line
from reports.savings import realised
from reports.value import Change, Decision, Due, DueList, Spend, SpendTable, WeeklyReport
from strategy.bands import disagreement
from strategy.caveats import caveats
from strategy.kinds import Outcome
from strategy.lifecycle import State
from strategy.money import ZERO


@dataclass(frozen=True, slots=True)
class _People:
    """What features are called and who owns them."""

    known: Mapping[str, FeatureThen]

    def name(self, slug: str) -> str:
        feature = self.known.get(slug)
        return one_line((feature.name if feature else None) or slug)

    def owner(self, slug: str) -> str | None:
        feature = self.known.get(slug)
        return one_line(feature.owner) if feature and feature.owner else None


def weekly_report(facts: WeekFacts) -> WeeklyReport:
    """The letter of a week. The same facts give the same letter."""
    people = _People({feature.slug: feature for feature in facts.features})
    changes = _changes(facts.flips, people)
    due = _due(facts, people)
    blind = blind_spots(facts)
    moved = drifts(facts)
    told = headline(changes, due, moved, blind, facts)
    return WeeklyReport(
        week=str(facts.week),
        start=facts.week.start,
        end=facts.week.end,
        complete=facts.complete,
        headline=told.text,
        quiet=told.quiet,
        judged=len(facts.verdicts),
        first_judged_at=None if facts.verdicts else facts.first_judged_at,
        changes=changes,
        due=due,
        spend=_spend(facts, people),
        prices_changed=facts.prices_changed,
        prices_announced=facts.prices_announced,
        blind_spots=blind,
        drifts=moved,
        realised=realised(facts),
        history=facts.history,
        owner=None if facts.owner is None else one_line(facts.owner),
    )


def _changes(flips: Sequence[Flip], people: _People) -> tuple[Change, ...]:
    found: dict[str, list[Flip]] = {}
    for flip in flips:
        found.setdefault(flip.feature, []).append(flip)
    made = [_change(feature, moved, people) for feature, moved in found.items()]
    return tuple(sorted(made, key=_change_order))


def _change(feature: str, flips: Sequence[Flip], people: _People) -> Change:
    first, last = flips[0], flips[-1]
    before = None
    if first.from_verdict is not None:
        before = Decision(verdict=first.from_verdict, target=first.from_target, code=first.from_code)
    return Change(
        feature=feature,
        name=people.name(feature),
        owner=people.owner(feature),
        at=last.at,
        before=before,
        after=Decision(verdict=last.to_verdict, target=last.to_target, code=last.to_code),
        cause=last.cause,
        cause_detail=one_line(last.cause_detail),
        saving_before_usd_month=first.saving_before_usd_month,
        saving_after_usd_month=last.saving_after_usd_month,
        flips=len(flips),
    )


def _change_order(change: Change) -> tuple[object, ...]:
    """First what became due, then what no longer is, then the rest; the largest saving first."""
    became_due = change.after.verdict == Outcome.DUE
    was_due = change.before is not None and change.before.verdict == Outcome.DUE
    saving = change.saving_after_usd_month if became_due else change.saving_before_usd_month
    return (not became_due, not was_due, -(saving or ZERO), change.feature)


def _due(facts: WeekFacts, people: _People) -> DueList:
    """The open decisions. A feature has one verdict, so the total counts at most one option of each."""
    items = [
        _due_item(verdict, facts, people)
        for verdict in facts.verdicts
        if verdict.verdict == Outcome.DUE and verdict.feature in facts.alerts
    ]
    savings = [item.saving_usd_month for item in items if item.saving_usd_month is not None]
    return DueList(
        saving_usd_month=sum(savings, ZERO) if savings or not items else None,
        unknown=len(items) - len(savings),
        items=tuple(sorted(items, key=lambda item: (not item.overdue, -(item.saving_usd_month or ZERO), item.feature))),
    )


def _due_item(verdict: StoredVerdict, facts: WeekFacts, people: _People) -> Due:
    alert = facts.alerts[verdict.feature]
    claimed = alert.state == State.CLAIMED
    promised = alert.claim_due if claimed else None
    return Due(
        feature=verdict.feature,
        name=people.name(verdict.feature),
        owner=people.owner(verdict.feature),
        now=verdict.now,
        target=verdict.target or "",
        saving_usd_month=verdict.saving_usd_month,
        since=alert.opened_at,
        due_by=verdict.due_by,
        due_by_reason=_due_by_reason(verdict),
        opinions=disagreement(json.loads(verdict.document).get("bands") or {}),
        overdue=_passed(verdict.due_by, facts) or _passed(promised, facts),
        reason=_first_reason(verdict),
        caveats=tuple(one_line(said) for said in caveats(_reasons(verdict))),
        state=alert.state,
        claimed_by=one_line(alert.moved_by) if claimed else None,
        claim_due=promised,
        claim_overdue=_passed(promised, facts),
    )


def _passed(day: date | None, facts: WeekFacts) -> bool:
    return day is not None and day < facts.cutoff.date()


def _due_by_reason(verdict: StoredVerdict) -> str | None:
    """What happens on the day by which it must be acted on."""
    why = json.loads(verdict.document).get("due_by_reason")
    return one_line(str(why)) if verdict.due_by is not None and why else None


def _first_reason(verdict: StoredVerdict) -> str | None:
    """The sentence that the verdict's page opens with."""
    reasons = _reasons(verdict)
    return one_line(reasons[0]) if reasons else None


def _reasons(verdict: StoredVerdict) -> list[str]:
    return [str(reason) for reason in json.loads(verdict.document).get("reasons") or ()]


def _spend(facts: WeekFacts, people: _People) -> SpendTable:
    now = {row.feature: row for row in facts.use.rows}
    before = {row.feature: row for row in facts.use_before.rows}
    rows = [_spend_row(feature, now.get(feature), before.get(feature), people) for feature in {**now, **before}]
    return SpendTable(
        total=_spend_row(None, facts.use.total, facts.use_before.total, people),
        rows=tuple(sorted(rows, key=_by_change if facts.complete else _by_cost)),
    )


def _spend_row(feature: str | None, now: Used | None, before: Used | None, people: _People) -> Spend:
    cost, cost_before = _known_cost(now), _known_cost(before)
    return Spend(
        feature=feature,
        name=people.name(feature) if feature else None,
        owner=people.owner(feature) if feature else None,
        calls=now.calls if now else 0,
        calls_before=before.calls if before else 0,
        cost_usd=cost,
        cost_before_usd=cost_before,
        change_usd=None if cost is None or cost_before is None else cost - cost_before,
        unpriced_calls=now.unpriced_calls if now else 0,
        calls_without_tokens=now.calls_without_tokens if now else 0,
        not_priced_before=before.unpriced_calls + before.calls_without_tokens if before else 0,
    )


def _known_cost(used: Used | None) -> Decimal | None:
    """No calls cost nothing, which is known; calls without a price cost nobody knows what."""
    return ZERO if used is None or used.calls == 0 else used.cost_usd


def _by_change(spend: Spend) -> tuple[object, ...]:
    """The biggest movers first; what moved by an unknown amount last."""
    moved = abs(spend.change_usd) if spend.change_usd is not None else Decimal(-1)
    return (-moved, *_by_cost(spend))


def _by_cost(spend: Spend) -> tuple[object, ...]:
    return (-(spend.cost_usd or ZERO), spend.feature is None, spend.feature or "")
