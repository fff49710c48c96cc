"""What happens to a price is stored once, judges again exactly whom it touches, and stands behind the flip."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select

from db.queries.price_events import price_events
from db.queries.verdicts import flips
from db.session import reading, transaction
from db.store.prices import append_prices, cancel_prices, record_retirements, remember_names
from db.store.scores import record_scores
from db.store.usage import record_calls
from db.tables import AlertRow, FlipRow, PriceEvent, VerdictRow
from offramp.actions.alerts import list_alerts
from offramp.actions.price_events import note_events, reach
from offramp.actions.register import register
from offramp.actions.rejudge import rejudge
from offramp.actions.review import review
from offramp.policy import load_policy
from strategy.facts import Price, Retirement
from strategy.kinds import PriceKind
from tests.offramp.test_review import BEFORE, CUT, FEATURE, LUNA, OLD, evals, luna_prices, traffic

POLICY = load_policy()


@pytest.fixture
def company(engine: Engine) -> Engine:
    """Three million calls a month on gpt-5.6-luna, whose cut is known, and a feature that has nothing to do with it."""
    idle = {"slug": "idle", "strategy": "code"}
    register(engine, [FEATURE | {"model": LUNA}, idle], at=BEFORE, by="test")
    with transaction(engine) as session:
        old = [line for line in luna_prices() if line.valid_from == OLD]
        append_prices(session, old, recorded_at=OLD, recorded_by="t", source_version="1", reason="t")
        remember_names(session, {("openai", "gpt-5.6-luna"): LUNA}, OLD)
        record_calls(session, traffic(), BEFORE)
        record_scores(session, evals())
    return engine


def _cut(engine: Engine, at: datetime) -> None:
    new = [line for line in luna_prices() if line.valid_from == CUT]
    with transaction(engine) as session:
        append_prices(session, new, recorded_at=at, recorded_by="t", source_version="2", reason="t")


def _price(model: str, usd: str, start: datetime, kind: PriceKind = PriceKind.INPUT, source: str = "page") -> Price:
    return Price(model=model, kind=kind, usd_per_mtok=Decimal(usd), valid_from=start, source=source)


def _counts(engine: Engine) -> list[int | None]:
    with reading(engine) as session:
        tables = (PriceEvent, VerdictRow, FlipRow, AlertRow)
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_the_cut_closes_the_alert_once_with_its_event_and_its_money(company: Engine) -> None:
    """$3,480 on the 29th, due; $696 on the 30th, closed by the cut; replaying the event adds nothing."""
    rejudge(company, POLICY, BEFORE)
    review(company, POLICY, as_of=BEFORE, now=BEFORE)
    assert [alert.state for alert in list_alerts(company)] == ["active"]
    _cut(company, CUT)
    at = CUT + timedelta(hours=4)
    done = rejudge(company, POLICY, at)
    assert [(event.kind, event.model) for event in done.events] == [("price_changed", LUNA)]
    assert [item.slug for item in done.reviewed] == ["review-summary"]
    (closed,) = list_alerts(company, state="closed")
    assert closed.closed_at == CUT
    with reading(company) as session:
        flip = flips(session, slug="review-summary")[-1]
        (event,) = price_events(session, kinds=["price_changed"])
    assert (flip.cause, flip.event_id) == ("price_change", event.id)
    assert (flip.before_usd_month, flip.after_usd_month) == (Decimal(3480), Decimal(696))
    assert done.reviewed[0].document["cause"]["event_id"] == event.id
    assert event.judged_at == at
    before = _counts(company)
    for hours in (0, 1, 2):
        again = rejudge(company, POLICY, at + timedelta(hours=hours))
        assert (again.events, again.reviewed) == ((), ())
        review(company, POLICY, as_of=CUT, now=at + timedelta(hours=hours))
    assert _counts(company)[0] == before[0]
    assert _counts(company)[2:] == before[2:]


def test_an_announced_rise_is_told_ahead_and_when_it_comes(company: Engine) -> None:
    """A price that will change is one event, and another once it has changed."""
    with transaction(company) as session:
        rise = [_price(LUNA, "2", CUT + timedelta(days=41))]
        append_prices(session, rise, recorded_at=CUT, recorded_by="t", source_version="2", reason="t")
    assert note_events(company, POLICY, CUT) == 1
    assert note_events(company, POLICY, CUT + timedelta(days=1)) == 0
    assert note_events(company, POLICY, CUT + timedelta(days=41)) == 1
    with reading(company) as session:
        told = [(event.kind, event.detail) for event in price_events(session)]
    assert told == [
        (
            "price_will_change",
            f"{LUNA} input will move from $1.00 to $2.00 per Mtok on 2026-09-09, in 41 days.",
        ),
        ("price_changed", f"{LUNA} input moved from $1.00 to $2.00 per Mtok on 2026-09-09."),
    ]


def test_a_schedule_that_is_cancelled_is_told_and_touches_nobody_afterwards(company: Engine) -> None:
    """The rise is announced, then taken back: two events, no change when its day comes."""
    rise = [_price(LUNA, "2", CUT + timedelta(days=30))]
    with transaction(company) as session:
        append_prices(session, rise, recorded_at=CUT, recorded_by="t", source_version="2", reason="t")
    note_events(company, POLICY, CUT)
    with transaction(company) as session:
        back = CUT + timedelta(days=3)
        assert cancel_prices(session, rise, recorded_at=back, recorded_by="t", reason="taken back") == 1
    for days in (3, 30, 31):
        note_events(company, POLICY, CUT + timedelta(days=days))
    with reading(company) as session:
        assert [event.kind for event in price_events(session)] == ["price_will_change", "schedule_cancelled"]


def test_a_correction_and_an_alias_have_events_of_their_own(company: Engine) -> None:
    """Restating a past price is a correction; an alias that points elsewhere is named so."""
    with transaction(company) as session:
        wrong = [_price(LUNA, "1.1", OLD)]
        append_prices(session, wrong, recorded_at=BEFORE, recorded_by="t", source_version="2", reason="t")
        moved = [_price(LUNA, "9", BEFORE, PriceKind.OUTPUT, source="page; alias moved to another")]
        append_prices(session, moved, recorded_at=BEFORE, recorded_by="t", source_version="2", reason="t")
    note_events(company, POLICY, CUT)
    with reading(company) as session:
        assert sorted(event.kind for event in price_events(session)) == ["alias_repointed", "correction"]


def test_a_retirement_is_told_ninety_thirty_and_seven_days_ahead(company: Engine) -> None:
    """Once for each notice that comes; a book filled late begins with the nearest."""
    with transaction(company) as session:
        record_retirements(session, [Retirement(model=LUNA, on=date(2026, 10, 31), source="page")], OLD)
    told = []
    for days in range(-5, 96):
        noted = note_events(company, POLICY, CUT + timedelta(days=days))
        told += [(CUT + timedelta(days=days)).date()] * noted
    assert told == [date(2026, 8, 2), date(2026, 10, 1), date(2026, 10, 24)]


@pytest.mark.parametrize(("ahead", "words"), [(2, "in 2 days."), (1, "in 1 day."), (0, "today.")])
def test_a_retirement_is_told_in_days(company: Engine, ahead: int, words: str) -> None:
    """One day is one day."""
    with transaction(company) as session:
        record_retirements(session, [Retirement(model=LUNA, on=CUT.date() + timedelta(days=ahead), source="page")], OLD)
    note_events(company, POLICY, CUT)
    with reading(company) as session:
        (event,) = price_events(session, kinds=["model_retires"])
    assert event.detail.endswith(words)


def test_a_new_model_judges_again_those_it_could_serve(company: Engine) -> None:
    """A maker's new model touches the features that prompt that maker's models, and no others."""
    with transaction(company) as session:
        born = [_price("openai/gpt-7-luna", "0.1", CUT)]
        append_prices(session, born, recorded_at=CUT, recorded_by="t", source_version="2", reason="t")
    done = rejudge(company, POLICY, CUT)
    assert [(event.kind, event.model) for event in done.events] == [("model_released", "openai/gpt-7-luna")]
    assert [item.slug for item in done.reviewed] == ["review-summary"]


def test_a_target_s_model_touches_too(company: Engine) -> None:
    """The embedder that every feature could move to touches all of them; a stranger's model none."""
    with reading(company) as session:
        found = reach(session, POLICY, CUT)
    assert found.touched("price_changed", POLICY.text("embed_model")) == ["idle", "review-summary"]
    assert found.touched("price_changed", LUNA) == ["review-summary"]
    assert found.touched("price_changed", "x/y") == []
