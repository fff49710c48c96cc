"""The end of a feature: the form that says so, what its page says afterwards, and those still called."""

from collections.abc import Collection, Sequence

import streamlit as st

from dashboard import person, pieces, selection, wording
from dashboard.ending_writing import END, RESUME, write
from dashboard.selection import Param
from db.queries.ended import Ended
from offramp.actions.features import FeatureLine


def notice(gone: Ended, url: str) -> None:
    """That it ended, who said so and why, and the form that takes it back."""
    called = " Calls still come for it: find who makes them, or take the end back." if gone.called else ""
    told = f"{gone.by}: {gone.why}. It is judged and counted no more; what is below stays as it was.{called}"
    st.info(f"**It ended on {wording.short_day(gone.at.date())}.** {wording.plain(told)}", icon=":material/block:")
    with st.expander("Take that back"):
        st.caption("It is judged again at once, and an alert opens where it is due.")
        _form(RESUME, gone.slug, "It runs again", url, str(gone.at.timestamp()))


def end(slug: str, url: str, since: str) -> None:
    """Says that the feature is no more; `since` tells one life of it from the next."""
    with st.expander("End this feature"):
        st.caption(
            "For a product function that was switched off. It is judged, alerted and counted no more; its history, "
            "savings and spend stay, and it can be taken back."
        )
        _form(END, slug, "End it", url, since)


def still_called(gone: Collection[Ended]) -> None:
    """Features that ended and are called all the same; nothing where there are none."""
    called = [each for each in gone if each.called]
    if called:
        pieces.section("Ended, and still called", "Find who makes these calls, or take the end back on its page.")
        _links(called)


def listed(lines: Sequence[FeatureLine]) -> None:
    """The features that have ended, each with a link; nothing where there are none."""
    gone = [line.ended for line in lines if line.ended is not None]
    if gone:
        with st.expander(f"{wording.plural(len(gone), 'feature')} ended"):
            _links(gone)


def _links(gone: Sequence[Ended]) -> None:
    with st.container(horizontal=True):
        for each in gone:
            label = f"{each.name or each.slug} ({wording.short_day(each.at.date())})"
            st.page_link("views/feature.py", label=wording.plain(label), query_params={Param.FEATURE.value: each.slug})


def _form(wanted: str, slug: str, label: str, url: str, since: str) -> None:
    # Another one in each life of the feature, so that a second press is known.
    token = f"{wanted}-{slug}-{since}"
    with st.form(f"form-{wanted}", border=False):
        if person.actor() is None:
            st.text_input("Your name", key=selection.field_key(token, "by"), max_chars=100)
        st.text_input("Why", key=selection.field_key(token, "why"), max_chars=500, placeholder="in a sentence")
        st.form_submit_button(label, on_click=write, args=(url, token, slug, wanted))
