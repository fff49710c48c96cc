"""What is selected: the URL is the truth. The only module that touches `st.session_state` and `st.query_params`.

A widget is set from the URL before it is drawn and writes the URL when it is moved: a page can be mailed, the back
button works, and an unknown value can be named instead of silently replaced.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import uuid4

import streamlit as st

from dashboard.presses import Presses, Told


class Param(StrEnum):
    """The parameters of a page's URL; each is also the key of its widget."""

    FEATURE = "feature"
    OWNER = "owner"
    TARGET = "target"
    STATE = "state"
    SEVERITY = "severity"
    ORDER = "order"
    TEXT = "q"
    WEEK = "week"
    WHAT_IF = "what_if"
    PAGE = "page"
    WAITING = "waiting"
    LIST = "list"


FILTERS = (Param.OWNER, Param.TARGET, Param.STATE, Param.SEVERITY, Param.TEXT)
_LONGEST_NUMBER = 7


class Kept(StrEnum):
    """What a session keeps besides: the form on screen with what filled it, and what its buttons are at."""

    TOKEN = "form-token"  # noqa: S105 (a name, not a secret)
    FILLED = "form-filled"
    PRESSES = "presses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What the URL selects; None is no restriction."""

    feature: str | None = None
    owner: str | None = None
    target: str | None = None
    state: str | None = None
    severity: str | None = None
    order: str | None = None
    text: str | None = None
    week: str | None = None
    what_if: str | None = None
    page: int = 1
    waiting: int = 1


def read() -> Selection:
    """The selection that the URL says."""
    found = {param: st.query_params.get(param) or None for param in Param}
    return Selection(
        feature=found[Param.FEATURE],
        owner=found[Param.OWNER],
        target=found[Param.TARGET],
        state=found[Param.STATE],
        severity=found[Param.SEVERITY],
        order=found[Param.ORDER],
        text=found[Param.TEXT],
        week=found[Param.WEEK],
        what_if=found[Param.WHAT_IF],
        page=_page(found[Param.PAGE]),
        waiting=_page(found[Param.WAITING]),
    )


def widget(param: Param, value: str | None) -> dict[str, Any]:
    """The `key`, `on_change` and `args` of the widget that shows `value` and writes this parameter."""
    st.session_state[param] = value
    return {"key": param.value, "on_change": _to_url, "args": (param,)}


def page_widget(param: Param, page: int, pages: int) -> dict[str, Any]:
    """The same for a widget that turns the pages of a list."""
    # Another page is another widget: this kind cannot be set from outside.
    key, shown = f"{param}-{page}", min(page, pages)
    return {"key": key, "default": shown, "on_change": _turn, "args": (param, key)}


def tabs(param: Param) -> dict[str, Any]:
    """What binds tabs to this parameter, of which the first needs none: only the one that is open is to be drawn."""
    return {"key": param.value, "bind": "query-params", "on_change": "rerun"}


def _turn(param: Param, key: str) -> None:
    page = int(st.session_state.get(key) or 1)
    if page > 1:
        st.query_params[param.value] = str(page)
    else:
        st.query_params.pop(param.value, None)


def _page(text: str | None) -> int:
    """A page's number, from 1; what is none is the first."""
    return max(1, int(text)) if text and text.isdecimal() and len(text) <= _LONGEST_NUMBER else 1


def _to_url(param: Param) -> None:
    value = st.session_state.get(param)
    if param in (*FILTERS, Param.ORDER):
        # Other rows: page 7 of them would be empty.
        st.query_params.pop(Param.PAGE.value, None)
    if value:
        st.query_params[param.value] = value
    else:
        st.query_params.pop(param.value, None)


def clear_filters() -> None:
    """Take every filter out of the URL."""
    for param in (*FILTERS, Param.PAGE):
        st.query_params.pop(param.value, None)


def suppose(asked: str | None = None) -> None:
    """Write what other prices the page supposes into the URL; None takes them out."""
    if asked:
        st.query_params[Param.WHAT_IF.value] = asked
    else:
        st.query_params.pop(Param.WHAT_IF.value, None)


def form_token(about: str) -> str:
    """The token of the form on screen: the same through all its reruns, so that a triple click is one write.

    `about` is the feature that the form is filled from; another one is another form.
    """
    kept: tuple[str, str] | None = st.session_state.get(Kept.TOKEN)
    if kept is None or kept[0] != about:
        kept = (about, uuid4().hex)
        st.session_state[Kept.TOKEN] = kept
    return kept[1]


def new_form() -> None:
    """Start an empty form: a new token, and with it new widgets."""
    st.session_state.pop(Kept.TOKEN, None)
    st.session_state.pop(Kept.FILLED, None)


def fill_form(about: str, document: Mapping[str, Any]) -> None:
    """Start a form that is filled from this document: a new token, and with it new widgets."""
    token = uuid4().hex
    st.session_state[Kept.TOKEN] = (about, token)
    st.session_state[Kept.FILLED] = (token, document)


def filled_from(token: str) -> Mapping[str, Any] | None:
    """The document that `fill_form` filled this form from; None where it was not."""
    kept: tuple[str, Mapping[str, Any]] | None = st.session_state.get(Kept.FILLED)
    return kept[1] if kept is not None and kept[0] == token else None


def field_key(token: str, name: str) -> str:
    """The widget key of one form field."""
    return f"{token}.{name}"


def field_values(token: str) -> Mapping[str, Any]:
    """What the fields of a form hold now, by name."""
    start = f"{token}."
    return {key.removeprefix(start): item for key, item in _kept().items() if key.startswith(start)}


def begin() -> None:
    """Begin to draw a page: what a button is still at is waited for."""
    _presses().settle()


def end() -> None:
    """A page was drawn to its end: what it told is told."""
    # A run that was overtaken gets no further than this touch: what it drew was not seen.
    if Kept.PRESSES in st.session_state:
        _presses().told()


def press(form: str, act: Callable[[], Told], *, done: Callable[[Told], bool]) -> None:
    """Do what a button asks for, once for this form, and hand what it did to the page that is drawn after it.

    A press after the one whose outcome was `done` is told the same again.
    """
    _presses().once(form, act, done=done)


def until_told(button: str) -> str:
    """The form that a button without a token is: pressed again before a page told what it did, it is the same."""
    return _presses().until_told(button)


def has_outcome() -> bool:
    """Whether a button did something that no page has told of yet."""
    return _presses().waits()


def take_outcome() -> object | None:
    """What the last press did, once."""
    return _presses().take()


def _kept() -> dict[str, Any]:
    """All that the session holds. An overtaken run may read it in one go, and is stopped where it reads one key."""
    return {str(key): item for key, item in st.session_state.to_dict().items()}


def _presses() -> Presses:
    kept: Presses | None = _kept().get(Kept.PRESSES)
    if kept is None:
        kept = Presses()
        st.session_state[Kept.PRESSES] = kept
    return kept
