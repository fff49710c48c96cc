"""Writing what price lists propose: the lists themselves, byte for byte, and each difference with its decision."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.store.upsert import insert_new
from db.tables import PriceImport, PriceProposal
from strategy.facts import Price

_WAITING = ("open", "quarantined")


def keep_import(session: Session, *, sha256: str, form: str, name: str, content: bytes | None, at: datetime) -> None:
    """Keep a list as it was read; the same bytes again only move the time they were last read."""
    row = {"sha256": sha256, "form": form, "name": name, "content": content, "read_at": at}
    if not insert_new(session, PriceImport, [row], "sha256"):
        session.execute(update(PriceImport).where(PriceImport.sha256 == sha256).values(read_at=at))


def append_proposals(session: Session, rows: Sequence[dict[str, Any]]) -> set[str]:
    """Append the proposals whose key is new; the keys that were."""
    return {str(key) for key in insert_new(session, PriceProposal, rows, "key")}


def proposal_row(line: Price) -> dict[str, Any]:
    """The columns of a proposal that say which line of the book it means."""
    return {
        "model": line.model,
        "kind": line.kind.value,
        "tier_min_input_tokens": line.tier_min_input_tokens,
        "processing": line.processing,
        "valid_from": line.valid_from,
        "valid_to": line.valid_to,
        "source": line.source,
    }


def decide(session: Session, ids: Collection[int], status: str, *, by: str, why: str, at: datetime) -> None:
    """Record the yes or no to proposals that wait, with who said so and why."""
    query = update(PriceProposal).where(PriceProposal.id.in_(ids), PriceProposal.status.in_(_WAITING))
    session.execute(query.values(status=status, decided_by=by, decided_why=why, decided_at=at))


def withdraw(session: Session, form: str, models: Collection[str], still: Collection[str], at: datetime) -> int:
    """Reject what waits from lists of this form, of models the list tells, and is no longer proposed; how many were.

    The key is freed, so that a list may change its mind again.
    """
    query = (
        select(PriceProposal)
        .join(PriceImport, PriceImport.sha256 == PriceProposal.sha256)
        .where(PriceProposal.status.in_(_WAITING), PriceImport.form == form)
    )
    gone = [row for row in session.scalars(query) if row.model in models and row.key not in still]
    for row in gone:
        row.status, row.decided_by, row.decided_at = "rejected", "offramp", at
        row.why += "; the list took it back"
        row.key += f"|withdrawn {row.id}"
    session.flush()
    return len(gone)
