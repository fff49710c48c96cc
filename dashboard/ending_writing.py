"""What the Feature page does when somebody ends a feature or takes that back: one action, in a callback."""

from dashboard import loads, person, selection
from dashboard.job_writing import Done
from db.failures import DatabaseError, database_words
from offramp.actions.actors import By
from offramp.actions.end import end, resume
from offramp.actions.failure import BadInput
from offramp.clock import now
from offramp.policy import load_policy

END, RESUME = "end", "resume"


def write(url: str, token: str, slug: str, wanted: str) -> None:
    """End the feature, or let it run again, as the form says; refused or failed, nothing is written.

    A second press of a form that was taken is told the same again.
    """
    selection.press(token, lambda: _tried(url, token, slug, wanted), done=lambda told: told.ok)


def _tried(url: str, token: str, slug: str, wanted: str) -> Done:
    values = selection.field_values(token)
    by, why = person.by(str(values.get("by") or "").strip()), str(values.get("why") or "")
    if not by:
        return Done("Say who you are: every end has a name.", ok=False)
    if not why.strip():
        return Done("Say why, in a sentence: who reads it in a year will want to know.", ok=False)
    try:
        return Done(_made(url, slug, wanted, by, why))
    except BadInput as refused:
        return Done(refused.problems[0].sentence(), ok=False)
    except DatabaseError as failure:
        return Done(f"Nothing was written: {database_words(failure)}", ok=False)
    finally:
        loads.forget()


def _made(url: str, slug: str, wanted: str, by: By, why: str) -> str:
    engine = loads.engine(url)
    if wanted == END:
        end(engine, slug, by=by, why=why, at=now())
        return f"{slug} has ended: it is judged and counted no more."
    resume(engine, load_policy(), slug, by=by, why=why, at=now())
    return f"{slug} runs again, and was judged."
