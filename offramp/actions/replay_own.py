"""Replays the judge over one's own past: what it would have said each day, and what heeding it would have saved.

The same judge on the same snapshots as a review of that day: the traffic before it, the scores and prices known by it.
A profile counts from its first registration backwards, for it describes the task and not the day; later versions count
from the day they were written. Nothing is saved.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from db.queries.ended import ended_features
from db.queries.features import revisions
from db.queries.usage import first_and_last_hour
from db.session import Engine, Session, reading
from db.store.usage import hour_start
from offramp.actions.costing import costed_groups
from offramp.actions.failure import BadInput, Problem
from offramp.actions.snapshots import snapshots_of, stored_feature
from offramp.actions.usage import midnight
from strategy.facts import Before, Snapshot
from strategy.hindsight import Missed, lead_time, plan_for
from strategy.judge import outcome_of
from strategy.kinds import Code, Outcome
from strategy.money import ZERO, cents
from strategy.policy import Policy
from strategy.profile import Feature

_YEAR = timedelta(days=365)
_DAY = timedelta(days=1)
_EPOCH = date(1970, 1, 1)
_NOTHING = (0, None)

Progress = Callable[[int, int], None]
_Spend = Mapping[tuple[str, date], tuple[int, Decimal | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The first day on which a move was due: from what to what, when it would have been live, and its one-off."""

    on: date
    strategy: str
    target: str
    live_on: date
    one_off_usd: Decimal


@dataclass(slots=True)
class Course:
    """One feature on its way through the days.

    `withdrawn` counts the moves that ceased to be due before they would have been live, `moved_on` is when it really
    left, `said` what was said last.
    """

    feature: str
    due: Due | None = None
    withdrawn: int = 0
    moved_on: date | None = None
    missed: Missed = field(default_factory=Missed)
    said: tuple[Outcome, Code | None, str | None] = (Outcome.WATCH, Code.COLD_START, None)
    before: Before | None = None

    @property
    def saved_usd(self) -> Decimal:
        """What moving then would have spared so far: at least nothing, at most what was spent."""
        return cents(self.missed.saved)

    @property
    def one_off_usd(self) -> Decimal:
        """What the move would have cost; nothing while it would still be under way."""
        begun = self.missed.days or self.missed.unknown_days
        return cents(self.due.one_off_usd) if self.due is not None and begun else ZERO

    @property
    def net_usd(self) -> Decimal:
        """The saving less the one-off; below nothing where it has not been repaid yet."""
        return self.saved_usd - self.one_off_usd

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        due, (outcome, code, target) = self.due, self.said
        return {
            "feature": self.feature,
            "due_on": None if due is None else due.on.isoformat(),
            "from": None if due is None else due.strategy,
            "target": None if due is None else due.target,
            "live_on": None if due is None else due.live_on.isoformat(),
            "moved_on": None if self.moved_on is None else self.moved_on.isoformat(),
            "spent_usd": str(cents(self.missed.spent)),
            "saved_usd": str(self.saved_usd),
            "one_off_usd": str(cents(self.one_off_usd)),
            "net_usd": str(self.net_usd),
            "withdrawn": self.withdrawn,
            "unknown_days": self.missed.unknown_days,
            "today": {"verdict": outcome.value, "code": None if code is None else code.value, "target": target},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """Every registered feature, the largest net saving first, from the first day judged to the last.

    `ended` are the features that are left out because nobody runs them any more.
    """

    first: date
    last: date
    courses: tuple[Course, ...]
    ended: tuple[str, ...] = ()

    @property
    def due(self) -> tuple[Course, ...]:
        """Those that were due on some day."""
        return tuple(course for course in self.courses if course.due is not None)

    def total(self) -> dict[str, Any]:
        """The sums over the features that were due; each is the sum of the rows, to the cent."""
        spent = saved = once = ZERO
        for course in self.due:
            spent += cents(course.missed.spent)
            saved += course.saved_usd
            once += course.one_off_usd
        return {
            "features": len(self.courses),
            "due": len(self.due),
            "spent_usd": str(cents(spent)),
            "saved_usd": str(cents(saved)),
            "one_off_usd": str(cents(once)),
            "net_usd": str(cents(saved - once)),
        }

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "features": [course.document() for course in self.courses],
            "total": self.total(),
            "ended": list(self.ended),
        }


