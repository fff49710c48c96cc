"""The judge over a past, day by day: each day knows only what had been told by then.

The same procedure as a judgement of today (forecast, beliefs, worth, calm), folded over the days of a history.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from strategy import calm
from strategy.calm import Calm
from strategy.decide import BASELINE, Situation, Weighed, appraise
from strategy.fleet import Fleet, hazard_of
from strategy.forecast import forecast_of
from strategy.history import Evaluated, History, Past, PriceStep, Reported, Way
from strategy.kinds import Code, Outcome
from strategy.npv import Option
from strategy.paired import AS_TODAY, Paired, belief_of
from strategy.terms import Terms

_PER_MILLION = 1e6
_CODES = {"no_baseline": (Outcome.BLOCKED, Code.NO_BASELINE), "needs_eval": (Outcome.WATCH, Code.NEEDS_EVAL)}

Record = dict[tuple[str, str], dict[str, tuple[float, float]]]
Book = dict[str, PriceStep]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said of a feature on a day; `confidence` is 0 where no option is meant."""

    feature: str
    day: int
    outcome: Outcome
    code: Code | None
    target: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class _World:
    """What is the same for all features on a day."""

    day: int
    book: Mapping[str, PriceStep]
    repriced: frozenset[str]
    fleet: Fleet
    acted: bool
    terms: Terms
    mean_spend: float


@dataclass(slots=True)
class _Course:
    """A feature on its way through the days.

    `looks` are the days of each option's evals, `newest` and `used` the newest days since the launch with a figure and
    with calls, `late` by how many days the feed restated one, `spend` is USD a day.
    """

    past: Past
    present: str
    reports: Mapping[int, list[Reported]]
    evals: Mapping[int, list[Evaluated]]
    calls: list[float | None] = field(default_factory=list)
    pooled: dict[str, Paired] = field(default_factory=dict)
    looks: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    calm: Calm = field(default_factory=Calm)
    tested: tuple[Weighed, ...] = ()
    cold: bool = True
    stale: bool = True
    judged: int = -1
    target: str | None = None
    arrives: int | None = None
    newest: int = -1
    used: int = -1
    late: int = 0
    spend: float = 0.0


def replay(history: History, terms: Terms) -> Iterator[Said]:
    """What would have been said, day by day and feature by feature, from each one's launch on."""
    courses = [_course(past, history.start) for past in history.pasts]
    record: Record = defaultdict(dict)
    book: Book = {}
    for day in range(min((past.launched for past in history.pasts), default=0), history.until):
        steps = [line for line in history.prices if line.day == day or (not book and line.day < day)]
        book |= {line.model: line for line in sorted(steps, key=lambda line: line.day)}
        for course in courses:
            _learn(course, day, record)
        world = _World(
            day=day,
            book=book,
            repriced=frozenset(line.model for line in steps),
            fleet=Fleet(record),
            acted=history.acted,
            terms=_lasting(courses, day, terms),
            mean_spend=_mean_spend(courses),
        )
        for course in courses:
            if day >= course.past.launched:
                yield _said(course, world)


def _mean_spend(courses: Sequence[_Course]) -> float:
    """USD a day of the features that spend anything, as of the day before; the order of features does not matter."""
    spending = [course.spend for course in courses if course.spend > 0]
    return math.fsum(spending) / len(spending) if spending else 0.0


def _lasting(courses: Sequence[_Course], day: int, terms: Terms) -> Terms:
    """The terms with how long features last by the fleet's own record; a level window of zeros is an end."""
    used = [course for course in courses if day >= course.past.launched and course.used >= 0]
    ends = sum(course.newest - course.used >= terms.level_days for course in used)
    return replace(terms, hazard=hazard_of(ends, sum(course.used + 1 for course in used), terms))


def _course(past: Past, start: str) -> _Course:
    reports: dict[int, list[Reported]] = defaultdict(list)
    for report in past.reports:
        reports[max(report.as_of, past.launched)].append(report)
    evals: dict[int, list[Evaluated]] = defaultdict(list)
    for done in past.evals:
        evals[max(done.day, past.launched)].append(done)
    return _Course(past=past, present=start, reports=reports, evals=evals)


def _learn(course: _Course, day: int, record: Record) -> None:
    """What became known on this day: calls (told late ones replace early ones), and evals, also for the fleet."""
    launched = course.past.launched
    if day >= launched:
        course.calls.append(None)
    for report in course.reports.get(day, ()):
        place = report.day - launched
        if report.calls is not None and 0 <= place < len(course.calls):
            before = course.calls[place]
            if before is not None and before != report.calls:
                course.late = max(course.late, day - report.day)
            course.calls[place] = report.calls
            course.newest = max(course.newest, place)
            if report.calls > 0:
                course.used = max(course.used, place)
    for done in course.evals.get(day, ()):
        pooled = course.pooled.get(done.option, Paired()).plus(done.paired)
        course.pooled[done.option] = pooled
        course.looks[done.option].append(day)
        record[done.option, course.past.kind][course.past.feature] = pooled.difference()
        course.stale = True


