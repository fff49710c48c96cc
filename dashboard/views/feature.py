"""One feature: the verdict as a sentence, then the argument, the money, and what happened over time."""

import difflib

import streamlit as st

from dashboard import alert_loads, loads, pieces, selection, wording
from dashboard.loads import Argument
from dashboard.parts import (
    alert_actions,
    argument_view,
    decisions_view,
    money_view,
    over_time,
    profile_view,
    savings_view,
)
from dashboard.selection import Param
from offramp.actions.features import FeatureLine
from offramp.config import database_url

_NEAR = 3


def render() -> None:
    """Draw the page of the feature that the URL names, or of the first one."""
    url = database_url()
    lines = {line.slug: line for line in loads.feature_lines(url)}
    if not lines:
        pieces.title("Feature")
        pieces.empty("There is no feature yet.", "Register one, or send traffic that names one.")
        st.page_link("views/register.py", label="Register a feature")
        return
    slug = selection.read().feature or _first(lines)
    _picker(lines, slug if slug in lines else None)
    if slug not in lines:
        _unknown(slug, lines)
        return
    found, decided = loads.argument(url, slug), alert_loads.decisions(url, slug)
    _head(found, lines[slug])
    outcome = selection.take_outcome()
    alert_actions.outcome(outcome)
    profile_view.told(outcome)
    if found.verdict is None:
        _unjudged(lines[slug])
    else:
        argument_view.card(found, found.verdict)
        decisions_view.card(decided, url, found.read_at.date())
        argument_view.gates_and_matrix(found.verdict, (found.head.document if found.head else {}).get("task") or {})
        money_view.money(found.verdict)
        money_view.flips_and_missing(found.verdict)
    over_time.charts_over_time(found)
    over_time.history(found)
    decisions_view.moves(decided)
    savings_view.of_feature(found.migrations)
    profile_view.profile(found.head, url, outcome)
    pieces.as_of(found.read_at)


def _first(lines: dict[str, FeatureLine]) -> str:
    """The one with the largest saving, so that the page opens on something that matters."""
    return max(lines.values(), key=lambda line: (line.saving_usd_month or 0, line.registered, line.slug)).slug


def _picker(lines: dict[str, FeatureLine], slug: str | None) -> None:
    st.selectbox(
        "Feature",
        list(lines),
        index=None,
        placeholder="choose a feature",
        format_func=lambda each: f"{lines[each].name} ({each})" if lines[each].name else each,
        **selection.widget(Param.FEATURE, slug),
    )


def _unknown(slug: str, lines: dict[str, FeatureLine]) -> None:
    pieces.failed(
        f"There is no feature {slug[:100]!r}.",
        "It was never registered and no traffic names it; slugs are compared exactly.",
        "choose one above, or one of these:",
    )
    near = difflib.get_close_matches(slug, lines, _NEAR, cutoff=0.4) or sorted(lines)[:_NEAR]
    with st.container(horizontal=True):
        for each in near:
            label = wording.plain(lines[each].name or each)
            st.page_link("views/feature.py", label=label, query_params={Param.FEATURE.value: each})


def _head(found: Argument, line: FeatureLine) -> None:
    pieces.title(line.name or line.slug)
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.badge(line.slug)
        pieces.badge(f"owner: {line.owner or wording.UNKNOWN}")
        if line.strategy:
            pieces.badge(f"runs on {wording.option(line.strategy)}")
        pieces.badge(f"{wording.count(line.calls_28d)} calls in 28 days")
        pieces.badge(f"{wording.usd(line.cost_usd_28d)} in 28 days")
        for model in found.models[:3]:
            pieces.badge(model)
        label = "Edit" if line.registered else "Register"
        st.page_link("views/register.py", label=label, query_params={Param.FEATURE.value: line.slug})


def _unjudged(line: FeatureLine) -> None:
    if line.registered:
        pieces.empty(
            "It has not been judged yet.",
            "The next review does it; to have it now:",
            f"offramp review --feature {line.slug}",
        )
    else:
        pieces.empty("Traffic names this feature, and nobody has registered it.", "Register it to have it judged.")


if __name__ == "__main__":
    render()
