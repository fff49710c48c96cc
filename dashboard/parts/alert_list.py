"""The parts of the home page: figures, filters, the table of what is due, what waits, what was closed."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pandas as pd
import streamlit as st

from dashboard import frames, palette, pieces, said, selection, wording
from dashboard.loads import Portfolio
from dashboard.selection import Param, Selection
from db.queries.verdicts import Alert
from strategy.kinds import Outcome

_CLOSED_FOR = timedelta(days=90)
_WEEKS_4 = 28


def figures(found: Portfolio, waiting: Sequence[Alert]) -> None:
    """Four numbers: the saving on the table, how many are due, how many wait, and the spend with its trend."""
    total = frames.total_saving(waiting)
    verdicts = [item.verdict for item in found.verdicts]
    watched, blocked = verdicts.count(Outcome.WATCH), verdicts.count(Outcome.BLOCKED)
    with st.grid(columns=4, min_column_width=190):
        pieces.figure(
            "On the table, a month", wording.usd(total), note="The savings of all open alerts, one option per feature."
        )
        pieces.figure(
            "Should move", f"{len(waiting)} of {len(found.heads)}", note="Open alerts, of all registered features."
        )
        pieces.figure("Waiting", f"{watched} watched, {blocked} blocked", note="See below what stands in the way.")
        _spend(found)


def _spend(found: Portfolio) -> None:
    today = found.read_at.date()
    days = frames.days_before(today, _WEEKS_4)
    recent = [row for row in found.days if row.day is not None and row.day >= days[0]]
    before = [row for row in found.days if row.day is not None and row.day < days[0]]
    costs = [row.cost_usd for row in recent if row.cost_usd is not None]
    earlier = sum((row.cost_usd for row in before if row.cost_usd is not None), Decimal(0))
    unpriced = sum(row.unpriced_calls for row in recent)
    total = sum(costs, Decimal(0)) if costs else None
    per_day = frames.total_per_day(recent, days)
    note = f"All traffic of the last 28 days, unclaimed too; the 28 days before: {wording.plain(wording.usd(earlier))}."
    if unpriced:
        note += f" {wording.plural(unpriced, 'call')} without a price in force are not in it."
    pieces.figure("Spend, 28 days", wording.usd(total), note=note, trend=per_day)


def filters(waiting: Sequence[Alert], chosen: Selection) -> None:
    """Owner, target, state and text; kept in the URL."""
    lists = {
        Param.OWNER: ("Owner", sorted({alert.owner for alert in waiting if alert.owner}), chosen.owner),
        Param.TARGET: ("Target", sorted({alert.target for alert in waiting}), chosen.target),
        Param.STATE: ("State", sorted({alert.state for alert in waiting}), chosen.state),
    }
    with st.grid(columns=4, min_column_width=150):
        for param, (label, known, value) in lists.items():
            # A value of an old link stays visible and clearable, though nothing matches it any more.
            options = [*known, *([value] if value and value not in known else [])]
            st.selectbox(
                label,
                options,
                index=None,
                placeholder="any",
                format_func=wording.option,
                **selection.widget(param, value),
            )
        st.text_input("Text", placeholder="name, owner, cause", **selection.widget(Param.TEXT, chosen.text))


def table(found: Portfolio, shown: Sequence[Alert]) -> str | None:
    """The table of what is due; the slug of the row that was clicked, if one was."""
    days = frames.days_before(found.read_at.date(), frames.SPARK_DAYS)
    frame = frames.alert_table(shown, found.documents, frames.spark(found.days, days))
    state = st.dataframe(
        frame,
        hide_index=True,
        row_height=44,
        on_select="rerun",
        selection_mode="single-cell",
        key="due",
        alt="Features that should move, with saving, certainty, spend and owner",
        column_config=_columns(),
    )
    cells = state["selection"]["cells"]
    return shown[cells[0][0]].feature if cells else None


def _columns() -> dict[str, object]:
    config = st.column_config
    colours = [palette.STRATEGY_COLOURS[name] for name in palette.STRATEGIES]
    chips = {"options": palette.STRATEGIES, "color": colours, "width": 95}
    return {
        "Feature": config.TextColumn(width=190, pinned=True),
        "From": config.MultiselectColumn(**chips),
        "To": config.MultiselectColumn(**chips),
        "Saving": config.NumberColumn("Saving $/month", format="dollar", width=120),
        "Range": config.TextColumn(
            "10th to 90th pct", width=120, help="The saving's range: 8 of 10 times it lies within."
        ),
        "How sure": config.ProgressColumn(
            format="percent",
            min_value=0,
            max_value=1,
            width=120,
            help="That it repays its cost at the required quality.",
        ),
        "Due by": config.TextColumn(width=95, help="The price or retirement date that forces the decision."),
        "Spend": config.AreaChartColumn("Spend, 28 days", y_min=0, width=130, color=palette.LINE),
        "Owner": config.TextColumn(width=130),
        "Since": config.DatetimeColumn(format="distance", width=110),
        "Cause": config.TextColumn(width=320),
    }


def in_the_way(found: Portfolio) -> None:
    """The watched and the blocked features, each with what stands in the way and what clears it."""
    held = [item for item in found.verdicts if item.verdict in (Outcome.WATCH, Outcome.BLOCKED)]
    if not held:
        return
    pieces.section("What stands in the way", "Blocked and watched features, the largest saving first.")
    names = {head.slug: head.name or head.slug for head in found.heads}
    held.sort(key=lambda item: (item.verdict != Outcome.BLOCKED, -(item.saving_usd_month or 0), item.feature))
    for item in held:
        what, cure = said.obstacle(item.code)
        with st.container(border=True, gap="small"):
            with st.container(horizontal=True, vertical_alignment="center"):
                pieces.verdict_badge(item.verdict, item.code)
                st.page_link(
                    "views/feature.py",
                    label=f"**{wording.plain(names[item.feature])}**",
                    query_params={Param.FEATURE.value: item.feature},
                )
                if item.saving_usd_month:
                    st.markdown(f"{wording.plain(wording.usd(item.saving_usd_month))} a month waits", width="content")
            st.markdown(wording.plain(said.headline(found.documents[item.feature])))
            if what:
                st.caption(f"{what}: {cure}.")


def recently_closed(found: Portfolio) -> None:
    """Alerts that closed by themselves in the last three months, and why."""
    since = found.read_at - _CLOSED_FOR
    closed = [alert for alert in found.alerts if alert.closed_at is not None and alert.closed_at >= since]
    if not closed:
        return
    pieces.section("Recently closed", "What no longer needs to move, and what changed.")
    closed.sort(key=lambda alert: alert.closed_at or found.read_at, reverse=True)
    rows = [
        {
            "Feature": alert.name or alert.feature,
            "Was": f"{wording.option(alert.now)} to {wording.option(alert.target)}",
            "Closed": wording.ago(alert.closed_at, found.read_at),
            "Because": alert.closed_cause or "unknown",
        }
        for alert in closed
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Alerts closed in the last three months", key="closed")
