"""The outbox: each message once for each recipient and channel, whatever the other side or the sender suffers."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from db.queries.outbox import Delivery, deliveries, delivery_counts
from db.session import reading, transaction
from db.store.outbox import LostDelivery, claim_delivery, finish_delivery, hand_over, send_again, settle_abandoned
from offramp.actions.deliver import LEASE, MOST_ATTEMPTS, Sending, deliver
from offramp.actions.failure import BadInput
from offramp.actions.report import Slices, build_report, report_slices
from offramp.actions.send_report import copies, enqueue_report, send_test
from reports.answer import Fate
from reports.channels import Channel, Channels, Kind, Security, Smtp
from reports.value import WeeklyReport
from tests.sinks import CUTS_AFTER, LATER, NEVER, TAKES, MailSink, mail_sink, web_sink

_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
_DAY = timedelta(days=1)
_PEOPLE = ("ana@example.org", "ben@example.org")


def channels(port: int, *more: Channel, people: Sequence[str] = _PEOPLE, if_unsure: str | None = None) -> Channels:
    """One e-mail channel by the sink of this port, and more."""
    smtp = Smtp(host="127.0.0.1", port=port, sender="Offramp <offramp@example.org>", security=Security.NONE)
    leads = Channel(
        name="leads", via="email", send=frozenset({Kind.WEEKLY}), recipients=tuple(people), if_unsure=if_unsure
    )
    return Channels(smtp=smtp, channels=(leads, *more))


def webhook(url: str) -> Channel:
    """A webhook that takes letters."""
    return Channel(
        name="ops", via="webhook", send=frozenset({Kind.WEEKLY}), recipients=("ops",), url=url, allow_private=True
    )


@pytest.fixture
def report(engine: Engine) -> WeeklyReport:
    """The letter of a week in which nothing happened."""
    return build_report(engine, "2026-W47", _AT)


def _letters(report: WeeklyReport) -> Slices:
    """The same letter for every owner."""
    return lambda _owner: report


def _enqueue(engine: Engine, found: Channels, report: WeeklyReport, at: datetime = _AT) -> int:
    return enqueue_report(engine, copies(found, _letters(report), at), at)


def _run(engine: Engine, found: Channels, at: datetime = _AT) -> Sending:
    return deliver(engine, found, lambda: at)


def _rows(engine: Engine) -> list[Delivery]:
    with reading(engine) as session:
        return sorted(deliveries(session), key=lambda row: (row.channel, row.recipient))


def _sent_to(sink: MailSink) -> Counter[str]:
    return Counter(str(message["To"]) for message in sink.taken)


def test_each_recipient_gets_one_letter_however_often_it_is_sent(engine: Engine, report: WeeklyReport) -> None:
    """Two recipients and a webhook: three messages, and none more when it is sent again, an hour or a week later."""
    with mail_sink() as sink, web_sink() as web:
        found = channels(sink.port, webhook(web.url))
        assert _enqueue(engine, found, report) == 3
        assert _run(engine, found) == Sending(sent=3)
        for later in (timedelta(), timedelta(hours=1), timedelta(days=7)):
            assert _enqueue(engine, found, report, _AT + later) == 0
            assert _run(engine, found, _AT + later) == Sending()
    assert _sent_to(sink) == Counter(_PEOPLE)
    assert len(web.taken) == 1
    assert {row.state for row in _rows(engine)} == {"sent"}


def test_one_refusal_holds_up_nobody_and_is_tried_again_later(engine: Engine, report: WeeklyReport) -> None:
    """Ana's server says later, Ben has his letter; Ana's goes out after the pause, with the same Message-ID."""
    plans = iter([LATER, LATER, TAKES])
    with mail_sink(lambda to: next(plans) if to == _PEOPLE[0] else TAKES) as sink:
        found = channels(sink.port)
        _enqueue(engine, found, report)
        assert _run(engine, found) == Sending(sent=1, again=1)
        assert _run(engine, found, _AT + timedelta(seconds=59)) == Sending()
        assert _run(engine, found, _AT + timedelta(seconds=61)) == Sending(again=1)
        assert _run(engine, found, _AT + timedelta(seconds=241)) == Sending()
        assert _run(engine, found, _AT + timedelta(minutes=6)) == Sending(sent=1)
    assert _sent_to(sink) == Counter(_PEOPLE)
    ana = _rows(engine)[0]
    assert (ana.state, ana.attempts, ana.detail) == ("sent", 3, "taken by 127.0.0.1")
    assert {str(mail["Message-ID"]) for mail in sink.taken} == {f"<{row.id}@example.org>" for row in _rows(engine)}


def test_a_refusal_for_good_fails_and_a_person_can_send_it_again(engine: Engine, report: WeeklyReport) -> None:
    """It is failed with the server's words; sent again by a person it starts afresh, once."""
    plans = iter([NEVER, TAKES])
    with mail_sink(lambda _: next(plans)) as sink:
        found = channels(sink.port, people=_PEOPLE[:1])
        _enqueue(engine, found, report)
        assert _run(engine, found) == Sending(failed=1)
        (row,) = _rows(engine)
        assert (row.state, row.detail) == ("failed", "554 5.6.0 never")
        with transaction(engine) as session:
            assert send_again(session, row.id, _AT)
            assert not send_again(session, row.id, _AT)
        assert _run(engine, found) == Sending(sent=1)
    assert len(sink.taken) == 1


