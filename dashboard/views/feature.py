"""One feature: the verdict as a sentence, then the argument, the money, and what happened over time."""

import streamlit as st

from dashboard import alert_loads, loads, pieces, selection, wording
from dashboard.loads import Argument
from dashboard.parts import (
    alert_actions,
    argument_view,
    decisions_view,
    ending,
    feature_picker,
    job_view,
    money_view,
    over_time,
    profile_view,
    savings_view,
)
from dashboard.selection import Param
from offramp.actions.features import FeatureLine
from offramp.config import database_url


def render() -> None:
    """Draw the page of the feature that the URL names, or of the first one."""
    url = database_url()
    known = loads.names(url)
    slug = selection.read().feature or (feature_picker.first(known) if known else None)
    if slug is None:
        pieces.title("Feature")
        pieces.empty("There is no feature yet.", "Register one, or send traffic that names one.")
        st.page_link("views/register.py", label="Register a feature")
        return
    feature_picker.picker(known, slug if slug in known else None)
    line = loads.line(url, slug)
    if slug not in known and line.ended is None:
        feature_picker.unknown(slug, known)
        return
    found, decided = loads.argument(url, slug), alert_loads.decisions(url, slug)
    _head(found, line)
    outcome = selection.take_outcome()
    alert_actions.outcome(outcome)
    profile_view.told(outcome)
    job_view.told(outcome)
    if line.ended is not None:
        ending.notice(line.ended, url)
    if found.verdict is None:
        _unjudged(line)
    else:
        argument_view.card(found, found.verdict)
        if line.ended is None:
            decisions_view.card(decided, url, found.read_at.date())
        argument_view.gates_and_matrix(found.verdict, (found.head.document if found.head else {}).get("task") or {})
        money_view.money(found.verdict)
        money_view.flips_and_missing(found.verdict)
    over_time.charts_over_time(found)
    over_time.history(found)
    decisions_view.moves(decided)
    savings_view.of_feature(found.migrations)
    if found.head is not None and line.ended is None:
        profile_view.profile(found.head, url, outcome)
        ending.end(slug, url, str(found.head.updated_at.timestamp()))
    pieces.as_of(found.read_at)


def _head(found: Argument, line: FeatureLine) -> None:
    pieces.title(line.name or line.slug)
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.badge(line.slug)
        pieces.badge(f"owner: {line.owner or wording.UNKNOWN}")
        if line.strategy:
            pieces.badge(f"runs on {wording.option(line.strategy)}")
        pieces.badge(f"{wording.plural(line.calls_28d, 'call')} in 28 days")
        pieces.badge(f"{wording.usd(line.cost_usd_28d)} in 28 days")
        for model in found.models[:3]:
            pieces.badge(model)
        if line.ended is None:
            label = "Edit" if line.registered else "Register"
            st.page_link("views/register.py", label=label, query_params={Param.FEATURE.value: line.slug})


def _unjudged(line: FeatureLine) -> None:
    if line.registered:
        pieces.empty(
            "It has not been judged yet.",
            "The next review does it; to have it now:",
            f"offramp review --feature {line.slug}",
        )
    elif line.ended is None:
        pieces.empty("Traffic names this feature, and nobody has registered it.", "Register it to have it judged.")


if __name__ == "__main__":
    render()
