"""Notices of new alerts and quarantined prices: once, to those who asked, not at night, gathered."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import Engine

from db.queries.outbox import Delivery, deliveries
from db.session import reading
from offramp.actions.alert_moves import claim
from offramp.actions.deliver import Sending, deliver
from offramp.actions.notices import enqueue_notices, not_before, withdraw_stale
from offramp.actions.price_decisions import reject
from offramp.actions.price_refresh import refresh_from, waiting_now
from reports.channels import Channel, Channels, Kind, Quiet, Security, Smtp
from tests.offramp.due_company import SLUG, due_company
from tests.offramp.test_review import BEFORE, LUNA
from tests.sinks import mail_sink

_AT = BEFORE + timedelta(hours=10)
_NOTICES = frozenset({Kind.NEW_ALERT, Kind.QUARANTINED_PRICE})
_SLIP = f"model,input,output,valid_from\n{LUNA},200000,1200000,\n"


@pytest.fixture
def company(engine: Engine) -> Engine:
    """A feature that has just become due, and a price list that slipped by five digits."""
    due_company(engine)
    refresh_from(engine, _SLIP.encode(), "prices.csv", at=_AT)
    return engine


def _channels(port: int, *found: Channel) -> Channels:
    smtp = Smtp(host="127.0.0.1", port=port, sender="o@example.org", security=Security.NONE)
    return Channels(smtp=smtp, channels=found, link="https://o.example")


def _mail(name: str, *kinds: Kind, owner: str | None = None, digest: timedelta = timedelta()) -> Channel:
    send = frozenset(kinds) or _NOTICES
    return Channel(name=name, via="email", send=send, recipients=(f"{name}@example.org",), owner=owner, digest=digest)


def _rows(engine: Engine) -> list[Delivery]:
    with reading(engine) as session:
        return deliveries(session)


def test_what_is_new_is_told_once_in_one_message(company: Engine) -> None:
    """The alert and the slips reach each subscriber together, however often one looks; who asked for none gets none."""
    with mail_sink() as sink:
        found = _channels(
            sink.port, _mail("all"), _mail("prices", Kind.QUARANTINED_PRICE), _mail("letters", Kind.WEEKLY)
        )
        assert enqueue_notices(company, found, _AT) == 5
        assert enqueue_notices(company, found, _AT + timedelta(minutes=5)) == 0
        assert deliver(company, found, lambda: _AT) == Sending(sent=5)
        assert deliver(company, found, lambda: _AT) == Sending()
    subjects = {str(mail["To"]): str(mail["Subject"]) for mail in sink.taken}
    assert subjects == {
        "all@example.org": "Offramp: 1 new alert, 2 prices in quarantine",
        "prices@example.org": "Offramp: 2 prices in quarantine",
    }
    body = next(mail for mail in sink.taken if mail["To"] == "all@example.org").get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "review-summary should now move to distill" in text
    assert re.search(r"How sure: \d+% that it repays its cost at the required quality\.", text)
    assert "https://o.example/feature?feature=review-summary" in text
    assert f"Price in quarantine: {LUNA}, input" in text


def test_one_notice_is_its_own_subject(company: Engine) -> None:
    """Alone it says what happened; another owner's channel hears nothing of it."""
    with mail_sink() as sink:
        mine, other = _mail("mine", Kind.NEW_ALERT, owner="catalogue"), _mail("other", Kind.NEW_ALERT, owner="care")
        found = _channels(sink.port, mine, other)
        assert enqueue_notices(company, found, _AT) == 1
        deliver(company, found, lambda: _AT)
    (mail,) = sink.taken
    assert mail["To"] == "mine@example.org"
    assert str(mail["Subject"]).startswith("Offramp: review-summary should now move to distill")


def test_a_notice_that_may_have_arrived_is_sent_again(company: Engine) -> None:
    """Unlike a letter: better twice than never; the row says so."""
    enqueue_notices(company, _channels(1, _mail("all")), _AT)
    assert {row.if_unsure for row in _rows(company)} == {"resend"}


def test_old_news_are_no_notice(company: Engine) -> None:
    """A channel that is new next week is not told what happened this one."""
    assert enqueue_notices(company, _channels(1, _mail("all")), _AT + timedelta(days=7)) == 0


def test_notices_wait_for_their_digest_and_for_the_morning() -> None:
    """Gathered to the full hour; in quiet hours held until they end; on the instant otherwise."""
    at = datetime(2026, 11, 22, 19, 12, tzinfo=UTC)
    plain, hourly = _mail("a"), _mail("b", digest=timedelta(hours=1))
    quiet = Channel(
        name="c",
        via="email",
        send=_NOTICES,
        recipients=("c@example.org",),
        digest=timedelta(hours=1),
        quiet=Quiet(start=time(20), end=time(7)),
    )
    assert not_before(plain, at) == at
    assert not_before(hourly, at) == datetime(2026, 11, 22, 20, tzinfo=UTC)
    assert not_before(quiet, at) == datetime(2026, 11, 23, 7, tzinfo=UTC)


def test_a_digest_holds_what_came_in_its_hour(company: Engine) -> None:
    """Nothing goes out before the hour is full, then all of it in one message."""
    with mail_sink() as sink:
        found = _channels(sink.port, _mail("all", digest=timedelta(hours=1)))
        enqueue_notices(company, found, _AT + timedelta(minutes=1))
        assert deliver(company, found, lambda: _AT + timedelta(minutes=59)) == Sending()
        assert deliver(company, found, lambda: _AT + timedelta(hours=1)) == Sending(sent=3)
    assert len(sink.taken) == 1


def test_what_is_no_longer_so_in_the_morning_is_not_told(company: Engine) -> None:
    """An alert that somebody claimed at night and a price that was refused are withdrawn; the rest goes out."""
    with mail_sink() as sink:
        asleep = Quiet(start=time(9), end=time(18))
        channel = replace(_mail("all"), quiet=asleep)
        found = _channels(sink.port, channel)
        assert enqueue_notices(company, found, _AT) == 3
        claim(company, SLUG, by="ann", due=_AT.date() + timedelta(days=30), at=_AT + timedelta(hours=1))
        (first, _) = waiting_now(company)
        reject(company, [first.id], by="ann", at=_AT + timedelta(hours=1))
        morning = _AT.replace(hour=18)
        assert withdraw_stale(company, morning) == 2
        assert withdraw_stale(company, morning) == 0
        assert deliver(company, found, lambda: morning) == Sending(sent=1)
    (mail,) = sink.taken
    assert str(mail["Subject"]).startswith("Offramp: Price in quarantine")
    assert sorted(row.state for row in _rows(company)) == ["sent", "withdrawn", "withdrawn"]
