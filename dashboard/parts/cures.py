"""The cures beside what is wrong: give traffic to a feature, put a name right, price a model, choose the record."""

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta

import streamlit as st

from dashboard import cure_writing, pieces, selection, source_loads, wording
from dashboard.cure_writing import LOOSE, NAMED, PRICED, RECORD, RENAMED, SAME
from dashboard.loads import Health
from offramp.actions.discovered import Discovered
from strategy.record import EVERY, MEASURES

_ATTRIBUTES = ("service.name", "service.namespace", "deployment.environment.name", "gen_ai.agent.name", "user.id")
_WINDOW = timedelta(days=28)


def loose(url: str, registered: Collection[str], calls: int) -> None:
    """Gives a feature what nobody claims: by a rule from now on, and what was counted so far."""
    with st.expander("Give it to a feature"), st.form(LOOSE, border=False):
        _feature(LOOSE, registered)
        with st.container(horizontal=True):
            st.selectbox(
                "Attribute", _ATTRIBUTES, key=_key(LOOSE, "attribute"), accept_new_options=True, help="of its spans"
            )
            st.text_input("Equals", key=_key(LOOSE, "equals"), placeholder="as senders write it; empty: no rule")
        st.checkbox(
            f"also give it the {wording.plural(calls, 'call')} that nobody claimed so far", key=_key(LOOSE, "past")
        )
        st.caption("Of the past no attributes are kept: all of it goes, and cannot be taken apart again.")
        _submit("Give it to the feature", cure_writing.give_loose, url)


def names(url: str, registered: Collection[str], found: Sequence[Discovered]) -> None:
    """Puts a name in traffic right: it is a registered feature's, or is called otherwise."""
    told = [item.name for item in found]
    if told and registered:
        with st.expander("Merge into a registered feature"), st.form(NAMED, border=False):
            st.selectbox("Name in traffic", told, key=_key(NAMED, "name"))
            _feature(NAMED, registered)
            st.caption("Its past goes along, and what still comes under the name. Sums cannot be taken apart again.")
            _submit("Merge", cure_writing.merge_name, url)
    if told or registered:
        with st.expander("Rename"), st.form(RENAMED, border=False):
            st.selectbox("Feature or name in traffic", [*told, *sorted(registered)], key=_key(RENAMED, "old"))
            st.text_input("New name", key=_key(RENAMED, "new"), placeholder="ticket-triage")
            st.caption("Its past goes along, and what still comes under the old name counts for it.")
            _submit("Rename", cure_writing.give_name, url)


def prices(url: str, found: Health) -> None:
    """Prices a model that has none: with a price of one's own, or as a model of the book."""
    rows = [row for row in found.by_model.rows if row.unpriced_calls]
    sent = {(row.provider or "", row.model or ""): None for row in sorted(rows, key=lambda row: -row.unpriced_calls)}
    models = [pair for pair in sent if pair[1]]
    if not models:
        return
    with st.expander("Set a price"), st.form(PRICED, border=False):
        _model(PRICED, models)
        with st.container(horizontal=True):
            st.text_input("Input, $ per million tokens", key=_key(PRICED, "input"), placeholder="0.20")
            st.text_input("Output, $ per million tokens", key=_key(PRICED, "output"), placeholder="0.80")
            st.date_input("From", (found.read_at - _WINDOW).date(), key=_key(PRICED, "start"), format="YYYY-MM-DD")
        st.caption(
            "A price of your own wins over every list. Cached tokens, batches and GPUs: `offramp prices own FILE`."
        )
        _submit("Set the price", cure_writing.set_price, url)
    with st.expander("It is a model of the price book"), st.form(SAME, border=False):
        _model(SAME, models)
        near = source_loads.nearby(url, tuple("/".join(filter(None, pair)) for pair in models))
        st.selectbox(
            "The same as",
            near,
            index=None,
            key=_key(SAME, "same"),
            accept_new_options=True,
            placeholder="provider/model",
        )
        st.caption("Said once, it stays: a past cost moves only from unknown to known.")
        _submit("It is that model", cure_writing.same_model, url)


def record(url: str, registered: Collection[str]) -> None:
    """Chooses whose figures count for a feature."""
    sources = source_loads.sources(url)
    if not registered or len(sources) < 2:  # noqa: PLR2004 (of one source there is nothing to choose)
        return
    with st.expander("Choose the record of a feature"), st.form(RECORD, border=False):
        _feature(RECORD, registered)
        with st.container(horizontal=True):
            st.selectbox("Source", [*sources, EVERY, "default"], key=_key(RECORD, "source"))
            st.selectbox("For", [cure_writing.EVERY_MEASURE, *MEASURES], key=_key(RECORD, "measure"))
        st.caption("`all`: its sources tell of different calls and add up. `default`: the order of docs/collect.md.")
        _submit("Make it the record", cure_writing.choose, url)


def doctor(url: str, done: object) -> None:
    """Everything a newcomer gets wrong, looked at on request: what is amiss first, with its cure."""
    pieces.section("Doctor", "Looks at the machine, the settings, the database, what it holds and every pulled source.")
    st.button("Examine", key="examine", on_click=cure_writing.examine, args=(url,))
    if not isinstance(done, cure_writing.Examined):
        return
    amiss = [finding for finding in done.findings if not finding.ok]
    fine = [finding for finding in done.findings if finding.ok]
    for finding in amiss:
        pieces.failed(
            f"{wording.words(finding.check)}",
            finding.detail,
            finding.cure or "run `offramp doctor` and read docs/collect.md",
        )
    if not amiss:
        st.success("Nothing is amiss.")
    with st.expander(f"{wording.plural(len(fine), 'check')} found nothing amiss", expanded=not amiss):
        lines = [f"- **{wording.plain(item.check)}**: {wording.plain(item.detail)}" for item in fine]
        st.markdown("\n".join(lines))


def _feature(token: str, registered: Collection[str]) -> None:
    st.selectbox("Feature", sorted(registered), index=None, key=_key(token, "feature"), placeholder="choose a feature")


def _model(token: str, models: Sequence[tuple[str, str]]) -> None:
    st.selectbox("Model", models, key=_key(token, "model"), format_func=lambda pair: "/".join(filter(None, pair)))


def _submit(label: str, act: Callable[[str], None], url: str) -> None:
    st.form_submit_button(label, on_click=act, args=(url,))


def _key(token: str, name: str) -> str:
    return selection.field_key(token, name)
