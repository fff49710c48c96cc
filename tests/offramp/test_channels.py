"""The file of channels: what it says is what is used, and what is wrong in it is named with its cure."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from offramp.actions.channels import load_channels
from offramp.actions.failure import BadInput
from reports.channels import Channels, Kind, Quiet, Security

_SMTP = "smtp: {host: mail.example.org, sender: offramp@example.org}\n"
_WHOLE = """
link: https://offramp.example.org/
smtp: {host: mail.example.org, security: ssl, sender: Offramp <offramp@example.org>, user: o, password_file: secret}
quiet: {from: "20:00", to: "07:00"}
channels:
  - {name: leads, email: [ana@example.org, ben@example.org, ana@example.org], owner: support}
  - name: ops
    webhook_file: hook
    send: [weekly, new_alert, quarantined_price]
    digest_minutes: 60
    if_unsure: hold
    allow_private: true
    quiet: {from: "12:30", to: "13:30"}
"""


def _load(folder: Path, text: str) -> Channels:
    path = folder / "channels.yaml"
    path.write_text(text, encoding="utf-8")
    return load_channels(path, "Europe/Berlin")


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    """Every field arrives, secrets from their files; no secret is in a repr."""
    (tmp_path / "secret").write_text("hunter2\n", encoding="utf-8")
    (tmp_path / "hook").write_text("https://example.org/s3cret\n", encoding="utf-8")
    found = _load(tmp_path, _WHOLE)
    assert found.link == "https://offramp.example.org"
    assert found.smtp is not None
    assert (found.smtp.port, found.smtp.security, found.smtp.password) == (465, Security.SSL, "hunter2")
    leads, ops = found.channels
    assert leads.recipients == ("ana@example.org", "ben@example.org")
    assert (leads.owner, leads.send) == ("support", frozenset({Kind.WEEKLY}))
    assert leads.quiet == Quiet(start=time(20), end=time(7), zone="Europe/Berlin")
    assert (ops.via, ops.url, ops.recipients) == ("webhook", "https://example.org/s3cret", ("ops",))
    assert (ops.send, ops.digest) == (frozenset(Kind), timedelta(hours=1))
    assert (ops.if_unsure, ops.allow_private) == ("hold", True)
    assert ops.quiet == Quiet(start=time(12, 30), end=time(13, 30), zone="Europe/Berlin")
    assert "hunter2" not in repr(found)
    assert "s3cret" not in repr(found)


def test_without_a_file_there_are_no_channels() -> None:
    """Nothing is sent unless somebody says so."""
    assert load_channels(None) == Channels()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("channels: {}", "channels: channels is no list; write one entry per channel"),
        ("channel: []", "the file.channel: channel is not known; known are channels, link, quiet, smtp"),
        ("channels: [{name: a, email: a@b.org}]", "smtp: there is e-mail to send and no mail server"),
        (_SMTP + "channels: [{name: a, email: nobody}]", "channels[0].email: 'nobody' is no e-mail address"),
        (_SMTP + "channels: [{email: a@b.org}]", "channels[0].name: channels[0].name is missing"),
        (_SMTP + "channels: [{name: a}]", "a channel is one of email, slack, teams, webhook"),
        (_SMTP + "channels: [{name: a, email: a@b.org, send: [daily]}]", "'daily' is not known; use weekly, new_alert"),
        ("channels: [{name: a, slack: https://example.org/x}]", "that is no slack address"),
        ("channels: [{name: a, slack_file: nowhere}]", "channels[0].slack_file: nowhere cannot be read"),
        ("smtp: {sender: a@b.org}", "smtp.host: smtp.host is missing"),
        ("smtp: {host: h, sender: a@b.org, security: tls}", "'tls' is not known; use starttls, ssl, none"),
        ("smtp: {host: h, sender: a@b.org, user: u}", "smtp.user has no password; name the file that holds it"),
        ("smtp: {host: h, sender: a@b.org, port: mail}", "'mail' is no port"),
        ("channels: [{name: a, webhook: https://b.org, quiet: {from: 20:00, to: 21:00}}]", "1200 is no time of day"),
        ("channels: [{name: a, webhook: https://b.org, digest_minutes: -1}]", "-1 is no number of minutes"),
        ("channels: [{name: a, webhook: https://b.org, if_unsure: maybe}]", "'maybe' is not known; use hold, resend"),
        (
            "channels: [{name: a, webhook: https://b.org}, {name: a, webhook: https://c.org}]",
            "two channels are called a",
        ),
        ("link: offramp.example.org", "link is no http(s) address"),
        ("{", "channels.yaml cannot be read: it is no YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_cure(tmp_path: Path, text: str, words: str) -> None:
    """The field, what is wrong with it, and what to write instead."""
    with pytest.raises(BadInput) as refused:
        _load(tmp_path, text)
    assert words in str(refused.value)


def test_quiet_hours_end_on_the_clock_of_the_zone() -> None:
    """Over midnight and over a clock change: quiet until seven on the wall, which is another instant in winter."""
    quiet = Quiet(start=time(20), end=time(7), zone="Europe/Berlin")
    cases = {
        datetime(2026, 10, 24, 18, 30, tzinfo=UTC): datetime(2026, 10, 25, 6, tzinfo=UTC),  # the night with 25 hours
        datetime(2026, 10, 24, 3, tzinfo=UTC): datetime(2026, 10, 24, 5, tzinfo=UTC),
        datetime(2026, 10, 24, 17, 59, tzinfo=UTC): datetime(2026, 10, 24, 17, 59, tzinfo=UTC),
    }
    assert {at: quiet.next_loud(at) for at in cases} == cases
    noon = Quiet(start=time(12), end=time(13))
    assert noon.next_loud(datetime(2026, 11, 22, 12, 30, tzinfo=UTC)) == datetime(2026, 11, 22, 13, tzinfo=UTC)
