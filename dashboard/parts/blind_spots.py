"""What is counted and not judged: usage that no feature claims, and tokens without a price. Shown, never dropped."""

from collections.abc import Collection, Sequence
from shlex import quote

import pandas as pd
import streamlit as st

from dashboard import pieces, source_frames, wording
from dashboard.loads import Health
from dashboard.parts import begin, cures
from offramp.actions.discovered import Discovered


def unattributed(found: Health, url: str, registered: Collection[str]) -> None:
    """Usage that nothing resolved, and features that traffic names and nobody registered."""
    pieces.section("Unattributed", "Calls of the last 28 days that no feature claims.")
    rows = [row for row in found.by_feature.rows if row.feature is None]
    calls = sum(row.calls for row in rows)
    if calls:
        share = wording.percent(calls / found.by_source.total.calls)
        st.markdown(f"**{wording.plural(calls, 'call')}**, {share} of all.")
        frame = pd.DataFrame(
            [
                {
                    "Source": row.source,
                    "Calls": row.calls,
                    "Cost": None if row.cost_usd is None else float(row.cost_usd),
                }
                for row in rows
            ]
        )
        config = {
            "Calls": st.column_config.NumberColumn(format="localized"),
            "Cost": st.column_config.NumberColumn(format=wording.usd_format(frame["Cost"])),
        }
        st.dataframe(
            frame,
            hide_index=True,
            placeholder=wording.MISSING,
            key="unattributed",
            alt="Unattributed usage by source",
            column_config=config,
        )
        st.caption("What to do: have the sender name it, or write a rule.")
        if registered:
            cures.loose(url, registered, calls)
    else:
        st.caption("None: every call is claimed by a feature name.")


def unregistered(found: Sequence[Discovered]) -> None:
    """Features that traffic names and nobody registered, with what was measured, one click from the form."""
    if not found:
        return
    pieces.section("Discovered", "Names in traffic that nobody has registered, and what was measured in 28 days.")
    whole, frame = st.column_config.NumberColumn(format="localized"), source_frames.unregistered(found)
    st.dataframe(
        frame,
        hide_index=True,
        placeholder=wording.MISSING,
        key="discovered",
        alt="Discovered traffic by name",
        column_config={
            **dict.fromkeys(("Calls", "Failed", "p50 ms", "p95 ms"), whole),
            "Cost": st.column_config.NumberColumn(format=wording.usd_format(frame["Cost"])),
        },
    )
    begin.discovered_links([item.slug for item in found if item.slug == item.name])
    odd = next((item for item in found if item.slug != item.name), None)
    if odd is not None:
        st.caption("A name that cannot be a slug is renamed first, with its past: below, or")
        pieces.code(f"offramp features rename {quote(odd.name)} {odd.slug}")


def unpriced(found: Health, url: str) -> None:
    """Calls of models for which no price is in force, and calls that came without tokens."""
    pieces.section("Unpriced", "Calls of the last 28 days whose cost is unknown; they are in no total.")
    rows = [row for row in found.by_model.rows if row.unpriced_calls]
    if rows:
        calls = wording.plural(sum(row.unpriced_calls for row in rows), "call")
        st.markdown(f"**{calls}** of {wording.plural(len(rows), 'model')}.")
        frame = pd.DataFrame(
            [
                {
                    "Model": row.model or wording.UNKNOWN,
                    "Provider": row.provider or wording.UNKNOWN,
                    "Calls": row.unpriced_calls,
                    "Input tokens": row.input_tokens,
                    "Output tokens": row.output_tokens,
                }
                for row in rows
            ]
        )
        whole = st.column_config.NumberColumn(format="localized")
        config = dict.fromkeys(("Calls", "Input tokens", "Output tokens"), whole)
        st.dataframe(
            frame,
            hide_index=True,
            placeholder=wording.MISSING,
            key="unpriced",
            alt="Unpriced calls by model",
            column_config=config,
        )
        cures.prices(url, found)
    else:
        st.caption("None: every call with tokens has a price in force.")
    bare = found.by_model.total.calls_without_tokens
    if bare:
        st.markdown(f"**{wording.plural(bare, 'call')}** came without token counts, so nothing can be computed.")
