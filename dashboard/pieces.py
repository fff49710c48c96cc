"""What every page draws alike: titles, badges, and three notices that cannot be mistaken for each other.

Empty says how to begin (blue), stale says how old (amber), failed says what broke and what to do (red).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

import pandas as pd
import streamlit as st

from dashboard import figure_html, palette, selection, wording
from dashboard.charts import Chart
from dashboard.figure_html import Figure
from dashboard.palette import BadgeColour
from dashboard.selection import Param


def title(text: str, sentence: str | None = None) -> None:
    """The page's name and the one sentence that matters; both may hold names that people gave."""
    st.title(wording.plain(text), anchor=False)
    if sentence:
        st.markdown(f"#### {wording.plain(sentence)}", anchors=False)


def section(text: str, caption: str | None = None) -> None:
    """A heading with what it shows in small print."""
    st.subheader(text, anchor=False)
    if caption:
        st.caption(wording.plain(caption))


def empty(what: str, begin: str, commands: str | None = None) -> None:
    """There is nothing here yet, which is no fault: how to begin."""
    st.info(f"**{wording.plain(what)}**  \n{wording.plain(begin)}", icon=":material/inbox:")
    if commands:
        code(commands)


def code(text: str) -> None:
    """Text to copy: a command, a file. Not coloured by its grammar: those colours are too pale to be read by all."""
    st.code(text, language=None)


def stale(what: str, since: datetime | None, now: datetime) -> None:
    """There is something, but it is old."""
    age = "never" if since is None else f"{wording.ago(since, now)} ({wording.clock(since)})"
    st.warning(f"**{wording.plain(what)}**  \nLast heard of {wording.plain(age)}.", icon=":material/schedule:")


def failed(what: str, why: str, cure: str) -> None:
    """Something broke: what, the reason, what to do."""
    st.error(f"**{wording.plain(what)}**  \n{wording.plain(why)}", icon=":material/error:")
    st.markdown("**What to do:** " + cure)


def as_of(read_at: datetime) -> None:
    """When the figures of this page were read."""
    st.caption(
        f"As of {read_at:%H:%M} UTC, {wording.short_day(read_at.date())}. Money is USD; a month is 30 days. Costs are "
        "estimated from tokens and prices where they are not called billed or reported."
    )


def verdict_badge(verdict: str, code: str | None = None) -> None:
    """The verdict as a word in its colour."""
    label = verdict if code is None else f"{verdict}: {wording.words(code).lower()}"
    st.badge(label, color=palette.VERDICT_BADGES.get(verdict, "gray"))


def badge(text: str, colour: BadgeColour = "gray") -> None:
    """A word in a colour; the word alone says it."""
    st.badge(wording.plain(text), color=colour)


def figure(
    label: str, value: str, *, below: str | None = None, note: str | None = None, trend: Sequence[float] | None = None
) -> None:
    """One number with its name, what it means below it and on hover, and how it came about as a line."""
    st.metric(
        label,
        value,
        below and wording.plain(below),
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
        help=note and wording.plain(note),
        chart_data=list(trend) if trend else None,
        chart_type="area",
    )


def figures(row: Sequence[Figure]) -> None:
    """Some numbers side by side, each with how it came about, as one piece of the page."""
    st.html(figure_html.row(row))


def chart(drawn: Chart, alt: str) -> None:
    """A chart with the words that stand for it, figures and all."""
    st.altair_chart(drawn.properties(description=alt), width="stretch")


def total_line(shown: int, of: int, total: Decimal) -> None:
    """The total of what a table shows, to the cent."""
    st.markdown(f"**{wording.plain(wording.usd(total))} a month** in {shown} of {wording.plural(of, 'open alert')}.")


def pager(param: Param, page: int, count: int, per_page: int) -> None:
    """Turns the pages of a list that the database cuts; nothing where one page holds all."""
    pages = -(-count // per_page)
    if pages > 1:
        st.pagination(pages, **selection.page_widget(param, page, pages))


def csv_button(table: pd.DataFrame | Callable[[], pd.DataFrame], name: str) -> None:
    """The table as a file: the figures on the page, to the cent; a function makes it when it is asked for."""

    def made() -> bytes:
        frame = table if isinstance(table, pd.DataFrame) else table()
        return frame.to_csv(index=False).encode("utf-8-sig")

    data = made() if isinstance(table, pd.DataFrame) else made
    st.download_button("Download CSV", data, file_name=name, mime="text/csv", on_click="ignore")
