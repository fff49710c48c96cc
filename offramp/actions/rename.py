"""Gives a feature another name, or its past to another feature: in one transaction, with what comes later too."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.queries.features import FeatureHead, features, former_names, merged_slugs
from db.session import Engine, Session, reading
from db.store.alerts import Step, held_alert, move_alert
from db.store.features import rename_feature, retire_feature
from db.store.rename import Past, move_past, past_of
from db.store.turns import take_turn
from db.tables import NOBODY
from offramp.actions.actors import By, acting, may_write_all, name_of
from offramp.actions.ended import not_ended
from offramp.actions.failure import BadInput, Problem
from offramp.actions.register import canonical
from strategy.lifecycle import Move
from strategy.parse import SLUG, feature_document, parse_feature


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """What moves from one name to another: calls, the hourly rows that hold them, scores; `change` says how.

    `change` is `renamed`, `merged` or `unchanged` (it was done before, and nothing came since).
    """

    old: str
    new: str
    change: str
    calls: int
    rows: int
    scores: int

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "from": self.old,
            "to": self.new,
            "change": self.change,
            "calls": self.calls,
            "rows": self.rows,
            "scores": self.scores,
        }


def rename(engine: Engine, old: str, new: str, *, at: datetime, by: By, dry_run: bool = False) -> Renamed:
    """Call a feature, registered or discovered, by another name; with `dry_run` only count what would move.

    Raises:
        NotAllowed: only an admin may.
        BadInput: there is no such feature, the new name is no slug, or is another registered feature's.
    """
    if not SLUG.fullmatch(new) or new == old:
        cure = "use 1 to 100 of a-z 0-9 . _ - starting with a letter or digit, and not the name it has"
        raise BadInput([Problem(error=f"{new!r} cannot be its name", field="new", cure=cure)])
    with reading(engine) if dry_run else acting(engine, by, "rename", f"{old} to {new}", at) as session:
        if not dry_run:
            may_write_all(by, "rename features")
            take_turn(session)
        not_ended(session, (old, new))
        head, taken = _head(session, old), _head(session, new)
        past = past_of(session, old)
        if _is_done(session, old, new, head, past):
            return _told(old, new, "unchanged", past)
        if new in merged_slugs(session):
            cure = "choose another: that one has a history of its own"
            raise BadInput([Problem(error=f"{new} was merged into another feature", field="new", cure=cure)])
        if taken is not None:
            cure = f"`offramp features merge {old} {new}` adds its past to it"
            raise BadInput([Problem(error=f"{new} is registered already", field="new", cure=cure)])
        _known(old, head, past)
        if not dry_run:
            move_past(session, old, new, at=at, by=name_of(by))
            if head is not None:
                _rename_head(session, head, new, at, name_of(by))
    return _told(old, new, "renamed", past)


def merge(engine: Engine, old: str, into: str, *, at: datetime, by: By, dry_run: bool = False) -> Renamed:
    """Give what is filed under one name to a registered feature, for ever: sums cannot be taken apart again.

    A registered one that is merged keeps its history and is judged no more; its open alert is closed.

    Raises:
        NotAllowed: only an admin may.
        BadInput: there is no such feature, or the other is not registered.
    """
    with reading(engine) if dry_run else acting(engine, by, "merge", f"{old} into {into}", at) as session:
        if not dry_run:
            may_write_all(by, "merge features")
            take_turn(session)
        return merged(session, old, into, at=at, by=name_of(by), dry_run=dry_run)


def merged(session: Session, old: str, into: str, *, at: datetime, by: str, dry_run: bool = False) -> Renamed:
    """`merge` within a transaction that has the turn; what nobody claims (`''`) is given once, not for ever.

    Raises:
        BadInput: there is no such feature, or the other is not registered.
    """
    not_ended(session, (old, into))
    head, target = _head(session, old), _head(session, into)
    past = past_of(session, old)
    if target is None or into == old:
        cure = "register it first, or rename" if target is None else "name another feature"
        raise BadInput([Problem(error=f"{into!r} cannot take it", field="into", cure=cure)])
    if _is_done(session, old, into, head, past):
        return _told(old, into, "unchanged", past)
    _known(old, head, past)
    if not dry_run:
        move_past(session, old, into, at=at, by=by, ever=old != NOBODY)
        if head is not None:
            _retire(session, head, into, at, by)
    return _told(old, into, "merged", past)


def _head(session: Session, slug: str) -> FeatureHead | None:
    found = features(session, [slug])
    return found[0] if found else None


def _is_done(session: Session, old: str, new: str, head: FeatureHead | None, past: Past) -> bool:
    return head is None and past.calls == past.scores == 0 and former_names(session).get(old) == new


def _known(old: str, head: FeatureHead | None, past: Past) -> None:
    if head is None and past.rows == past.scores == 0:
        raise BadInput([Problem(error=f"no feature {old!r}", field="old", cure="see `offramp features`")])


def _rename_head(session: Session, head: FeatureHead, new: str, at: datetime, by: str) -> None:
    feature, _ = parse_feature({**head.document, "slug": new})
    if feature is None:
        message = f"stored feature {head.slug} does not parse"
        raise ValueError(message)
    rename_feature(session, head.slug, feature, canonical(feature_document(feature)), at=at, by=by)


def _retire(session: Session, head: FeatureHead, into: str, at: datetime, by: str) -> None:
    alert = held_alert(session, head.id)
    if alert is not None:
        move_alert(session, alert, Move.CLOSE, Step(at=at, by=by, why=f"It was merged into {into}."))
    retire_feature(session, head.slug, into, at)


def _told(old: str, new: str, change: str, past: Past) -> Renamed:
    return Renamed(old=old, new=new, change=change, calls=past.calls, rows=past.rows, scores=past.scores)
