"""What each strategy would cost a month, when a move has paid for itself, and what would change the verdict."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboard import argument_frames, charts, pieces, said, wording


def money(document: Mapping[str, Any]) -> None:
    """Monthly cost by strategy beside the break-even chart."""
    costs = argument_frames.monthly_costs(document)
    curve = argument_frames.break_even(document)
    left, right = st.columns(2, gap="large")
    with left:
        pieces.section(
            "Monthly cost by strategy",
            "At today's calls and prices. The thin line is the 10th to the 90th percentile; it may leave the chart.",
        )
        if costs.empty:
            pieces.empty("No cost can be told.", "Either no calls with tokens are known, or their price is not.")
        else:
            alt = "; ".join(
                f"{wording.option(str(row.option))} {wording.usd_whole(Decimal(str(row.usd)))}"
                for row in costs.itertuples()
            )
            pieces.chart(charts.cost_bars(costs), f"Monthly cost. {alt}")
    with right:
        pieces.section("Break-even", "Everything paid so far, of staying and of moving.")
        if curve.empty:
            pieces.empty("There is no move to draw.", "The verdict names no target, or its cost is not known.")
        else:
            days = (document.get("money") or {}).get("payback_days")
            alt = "Cumulated cost of staying and of moving; " + (
                "payback unknown" if days is None else f"pays back on day {days}"
            )
            pieces.chart(charts.break_even(curve, days), alt)


def flips_and_missing(document: Mapping[str, Any]) -> None:
    """The nearest flip points as sentences, beside what is missing."""
    points, missing = document.get("flip_points") or (), document.get("missing") or ()
    left, right = st.columns(2, gap="large")
    with left:
        pieces.section("What would change it")
        if points:
            # The verdict stands in italics: these sentences are ours, and only the dollar signs need a guard.
            sentences = [said.flip_sentence(point).replace("$", "\\$") for point in points]
            st.markdown("\n".join(f"- {sentence}" for sentence in sentences))
        else:
            st.caption("No single figure, moved by itself, would change this verdict.")
    with right:
        pieces.section("What is missing")
        if missing:
            st.markdown("\n".join(f"- {wording.plain(str(item))}" for item in missing))
        else:
            st.caption("Nothing: every fact the verdict needs is known.")
