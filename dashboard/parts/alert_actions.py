"""The moves of one alert, in place: a form behind each button; what is not legal now is greyed, with the reason."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import streamlit as st

from dashboard import loads, person, pieces, selection, wording
from dashboard.alert_writing import AlertMoved, move
from dashboard.palette import BadgeColour
from dashboard.selection import Param
from db.queries.alerts import Alert
from offramp.actions.finish import kept_model, prompts_a_model
from strategy.kinds import Strategy
from strategy.lifecycle import BY_PEOPLE, Dismissal, Move, State, legal

_STATES: dict[str, BadgeColour] = {
    State.ACTIVE: "orange",
    State.CLAIMED: "blue",
    State.SNOOZED: "violet",
    State.DISMISSED: "gray",
    State.FINISHED: "blue",
    State.SUCCEEDED: "green",
    State.FAILED: "red",
    State.CLOSED: "gray",
}
_LABELS = {
    Move.CLAIM: ("Claim", ":material/front_hand:", "I will do it, by a day."),
    Move.SNOOZE: ("Snooze", ":material/snooze:", "Not now: until a day, or until it saves more."),
    Move.DISMISS: ("Dismiss", ":material/block:", "No, and why; it stays silent until the facts outgrow it."),
    Move.FINISH: ("Finish", ":material/task_alt:", "It is live; from now on the saving is measured."),
    Move.REOPEN: ("Reopen", ":material/undo:", "Take a no back, end a snooze, or give it back."),
}
_NOTICE = timedelta(days=30)


def outcome(done: object | None) -> None:
    """What the last press of a button did."""
    if not isinstance(done, AlertMoved):
        return
    if done.moved is not None:
        told = f"**{wording.plain(done.moved.feature)} is {done.moved.state}.** {wording.plain(done.moved.why)}"
        st.success(told, icon=":material/check_circle:")
    else:
        sentences = [text[:1].upper() + text[1:].rstrip(".") + "." for text in (done.problem, done.cure) if text]
        st.error(f"**Nothing was changed.** {wording.plain(' '.join(sentences))}", icon=":material/error:")


def choose(shown: Sequence[Alert], chosen: str | None) -> None:
    """A button that opens the choice of one of these alerts, to move it without leaving the page."""
    names = {alert.feature: alert.name or alert.feature for alert in shown}
    with st.popover("Decide", icon=":material/gavel:", help="Claim, snooze, dismiss, finish or reopen.", key="decide"):
        st.selectbox(
            "Decide about",
            list(names),
            index=None,
            placeholder="choose a feature of the table",
            format_func=lambda slug: names.get(slug, slug),
            **selection.widget(Param.FEATURE, chosen if chosen in names else None),
        )


def decide(shown: Sequence[Alert], chosen: str | None, url: str, today: date) -> None:
    """Where the chosen one of these alerts stands, and its moves."""
    for alert in [each for each in shown if each.feature == chosen][-1:]:
        st.markdown(f"**{wording.plain(alert.name or alert.feature)}**")
        standing(alert)
        buttons(alert, url, today)


def standing(alert: Alert) -> None:
    """Where the alert stands: its state, who moved it there, and until when."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pieces.badge(alert.state, _STATES.get(alert.state, "gray"))
        told = f"{alert.decided_by}, {wording.short_day(alert.decided_at.date())}: {alert.note}"
        if alert.reason:
            told = f"{wording.words(alert.reason)}. {told}"
        st.caption(wording.plain(told))
    if alert.state in (State.CLAIMED, State.DISMISSED):
        saves, sure = wording.usd(alert.saving_usd_month), wording.percent(alert.confidence)
        st.caption(
            wording.plain(
                f"Its figures, and the options', are those it was {alert.state} on: {saves} a month, how sure: {sure}. "
                "The verdict's own move on with the facts."
            )
        )


def buttons(alert: Alert, url: str, today: date) -> None:
    """Every move that people can make: legal ones open a form, the others say why not."""
    possible = legal(State(alert.state))
    with st.container(horizontal=True):
        for each in BY_PEOPLE:
            label, icon, hint = _LABELS[each]
            if each in possible:
                with st.popover(label, icon=icon, help=hint, key=f"open-{each}"):
                    _form(alert, each, url, today)
            else:
                why = f"Not while it is {alert.state}; possible: {', '.join(possible) or 'nothing by hand'}."
                st.button(label, icon=icon, disabled=True, help=why, key=f"no-{each}")


def _form(alert: Alert, wanted: Move, url: str, today: date) -> None:
    # Another one after each move, so that a second click is known and a second claim is not taken for one.
    token = f"move-{alert.id}-{alert.decided_at.timestamp():.6f}-{wanted}"
    key = {name: selection.field_key(token, name) for name in _FIELDS}
    with st.form(f"form-{token}", border=False):
        if person.actor() is None:
            st.text_input("Your name", key=key["by"], max_chars=100)
        match wanted:
            case Move.CLAIM:
                # No calendar: it would open over the button as soon as Tab reaches it.
                st.text_input("Done by (year-month-day)", value=str(today + _NOTICE), key=key["due"], max_chars=10)
            case Move.SNOOZE:
                st.text_input("Until (year-month-day)", value=str(today + _NOTICE), key=key["until"], max_chars=10)
                st.text_input("Or until it saves, USD a month", key=key["saving"], placeholder="instead of a day")
            case Move.DISMISS:
                reasons = [str(reason) for reason in Dismissal]
                st.selectbox("Reason", reasons, format_func=wording.words, key=key["reason"])
            case Move.FINISH:
                _finish(alert, loads.registered_document(url, alert.feature) or {}, key["model"])
        required = "required" if wanted is Move.DISMISS else "optional"
        st.text_area("Note", key=key["note"], max_chars=2000, placeholder=required, height=80)
        st.form_submit_button(
            _LABELS[wanted][0], type="primary", on_click=move, args=(url, token, alert.feature, wanted)
        )


def _finish(alert: Alert, document: Mapping[str, Any], key: str) -> None:
    """What finishing changes, and the model where the new strategy has one."""
    st.caption(
        wording.plain(
            f"{alert.name or alert.feature} is then registered on {wording.option(alert.target)} instead of "
            f"{wording.option(alert.now)}, judged again, and measured from today on."
        )
    )
    if alert.target != Strategy.CODE:
        needed = "the model it prompts" if prompts_a_model(alert.target) else "else traffic tells"
        kept = kept_model(str(document.get("strategy")), document.get("model"), alert.target)
        st.text_input("Model it runs on now", value=kept or "", key=key, placeholder=needed, max_chars=200)


_FIELDS = ("by", "due", "until", "saving", "reason", "model", "note")