def test_tries_come_to_an_end(engine: Engine, report: WeeklyReport) -> None:
    """Nobody listens for days: it is failed after the last attempt, with the reason."""
    found = channels(1, people=_PEOPLE[:1])
    _enqueue(engine, found, report)
    runs = [_run(engine, found, _AT + number * _DAY) for number in range(MOST_ATTEMPTS + 1)]
    assert runs == [Sending(again=1)] * (MOST_ATTEMPTS - 1) + [Sending(failed=1), Sending()]
    assert _rows(engine)[0].detail.startswith("127.0.0.1 cannot be used: ConnectionRefusedError")


@pytest.mark.parametrize(("if_unsure", "copies_taken", "state"), [(None, 1, "uncertain"), ("resend", 2, "sent")])
def test_a_lost_answer_follows_the_channels_policy(
    engine: Engine, report: WeeklyReport, if_unsure: str | None, copies_taken: int, state: str
) -> None:
    """The server took it and the answer was lost: a letter is held and shown, unless its channel says resend."""
    plans = iter([CUTS_AFTER, TAKES])
    with mail_sink(lambda _: next(plans)) as sink:
        found = channels(sink.port, people=_PEOPLE[:1], if_unsure=if_unsure)
        _enqueue(engine, found, report)
        _run(engine, found)
        _run(engine, found, _AT + _DAY)
    (row,) = _rows(engine)
    assert (row.state, row.unsure, len(sink.taken)) == (state, 1, copies_taken)
    assert len({str(mail["Message-ID"]) for mail in sink.taken}) == 1


def _dies(engine: Engine, delivery: str, *, handed: bool) -> None:
    """What a sender leaves behind that is killed before, or after, it handed the message over."""
    with transaction(engine) as session:
        held = claim_delivery(session, delivery, at=_AT, lease=LEASE)
        assert held is not None
        if handed:
            hand_over(session, held, at=_AT, lease=LEASE)


@pytest.mark.parametrize(
    ("handed", "if_unsure", "state", "unsure", "taken"),
    [(False, None, "sent", 0, 1), (True, None, "uncertain", 1, 0), (True, "resend", "sent", 1, 1)],
)
def test_a_sender_that_died(
    engine: Engine, report: WeeklyReport, *, handed: bool, if_unsure: str | None, state: str, unsure: int, taken: int
) -> None:
    """Before handing over it is simply sent; after it, as the policy says, and counted. Not before the lease ended."""
    with mail_sink() as sink:
        found = channels(sink.port, people=_PEOPLE[:1], if_unsure=if_unsure)
        _enqueue(engine, found, report)
        _dies(engine, _rows(engine)[0].id, handed=handed)
        assert _run(engine, found, _AT + timedelta(minutes=4)) == Sending()
        _run(engine, found, _AT + timedelta(minutes=6))
    (row,) = _rows(engine)
    assert (row.state, row.unsure, len(sink.taken)) == (state, unsure, taken)