def replay_own(
    engine: Engine,
    policy: Policy,
    *,
    now: datetime,
    start: datetime | None = None,
    progress: Progress = lambda _done, _all: None,
) -> Replayed:
    """Judge every day from `start` (a year ago, or the first day with traffic) to today, each as it was known then.

    Raises:
        BadInput: the start lies ahead.
    """
    today = now.date()
    with reading(engine) as session:
        history = {slug: [(at, stored_feature(text)) for at, text in told] for slug, told in revisions(session).items()}
        hours = first_and_last_hour(session)
        first = max(today - _YEAR, today if hours is None else hour_start(hours[0]).date())
        first = first if start is None else start.date()
        if first > today:
            raise BadInput([Problem(error=f"{first} lies ahead", field="--from", cure="name a day up to today")])
        spend = _spend(session, first, today)
        ended = tuple(sorted(ended_features(session)))
        courses = {slug: Course(slug) for slug in history}
        days = (today - first).days + 1
        for number in range(days):
            progress(number, days)
            day = first + number * _DAY
            features = [_as_known(told, day) for told in history.values()]
            for snapshot in snapshots_of(session, features, policy, midnight(day)):
                used = spend.get((snapshot.feature.slug, day), _NOTHING)
                _advance(courses[snapshot.feature.slug], snapshot, policy, used, today=today)
    ordered = sorted(courses.values(), key=lambda course: (course.due is None, -course.net_usd, course.feature))
    return Replayed(first=first, last=today, courses=tuple(ordered), ended=ended)


def _spend(session: Session, first: date, until: date) -> _Spend:
    """Calls and cost by feature and day; a day with a call that has no price has no known cost."""
    found: dict[tuple[str, date], tuple[int, Decimal | None]] = {}
    for costed in costed_groups(session, midnight(first), midnight(until), by={"feature", "day"}):
        group = costed.group
        key = (group.feature or "", _EPOCH + timedelta(days=group.day or 0))
        calls, cost = found.get(key, (0, ZERO))
        # Failed calls without tokens cost nothing.
        priced = costed.cost_usd if group.calls_with_tokens else ZERO
        found[key] = calls + group.calls, None if cost is None or priced is None else cost + priced
    return found


def _advance(
    course: Course, snapshot: Snapshot, policy: Policy, used: tuple[int, Decimal | None], *, today: date
) -> None:
    """Take a feature through one day: say what its start asks for, and count it for one that would have moved.

    A move that is no longer due before it would have been live is not made.
    """
    due, day = course.due, snapshot.as_of.date()
    if due is not None and snapshot.feature.strategy.value != due.strategy:
        course.moved_on = course.moved_on or day
    under_way = due is not None and course.moved_on is None and day < due.live_on
    if due is None or under_way or day == today:
        snapshot = replace(snapshot, before=course.before)
        course.said = outcome_of(snapshot, policy)
        course.before = _remembered(course, snapshot, day)
    outcome, _, target = course.said
    if under_way and outcome is not Outcome.DUE:
        due, course.due, course.withdrawn = None, None, course.withdrawn + 1
    if due is None and outcome is Outcome.DUE and target is not None:
        course.due = _due(snapshot, policy, target, day)
    elif due is not None and course.moved_on is None and day >= due.live_on and used[0]:
        course.missed = course.missed.and_day(used[1], used[0], plan_for(snapshot, policy, due.target))


def _remembered(course: Course, snapshot: Snapshot, day: date) -> Before:
    """What the next day knows of this one: the replay remembers what it said itself, not what was stored."""
    outcome, code, target = course.said
    now, last = snapshot.feature.strategy, course.before
    same = last is not None and (last.outcome, last.code, last.target, last.now) == (outcome, code, target, now)
    since = last.since if last is not None and same else day
    return Before(outcome=outcome, code=code, target=target, now=now, since=since)


def _as_known(told: list[tuple[datetime, Feature]], day: date) -> Feature:
    """The last version written by the end of a day; before the first, the first."""
    known = [feature for at, feature in told if at < midnight(day + _DAY)]
    return known[-1] if known else told[0][1]


def _due(snapshot: Snapshot, policy: Policy, target: str, day: date) -> Due:
    plan = plan_for(snapshot, policy, target)
    return Due(
        on=day,
        strategy=snapshot.feature.strategy.value,
        target=target,
        live_on=day + lead_time(target, policy),
        one_off_usd=ZERO if plan is None else plan.one_off_usd,
    )
