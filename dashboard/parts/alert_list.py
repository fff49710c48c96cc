"""The parts of the home page: figures, filters, the table of what is due, what waits, what was closed."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import alert_choice, frames, palette, pieces, said, selection, wording
from dashboard.figure_html import Figure
from dashboard.home_loads import CARDS, SPARK_DAYS, AlertList, Home, all_alerts, closed, held
from dashboard.selection import Param, Selection
from db.queries.alerts import Alert, AlertFilter, AlertOrder
from db.queries.standing import Standing
from db.queries.verdicts import StoredVerdict
from offramp.config import database_url
from strategy.kinds import Outcome
from strategy.lifecycle import OPEN

_HISTORY = 182


def figures(found: Home) -> None:
    """Four numbers with how they came about: the saving on the table, how many are due, how many wait, the spend."""
    verdicts, open_in, dated = found.standing.verdicts, found.waiting.states, found.standing.deadlines
    by = f", {dated:,} with a date ({wording.short_day(found.standing.first_deadline)})" if dated else ""
    watched, blocked = verdicts.get(Outcome.WATCH, 0), verdicts.get(Outcome.BLOCKED, 0)
    past = frames.standing_over_time(found.changes, frames.days_before(found.read_at.date(), _HISTORY))
    table = Figure(
        label="On the table, a month",
        value=wording.usd_whole(found.waiting.saving_usd_month),
        below=", ".join(f"{open_in[state]:,} {state}" for state in OPEN if state in open_in) or "no open alert",
        note="One option per feature. The line is half a year, each saving as it stood on becoming due.",
        trend=list(past["saving"]),
        money=True,
    )
    due = Figure(
        label="Should move",
        value=f"{found.waiting.count:,} of {found.standing.features:,}",
        below="registered features" + (f"; {found.dismissed:,} dismissed" if found.dismissed else ""),
        note="The line is how many were due over the last half year.",
        trend=list(past["due"]),
    )
    waiting = Figure(
        label="Waiting",
        value=f"{watched + blocked:,}",
        below=f"{watched:,} watched, {blocked:,} blocked{by}",
        note="Their list says what is in their way. The line is the last half year.",
        trend=list(past["waiting"]),
    )
    pieces.figures([table, due, waiting, _spend(found)])


def _spend(found: Home) -> Figure:
    days = frames.days_before(found.read_at.date(), SPARK_DAYS)
    recent = [row for row in found.days if row.day >= days[0]]
    before = [row for row in found.days if row.day < days[0]]
    total, earlier = frames.total_cost(recent), frames.total_cost(before)
    unpriced = sum(row.unpriced_calls for row in recent)
    note = "Estimated from tokens and prices: all traffic of the last 28 days, unclaimed too."
    if unpriced:
        note += f" {wording.plural(unpriced, 'call')} without a price in force are not in it."
    return Figure(
        label="Spend, 28 full days",
        value=wording.usd_whole(total),
        below=f"{wording.usd_short(earlier)} the 28 before",
        note=note,
        trend=frames.total_per_day(recent, days),
        money=True,
    )


def filters(choices: Mapping[str, Sequence[str]], chosen: Selection) -> None:
    """Text, and behind a button owner, target, state, severity and order; kept in the URL, those in force in words."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Text",
            placeholder="search name, owner, cause",
            label_visibility="collapsed",
            width=320,
            **selection.widget(Param.TEXT, chosen.text),
        )
        # A list to choose from costs the browser as much as the table: five of them wait until they are asked for.
        with st.popover("Filter and order", icon=":material/filter_list:", key="filters"):
            _lists(choices, chosen)
        told = alert_choice.in_words(chosen)
        if told:
            st.caption(wording.plain(told), width="content")
            st.button("Clear the filters", type="tertiary", on_click=selection.clear_filters, key="clear")


def _lists(choices: Mapping[str, Sequence[str]], chosen: Selection) -> None:
    lists = {
        Param.OWNER: ("Owner", choices["owner"], chosen.owner),
        Param.TARGET: ("Target", choices["target"], chosen.target),
        Param.STATE: ("State", choices["state"], chosen.state),
        Param.SEVERITY: ("Severity", alert_choice.SEVERITIES, chosen.severity),
    }
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
    st.selectbox(
        "Order",
        list(alert_choice.ORDERS),
        index=None,
        placeholder="urgent first",
        format_func=lambda each: alert_choice.ORDERS.get(each, each),
        **selection.widget(Param.ORDER, alert_choice.order_of(chosen)),
    )