def test_a_sender_that_slept_too_long_may_not_hand_over(engine: Engine, report: WeeklyReport) -> None:
    """Its message was taken over: handing over and recording are refused, so it is sent once."""
    found = channels(1, people=_PEOPLE[:1])
    _enqueue(engine, found, report)
    (row,) = _rows(engine)
    late = _AT + timedelta(minutes=6)
    with transaction(engine) as session:
        sleeper = claim_delivery(session, row.id, at=_AT, lease=LEASE)
        assert settle_abandoned(session, late, 2 * LEASE) == 1
        taker = claim_delivery(session, row.id, at=late, lease=LEASE)
    assert sleeper is not None
    assert taker is not None
    with pytest.raises(LostDelivery), transaction(engine) as session:
        hand_over(session, sleeper, at=late, lease=LEASE)
    with pytest.raises(LostDelivery), transaction(engine) as session:
        finish_delivery(session, sleeper, at=late, state="sent", detail="")
    with transaction(engine) as session:
        hand_over(session, taker, at=late, lease=LEASE)
        finish_delivery(session, taker, at=late, state="sent", detail="")
    with reading(engine) as session:
        assert delivery_counts(session) == {"sent": 1}


def test_a_lease_of_a_clock_that_ran_ahead_does_not_hold_a_letter(engine: Engine, report: WeeklyReport) -> None:
    """Claimed in 2099 by a wrong clock, and sent today."""
    with mail_sink() as sink:
        found = channels(sink.port, people=_PEOPLE[:1])
        _enqueue(engine, found, report)
        with transaction(engine) as session:
            assert claim_delivery(session, _rows(engine)[0].id, at=datetime(2099, 1, 1, tzinfo=UTC), lease=LEASE)
        assert _run(engine, found) == Sending(sent=1)


def test_a_channel_that_is_gone_fails_its_messages(engine: Engine, report: WeeklyReport) -> None:
    """What waits for a channel that is no longer configured is failed with that reason, not silently kept."""
    _enqueue(engine, channels(1, people=_PEOPLE[:1]), report)
    assert _run(engine, Channels()) == Sending(failed=1)
    assert _rows(engine)[0].detail == "there is no channel leads any more"


def test_a_message_that_cannot_be_made_holds_up_nobody(engine: Engine, report: WeeklyReport) -> None:
    """A spoiled row is tried again with its reason while the others go out."""
    with mail_sink() as sink:
        found = channels(sink.port)
        made = copies(found, _letters(report), _AT)
        spoiled = replace(made[0], delivery=replace(made[0].delivery, payload="{}"))
        enqueue_report(engine, [spoiled, made[1]], _AT)
        assert _run(engine, found) == Sending(sent=1, again=1)
    assert _rows(engine)[0].detail.startswith("ValueError: not a stored weekly report")


def test_a_test_is_sent_at_once_and_leaves_nothing(engine: Engine, report: WeeklyReport) -> None:
    """To an address or a channel by name, marked as a test, past the outbox; an unknown one is refused."""
    with mail_sink() as sink, web_sink() as web:
        found = channels(sink.port, webhook(web.url))
        for to in ("new@example.org", "ops"):
            assert send_test(found, report, to, _AT).fate is Fate.TAKEN
        with pytest.raises(BadInput, match="there is no channel 'nobody'"):
            send_test(found, report, "nobody", _AT)
        with pytest.raises(BadInput, match="no mail server is configured"):
            send_test(Channels(), report, "new@example.org", _AT)
    (mail,) = sink.taken
    assert mail["Subject"].startswith("[Test] Offramp 2026-W47: ")
    assert len(web.taken) == 1
    assert _rows(engine) == []


def test_a_running_week_and_an_empty_configuration_are_refused(engine: Engine) -> None:
    """Nothing is enqueued for a week that still runs or where no channel takes letters."""
    running = build_report(engine, "2026-W47", _AT - 2 * _DAY)
    refusals: list[tuple[Callable[[], object], str]] = [
        (lambda: copies(channels(1), _letters(running), _AT), "week 2026-W47 still runs"),
        (
            lambda: copies(Channels(), report_slices(engine, "2026-W47", _AT), _AT),
            "no channel takes the weekly report",
        ),
    ]
    for refused, words in refusals:
        with pytest.raises(BadInput, match=words):
            refused()
