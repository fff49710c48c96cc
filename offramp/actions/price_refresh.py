"""Reads a price list and proposes what it says differently; only what its source dates, and is ordinary, is taken.

The list is kept byte for byte under its hash. What waits for a person is told by `proposals`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from collectors.model_names import FIRST_PARTY
from collectors.price_fetch import fetch_price_list
from collectors.price_lists import PriceList, installed_list, installed_sha256, read_price_list, sourced
from collectors.price_rows import Listed
from collectors.rejected import Rejected, SourceError
from db.queries.price_reads import PRICE_LIST
from db.queries.prices import book_lines, filled_at, retirements_of
from db.queries.proposals import Proposal, has_import, last_import, proposals, proposals_by_key
from db.session import Engine, Session, reading, transaction
from db.store.prices import record_retirements
from db.store.proposals import append_proposals, keep_import, proposal_row, withdraw
from db.store.runs import RunCounts, record_run
from db.store.turns import Turn, take_turn
from offramp.actions.failure import BadInput, Problem
from offramp.actions.price_decisions import append_accepted
from offramp.actions.price_diff import DISCOUNT, by_series, differences, series_of
from offramp.actions.price_guards import Judged, judged
from reports.words import count
from strategy.facts import Retirement

WAITING = ("open", "quarantined")
# How a retirement that was read in its vendor's own words ends its source (collectors.retirements).
_OWN = "(grade A)"
BY_ITSELF = "offramp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What reading a list did: its proposals that were new, what was refused of it, what waits for a person now."""

    source: str
    sha256: str
    proposals: tuple[Proposal, ...]
    refused: tuple[Rejected, ...]
    withdrawn: int
    waiting: int
    retirements: int = 0

    @property
    def needs_a_person(self) -> bool:
        """Whether anything waits or was refused."""
        return bool(self.waiting or self.refused)

    def document(self) -> dict[str, Any]:
        """For `prices refresh --json`."""
        return {
            "source": self.source,
            "sha256": self.sha256,
            "new": dict(sorted(Counter(found.change for found in self.proposals).items())),
            "accepted": sum(found.status == "accepted" for found in self.proposals),
            "withdrawn": self.withdrawn,
            "waiting": self.waiting,
            "retirements": self.retirements,
            "refused": [
                Problem(error=row.error, row=row.row or None, field=row.field, cure=row.cure).document()
                for row in self.refused
            ],
        }


def refresh_from(engine: Engine, raw: bytes, name: str, *, at: datetime) -> Refreshed:
    """Propose what a price list says differently from the book.

    Raises:
        BadInput: it is no price list.
    """
    try:
        found = read_price_list(raw, name)
    except SourceError as bad:
        raise BadInput([Problem(error=bad.message, cure=bad.cure or None)]) from None
    return _refresh(engine, found, raw, at)


def refresh_installed(engine: Engine, *, at: datetime) -> Refreshed:
    """Propose what the installed package says differently; the same package again proposes nothing new."""
    return _refresh(engine, installed_list(), None, at)


def refresh_if_new(engine: Engine, *, at: datetime) -> Refreshed | None:
    """Propose what a newly installed package says differently; None where this package was read before."""
    with reading(engine) as session:
        if has_import(session, installed_sha256()):
            return None
    return refresh_installed(engine, at=at)


