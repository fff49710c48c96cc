"""The rules in force: every constant with its range, grade and source, what features override, and the matrix."""

import pandas as pd
import streamlit as st

from dashboard import argument_frames, pieces, said, wording
from dashboard.palette import STRATEGIES
from dashboard.settings_loads import House
from strategy.kinds import Strategy
from strategy.policy import Policy

_GRADES = "A: a primary source or measured. B: two sources. C: one source. D: judgement."


def constants(policy: Policy) -> None:
    """Every number the judge uses, searchable."""
    pieces.section("Constants", f"Every number the judge uses, and where it comes from. {_GRADES}")
    frame = constant_frame(policy)
    st.dataframe(
        frame,
        hide_index=True,
        placeholder=wording.MISSING,
        height=420,
        key="constants",
        alt=f"{len(frame)} constants with value, range, unit, grade and source",
        column_config={
            "Constant": st.column_config.TextColumn(width=190),
            "Value": st.column_config.TextColumn(width=110, alignment="right"),
            "Range": st.column_config.TextColumn(width=110, alignment="right"),
            "Unit": st.column_config.TextColumn(width=120),
            "Grade": st.column_config.TextColumn(width=60),
            "Source": st.column_config.TextColumn(width="large"),
        },
    )
    pieces.csv_button(frame, "offramp-constants.csv")


def constant_frame(policy: Policy) -> pd.DataFrame:
    """One row per constant, as the judge reads it."""
    return pd.DataFrame(
        [
            {
                "Constant": wording.words(each.key),
                "Value": each.value,
                "Range": "" if each.low == each.high else f"{each.low} to {each.high}",
                "Unit": each.unit,
                "Grade": each.grade,
                "Source": each.source,
            }
            for each in policy.constants.values()
        ]
    )


def overrides(found: House, policy: Policy) -> None:
    """Which features state costs of their own in place of the constants."""
    pieces.section("What features override", "A feature's own costs win over the constants, for that feature alone.")
    if not found.own_costs:
        st.caption("None: every feature is judged by the constants above.")
        return
    rows = [
        {
            "Feature": each.feature,
            "Strategy": each.strategy,
            "Cost": wording.words(each.cost),
            "Its own": each.value,
            "Instead of": usual(policy, each.strategy, each.cost),
        }
        for each in found.own_costs
    ]
    st.dataframe(
        rows,
        hide_index=True,
        placeholder=wording.MISSING,
        key="own-costs",
        alt="Costs that features state in place of the constants",
    )


def usual(policy: Policy, strategy: str, cost: str) -> str:
    """The constant in whose place a feature's own cost stands; a modelled cost has none."""
    found = policy.constants.get(f"{strategy}_{cost}")
    return "what the judge works out" if found is None else f"{found.value} {found.unit}"


def matrix(policy: Policy) -> None:
    """The task-property matrix and the gates, as they stand in the seeds."""
    pieces.section("The gates and the matrix", "In this order; the first yes says what the task allows.")
    gates = [said.GATE_QUESTIONS[gate] for gate in policy.gates]
    st.markdown("\n".join(f"{place}. {question}" for place, question in enumerate(gates, start=1)))
    properties = list(dict.fromkeys(name for name, _ in policy.cells))
    rows = [
        {"Property": wording.words(name)}
        | {strategy: policy.cells[name, Strategy(strategy)].text for strategy in STRATEGIES}
        | {"Source": policy.cells[name, Strategy.CODE].source}
        for name in properties
    ]
    st.dataframe(
        rows,
        hide_index=True,
        placeholder=wording.MISSING,
        key="policy-matrix",
        alt="The task-property matrix, as it is in force",
    )
    st.caption(f"{len(argument_frames.profile({}))} questions of the task profile feed it.")
