"""A price opens an alert once it has been known for as long as it must hold, whatever day it is valid from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from strategy.cause import what_moved
from strategy.facts import Before, Formerly, Price, Snapshot
from strategy.judge import judge
from strategy.kinds import CauseKind, Outcome, PriceKind, Strategy
from strategy.known import prices_known
from strategy.snapshot import canonical, dumps, loads
from tests.strategy.made import DISTILL_COSTS, LUNA, POLICY, feature, price, proven, snapshot

LEARNT = datetime(2026, 6, 1, 15, tzinfo=UTC)
FIRST_DAY = datetime(2026, 6, 1, tzinfo=UTC)
OLD = (price(LUNA, PriceKind.INPUT, "0.20"), price(LUNA, PriceKind.OUTPUT, "1.20"))
STARTS = {"announced": timedelta(days=40), "of_the_day": timedelta(), "back_dated": timedelta(days=-90)}


def risen(start: datetime) -> tuple[Price, ...]:
    """Five times the price from a day on."""
    return (
        *(replace(line, valid_to=start) for line in OLD),
        *(replace(line, valid_from=start, usd_per_mtok=line.usd_per_mtok * 5) for line in OLD),
    )


def on(day: int, start: datetime, mended: datetime | None = None, before: Before | None = None) -> Snapshot:
    """The facts so many days after the price was learnt, and mended where that is known by then."""
    at = FIRST_DAY + timedelta(days=day)
    known_by = at + timedelta(days=1)
    news = [(LEARNT, OLD), *([(mended, risen(start))] if mended else [])]
    heard = [(until, lines) for until, lines in news if until <= known_by]
    lines = OLD if not heard or (mended and mended <= known_by) else risen(start)
    since = known_by - timedelta(days=4)
    made = snapshot(
        feature(costs=DISTILL_COSTS),
        at=at,
        scores=proven("distill"),
        prices=(*lines, price("a/b", PriceKind.INPUT, "1")),
    )
    former = tuple(Formerly(model=LUNA, until=until, lines=was) for until, was in heard if until > since)
    scores = tuple(replace(each, at=FIRST_DAY - timedelta(days=30)) for each in made.scores)
    return replace(made, formerly=former, scores=scores, before=before)


def course(start: datetime, mended: datetime | None = None) -> list[str]:
    """What is said from the day before the price is learnt on, for a week."""
    before: Before | None = None
    found = []
    for day in range(-1, 7):
        verdict = judge(on(day, start, mended, before), POLICY)
        told = verdict.outcome, verdict.code, verdict.target
        if before is None or (before.outcome, before.code, before.target) != told:
            since = verdict.as_of.date()
            before = Before(outcome=told[0], code=told[1], target=told[2], now=verdict.now, since=since)
        found.append(verdict.outcome.value)
    return found


@pytest.mark.parametrize("when", STARTS)
@pytest.mark.parametrize("days_wrong", [1, 2, 3])
def test_a_wrong_price_that_is_mended_within_days_opens_nothing(when: str, days_wrong: int) -> None:
    """Announced for later, of the day, or back-dated by ninety days: due on no day, and at rest once it is mended."""
    start = FIRST_DAY + STARTS[when]
    found = course(start, LEARNT + timedelta(days=days_wrong))
    assert "due" not in found
    assert set(found[1 + days_wrong :]) == {"stay"}


@pytest.mark.parametrize("when", STARTS)
def test_a_real_price_opens_on_the_fourth_day_it_is_known(when: str) -> None:
    """Three days of holding, whatever day it is valid from; then it is due, and stays so."""
    found = course(FIRST_DAY + STARTS[when])
    assert found[0] == "stay"
    assert "due" not in found[1:4]
    assert found[4:] == ["due"] * 4


def test_what_was_announced_stays_due_when_its_day_comes() -> None:
    """Due since it was known for four days, on the day itself and after; a deadline until then, none from then on."""
    start = FIRST_DAY + STARTS["announced"]
    said = Before(outcome=Outcome.DUE, code=None, target="distill", now=Strategy.PROMPT, since=FIRST_DAY.date())
    told = [judge(on(day, start, before=said), POLICY) for day in (39, 40, 41)]
    assert [(each.outcome, each.due_by) for each in told] == [
        (Outcome.DUE, start.date()),
        (Outcome.DUE, None),
        (Outcome.DUE, None),
    ]


@pytest.mark.parametrize(
    ("when", "kind", "verb"),
    [
        ("announced", CauseKind.PRICE_SCHEDULED, "will rise"),
        ("of_the_day", CauseKind.PRICE_CHANGE, "rose"),
        ("back_dated", CauseKind.PRICE_CHANGE, "rose"),
    ],
)
def test_the_price_is_the_cause_though_it_was_known_for_days(when: str, kind: CauseKind, verb: str) -> None:
    """On the day it is due nothing but time moved; the price that had to hold is named."""
    start = FIRST_DAY + STARTS[when]
    told = what_moved(on(2, start), on(3, start), POLICY)
    assert told == (kind, f"{LUNA} input {verb} from $0.20 to $1.00 per Mtok on {start.date()}.")


def test_a_price_that_is_learnt_and_mended_is_read_as_it_was_on_each_day() -> None:
    """Before it was learnt the old lines, then the wrong ones, then what stands; another model is left alone."""
    start = FIRST_DAY + STARTS["back_dated"]
    of = on(3, start, LEARNT + timedelta(days=2))
    read = {
        day: {
            line.usd_per_mtok
            for line in prices_known(of, FIRST_DAY + timedelta(days=day))
            if line.model == LUNA and line.kind is PriceKind.INPUT
        }
        for day in (-1, 0, 1, 2, 3)
    }
    old, both = {Decimal("0.20")}, {Decimal("0.20"), Decimal("1.00")}
    assert read == {-1: old, 0: both, 1: both, 2: old, 3: old}
    assert all(
        any(line.model == "a/b" for line in prices_known(of, FIRST_DAY + timedelta(days=day))) for day in (-1, 3)
    )
    same_instant = replace(of, formerly=(Formerly(model=LUNA, until=FIRST_DAY + timedelta(days=1)),))
    assert prices_known(same_instant, FIRST_DAY) == of.prices


def test_what_was_known_is_kept_in_the_snapshot_in_one_order() -> None:
    """Through text and back nothing is lost, and the order of rows leaves no trace."""
    of = on(3, FIRST_DAY, LEARNT + timedelta(days=2))
    turned = replace(of, formerly=tuple(replace(was, lines=was.lines[::-1]) for was in of.formerly[::-1]))
    assert len(of.formerly) == 2
    assert dumps(of) == dumps(turned)
    assert loads(dumps(of)) == canonical(of)
    assert judge(of, POLICY) == judge(turned, POLICY)
    assert '"formerly":[]' in dumps(replace(of, formerly=()))


def test_a_first_price_departs_from_nothing_and_waits_for_nothing() -> None:
    """Before it the cost of staying was not known: a day of which nothing can be told holds nothing back."""
    first = tuple(replace(line, usd_per_mtok=line.usd_per_mtok * 5) for line in OLD)
    of = replace(on(1, FIRST_DAY), prices=first)
    for news in ((), (Formerly(model=LUNA, until=LEARNT),)):
        assert judge(replace(of, formerly=news), POLICY).outcome is Outcome.DUE
    begun = tuple(replace(line, valid_from=FIRST_DAY) for line in first)
    assert judge(replace(of, prices=begun, formerly=()), POLICY).outcome is Outcome.DUE
