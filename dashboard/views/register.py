"""Register a feature or edit one: the seeds' questions as a form, or the same as YAML."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
import yaml

from dashboard import loads, pieces, selection, wording
from dashboard.parts import form
from dashboard.selection import Param
from dashboard.writing import Outcome, submit_form, submit_yaml
from offramp.config import database_url

_EXAMPLE = "features:\n  - slug: ticket-triage\n    owner: support-platform\n    task: {output_space: label}\n"


def render() -> None:
    """Draw the form, or what became of it."""
    url = database_url()
    slug = selection.read().feature
    stored = loads.registered_document(url, slug) if slug else None
    outcome = selection.take_outcome()
    pieces.title("Edit a feature" if stored else "Register a feature")
    if isinstance(outcome, Outcome) and outcome.saved:
        _saved(outcome)
        # The next form is a new one: its fields and its token must not be the ones that were just saved.
        selection.new_form()
        return
    wrong: dict[str, str] = {}
    if isinstance(outcome, Outcome):
        _problems(outcome)
        wrong = {item.field: f"{item.error}; {item.cure}" for item in outcome.problems if item.field}
    document = stored or ({"slug": slug} if slug else {})
    token = selection.form_token(slug or "")
    st.markdown(
        "Everything but the slug may stay empty: what is not known is *unknown*, and a verdict that needs it says so."
    )
    by_form, by_yaml = st.tabs(["Form", "Paste YAML"])
    with by_form, st.form(f"feature-{token}", border=False):
        if slug and not stored:
            st.caption(f"Traffic names {wording.plain(slug)} already; the rest is yours to say.")
        form.draw(token, document, wrong, slug_fixed=stored is not None)
        st.form_submit_button(
            "Save and judge",
            type="primary",
            on_click=submit_form,
            args=(url, token, document),
            kwargs={"editing": stored is not None},
        )
    with by_yaml, st.form(f"yaml-{token}", border=False):
        _yaml_field(token, stored)
        st.form_submit_button("Save and judge the YAML", type="primary", on_click=submit_yaml, args=(url, token))


def _yaml_field(token: str, stored: Mapping[str, Any] | None) -> None:
    text = yaml.safe_dump({"features": [dict(stored)]}, sort_keys=False, allow_unicode=True) if stored else ""
    st.text_area(
        "The same as `offramp register` reads; slugs that are known are updated",
        text,
        height=380,
        placeholder=_EXAMPLE,
        key=selection.field_key(token, "yaml"),
    )


def _saved(outcome: Outcome) -> None:
    for item in outcome.saved:
        moved = f": {', '.join(item.fields)}" if item.change == "updated" and item.fields else ""
        st.success(
            f"**{wording.plain(item.slug)}** is {_words(item.change)}{wording.plain(moved)}.",
            icon=":material/check_circle:",
        )
        st.page_link(
            "views/feature.py",
            label=f"See the verdict of {wording.plain(item.slug)}",
            query_params={Param.FEATURE.value: item.slug},
        )
    if outcome.unjudged is None:
        st.caption("It was judged on what is known now.")
    else:
        pieces.failed(
            "It was saved, but not judged.", outcome.unjudged, "run `offramp review`, or wait for the next one."
        )
    st.page_link("views/register.py", label="Register another")


def _words(change: str) -> str:
    return {"created": "registered", "updated": "updated", "unchanged": "as it was: nothing changed"}.get(
        change, change
    )


def _problems(outcome: Outcome) -> None:
    number = len(outcome.problems)
    lines = []
    for problem in outcome.problems:
        place = "" if not problem.field else f"**{wording.plain(form.question(problem.field))}** (`{problem.field}`): "
        cure = f" → {wording.plain(problem.cure)}" if problem.cure else ""
        row = f"line or row {problem.row}, " if problem.row and not problem.field else ""
        lines.append(f"- {place}{row}{wording.plain(problem.error)}{cure}")
    head = f"**Nothing was saved: {wording.plural(number, 'field is', 'fields are')} wrong.**"
    st.error("\n".join([head, "", *lines]), icon=":material/error:")
    if outcome.taken:
        query = {Param.FEATURE.value: outcome.taken}
        st.page_link("views/register.py", label=f"Edit {wording.plain(outcome.taken)}", query_params=query)
        st.page_link("views/feature.py", label=f"See {wording.plain(outcome.taken)}", query_params=query)


if __name__ == "__main__":
    render()