def _said(course: _Course, world: _World) -> Said:
    """One day of one feature: arrive, judge where something moved, remember, speak."""
    day, terms = world.day, world.terms
    if course.arrives is not None and day >= course.arrives:
        course.present, course.target, course.arrives = course.target or course.present, None, None
        course.stale = True
    if course.arrives is not None:
        return _verdict(course, day, Outcome.STAY, None, None)
    if _is_due_for_judging(course, world):
        _judge(course, world)
    after = calm.step(course.calm, day, course.tested, terms)
    if after.open is not None and after.open != course.calm.open and course.judged != day:
        _judge(course, world)
        after = calm.step(course.calm, day, course.tested, terms)
    course.calm = after
    if after.open is None:
        return _waiting(course, day)
    if world.acted:
        course.target, course.arrives = after.open, day + course.past.ways[after.open].lead_days
        course.calm = calm.moved(day)
    return _verdict(course, day, Outcome.DUE, None, after.open)


def _is_due_for_judging(course: _Course, world: _World) -> bool:
    """At once on a new eval, a changed price, or arrival; daily while cold; else every few days."""
    touched = world.repriced and any(way.model in world.repriced for way in course.past.ways.values())
    return course.stale or course.cold or touched or world.day - course.judged >= world.terms.reappraise_days


def _judge(course: _Course, world: _World) -> None:
    """Test every eligible option on what is known today."""
    past, terms = course.past, world.terms
    course.judged, course.stale = world.day, False
    known = len(course.calls) - min(course.late, terms.most_late_days)
    forecast = forecast_of(course.calls[:known], terms)
    course.cold = forecast.is_cold(terms)
    options = {
        name: _option(course, way, world)
        for name, way in past.ways.items()
        if (way.eligible or name == course.present) and way.model in world.book
    }
    present = options.get(course.present)
    if present is None:
        course.tested = ()
        return
    proven = frozenset(course.pooled) | {BASELINE}
    course.spend = forecast.level * present.usd_per_call
    situation = Situation(
        present=present,
        options=tuple(options.values()),
        proven=proven,
        forecast=forecast,
        stakes=past.stakes,
        weight=course.spend / world.mean_spend if world.mean_spend > 0 else 0.0,
    )
    course.tested = appraise(situation, terms)


def _option(course: _Course, way: Way, world: _World) -> Option:
    price, past = world.book[way.model], course.past
    tokens = way.tokens_in * price.usd_per_mtok_in + way.tokens_out * price.usd_per_mtok_out
    belief = AS_TODAY
    if way.option != BASELINE:
        prior = world.fleet.prior(way.option, past.kind, past.feature, world.terms)
        belief = belief_of(course.pooled.get(way.option), prior, world.terms)
    return Option(
        name=way.option,
        usd_per_call=way.call_share * tokens / _PER_MILLION + way.usd_per_call,
        usd_per_year=way.usd_per_year,
        one_off_usd=way.one_off_usd,
        lead_days=way.lead_days,
        belief=belief,
        next_noise=_next_noise(course, way.option, world),
    )


def _next_noise(course: _Course, option: str, world: _World) -> float | None:
    """The variance of one more eval like those before; None where none is to be expected."""
    looks = course.looks.get(option)
    if not looks or world.day - looks[-1] > world.terms.wait_days:
        return None
    return course.pooled[option].difference()[1] * len(looks)


def _waiting(course: _Course, day: int) -> Said:
    """What is said where nothing is due: what the most valuable option still lacks."""
    if course.cold:
        return _verdict(course, day, Outcome.WATCH, Code.COLD_START, None)
    for each in course.tested:
        if each.hindrance in _CODES:
            outcome, code = _CODES[each.hindrance]
            return _verdict(course, day, outcome, code, each.name)
        if each.passes:
            return _verdict(course, day, Outcome.WATCH, Code.APPROACHING, each.name)
    return _verdict(course, day, Outcome.STAY, None, None)


def _verdict(course: _Course, day: int, outcome: Outcome, code: Code | None, target: str | None) -> Said:
    sure = next((each.confidence for each in course.tested if each.name == target), 0.0)
    return Said(
        feature=course.past.feature, day=day, outcome=outcome, code=code, target=target, confidence=round(sure, 4)
    )