def _refresh(engine: Engine, found: PriceList, raw: bytes | None, at: datetime) -> Refreshed:
    listed, twice = _once(sourced(found))
    with transaction(engine) as session:
        take_turn(session, Turn.PRICES)
        told_until = max(filter(None, (filled_at(session), last_import(session))), default=at)
        book = by_series(book_lines(session, but_by=DISCOUNT))
        told = differences(book, listed, now=at, told_until=told_until, whole=found.whole)
        weighed = judged(told, book, _makers({model for model, *_ in book} | {each.line.model for each in told}))
        keep_import(session, sha256=found.sha256, form=found.form, name=found.name, content=raw, at=at)
        keys = append_proposals(session, [_row(each, found, at) for each in weighed])
        session.flush()
        new = proposals_by_key(session, keys)
        append_accepted(session, [each for each in new if each.status == "accepted"], by=BY_ITSELF, at=at)
        models = {line.price.model for line in listed}
        ends = record_retirements(session, _news(session, found.retirements), at)
        gone = withdraw(session, found.form, models, {each.difference.key for each in weighed}, at)
        waiting = len(proposals(session, statuses=WAITING))
        counts = RunCounts(accepted=len(new), rejected=len(found.refused) + len(twice))
        _note_run(
            session, at, "ok", f"{found.source}: {count(len(new), 'proposal')}, {waiting} waiting for a person", counts
        )
    return Refreshed(
        source=found.source,
        sha256=found.sha256,
        proposals=tuple(new),
        refused=(*found.refused, *twice),
        withdrawn=gone,
        waiting=waiting,
        retirements=ends,
    )


def _news(session: Session, told: Sequence[Retirement]) -> list[Retirement]:
    """What a list says of last days that nobody said before; where a vendor's own word is known, no list moves it."""
    known = {item.model: item for item in retirements_of(session, [item.model for item in told])}
    return [
        item
        for item in told
        if item.model not in known or (known[item.model].on != item.on and not known[item.model].source.endswith(_OWN))
    ]


def _note_run(session: Session, at: datetime, outcome: str, message: str, counts: RunCounts) -> None:
    record_run(session, PRICE_LIST, started_at=at, finished_at=at, outcome=outcome, counts=counts, message=message)


def _row(each: Judged, found: PriceList, at: datetime) -> dict[str, Any]:
    difference = each.difference
    decided = each.status == "accepted"
    return proposal_row(difference.line) | {
        "key": difference.key,
        "sha256": found.sha256,
        "change": difference.change.value,
        "old": difference.old,
        "new": difference.new,
        "declared": difference.declared,
        "status": each.status,
        "why": each.why,
        "found_at": at,
        "decided_at": at if decided else None,
        "decided_by": BY_ITSELF if decided else None,
    }


def _once(listed: Iterable[Listed]) -> tuple[list[Listed], list[Rejected]]:
    """The lines of a list, each once; of two with different amounts for one start neither is taken."""
    found: dict[object, list[Listed]] = {}
    for line in listed:
        found.setdefault((series_of(line.price), line.price.valid_from), []).append(line)
    kept, twice = [], []
    for lines in found.values():
        if len({line.price.usd_per_mtok for line in lines}) == 1:
            kept.append(lines[0])
        else:
            price = lines[0].price
            said = f"the {price.kind} price of {price.model} is given twice with different amounts"
            twice.append(Rejected(0, price.kind.value, said, "keep one of the two"))
    return kept, twice


def _makers(models: Collection[str]) -> dict[str, str]:
    """For each host's model the maker's of the same name."""
    own = {name.partition("/")[2]: name for name in sorted(models) if name.partition("/")[0] in FIRST_PARTY}
    return {
        model: own[bare]
        for model in models
        for bare in [model.rpartition("/")[2]]
        if bare in own and own[bare] != model and model.partition("/")[0] not in FIRST_PARTY
    }


def waiting(session: Session) -> list[Proposal]:
    """What waits for a person's yes or no, oldest first."""
    return proposals(session, statuses=WAITING)


def waiting_now(engine: Engine) -> list[Proposal]:
    """As `waiting`, on its own."""
    with reading(engine) as session:
        return waiting(session)


def refresh_online(engine: Engine, url: str, *, at: datetime, allow_private: bool) -> Refreshed:
    """Fetch a price list and propose what it says differently; whatever goes wrong, the book stays as it is.

    Raises:
        SourceError: the list could not be fetched, or is none; the failure is kept with the runs.
    """
    try:
        raw = fetch_price_list(url, allow_private=allow_private)
        found = read_price_list(raw, urlsplit(url).hostname or "url")
    except SourceError as failure:
        with transaction(engine) as session:
            _note_run(session, at, "failed", str(failure), RunCounts())
        raise
    return _refresh(engine, found, raw, at)
