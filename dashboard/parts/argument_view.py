"""The verdict card, the gates as a path, and the matrix as a heatmap."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboard import argument_frames, charts, pieces, said, wording
from dashboard.loads import Argument
from dashboard.palette import BadgeColour, strategy_of
from strategy.bands import disagreement, opinions
from strategy.kinds import Answer

_ANSWER_COLOURS: dict[str, BadgeColour] = {Answer.YES: "green", Answer.NO: "gray", Answer.UNKNOWN: "yellow"}
_CELLS = "✓ fits · ~ fits partly · × does not fit · ? unknown"


def card(found: Argument, document: Mapping[str, Any]) -> None:
    """The verdict as a sentence, with its figures, its cause, and the rest of the reasons."""
    money = document.get("money") or {}
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            pieces.verdict_badge(document["verdict"], document.get("code"))
            pieces.badge(said.way(document))
        st.markdown(f"### {wording.plain(said.headline(document))}", anchors=False)
        with st.grid(columns=4, min_column_width=210):
            _figures(document, money)
        _reasons(document)
        if document.get("due_by_reason"):
            st.caption(wording.plain(f"Why by then: {document['due_by_reason']}"))
        cause = document.get("cause")
        if cause:
            since = (
                ""
                if found.since is None
                else f" Since {wording.clock(found.since.at)} ({wording.ago(found.since.at, found.read_at)})."
            )
            st.caption(
                wording.plain(
                    f"What moved it: {said.cause(cause['kind'], cause['detail'])}.".replace("..", ".") + since
                )
            )


def _reasons(document: Mapping[str, Any]) -> None:
    """The reasons but the headline; the seeds' opinions beside them, told once."""
    bands = document.get("bands") or {}
    said_apart = disagreement(bands)
    lines = [reason for reason in list(document.get("reasons") or ())[1:] if reason != said_apart]
    st.markdown("\n".join(f"- {wording.plain(reason)}" for reason in lines))
    if bands and (told := opinions(bands)):
        settles = " Where they differ, the break-even settles it." if said_apart else ""
        st.caption(wording.plain(f"Second opinions, {told}.{settles}"))


def _figures(document: Mapping[str, Any], money: Mapping[str, Any]) -> None:
    pieces.figure(
        "Saving, a month",
        wording.usd_whole(_decimal(money.get("saving_usd_month"))),
        below=said.saving_range(document) or said.no_range(document),
        note="Below: the 10th to the 90th percentile.",
    )
    pieces.figure("How sure", wording.percent(said.surety(document)), below="that it repays")
    days, once = money.get("payback_days"), _once(document)
    pieces.figure(
        "Pays back in",
        wording.UNKNOWN if days is None else wording.plural(days, "day"),
        below="building cost unknown" if once is None else f"{wording.usd_short(once)} to build",
    )
    due, start = document.get("due_by"), document.get("start_by")
    pieces.figure(
        "Decide by",
        wording.tight_day(date.fromisoformat(due)) if due else "no date",
        below=f"start by {wording.short_day(date.fromisoformat(start))}" if start else "nothing forces it",
    )


def _once(document: Mapping[str, Any]) -> Decimal | None:
    target = document.get("target") or ""
    costs = (document.get("money") or {}).get("one_off_usd") or {}
    amount = costs.get(target) or costs.get(strategy_of(target))
    return _decimal(amount)


def _decimal(amount: str | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)


def gates_and_matrix(document: Mapping[str, Any], task: Mapping[str, Any]) -> None:
    """The flowchart's path beside the matrix; `task` is the declared profile."""
    left, right = st.columns([5, 6], gap="large")
    with left:
        pieces.section(
            "The path through the gates",
            "From the cheapest, most predictable answer to the most flexible; the first yes is what the task allows.",
        )
        _path(document.get("gates") or (), document)
    with right:
        pieces.section("The matrix", _CELLS)
        frame = argument_frames.matrix(document, task)
        target = document.get("target")
        drawn = charts.matrix_heatmap(frame, document["now"], strategy_of(target) if target else None)
        pieces.chart(drawn, _matrix_alt(document))


def _path(gates: Sequence[Mapping[str, Any]], document: Mapping[str, Any]) -> None:
    ended = False
    for number, gate in enumerate(gates, start=1):
        here = gate["answer"] == Answer.YES and not ended
        with st.container(border=here, gap="xxsmall"):
            with st.container(horizontal=True, vertical_alignment="center"):
                pieces.badge(str(gate["answer"]), _ANSWER_COLOURS.get(gate["answer"], "gray"))
                question = said.GATE_QUESTIONS.get(gate["gate"], wording.words(gate["gate"]))
                st.markdown(f"**{number}. {wording.plain(question)}**", width="content")
                if here:
                    leads = said.GATE_LEADS_TO.get(gate["gate"], "")
                    pieces.badge(f"ends here: {leads}", "blue")
            st.caption(wording.plain(f"{gate['because']} ({gate['source']})"))
        ended = ended or here
    target = document.get("target")
    if target and target != "prompt":
        st.caption("The gates say what the task allows; money and evidence decide whether it is worth the move.")


def _matrix_alt(document: Mapping[str, Any]) -> str:
    lines = [
        f"{wording.words(line['property'])} ({argument_frames.matrix_value(line)}): "
        + ", ".join(f"{strategy} {fit}" for strategy, fit in line["fit"].items())
        for line in document.get("matrix") or ()
    ]
    return "Fit of each strategy. " + "; ".join(lines)
