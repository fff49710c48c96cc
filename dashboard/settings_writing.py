"""What a button on the Settings page does: one action, in a callback; its outcome is shown once."""

from dataclasses import dataclass

from dashboard import loads, person, selection
from dashboard.job_writing import BY, Done
from dashboard.once import once
from db.failures import DatabaseError, database_words
from offramp.actions.channels import load_channels
from offramp.actions.failure import BadInput
from offramp.actions.keys import create_key, end_key
from offramp.actions.report import load_report, weeks
from offramp.actions.send_report import try_letter
from offramp.clock import now
from offramp.config import channels_file, timezone_name
from reports.answer import Fate


@dataclass(frozen=True, slots=True)
class Made:
    """A key just made: its name, and its text, which is shown once and kept nowhere."""

    name: str
    text: str


def make_key(url: str, token: str) -> None:
    """Create the key that the form names; the same form again makes none."""
    told = once(token, lambda: _key(url, token), done=lambda told: isinstance(told, Made))
    if isinstance(told, Made):
        loads.forget()
        selection.new_form()
    selection.keep_outcome(told)


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
    return Made(key.name, key.text)


def revoke(url: str, key_id: str, name: str) -> None:
    """End a key; servers refuse it within seconds."""
    try:
        end_key(loads.engine(url), key_id, now(), person.by(BY))
    except BadInput as problem:
        selection.keep_outcome(Done(problem.problems[0].sentence(), ok=False))
    except DatabaseError as problem:
        selection.keep_outcome(Done(f"The key still works: {database_words(problem)}", ok=False))
    else:
        loads.forget()
        selection.keep_outcome(Done(f"{name} is revoked: servers refuse it within seconds."))


def try_channel(url: str, channel: str) -> None:
    """Send the newest letter to a channel, marked as a test."""
    engine = loads.engine(url)
    report = next((found for week in weeks(engine) if (found := load_report(engine, week)) is not None), None)
    if report is None:
        selection.keep_outcome(Done("There is no letter to send yet: `offramp report` builds one.", ok=False))
        return
    try:
        told = load_channels(channels_file(), timezone_name())
        answer = try_letter(engine, told, report, channel, by=person.by(BY), at=now())
    except BadInput as problem:
        selection.keep_outcome(Done(problem.problems[0].sentence(), ok=False))
        return
    selection.keep_outcome(Done(f"Test to {channel}: {answer.words}", ok=answer.fate is Fate.TAKEN))
