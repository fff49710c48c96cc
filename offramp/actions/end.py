"""Ends a feature whose product function was switched off, and takes that back (docs/decisions/0035)."""

from dataclasses import dataclass
from datetime import datetime

from db.queries.features import FeatureHead, features
from db.session import Engine, Session
from db.store.alerts import Step, held_alert, move_alert, raise_alert
from db.store.features import end_feature
from db.store.verdicts import latest_flip, latest_verdict, lock_features
from offramp.actions.actors import By, acting, may_write_feature, name_of
from offramp.actions.ended import not_ended
from offramp.actions.failure import BadInput, Problem
from offramp.actions.review import review
from offramp.actions.usage import midnight
from strategy.kinds import Outcome
from strategy.lifecycle import Move
from strategy.policy import Policy

_LONGEST = {"by": 100, "why": 500}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """That a feature `ended` or was `resumed`, as it is kept."""

    feature: str
    change: str
    at: datetime
    by: str
    why: str

    def document(self) -> dict[str, str]:
        """For `--json`."""
        return {
            "feature": self.feature,
            "change": self.change,
            "at": self.at.isoformat(),
            "by": self.by,
            "why": self.why,
        }


def end(engine: Engine, slug: str, *, by: By, why: str, at: datetime) -> Told:
    """Say that a feature is no more: it is judged and counted no longer; its open alert closes, its past stays.

    Raises:
        NotAllowed: it is another's.
        BadInput: there is no such feature, it has ended already, or nobody said who or why.
    """
    with acting(engine, by, "end", slug, at) as session:
        head = _head(session, slug, by)
        not_ended(session, [slug])
        told = _told(slug, "ended", by, why, at)
        end_feature(session, head.id, ended=True, at=at, by=told.by, why=told.why)
        alert = held_alert(session, head.id)
        if alert is not None:
            move_alert(session, alert, Move.CLOSE, Step(at=at, by=told.by, why=f"The feature ended: {told.why}"))
        return told


def resume(engine: Engine, policy: Policy, slug: str, *, by: By, why: str, at: datetime) -> Told:
    """Take the end of a feature back: it is judged again at once, and what it should do is asked anew.

    Raises:
        NotAllowed: it is another's.
        BadInput: there is no such feature, it runs, or nobody said who or why.
    """
    with acting(engine, by, "resume", slug, at) as session:
        head = _head(session, slug, by)
        if features(session, [slug]):
            problem = Problem(error=f"{slug} has not ended", field="feature", cure="nothing is to be taken back")
            raise BadInput([problem])
        told = _told(slug, "resumed", by, why, at)
        end_feature(session, head.id, ended=False, at=at, by=told.by, why=told.why)
        verdict, flip = latest_verdict(session, head.id), latest_flip(session, head.id)
        # The next judgement opens an alert where the verdict changes; this one closed without a change.
        if verdict is not None and flip is not None and verdict.verdict == Outcome.DUE:
            raise_alert(session, flip, verdict, told.by, at)
    review(engine, policy, as_of=midnight(at.date()), now=at, slugs=(slug,))
    return told


def _head(session: Session, slug: str, by: By) -> FeatureHead:
    heads = features(session, [slug], ended=True)
    if not heads:
        cure = "see `offramp features`; one that only traffic names has nothing to end"
        raise BadInput([Problem(error=f"no feature {slug!r} is registered", field="feature", cure=cure)])
    may_write_feature(by, slug, [heads[0].owner])
    lock_features(session, [heads[0].id])
    return heads[0]


def _told(slug: str, change: str, by: By, why: str, at: datetime) -> Told:
    return Told(feature=slug, change=change, at=at, by=_line("by", name_of(by)), why=_line("why", why))


def _line(field: str, text: str) -> str:
    clean = " ".join(text.split())
    if not clean or len(clean) > _LONGEST[field] or not clean.isprintable():
        cure = f"write 1 to {_LONGEST[field]} printable characters"
        raise BadInput([Problem(error=f"has {len(clean)} characters", field=field, cure=cure)])
    return clean
