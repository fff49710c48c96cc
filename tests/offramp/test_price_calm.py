"""A wrong price that is announced or back-dated and taken back within days opens no alert; a real one does, soon."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from db.queries.verdicts import flips
from db.session import reading, transaction
from db.store.prices import append_prices, cancel_prices, remember_names
from db.store.scores import record_scores
from db.store.usage import record_calls
from offramp.actions.alerts import list_alerts
from offramp.actions.register import register
from strategy.facts import Price
from strategy.kinds import PriceKind
from tests.offramp.test_review import FEATURE, LUNA, OLD, evals, judge_on, traffic

DAY = timedelta(days=1)
LEARNT = datetime(2026, 7, 22, tzinfo=UTC)
STARTS = {"announced": LEARNT + 30 * DAY, "back_dated": LEARNT - 50 * DAY}


def lines(start: datetime, low: str, high: str) -> list[Price]:
    """The price of a model from a day on."""
    parts = (PriceKind.INPUT, low), (PriceKind.OUTPUT, high)
    return [
        Price(model=LUNA, kind=kind, usd_per_mtok=Decimal(usd), valid_from=start, source="vendor")
        for kind, usd in parts
    ]


def write(engine: Engine, at: datetime, new: list[Price]) -> None:
    """Let the book learn prices at an instant."""
    with transaction(engine) as session:
        append_prices(session, new, recorded_at=at, recorded_by="test", source_version="1", reason="test")


@pytest.fixture
def cheap(engine: Engine) -> Engine:
    """A feature on a cheap model for which a proven student is not worth its cost."""
    register(engine, [FEATURE], at=OLD, by="test")
    with transaction(engine) as session:
        remember_names(session, {("openai", "gpt-5.6-luna"): LUNA}, OLD)
        record_calls(session, traffic(), OLD)
        record_scores(session, evals())
    write(engine, OLD, lines(OLD, "0.2", "1.2"))
    assert judge_on(engine, LEARNT - DAY).document["verdict"] == "stay"
    return engine


@pytest.mark.parametrize("when", STARTS)
def test_a_wrong_price_that_is_taken_back_after_three_days_opens_no_alert(cheap: Engine, when: str) -> None:
    """Five times the price, accepted at noon and taken back at noon three days later: no alert was ever there."""
    start = STARTS[when]
    write(cheap, LEARNT + DAY / 2, lines(start, "1", "6"))
    said = [judge_on(cheap, LEARNT + number * DAY).document["verdict"] for number in range(3)]
    if when == "announced":
        with transaction(cheap) as session:
            gone = lines(start, "1", "6")
            cancel_prices(session, gone, recorded_at=LEARNT + 3.5 * DAY, recorded_by="test", reason="typo")
    else:
        write(cheap, LEARNT + 3.5 * DAY, lines(start, "0.2", "1.2"))
    said += [judge_on(cheap, LEARNT + number * DAY).document["verdict"] for number in range(3, 7)]
    assert "due" not in said
    assert said[3:] == ["stay"] * 4
    assert list_alerts(cheap, state="all") == []


@pytest.mark.parametrize(("when", "cause"), [("announced", "price_scheduled"), ("back_dated", "price_change")])
def test_a_real_price_opens_its_alert_on_the_fourth_day_with_its_cause(cheap: Engine, when: str, cause: str) -> None:
    """The same price, and nobody takes it back."""
    write(cheap, LEARNT + DAY / 2, lines(STARTS[when], "1", "6"))
    said = [judge_on(cheap, LEARNT + number * DAY).document["verdict"] for number in range(5)]
    assert "due" not in said[:3]
    assert said[3:] == ["due", "due"]
    (alert,) = list_alerts(cheap)
    assert alert.opened_at == LEARNT + 3 * DAY
    with reading(cheap) as session:
        assert flips(session)[-1].cause == cause
