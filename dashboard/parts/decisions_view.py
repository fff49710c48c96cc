"""What people do with a feature's alert: where it stands, the moves, the options, the plan, and the history."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import alert_frames, pieces, said, wording
from dashboard.alert_loads import Decisions
from dashboard.parts import alert_actions


def card(found: Decisions, url: str, today: date) -> None:
    """The alert with its moves, what it asks, and the plan to take away; nothing where there never was one."""
    if found.alert is None:
        return
    pieces.section("What people decide", "Every move has a name and a reason; what is not possible now says why.")
    alert_actions.standing(found.alert)
    alert_actions.buttons(found.alert, url, today)
    if found.told and found.told.get("options"):
        _asked(found.told)
    if found.plan is not None:
        with st.expander("The migration plan", icon=":material/checklist:"):
            st.download_button(
                "Download as Markdown",
                found.plan.encode(),
                file_name=".".join((f"{found.alert.feature}-plan", "md")),
                mime="text/markdown",
                on_click="ignore",
            )
            st.markdown(found.plan.replace("$", "\\$").replace("# ", "##### "))


def _asked(told: Mapping[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.badge(f"severity: {told['severity']}")
        pieces.badge(f"effort: {told['effort']}, {told['engineer_days']} days")
        pieces.badge(f"risk: {told['risk']}")
        pieces.badge(f"reversible: {told['reversible']}")
    st.caption(wording.plain(f"Risk: {told['risk_because']}. Way back: {told['reversible_because']}."))
    if told["learnt"]:
        count = wording.plural(told["learnt"]["migrations"], "finished migration")
        factor = wording.percent(told["learnt"]["factor"])
        amount, low, high = (
            wording.usd(None if (usd := told["learnt"][name]) is None else Decimal(usd))
            for name in ("saving_usd_month", "low_usd_month", "high_usd_month")
        )
        told_range = f"{amount} a month here, between {low} and {high}"
        st.caption(wording.plain(f"By the record of {count} a promise of this kind is worth {factor}: {told_range}."))
    rows = [
        {
            "Option": wording.option(option["target"]) + (" (recommended)" if option["recommended"] else ""),
            "Saving, a month": wording.usd(Decimal(option["saving_usd_month"])),
            "Cost of moving": wording.usd(Decimal(option["one_off_usd"])),
            "Effort": option["effort"],
            "Risk": option["risk"],
            "In the way": said.in_the_way(option),
        }
        for option in told["options"]
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder=wording.MISSING,
        key="options",
        alt="Options, the recommended first",
    )


def moves(found: Decisions) -> None:
    """Every move of every alert of the feature, newest first."""
    if not found.moves:
        return
    pieces.section("History of decisions")
    config = st.column_config
    st.dataframe(
        alert_frames.move_table(found.moves),
        hide_index=True,
        placeholder=wording.MISSING,
        key="moves",
        alt="Moves of this feature's alerts, newest first",
        column_config={
            "When": config.DatetimeColumn(format="D MMM YYYY, HH:mm", width=150),
            "Who": config.TextColumn(width=130),
            "Move": config.TextColumn(width=230),
            "State": config.TextColumn(width=95),
            "Why": config.TextColumn(width="large"),
        },
    )
