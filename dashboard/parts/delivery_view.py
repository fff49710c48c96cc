"""Who got the letter of a week: each message with how it stands, what was sent, and the buttons to send it."""

import pandas as pd
import streamlit as st

from dashboard import loads, pieces, selection, wording
from dashboard.job_writing import repeat, try_letter
from db.queries.outbox import Delivery
from reports.stored import loads as read_letter

_STUCK = ("failed", "uncertain")
_SENT_HEIGHT = 800


def deliveries(url: str, week: str) -> None:
    """The messages of a week, those that need a person first."""
    found = loads.sent(url, week)
    pieces.section("Who got it", "Each recipient of each channel gets a letter once.")
    if not found:
        pieces.empty(
            "It was sent to nobody.",
            "OFFRAMP_CHANNELS names a file that says who gets it (docs/channels.md). Then:",
            f"offramp report --week {week} --send",
        )
    else:
        _stuck(found, url)
        st.dataframe(
            _frame(found),
            hide_index=True,
            placeholder=wording.MISSING,
            key="deliveries",
            alt="Who got the letter, and how it stands",
        )
        _as_sent(found, week)
    _test(url, week)


def _stuck(found: tuple[Delivery, ...], url: str) -> None:
    for each in found:
        if each.state not in _STUCK:
            continue
        what = "may have arrived" if each.state == "uncertain" else "did not arrive"
        cure = "ask them, or send it again." if each.state == "uncertain" else "mend what it names and send it again."
        pieces.failed(f"The letter to {each.recipient} ({each.channel}) {what}.", each.detail, cure)
        st.button("Send again", key=f"again-{each.id}", on_click=repeat, args=(url, each.id, each.recipient))


def _frame(found: tuple[Delivery, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Channel": each.channel,
                "To": each.recipient,
                "State": each.state,
                "When": (each.done_at or each.next_at).replace(tzinfo=None),
                "Attempts": each.attempts,
                "Nobody knew": each.unsure,
                "Detail": each.detail,
            }
            for each in found
        ]
    )


def _as_sent(found: tuple[Delivery, ...], week: str) -> None:
    """The letter as it went out: the archive's may have been rebuilt since."""
    with st.expander("As it was sent"):
        names = {f"{each.recipient} ({each.channel})": each for each in found}
        chosen = st.selectbox("To", list(names), key="as-sent")
        page = loads.mail_page(read_letter(names[chosen].payload))
        st.iframe(page, height=_SENT_HEIGHT, alt=f"The letter of {week} as it went to {wording.plain(chosen)}")
        st.caption(f"Week {week}; a mail carries the same as text, for programs that show no HTML.")


def _test(url: str, week: str) -> None:
    token = selection.form_token(f"test-{week}")
    with st.form(f"test-{week}", border=True):
        st.text_input(
            "Send one as a test to",
            key=selection.field_key(token, "to"),
            placeholder="ana@example.org, or a channel's name",
        )
        st.form_submit_button("Send a test", on_click=try_letter, args=(url, week, token))
    st.caption(wording.plain("A test is marked as one and is not counted as sent."))
