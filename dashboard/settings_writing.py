"""What a button on the Settings page does: one action, in a callback, once until its outcome is shown."""

from dataclasses import dataclass

from dashboard import loads, person, selection
from dashboard.job_writing import BY, Done, press_until_told, tested
from db.failures import DatabaseError, database_words
from offramp.actions.failure import BadInput
from offramp.actions.keys import create_key, end_key
from offramp.actions.report import load_report, weeks
from offramp.clock import now


@dataclass(frozen=True, slots=True)
class Made:
    """A key just made: its name, and its text, which is shown once and kept nowhere."""

    name: str
    text: str


def make_key(url: str, token: str) -> None:
    """Create the key that the form names; the same form again makes none."""
    selection.press(token, lambda: _key(url, token), done=lambda told: isinstance(told, Made))


def _key(url: str, token: str) -> Made | Done:
    values = selection.field_values(token)
    name, scopes = str(values.get("name") or "").strip(), list(values.get("scopes") or ())
    if not name:
        return Done("Give the key a name: it is how you find it in this list.", ok=False)
    try:
        key = create_key(loads.engine(url), name=name, scopes=scopes, at=now(), by=person.by(BY))
    except BadInput as problem:
        return Done(problem.problems[0].sentence(), ok=False)
    except DatabaseError as problem:
        return Done(f"No key was made: {database_words(problem)}", ok=False)
    finally:
        loads.forget()
    return Made(key.name, key.text)


def revoke(url: str, key_id: str, name: str) -> None:
    """End a key; servers refuse it within seconds."""
    press_until_told(f"revoke {key_id}", lambda: _revoked(url, key_id, name))


def _revoked(url: str, key_id: str, name: str) -> Done:
    try:
        end_key(loads.engine(url), key_id, now(), person.by(BY))
    except BadInput as problem:
        return Done(problem.problems[0].sentence(), ok=False)
    except DatabaseError as problem:
        return Done(f"The key still works: {database_words(problem)}", ok=False)
    finally:
        loads.forget()
    return Done(f"{name} is revoked: servers refuse it within seconds.")


def try_channel(url: str, channel: str) -> None:
    """Send the newest letter to a channel, marked as a test."""
    press_until_told(f"try {channel}", lambda: _tested(url, channel))


def _tested(url: str, channel: str) -> Done:
    engine = loads.engine(url)
    report = next((found for week in weeks(engine) if (found := load_report(engine, week)) is not None), None)
    if report is None:
        return Done("There is no letter to send yet: `offramp report` builds one.", ok=False)
    return tested(engine, report, channel)
