"""E-mail by SMTP against a real server: what was taken, what was not, and what nobody knows."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from reports.answer import Answer, Fate
from reports.channels import Security, Smtp
from reports.mail import send_mail
from reports.message import Message, email
from tests.sinks import CUTS_AFTER, CUTS_BEFORE, LATER, NEVER, REFUSES_RECIPIENT, TAKES, MailSink, mail_sink

_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
_HOSTILE = "Offramp: naïve\r\nBcc: everybody@example.org — done"


def _letter(text: str = "Hello\n.\n..two dots\nend", subject: str = "Offramp 2026-W47") -> EmailMessage:
    made = Message(subject=subject, text=text, short="", html="<p>Hello</p>", images=(("chart", b"\x89PNG"),))
    return email(made, "Offramp <offramp@example.org>", "ana@example.org", key="abc", at=_AT)


def _send(sink: MailSink, message: EmailMessage, hand_over: Callable[[], None] = lambda: None) -> Answer:
    smtp = Smtp(host="127.0.0.1", port=sink.port, sender="offramp@example.org", security=Security.NONE)
    return send_mail(smtp, message, hand_over, timeout=60)


def test_a_letter_arrives_whole_with_its_stable_id() -> None:
    """Text with lone dots, HTML and picture arrive as they were; the Message-ID is made of the key."""
    with mail_sink() as sink:
        answer = _send(sink, _letter())
    assert answer == Answer(Fate.TAKEN, "taken by 127.0.0.1")
    (got,) = sink.taken
    assert got["Message-ID"] == "<abc@example.org>"
    assert (got["To"], got["Auto-Submitted"]) == ("ana@example.org", "auto-generated")
    text, html = got.get_body(("plain",)), got.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["Hello", ".", "..two dots", "end"]
    assert html.get_content().strip() == "<p>Hello</p>"
    pictures = [part for part in got.walk() if part.get_content_type() == "image/png"]
    assert [(part["Content-ID"], part.get_payload(decode=True)) for part in pictures] == [("<chart>", b"\x89PNG")]


@pytest.mark.parametrize(
    ("plan", "fate", "words", "taken", "handed"),
    [
        (TAKES, Fate.TAKEN, "taken by 127.0.0.1", 1, 1),
        (LATER, Fate.REFUSED, "451 4.3.0 try later", 0, 1),
        (NEVER, Fate.REJECTED, "554 5.6.0 never", 0, 1),
        (REFUSES_RECIPIENT, Fate.REJECTED, "550 5.1.1 nobody of that name", 0, 0),
        (CUTS_BEFORE, Fate.UNKNOWN, "127.0.0.1 gave no answer after the message", 0, 1),
        (CUTS_AFTER, Fate.UNKNOWN, "127.0.0.1 gave no answer after the message", 1, 1),
    ],
)
def test_the_servers_word_decides(plan: str, fate: Fate, words: str, taken: int, handed: int) -> None:
    """Refused before the last line nothing was handed over; without an answer after it nobody knows."""
    handings: list[int] = []
    with mail_sink(lambda _: plan) as sink:
        answer = _send(sink, _letter(), lambda: handings.append(1))
    assert answer.fate is fate
    assert answer.words.startswith(words)
    assert (len(sink.taken), len(handings)) == (taken, handed)


def test_a_sender_who_may_not_hand_over_sends_nothing() -> None:
    """Where handing over is refused the error passes through, and the server never sees the last line."""

    def lost() -> None:
        raise LookupError("somebody else has it")

    with mail_sink() as sink, pytest.raises(LookupError):
        _send(sink, _letter(), lost)
    assert sink.taken == []


def test_a_server_that_is_not_there_is_told_with_its_name() -> None:
    """Nobody listens: refused for now, with the host and what the system said."""
    smtp = Smtp(host="127.0.0.1", port=1, sender="offramp@example.org", security=Security.NONE)
    answer = send_mail(smtp, _letter(), lambda: None, timeout=60)
    assert answer.fate is Fate.REFUSED
    assert answer.words.startswith("127.0.0.1 cannot be used: ConnectionRefusedError")


def test_encryption_that_is_asked_for_is_never_left_out() -> None:
    """A server without STARTTLS gets nothing, not even the address."""
    with mail_sink() as sink:
        smtp = Smtp(host="127.0.0.1", port=sink.port, sender="offramp@example.org")
        answer = send_mail(smtp, _letter(), lambda: None, timeout=60)
    assert answer.fate is Fate.REFUSED
    assert "STARTTLS" in answer.words
    assert sink.taken == []


def test_a_subject_cannot_bring_headers_of_its_own() -> None:
    """A line break in a headline is a space in the subject."""
    with mail_sink() as sink:
        _send(sink, _letter(subject=" ".join(_HOSTILE.split())))
    assert sink.taken[0]["Bcc"] is None
    with pytest.raises(ValueError, match="linefeed"):
        _letter(subject=_HOSTILE)
