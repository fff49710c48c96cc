"""Gives what nobody claims to a registered feature: by a rule from now on, and on request what was counted so far."""

from dataclasses import dataclass
from datetime import datetime

from db.queries.features import FeatureHead, features
from db.session import Engine, Session
from db.store.features import save_feature
from db.store.rename import past_of
from db.store.turns import take_turn
from db.tables import NOBODY
from offramp.actions.actors import By, acting, may_write_all, may_write_feature, name_of
from offramp.actions.failure import BadInput, Problem
from offramp.actions.register import canonical
from offramp.actions.rename import Renamed, merged
from strategy.parse import feature_document, parse_feature

MOST_RULE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Whether a rule was written, and what of the past moved (None: nothing was asked for, or there was none)."""

    rule: bool
    moved: Renamed | None


def claim(engine: Engine, into: str, *, rule: tuple[str, str] | None, past: bool, at: datetime, by: By) -> Claimed:
    """Write the rule (an attribute and what it equals) into the feature; with `past`, move what nobody claimed so far.

    Done twice, it changes nothing.

    Raises:
        NotAllowed: the feature is another's; the past moves for an admin alone.
        BadInput: the feature is not registered, the rule is no rule, or nothing was asked for.
    """
    if not into:
        raise BadInput([Problem(error="no feature was chosen", field="into", cure="choose one that is registered")])
    if rule is None and not past:
        raise BadInput([Problem(error="nothing was asked for", field="rule", cure="write a rule, or take the past")])
    with acting(engine, by, "claim", f"traffic for {into}", at) as session:
        found = features(session, [into])
        if not found:
            raise BadInput([Problem(error=f"no feature {into!r}", field="into", cure="choose one that is registered")])
        may_write_feature(by, into, [found[0].owner])
        if past:
            may_write_all(by, "move what was counted")
        take_turn(session)
        written = rule is not None and _ruled(session, found[0], rule, at, name_of(by))
        moved = merged(session, NOBODY, into, at=at, by=name_of(by)) if past and past_of(session, NOBODY).rows else None
    return Claimed(rule=written, moved=moved)


def _ruled(session: Session, head: FeatureHead, rule: tuple[str, str], at: datetime, by: str) -> bool:
    """Write the rule into the feature's document; whether it is new."""
    given = [part.strip() for part in rule]
    if not all(0 < len(part) <= MOST_RULE for part in given):
        cure = f"name an attribute and what it equals, each up to {MOST_RULE} characters"
        raise BadInput([Problem(error="the rule is incomplete", field="rule", cure=cure)])
    rules, new = list(head.document.get("match") or []), dict(zip(("attribute", "equals"), given, strict=True))
    if new in rules:
        return False
    feature, problems = parse_feature({**head.document, "match": [*rules, new]})
    if feature is None:
        raise BadInput([Problem(error=item.error, field=item.field, cure=item.cure) for item in problems])
    save_feature(session, feature, canonical(feature_document(feature)), at=at, by=by, form_token=None)
    return True
