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


def not_ended(session: Session, slugs: Collection[str]) -> None:
    """Let pass what has not ended.

    Raises:
        BadInput: one of them has; every one is named.
    """
    gone = ended_features(session)
    problems = [
        Problem(
            error=f"{slug} ended on {gone[slug].at.date()} ({gone[slug].by}: {gone[slug].why})",
            row=row if len(slugs) > 1 else None,
            field="slug",
            cure=f"leave it out, or take that back: {resume_words(slug)}",
        )
        for row, slug in enumerate(slugs, start=1)
        if slug in gone
    ]
    if problems:
        raise BadInput(problems)


def resume_words(slug: str) -> str:
    """The command that takes the end of a feature back."""
    return f"`offramp features resume {quote(slug)} --why …`"
