"""Proposed prices, each as a card with its effect and a form that takes the yes or no."""

import streamlit as st

from dashboard import person, pieces, price_frames, selection, wording
from dashboard.palette import BadgeColour
from dashboard.price_writing import ACCEPTED, REJECTED, Decision, decide
from offramp.actions.price_overview import PriceOverview, Waiting

_COLOURS: dict[str, BadgeColour] = {"quarantined": "red", "open": "orange"}
_FLIPS_SHOWN = 4


def outcome(decision: Decision) -> None:
    """What the last press of a button did."""
    if decision.problem:
        st.error(f"**Nothing was decided.** {wording.plain(decision.problem)}", icon=":material/error:")
        return
    lines = [f"**{wording.plain(decision.model)}: {decision.status}** by {wording.plain(decision.by)}."]
    if decision.unjudged:
        lines.append(wording.plain(f"It was not judged again: {decision.unjudged}."))
    elif decision.status == ACCEPTED:
        told = [price_frames.flip_words(flip) for flip in decision.flipped]
        lines.append(f"It was judged again: {wording.plural(len(told), 'verdict') if told else 'no verdict'} flipped.")
        lines += [f"\n- {wording.plain(line)}" for line in told]
    st.success("\n".join(lines), icon=":material/check_circle:")


def waiting(found: PriceOverview, url: str) -> None:
    """The cards; what is not shown is counted."""
    pieces.section("Waiting for your yes or no", "What a price list says differently from the book. The book stays.")
    if not found.waiting:
        pieces.empty(
            "Nothing waits.", "A price list is held against the book by:", "offramp prices refresh [--file prices.json]"
        )
    for each in found.waiting:
        _card(each, url)
    if found.undecided > len(found.waiting):
        more = wording.plural(found.undecided - len(found.waiting), "more waits", "more wait")
        st.caption(f"{more}: decide these first, or use `offramp prices proposals`, `accept` and `reject`.")


def _card(each: Waiting, url: str) -> None:
    first = each.proposals[0]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{wording.plain(first.model)}**", width="content")
            for change in dict.fromkeys(item.change for item in each.proposals):
                pieces.badge(price_frames.CHANGES.get(change, wording.words(change)))
            for status in dict.fromkeys(item.status for item in each.proposals):
                pieces.badge(status, _COLOURS.get(status, "gray"))
        st.markdown("\n".join(f"- {wording.plain(line)}" for line in price_frames.proposed_lines(each.proposals)))
        dated = "dated by its source" if first.declared else "noticed then; its source does not date it"
        st.caption(wording.plain(f"From {wording.clock(first.valid_from)} ({dated}). {first.source}"))
        why = dict.fromkeys(part for item in each.proposals for part in item.why.split("; "))
        st.markdown(f"**Why it asks:** {wording.plain('; '.join(why))}")
        _effect(each)
        _form(each, url)


def _effect(each: Waiting) -> None:
    then, moved = each.then, each.moved
    if then is None or moved is None:
        many = wording.plural(each.touched, "feature uses or could use it", "features use or could use it")
        st.markdown(f"**{many}:** too many to judge on a page. Once it is accepted they are judged, and no other.")
        return
    flips = price_frames.flips_told(then)
    told = wording.plural(len(flips), "verdict") if flips else "no verdict"
    money = "no feature would cost anything else"
    if then["then_usd_month"] != then["now_usd_month"]:
        money = (
            f"the features that use or could use it would cost {price_frames.usd_text(then['then_usd_month'])} a month"
        )
        money += f", now {price_frames.usd_text(then['now_usd_month'])}"
    past = ""
    if moved["figures"]:
        days = wording.plural(len(moved["figures"]), "daily figure")
        past = f" It would move {days} of the past by {price_frames.usd_text(moved['moved_usd'])} in all."
    st.markdown(f"**A yes would flip {told};** {wording.plain(money + '.' + past)}")
    if flips:
        shown = [*flips[:_FLIPS_SHOWN], *([f"{len(flips) - _FLIPS_SHOWN} more"] if len(flips) > _FLIPS_SHOWN else [])]
        st.markdown("\n".join(f"- {wording.plain(flip)}" for flip in shown))


def _form(each: Waiting, url: str) -> None:
    ids = tuple(item.id for item in each.proposals)
    token = f"proposal-{ids[0]}"
    with st.form(token, border=False):
        with st.grid(columns=2, min_column_width=200):
            if person.actor() is None:
                st.text_input("Who decides", key=selection.field_key(token, "by"), placeholder="your name")
            st.text_input("Why", key=selection.field_key(token, "why"), placeholder="what you checked")
        with st.container(horizontal=True):
            st.form_submit_button(
                "Accept", type="primary", key=f"accept-{ids[0]}", on_click=decide, args=(url, token, ids, ACCEPTED)
            )
            st.form_submit_button("Refuse", key=f"refuse-{ids[0]}", on_click=decide, args=(url, token, ids, REJECTED))


def decided(found: PriceOverview) -> None:
    """What people decided lately, who and why."""
    if not found.decided:
        return
    pieces.section("Decided by people", "The last twenty, newest first.")
    st.dataframe(
        price_frames.decided_table(found.decided),
        hide_index=True,
        placeholder=wording.MISSING,
        key="decided",
        alt="Prices that people accepted or refused, with who and why",
        column_config={"What": st.column_config.TextColumn(width=300), "Why": st.column_config.TextColumn(width=300)},
    )
