"""What is announced: the judgement at every price date and retirement within the notice, and which of them decides.

At a retirement the calls are counted on what the vendor names in the place of the model that ended. A move is due where
it still is after the last of these days: then from the first day on from which it stays due, and by that day. A move
that one of them undoes is told with it, and is as sure as it is after it. A day on which nothing is known of what
staying would cost decides nothing.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from strategy.case import Case, case_of
from strategy.core import Finding, asked_of, find
from strategy.cost import models_needed
from strategy.facts import Retirement
from strategy.kinds import Code, Outcome
from strategy.prospect import Prospect
from strategy.retiring import forcing, once_ended
from strategy.steady import steadied
from strategy.worth import lead_days

_Ahead = list[tuple[Case, Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The instant that decides and what is found there.

    `from_day` is the announced day from which it holds, None where today decides; `undone` the case of the announced
    day from which on what is due would not be; `retirement` the soonest that forces the feature, `retired` the case of
    its day.
    """

    case: Case
    finding: Finding
    from_day: date | None = None
    undone: Case | None = None
    passing: Prospect | None = None
    retirement: Retirement | None = None
    retired: Case | None = None


def decided(today: Case) -> Decided:
    """The finding of today, or of an announced day, steadied by what was said before."""
    found = find(today)
    ends = forcing(today.snapshot, today.policy)
    every = [] if found.code is Code.COLD_START else _ahead(today, ends)
    retirement = ends[0] if ends else None
    retired = next((case for case, _ in every if retirement and day_of(case) == retirement.on), None)
    ahead = [(case, later) for case, later in every if later.present is not None]
    if ahead and ahead[-1][1].outcome is Outcome.DUE and found.outcome is not Outcome.DUE:
        case, later = _start_of_the_end(ahead, due=True)
        steady = steadied(today, case, later)
        if steady.outcome is Outcome.DUE:
            return Decided(case=case, finding=steady, from_day=day_of(case), retirement=retirement, retired=retired)
    finding, undone, passing = steadied(today, today, found), None, None
    if ahead and finding.outcome is Outcome.DUE and ahead[-1][1].outcome is not Outcome.DUE:
        undone, later = _start_of_the_end(ahead, due=False)
        chosen = None if finding.need is not None else finding.chosen
        if chosen is not None and repaid_by(today, chosen, undone) < today.outlook.terms.sure_pays:
            passing = chosen
            finding = replace(finding, outcome=later.outcome, code=later.code, chosen=_same(finding, later))
    return Decided(case=today, finding=finding, undone=undone, passing=passing, retirement=retirement, retired=retired)


def repaid_by(today: Case, chosen: Prospect, undone: Case) -> float:
    """The chance that a move begun today has repaid its one-off by the day that takes its worth away."""
    asked = asked_of(today, chosen.plan.option)
    left = (day_of(undone) - today.snapshot.as_of.date()).days - lead_days(chosen.plan.strategy, today.policy)
    return 0.0 if asked is None else asked.repaid_within(left)


def _same(finding: Finding, later: Finding) -> Prospect | None:
    """What the later day speaks of, by today's figures."""
    option = None if later.chosen is None else later.chosen.plan.option
    return next((each for each in finding.prospects if each.plan.option == option), None)


def _ahead(today: Case, ends: tuple[Retirement, ...]) -> _Ahead:
    """Each announced day within the notice, with what is found by the prices and the models of that day."""
    snapshot = today.snapshot
    models = models_needed(snapshot.feature, today.policy, {mix.model for mix in snapshot.usage.mix if mix.model})
    until = snapshot.as_of + timedelta(days=int(today.policy.number("notice_days")))
    days = {datetime.combine(end.on, time(), UTC) for end in ends}
    dates = sorted(at for at in {*today.load.book.turns_after(snapshot.as_of, models), *days} if at <= until)
    known = [
        case_of(once_ended(snapshot, at.date()), today.policy, at, of=today) for at in dates if at > snapshot.as_of
    ]
    return [(case, find(case)) for case in known]


def _start_of_the_end(ahead: _Ahead, *, due: bool) -> tuple[Case, Finding]:
    """The first of the dates from which on it stays so that something is due, or that nothing is."""
    place = len(ahead) - 1
    while place > 0 and (ahead[place - 1][1].outcome is Outcome.DUE) is due:
        place -= 1
    return ahead[place]


def day_of(case: Case) -> date:
    """The UTC day whose prices a case is read at."""
    return case.load.at.astimezone(UTC).date()
