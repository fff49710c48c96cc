"""What was counted beside what was billed, and which sources told of it."""

from decimal import Decimal

import streamlit as st

from dashboard import pieces, source_frames, source_loads, wording
from offramp.actions.reconcile import Reconciliation

_COUNT = st.column_config.NumberColumn(format="localized")
_USD = st.column_config.NumberColumn(format="dollar")
_COLUMNS = {
    **dict.fromkeys(("Calls", "Unpriced calls", "Calls counted", "Calls beside", "Record counted there"), _COUNT),
    **dict.fromkeys(("Tracked", "Billed", "Difference", "Unattributed", "Cost beside"), _USD),
    "Coverage": st.column_config.NumberColumn(format="percent"),
    "Day": st.column_config.DateColumn(format="D MMM"),
}
# Less than a percent is chance.
_NOTEWORTHY = Decimal("0.01")


def reconciliation(url: str) -> None:
    """Tracked against billed for the month of the newest bill, with what would explain a difference."""
    found = source_loads.reconciliation(url)
    pieces.section(
        f"Tracked and billed, {found.month:%B %Y}",
        "Tracked is computed from tokens and prices; a bill stands beside it and is added to nothing. "
        "Difference and coverage are of the days that it speaks of.",
    )
    if not found.days:
        st.caption("Nothing was counted or billed in this month.")
        return
    st.markdown(_sentence(found))
    totals = source_frames.billed([row for row, _ in found.providers]).drop(columns="Day")
    st.dataframe(
        totals,
        hide_index=True,
        placeholder=wording.MISSING,
        key="billed",
        alt="Tracked and billed cost by provider",
        column_config={
            **_COLUMNS,
            "Tracked": st.column_config.NumberColumn(format=wording.usd_format(totals["Tracked"])),
        },
    )
    for row, words in found.providers:
        if words and row.billed_usd is not None:
            lines = "\n".join(f"- {_coded(sentence)}" for sentence in words)
            st.markdown(f"**{wording.plain(row.provider)}**: what would explain a difference\n\n{lines}")
    if any(item.beside_calls for item in found.tellings):
        _beside(found)
    with st.expander("By day"):
        frame = source_frames.billed(found.days)
        st.dataframe(
            frame,
            hide_index=True,
            placeholder=wording.MISSING,
            key="billed-days",
            alt="Tracked and billed by day",
            column_config={
                **_COLUMNS,
                "Tracked": st.column_config.NumberColumn(format=wording.usd_format(frame["Tracked"])),
            },
        )
    st.caption("Another month: `offramp reconcile --month 2026-10`. A bill: `offramp load invoice.csv`.")


def _sentence(found: Reconciliation) -> str:
    total = found.total
    if total.billed_usd is None:
        return "No bill was loaded for this month, so nothing says how much of the spend was tracked."
    if total.coverage is None:
        return f"**{wording.UNKNOWN}** of what was billed was tracked."
    # One provider's discount makes up in the sum for what of another was not tracked.
    less = "".join(
        f", of {wording.plain(row.provider)} **{wording.percent(float(row.coverage))}**"
        for row, _ in found.providers
        if row.coverage is not None and row.coverage < total.coverage - _NOTEWORTHY
    )
    return f"**{wording.percent(float(total.coverage))}** of what was billed was tracked{less}."


def _coded(sentence: str) -> str:
    """A sentence in which only what stands between backticks is Markdown, as code."""
    parts = sentence.split("`")
    return "".join(f"`{part}`" if place % 2 else wording.plain(part) for place, part in enumerate(parts))


def _beside(found: Reconciliation) -> None:
    doubled = {item.provider for item in found.tellings if item.beside_calls}
    st.markdown(
        "**Beside the record.** These sources tell of features and days that another one counts. None is in a figure; "
        "`offramp features record SLUG SOURCE` makes one of them the record."
    )
    st.dataframe(
        source_frames.told([item for item in found.tellings if item.provider in doubled]),
        hide_index=True,
        placeholder=wording.MISSING,
        key="told",
        alt="What each source counted, and what it said beside the record",
        column_config=_COLUMNS,
    )