def table(listed: AlertList) -> str | None:
    """One page of what is due; the slug of the row that was clicked, if one was."""
    days = frames.days_before(listed.read_at.date(), SPARK_DAYS)
    frame = frames.alert_table(listed.alerts, frames.spark(listed.days, days))
    state = st.dataframe(
        frame,
        hide_index=True,
        placeholder=wording.MISSING,
        row_height=44,
        on_select="rerun",
        selection_mode="single-cell",
        key="due",
        alt="Features that should move, with saving, certainty, spend and owner",
        column_config=_columns(),
    )
    cells = state["selection"]["cells"]
    return listed.alerts[cells[0][0]].feature if cells else None


def _columns() -> dict[str, Any]:
    """Up to the range they fill a window of 1,440 px; the first three a phone's: what saves how much, moved where."""
    config = st.column_config
    colours = [palette.STRATEGY_COLOURS[name] for name in palette.STRATEGIES]
    return {
        "Feature": config.TextColumn(width=200),
        "Saving": config.NumberColumn(
            "Saving $/month",
            format="dollar",
            width=110,
            help="Of the newest verdict; a claimed or dismissed alert keeps the figures it was decided on.",
        ),
        "To": config.MultiselectColumn("Move to", options=palette.OPTIONS, color=palette.OPTION_COLOURS, width=80),
        "From": config.MultiselectColumn("Runs on", options=palette.STRATEGIES, color=colours, width=80),
        "State": config.TextColumn(width=80),
        "Severity": config.TextColumn(width=75, help="Urgent has a date; else by the saving times how sure it is."),
        "How sure": config.ProgressColumn(
            format="percent",
            min_value=0,
            max_value=1,
            width=95,
            help="That it repays its cost at the required quality.",
        ),
        "Due by": config.TextColumn(width=95, help="The price or retirement date that forces the decision."),
        "Since": config.DatetimeColumn(format="distance", width=100),
        "Owner": config.TextColumn(width=115),
        "Spend": config.AreaChartColumn("Spend, 28 days", y_min=0, width=110, color=palette.LINE),
        "Range": config.TextColumn(width=135, help="The saving's 10th to 90th percentile."),
        "Cause": config.TextColumn(width=420),
    }


def csv_button(wanted: AlertFilter, order: AlertOrder | None) -> None:
    """All that match as a file, made when it is asked for: the figures on the page, to the cent."""
    pieces.csv_button(lambda: frames.alert_csv(all_alerts(database_url(), wanted, order)), "offramp-alerts.csv")


def in_the_way(stands: Standing) -> None:
    """The blocked and the watched features, each with what stands in the way and what clears it."""
    count = stands.verdicts.get(Outcome.WATCH, 0) + stands.verdicts.get(Outcome.BLOCKED, 0)
    if not count:
        pieces.empty("Nothing waits.", "No feature is watched or blocked.")
        return
    st.caption("Blocked and watched features, the largest saving first, each with what would clear the way.")
    page = selection.read().waiting
    with st.grid(columns=2, min_column_width=330):
        for item, name in held(database_url(), page):
            _waiting(item, name or item.feature, said.headline(json.loads(item.document)))
    pieces.pager(Param.WAITING, page, count, CARDS)


def _waiting(item: StoredVerdict, name: str, headline: str) -> None:
    what, cure = said.obstacle(item.code)
    with st.container(border=True, gap="xsmall", height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center"):
            pieces.verdict_badge(item.verdict, item.code)
            if item.saving_usd_month:
                st.caption(f"{wording.plain(wording.usd(item.saving_usd_month))} a month", width="content")
        query = {Param.FEATURE.value: item.feature}
        st.page_link("views/feature.py", label=f"**{wording.plain(name)}**", query_params=query)
        st.markdown(wording.plain(headline))
        if what:
            st.caption(wording.plain(f"{what}: {cure}."))


def recently_closed(read_at: datetime) -> None:
    """Alerts that ended in the last three months, and why."""
    found = closed(database_url())
    if not found:
        pieces.empty("No alert closed lately.", "What no longer needs to move stands here for three months.")
        return
    st.caption("What no longer needs to move, and what changed.")
    rows = [
        {
            "Feature": alert.name or alert.feature,
            "Was": f"{wording.option(alert.now)} to {wording.option(alert.target)}",
            "Closed": wording.when(alert.closed_at, read_at),
            "Because": alert.closed_cause or _ended(alert),
        }
        for alert in found
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder=wording.MISSING,
        alt="Alerts closed in the last three months",
        key="closed",
    )


def _ended(alert: Alert) -> str:
    """Why an alert ended that the judge did not close: its migration was finished, and then measured."""
    told = {"succeeded": "finished; the saving came", "failed": "finished; the saving did not come"}
    return told.get(alert.state, "unknown")
