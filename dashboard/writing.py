"""What the Register page does when a button is pressed: one action, in a callback, once however often it is clicked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard import form_reading, loads, person, selection
from db.failures import DatabaseError, database_words
from offramp.actions.failure import BadInput, Problem
from offramp.actions.register import Registered, read_yaml, register
from offramp.actions.review import review
from offramp.actions.usage import midnight
from offramp.clock import now
from offramp.policy import load_policy

BY = "dashboard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a submit: what was saved, or every problem; `unjudged` says why the review did not follow."""

    saved: tuple[Registered, ...] = ()
    problems: tuple[Problem, ...] = ()
    taken: str | None = None
    unjudged: str | None = None


def submit_form(url: str, token: str, document: Mapping[str, Any], *, editing: bool) -> None:
    """Save what the form holds; a slug that is taken is not overwritten unless it is being edited."""
    values = dict(selection.field_values(token))
    if editing:
        values["slug"] = document["slug"]
    _press(token, lambda: save_once(url, token, [form_reading.read(values, document)], editing=editing))


def submit_yaml(url: str, token: str, name: str) -> None:
    """Save the features of the YAML in this field; as on the command line, known slugs are updated."""
    text = str(selection.field_values(token).get(name) or "")
    _press(f"{token}-{name}", lambda: _save_yaml(url, token, text))


def _press(form: str, save: Callable[[], Outcome]) -> None:
    selection.press(form, save, done=lambda told: bool(told.saved))


def _save_yaml(url: str, token: str, text: str) -> Outcome:
    try:
        documents = read_yaml(text)
    except BadInput as problem:
        return Outcome(problems=problem.problems)
    return save_once(url, token, documents, editing=True)


def save_once(url: str, token: str, documents: Sequence[Mapping[str, Any]], *, editing: bool) -> Outcome:
    """Register the documents and judge them; the same token again writes nothing and says what the first click did."""
    try:
        again = loads.token_used(url, token)
        slug = str(documents[0].get("slug") or "") if documents else ""
        if not editing and not again and loads.registered_document(url, slug):
            cure = "open the one that is there and edit it, or choose another slug"
            return Outcome(
                problems=(Problem(error=f"{slug} is registered already", field="slug", cure=cure),), taken=slug
            )
        # One token names one row; of several pasted features each is told from its repetition by its own document.
        once = token if len(documents) == 1 else None
        saved = register(loads.engine(url), documents, at=now(), by=person.by(BY), form_token=once)
    except BadInput as problem:
        return Outcome(problems=problem.problems)
    except DatabaseError as problem:
        why = f"nothing was saved: {database_words(problem)}"
        return Outcome(problems=(Problem(error=why, cure="try again in a moment; the form keeps what you wrote"),))
    loads.forget()
    if again:
        saved = [replace(item, change="updated" if editing else "created") for item in saved]
    return Outcome(saved=tuple(saved), unjudged=_judge(url, [item.slug for item in saved]))


def _judge(url: str, slugs: Sequence[str]) -> str | None:
    at = now()
    try:
        review(loads.engine(url), load_policy(), as_of=midnight(at.date()), now=at, slugs=slugs)
    except (BadInput, DatabaseError) as problem:
        return database_words(problem) if isinstance(problem, DatabaseError) else str(problem)
    loads.forget()
    return None
