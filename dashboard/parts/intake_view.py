"""How the sources are: fresh, stale or failed; what they delivered."""

from datetime import datetime

import streamlit as st

from dashboard import charts, health_frames, pieces, wording
from dashboard.loads import Health
from dashboard.parts import price_view
from reports.blind import STALE_AFTER, stale_sources
from strategy.prices import BOOK_OLD_AFTER

_FAILED = ("failed", "partial")
# A red notice for each of a hundred files would hide the page.
_MOST_TOLD = 3


def sentence(found: Health) -> str | None:
    """Where the sources stand, in one line."""
    heard = _heard(found)
    if not heard:
        return None
    calls = found.by_source.total.calls
    delivered = f"{wording.plural(len(heard), 'source')} delivered {wording.plural(calls, 'call')} in 28 days"
    times = [at for at in heard.values() if at]
    return f"{delivered}; the last arrived {wording.ago(max(times), found.read_at)}." if times else f"{delivered}."


def _heard(found: Health) -> dict[str, datetime | None]:
    return health_frames.heard(found.intake, found.by_source.rows, found.runs)


def state(found: Health) -> None:
    """Failed runs first, then what fell silent: two different things."""
    failed = [run for run in health_frames.last_runs(found.runs).values() if run.outcome == "failed"]
    for run in failed[:_MOST_TOLD]:
        pieces.failed(
            f"{run.source}: the last run failed {wording.ago(run.started_at, found.read_at)}.",
            run.message or "It left no message.",
            "mend what it names and run it again: what was loaded already is never counted twice.",
        )
    if others := failed[_MOST_TOLD:]:
        with st.expander(f"{wording.plural(len(others), 'more run')} failed"):
            for run in others:
                when = wording.ago(run.started_at, found.read_at)
                st.markdown(f"**{wording.plain(run.source)}**, {when}: {wording.plain(run.message or 'no message')}")
    newest = max((at for at in (found.heard_at, *_heard(found).values()) if at), default=None)
    if newest and found.read_at - newest > STALE_AFTER:
        pieces.stale("No source has delivered for more than 26 hours.", newest, found.read_at)
    else:
        for source, silence in stale_sources(found.heard, found.read_at).items():
            pieces.stale(f"No usage from {source} for {silence}.", found.heard[source], found.read_at)
    if found.price_age.state == "stale":
        what = f"Prices were not read for more than {BOOK_OLD_AFTER.days} days."
        pieces.stale(what, found.price_age.read_at, found.read_at)


def figures(found: Health) -> None:
    """Four numbers: calls, what is claimed, what is priced, the age of the price book."""
    total = found.by_source.total
    claimed = total.calls - sum(row.calls for row in found.by_feature.rows if row.feature is None)
    priced = total.calls - total.unpriced_calls - total.calls_without_tokens
    with st.grid(columns=4, min_column_width=180):
        pieces.figure(
            "Calls, 28 days",
            wording.short(total.calls),
            below=f"{total.calls:,}",
            note=f"{total.errors:,} of them failed.",
        )
        pieces.figure(
            "Claimed",
            _share(claimed, total.calls),
            below="by a feature name",
            note="The rest is listed below as unattributed.",
        )
        pieces.figure(
            "Priced",
            _share(priced, total.calls),
            below="tokens and price known",
            note="Calls with tokens and a price in force; the rest is listed below.",
        )
        price_view.age_figure(found.price_age, found.read_at)


def _share(part: int, whole: int) -> str:
    return wording.percent(part / whole) if whole else wording.UNKNOWN


def by_source(found: Health) -> None:
    """Each source with its state, and the receipts of the last month as a chart."""
    pieces.section(
        "By source", "Counted by the day of receipt. Duplicates are deliveries repeated: they change no figure."
    )
    config = st.column_config
    frame = health_frames.sources(found.intake, found.by_source.rows, found.runs, found.read_at, STALE_AFTER)
    st.dataframe(
        frame,
        hide_index=True,
        placeholder=wording.MISSING,
        key="sources",
        alt="Sources with their state and what they delivered",
        column_config={
            "Last heard of": config.DatetimeColumn(format="distance"),
            "Accepted": config.NumberColumn(format="localized"),
            "Duplicates": config.NumberColumn(format="localized"),
            "Refused": config.NumberColumn(format="localized"),
            "Calls, 28 days": config.NumberColumn(format="localized"),
            "Cost, 28 days": config.NumberColumn(format=wording.usd_format(frame.get("Cost, 28 days", ()))),
        },
    )
    receipts = health_frames.receipts(found.intake)
    if receipts["day"].nunique() > 1:
        pieces.chart(charts.intake(receipts), "Records received per day by outcome")
    refused = health_frames.refusals(found.intake)
    if not refused.empty:
        st.markdown("**Refused**, by reason. Nothing is dropped unseen.")
        st.dataframe(
            refused,
            hide_index=True,
            placeholder=wording.MISSING,
            key="refused",
            alt="Refused records by source and reason",
        )


def runs(found: Health) -> None:
    """The history of loads."""
    pieces.section("Loads and collector runs")
    if not found.runs:
        st.caption("None yet: everything came in by push.")
        return
    partial = sum(1 for run in found.runs if run.outcome in _FAILED)
    if partial:
        st.caption(f"{wording.plural(partial, 'run')} of the last {len(found.runs)} did not take everything.")
    frame = health_frames.run_table(found.runs, found.read_at)
    localized = st.column_config.NumberColumn(format="localized")
    counts = dict.fromkeys(("Accepted", "Duplicates", "Rejected"), localized)
    alt = "Loads and collector runs, newest first"
    st.dataframe(frame, hide_index=True, placeholder=wording.MISSING, key="runs", alt=alt, column_config=counts)
