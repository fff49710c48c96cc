"""What one recipient is sent: a letter or notices, as subject, text, HTML and a short form for chats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from reports.charts import charts
from reports.layout import Letter
from reports.letter import letter
from reports.lines import one_line
from reports.render import render, render_mail
from reports.value import WeeklyReport

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message in all its forms; `images` are PNGs by their Content-ID, which the HTML shows as cid:NAME."""

    subject: str
    text: str
    short: str
    html: str | None = None
    images: Sequence[tuple[str, bytes]] = ()


def weekly_message(report: WeeklyReport, link: str | None = None) -> Message:
    """The letter of a week."""
    told, page = letter(report), None if link is None else f"{link}/report?week={report.week}"
    drawn = charts(report)
    return Message(
        subject=one_line(f"Offramp {report.week}: {told.headline}"),
        text=render(report, "text") + (f"\n{page}\n" if page else ""),
        short=_short(told, page),
        html=render_mail(report, drawn, page),
        images=tuple((chart.name, chart.png()) for chart in drawn),
    )


def email(message: Message, sender: str, recipient: str, *, key: str, at: datetime) -> EmailMessage:
    """The message as e-mail; `key` makes its Message-ID, so that sending it again is seen to be the same message."""
    made = EmailMessage()
    made["From"] = sender
    made["To"] = recipient
    made["Subject"] = message.subject
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{key}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    # Absence notes in answer to a letter help nobody (RFC 3834).
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(message.text)
    if message.html is not None:
        made.add_alternative(message.html, subtype="html")
        *_, page = made.iter_parts()
        for name, image in message.images:
            page.add_related(image, "image", "png", cid=f"<{name}>", disposition="inline", filename=f"{name}.png")
    return made


def _short(told: Letter, link: str | None) -> str:
    """The letter's lead and the heads of what is due and changed, for places where a letter is too long."""
    lines = [told.lead]
    for section in told.sections:
        if section.items:
            heads = [item.head + (f", {item.figure}" if item.figure else "") for item in section.items]
            more = len(heads) - _MOST_NAMED
            lines += ["", section.title + ":", *(f"- {head}" for head in heads[:_MOST_NAMED])]
            lines += [f"- and {more} more"] if more > 0 else []
    return "\n".join([*lines, *(["", link] if link else [])])
