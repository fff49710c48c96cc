"""Refuses what can only be done with a feature that runs: who ended it, why, and how to take that back."""

from collections.abc import Collection
from shlex import quote

from db.queries.ended import Ended, ended_features
from db.session import Engine, Session, reading
from offramp.actions.failure import BadInput, Problem


def list_ended(engine: Engine) -> dict[str, Ended]:
    """The features that have ended, by slug."""
    with reading(engine) as session:
        return ended_features(session)


def ended_told(engine: Engine, slug: str) -> str | None:
    """That a feature has ended, when, by whom, why and how to take it back; None where it has not."""
    found = list_ended(engine).get(slug)
    return None if found is None else f"{_told(found)}; to take that back: {resume_words(slug)}"


def not_ended(session: Session, slugs: Collection[str]) -> None:
    """Let pass what has not ended.

    Raises:
        BadInput: one of them has; every one is named.
    """
    gone = ended_features(session)
    problems = [
        Problem(
            error=_told(gone[slug]),
            row=row if len(slugs) > 1 else None,
            field="slug",
            cure=f"leave it out, or take that back: {resume_words(slug)}",
        )
        for row, slug in enumerate(slugs, start=1)
        if slug in gone
    ]
    if problems:
        raise BadInput(problems)


def _told(gone: Ended) -> str:
    return f"{gone.slug} ended on {gone.at.date()} ({gone.by}: {gone.why})"


def resume_words(slug: str) -> str:
    """The command that takes the end of a feature back."""
    return f"`offramp features resume {quote(slug)} --why …`"
