"""What is announced: the judgement at every price date within the notice, and which of them decides.

A move is due where it still is after the last announced price: then from the first date on from which it stays due, and
by that date. A move that an announced price undoes is told with that price, and is as sure as it is after it.
"""

from dataclasses import dataclass
from datetime import UTC, date, timedelta

from strategy.case import Case, case_of
from strategy.core import Finding, find
from strategy.cost import models_needed
from strategy.kinds import Code, Outcome
from strategy.steady import steadied


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The instant that decides and what is found there.

    `from_day` is the announced day from which it holds, None where today decides; `undone` the case of the announced
    price from which on what is due would not be.
    """

    case: Case
    finding: Finding
    from_day: date | None = None
    undone: Case | None = None


def decided(today: Case) -> Decided:
    """The finding of today, or of an announced price, steadied by what was said before."""
    found = find(today)
    ahead = [] if found.code is Code.COLD_START else _ahead(today)
    if ahead and ahead[-1][1].outcome is Outcome.DUE and found.outcome is not Outcome.DUE:
        case, later = _start_of_the_end(ahead, due=True)
        steady = steadied(today, case, later)
        if steady.outcome is Outcome.DUE:
            return Decided(case=case, finding=steady, from_day=day_of(case))
    finding = steadied(today, today, found)
    chosen = finding.chosen
    if not ahead or finding.outcome is not Outcome.DUE or chosen is None or ahead[-1][1].outcome is Outcome.DUE:
        return Decided(case=today, finding=finding)
    return Decided(case=today, finding=finding, undone=_start_of_the_end(ahead, due=False)[0])


def _ahead(today: Case) -> list[tuple[Case, Finding]]:
    """Each announced price date within the notice, with what is found at the prices then in force."""
    snapshot = today.snapshot
    models = models_needed(snapshot.feature, today.policy, {mix.model for mix in snapshot.usage.mix if mix.model})
    until = snapshot.as_of + timedelta(days=int(today.policy.number("notice_days")))
    dates = [at for at in today.load.book.starts_after(snapshot.as_of, models) if at <= until]
    cases = [case_of(snapshot, today.policy, at, of=today) for at in dates]
    return [(case, find(case)) for case in cases]


def _start_of_the_end(ahead: list[tuple[Case, Finding]], *, due: bool) -> tuple[Case, Finding]:
    """The first of the dates from which on it stays so that something is due, or that nothing is."""
    place = len(ahead) - 1
    while place > 0 and (ahead[place - 1][1].outcome is Outcome.DUE) is due:
        place -= 1
    return ahead[place]


def day_of(case: Case) -> date:
    """The UTC day whose prices a case is read at."""
    return case.load.at.astimezone(UTC).date()
