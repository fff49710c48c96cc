"""What a recipient is sent: the letter with its charts inside, and its short form."""

import struct
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from reports.channels import Security, Smtp
from reports.charts import charts
from reports.mail import send_mail
from reports.message import email, weekly_message
from tests.reports.sample import busy, quiet
from tests.sinks import mail_sink

_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_the_letter_arrives_with_its_charts_inside() -> None:
    """A real server gets text, HTML and both pictures; each picture the HTML shows is there, and says its figures."""
    message = email(
        weekly_message(busy(), "https://offramp.example.org"), "o@example.org", "a@example.org", key="k", at=_AT
    )
    with mail_sink() as sink:
        smtp = Smtp(host="127.0.0.1", port=sink.port, sender="o@example.org", security=Security.NONE)
        send_mail(smtp, message, lambda: None)
    (got,) = sink.taken
    page = got.get_body(("html",))
    assert page is not None
    html = page.get_content()
    pictures = {part["Content-ID"]: part for part in got.walk() if part.get_content_type() == "image/png"}
    assert set(pictures) == {"<due>", "<spend>"}
    for name, part in pictures.items():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        assert content.startswith(b"\x89PNG")
        assert 400 < struct.unpack(">I", content[16:20])[0] <= 1_200
        assert f'src="cid:{name[1:-1]}"' in html
        assert part.get_content_disposition() == "inline"
    assert "Spend a week, as far as priced: 2026-W45 $3,901.77" in html
    assert 'href="https://offramp.example.org/report?week=2026-W47"' in html
    assert len(bytes(message)) < 400_000


def test_a_quiet_week_has_no_pictures() -> None:
    """Two lines need no chart; without a link nothing is linked."""
    message = email(weekly_message(quiet()), "o@example.org", "a@example.org", key="k", at=_AT)
    read = message_from_bytes(bytes(message), policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert {part.get_content_type() for part in read.walk() if not part.is_multipart()} == {"text/plain", "text/html"}
    assert "cid:" not in weekly_message(quiet()).text + (weekly_message(quiet()).html or "")


def test_the_same_letter_draws_the_same_pictures() -> None:
    """Byte for byte; and what a chart says is the figures of the letter."""
    first, second = ([chart.png() for chart in charts(busy())] for _ in range(2))
    assert first == second
    due = charts(busy())[0]
    assert due.alt.endswith("Ticket triage $3,267.60, Delivery address check $812.40")


def test_the_short_form_fits_a_chat() -> None:
    """The lead, what changed and what is due, and the link; short enough for Teams."""
    short = weekly_message(busy(), "https://o.example").short
    lines = short.splitlines()
    assert lines[0].startswith("5 features judged; 2 migrations are due")
    assert "- Ticket triage, $3,267.60 a month" in lines
    assert lines[-1] == "https://o.example/report?week=2026-W47"
    assert len(short) < 1_000
