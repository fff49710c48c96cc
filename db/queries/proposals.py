"""What price lists propose and when lists were read, as frozen values."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import PriceImport, PriceProposal
from strategy.facts import Price
from strategy.kinds import PriceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A difference between a price list and the book; `old` and `new` are None where there is no price."""

    id: int
    key: str
    sha256: str
    model: str
    kind: PriceKind
    tier_min_input_tokens: int
    processing: str
    change: str
    old: Decimal | None
    new: Decimal | None
    valid_from: datetime
    valid_to: datetime | None
    declared: bool
    source: str
    status: str
    why: str
    found_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decided_why: str

    @property
    def line(self) -> Price | None:
        """The line that a yes would append; None where it would append none."""
        amount = self.old if self.change == "cancelled" else self.new
        if amount is None:
            return None
        return Price(
            model=self.model,
            kind=self.kind,
            usd_per_mtok=amount,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            tier_min_input_tokens=self.tier_min_input_tokens,
            processing=self.processing,
            source=self.source,
        )


def proposals(
    session: Session, *, statuses: Collection[str] | None = None, ids: Collection[int] | None = None
) -> list[Proposal]:
    """The proposals of these statuses or ids, oldest first."""
    query = select(PriceProposal).order_by(PriceProposal.id)
    if statuses is not None:
        query = query.where(PriceProposal.status.in_(statuses))
    if ids is not None:
        query = query.where(PriceProposal.id.in_(ids))
    return [_proposal(row) for row in session.scalars(query)]


def decided_by_people(session: Session, own_name: str, limit: int = 20) -> list[Proposal]:
    """The newest proposals that somebody else than `own_name` said yes or no to."""
    query = (
        select(PriceProposal)
        .where(PriceProposal.decided_by.is_not(None), PriceProposal.decided_by != own_name)
        .order_by(PriceProposal.decided_at.desc(), PriceProposal.id.desc())
        .limit(limit)
    )
    return [_proposal(row) for row in session.scalars(query)]


def proposals_by_key(session: Session, keys: Collection[str]) -> list[Proposal]:
    """The proposals with these keys, oldest first."""
    rows = session.scalars(select(PriceProposal).order_by(PriceProposal.id))
    wanted = set(keys)
    return [_proposal(row) for row in rows if row.key in wanted]


def last_import(session: Session) -> datetime | None:
    """When a price list was last read; None before the first."""
    return session.scalar(select(func.max(PriceImport.read_at)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A list as it was read; `content` is None where that was the package."""

    sha256: str
    name: str
    content: bytes | None


def newest_import(session: Session, form: str) -> Imported | None:
    """The list of a form that was read last; None before the first."""
    query = select(PriceImport).where(PriceImport.form == form).order_by(PriceImport.read_at.desc()).limit(1)
    row = session.scalars(query).one_or_none()
    return None if row is None else Imported(sha256=row.sha256, name=row.name, content=row.content)


def import_content(session: Session, sha256: str) -> bytes | None:
    """The bytes of a list as it was read; None where it was the package, or nobody read it."""
    return session.scalar(select(PriceImport.content).where(PriceImport.sha256 == sha256))


def has_import(session: Session, sha256: str) -> bool:
    """Whether this list was read before."""
    return session.scalar(select(PriceImport.sha256).where(PriceImport.sha256 == sha256)) is not None


def _proposal(row: PriceProposal) -> Proposal:
    values = {name: getattr(row, name) for name in Proposal.__dataclass_fields__}
    return Proposal(**values | {"kind": PriceKind(row.kind)})
