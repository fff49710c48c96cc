"""Sends one e-mail by SMTP, and says exactly when the server could have taken it.

A server takes a message when it has read the line with the single dot. All up to that line is sent first; then
`hand_over` is called; then the line. A failure before it means that nothing was taken; one after it, before the
server's answer, means that nobody knows (RFC 5321 4.1.1.4 and 4.2.5).
"""

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from reports.answer import Answer, Fate
from reports.channels import Security, Smtp
from reports.lines import one_line

TIMEOUT_SECONDS = 20.0
_ANSWER = 150
_OK, _WILL_FORWARD, _GO_ON, _FOR_GOOD = 250, 251, 354, 500


def send_mail(
    smtp: Smtp, message: EmailMessage, hand_over: Callable[[], None], *, timeout: float = TIMEOUT_SECONDS
) -> Answer:
    """Send a message to its one recipient; what `hand_over` raises passes through, and then nothing was taken."""
    try:
        server = _connected(smtp, timeout)
    except (OSError, smtplib.SMTPException) as failure:
        return Answer(Fate.REFUSED, f"{smtp.host} cannot be used: {_words(failure)}")
    try:
        refused = _offered(server, message)
        if refused is not None:
            return refused
    except (OSError, smtplib.SMTPException) as failure:
        server.close()
        return Answer(Fate.REFUSED, f"{smtp.host} broke off: {_words(failure)}")
    try:
        hand_over()
        return _taken(server, smtp.host)
    finally:
        server.close()


def _connected(smtp: Smtp, timeout: float) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if smtp.security is Security.SSL:
        server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=timeout, context=context)
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=timeout)
    try:
        if smtp.security is Security.STARTTLS:
            server.starttls(context=context)
        if smtp.user is not None:
            server.login(smtp.user, smtp.password or "")
        server.ehlo_or_helo_if_needed()
    except BaseException:  # an interrupt too must not leave the connection open; it goes on upwards
        server.close()
        raise
    return server


def _offered(server: smtplib.SMTP, message: EmailMessage) -> Answer | None:
    """The envelope and the message without its last line; None where the server waits for that line."""
    steps: tuple[tuple[Callable[[], tuple[int, bytes]], int], ...] = (
        (lambda: server.mail(parseaddr(message["From"])[1]), _OK),
        (lambda: server.rcpt(parseaddr(message["To"])[1]), _OK),
        (lambda: server.docmd("DATA"), _GO_ON),
    )
    for step, wanted in steps:
        code, words = step()
        if code != wanted and not (wanted == _OK and code == _WILL_FORWARD):
            server.close()
            return _refusal(code, words)
    lines = message.as_bytes(policy=SMTP)
    server.send(re.sub(rb"(?m)^\.", b"..", lines if lines.endswith(b"\r\n") else lines + b"\r\n"))
    return None


def _taken(server: smtplib.SMTP, host: str) -> Answer:
    try:
        server.send(b".\r\n")
        code, words = server.getreply()
    except (OSError, smtplib.SMTPException) as failure:
        return Answer(Fate.UNKNOWN, f"{host} gave no answer after the message: {_words(failure)}")
    with suppress(OSError, smtplib.SMTPException):  # the message is taken: how the farewell goes changes nothing
        server.quit()
    return Answer(Fate.TAKEN, f"taken by {host}") if code == _OK else _refusal(code, words)


def _refusal(code: int, words: bytes | str) -> Answer:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return Answer(Fate.REJECTED if code >= _FOR_GOOD else Fate.REFUSED, one_line(f"{code} {text}", _ANSWER))


def _words(failure: Exception) -> str:
    if isinstance(failure, smtplib.SMTPResponseException):
        return _refusal(failure.smtp_code, failure.smtp_error).words
    return one_line(f"{type(failure).__name__}: {failure}", _ANSWER)
