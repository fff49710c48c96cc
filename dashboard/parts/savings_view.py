"""The parts of the savings page: the sentence, the figures, the table, the effects, and who and what they came from."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import alert_frames, charts, palette, pieces, wording
from dashboard.alert_loads import Savings
from dashboard.selection import Param
from db.queries.ledger import Migration
from offramp.actions.ledger import ledger_document, measured, realised
from strategy.lifecycle import State


def promised_of(found: Sequence[Migration]) -> Decimal:
    """USD a month that the measured ones of these promised."""
    return sum((each.promised_usd_month or Decimal(0) for each in found if measured(each)), Decimal(0))


def realised_of(found: Sequence[Migration]) -> Decimal:
    """USD a month that they brought by themselves."""
    return sum((realised(each) or Decimal(0) for each in found), Decimal(0))


def sentence(found: Savings) -> str:
    """How much came of how much."""
    known = [each for each in found.migrations if measured(each)]
    if not known:
        live = wording.plural(len(found.migrations), "migration is", "migrations are")
        return f"{live} live; the first week is not over."
    came, said = realised_of(known), promised_of(known)
    share = f" ({wording.percent(came / said)})" if said else ""
    return f"{wording.usd_whole(came)} a month came of {wording.usd_whole(said)} promised{share}."


def figures(found: Savings) -> None:
    """Four numbers: realised, promised, how many were kept, how many are still measured."""
    states = [each.state for each in found.migrations]
    with st.grid(columns=4, min_column_width=165):
        pieces.figure(
            "Realised, a month",
            wording.usd_whole(realised_of(found.migrations)),
            below="the strategies' own part",
            note="What prices and volume did is not in it: that would have come without the migration.",
        )
        pieces.figure("Promised, a month", wording.usd_whole(promised_of(found.migrations)), below="measured so far")
        pieces.figure(
            "Kept their promise",
            f"{states.count(State.SUCCEEDED)} of {states.count(State.SUCCEEDED) + states.count(State.FAILED)}",
            below="of those measured",
        )
        pieces.figure("Being measured", str(states.count(State.FINISHED)), below="weekly, then monthly")


def table(found: Savings) -> None:
    """One row per migration; a click opens the feature."""
    pieces.section("Finished migrations", "Promised when the decision was taken; realised is the strategy's own part.")
    state = st.dataframe(
        alert_frames.ledger_table(found.migrations),
        hide_index=True,
        placeholder=wording.MISSING,
        on_select="rerun",
        selection_mode="single-cell",
        key="ledger",
        alt="Finished migrations with what was promised and realised",
        column_config=_columns(),
    )
    cells = state["selection"]["cells"]
    if cells:
        slug = found.migrations[cells[0][0]].feature
        st.switch_page("views/feature.py", query_params={Param.FEATURE.value: slug})
    pieces.csv_button(alert_frames.ledger_csv(ledger_document(found.migrations)), "offramp-ledger.csv")


def of_feature(found: Sequence[Migration]) -> None:
    """The ledger of one feature with what moved its cost; nothing where no migration of it is finished."""
    if not found:
        return
    pieces.section("Ledger", "What its finished migrations promised and brought; realised is the strategy's own part.")
    st.dataframe(
        alert_frames.ledger_table(found),
        hide_index=True,
        placeholder=wording.MISSING,
        key="feature-ledger",
        alt="Finished migrations of this feature with what was promised and realised",
        column_config=_columns(),
    )
    rows = alert_frames.effect_rows(found)
    if not rows.empty:
        told = ", ".join(f"{row.effect} {row.text}" for row in rows.itertuples())
        st.caption(wording.plain(f"What moved its cost since, below zero is cheaper: {told}."))


def _columns() -> dict[str, Any]:
    config = st.column_config
    colours = [palette.STRATEGY_COLOURS[name] for name in palette.STRATEGIES]
    return {
        "Feature": config.TextColumn(width=210),
        "From": config.MultiselectColumn(options=palette.STRATEGIES, color=colours, width=85),
        "To": config.MultiselectColumn(options=palette.OPTIONS, color=palette.OPTION_COLOURS, width=85),
        "State": config.TextColumn(width=95),
        "Promised": config.NumberColumn("Promised $/month", format="dollar", width=130),
        "Realised": config.NumberColumn("Realised $/month", format="dollar", width=130),
        "Measured": config.TextColumn(width=90),
        "Finished": config.DatetimeColumn(format="D MMM YYYY", width=110),
        "Owner": config.TextColumn(width=125),
    }


def effects(found: Savings) -> None:
    """What moved the cost since: volume, price, strategy; below zero is cheaper."""
    rows = alert_frames.effect_rows(found.migrations)
    if rows.empty:
        return
    pieces.section("What moved the cost", "Over all measured days; left of zero is cheaper. They add up to the cent.")
    told = "; ".join(f"{row.feature} {row.effect} {row.text}" for row in rows.itertuples())
    pieces.chart(charts.effects(rows), f"Change in cost by effect: {told}")


def by_owner_and_strategy(found: Savings) -> None:
    """What a promise of each strategy was worth, and what each owner brought in."""
    pieces.section("By strategy and by owner", "What was learnt corrects the next promise, and is shown beside it.")
    strategies = [
        {
            "Strategy": strategy,
            "Migrations": count,
            "A promise is worth": wording.percent(factor),
            "Realised, a month": wording.usd(_sum(found, strategy=strategy)),
        }
        for strategy, (factor, count) in found.factors.items()
    ]
    owners = sorted({each.owner or wording.UNKNOWN for each in found.migrations})
    people = [{"Owner": owner, "Realised, a month": wording.usd(_sum(found, owner=owner))} for owner in owners]
    with st.grid(columns=2, min_column_width=330):
        if strategies:
            st.dataframe(
                pd.DataFrame(strategies),
                hide_index=True,
                placeholder=wording.MISSING,
                key="by-strategy",
                alt="Savings by strategy",
            )
        else:
            st.caption("No migration has been measured for four weeks yet: nothing is learnt.")
        st.dataframe(
            pd.DataFrame(people), hide_index=True, placeholder=wording.MISSING, key="by-owner", alt="Savings by owner"
        )


def _sum(found: Savings, *, strategy: str | None = None, owner: str | None = None) -> Decimal:
    return realised_of(
        [
            each
            for each in found.migrations
            if strategy in (None, palette.strategy_of(each.target)) and owner in (None, each.owner or wording.UNKNOWN)
        ]
    )
