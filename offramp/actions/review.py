"""Judges every feature again from frozen facts; stores what changed, with its cause; opens and closes alerts.

`judged` reads and judges and writes nothing; `review` stores its result. Explaining and doing thus
read the same plan.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from db.queries.features import FeatureHead, features, registered_slugs
from db.queries.verdicts import snapshot_of
from db.session import Engine, Session, reading, transaction
from db.store import verdicts as store
from db.tables import VerdictRow
from offramp import __version__
from offramp.actions.alert_upkeep import follow_flip, keep_up, wake_by_date
from offramp.actions.failure import BadInput, Problem
from offramp.actions.price_events import event_behind, note_events
from offramp.actions.register import canonical
from offramp.actions.snapshots import snapshots
from strategy import Cause, Verdict, document, judge, what_moved
from strategy.kinds import CauseKind
from strategy.money import cents
from strategy.policy import Policy
from strategy.snapshot import digest, dumps, loads

_HUNDREDTH = Decimal("0.01")
_AT_ONCE = 500
# A judgement knows what was known by the end of its day.
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One judgement: the feature, its frozen facts as text, and the verdict that follows from them."""

    head: FeatureHead
    snapshot: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """What a review did with one feature; `flipped` says that the decision changed."""

    slug: str
    document: dict[str, Any]
    flipped: bool
    stored: bool


def judged(engine: Engine, policy: Policy, *, as_of: datetime, slugs: Collection[str] | None = None) -> list[Judged]:
    """Judge the registered features (all, or the named ones) as of an instant; writes nothing.

    Raises:
        BadInput: a named feature is not registered.
    """
    with reading(engine) as session:
        heads = features(session, slugs)
        missing = sorted(set(slugs or ()) - {head.slug for head in heads})
        if missing:
            raise BadInput(
                [Problem(error=f"no feature {missing[0]!r}", field="feature", cure="see `offramp features`")]
            )
        frozen = snapshots(session, heads, policy, as_of)
    found = []
    for head, snapshot in zip(heads, frozen, strict=True):
        text = dumps(snapshot)
        verdict = replace(judge(snapshot, policy), snapshot=digest(text))
        found.append(Judged(head=head, snapshot=text, verdict=verdict))
    return found


def review(
    engine: Engine, policy: Policy, *, as_of: datetime, now: datetime, slugs: Collection[str] | None = None
) -> list[Reviewed]:
    """Judge again and store: a verdict row where the facts moved, a flip and its alert where the decision did.

    A judgement older than the newest stored one changes nothing. Reviewing twice adds nothing. What happened to prices
    and models by `as_of` is noted first, so that a flip names the event behind it.
    """
    note_events(engine, policy, as_of)
    return review_noted(engine, policy, as_of=as_of, now=now, slugs=slugs)


def review_noted(
    engine: Engine, policy: Policy, *, as_of: datetime, now: datetime, slugs: Collection[str] | None = None
) -> list[Reviewed]:
    """Review where what happened has been noted already.

    Some hundred features are judged and stored at a time: neither memory nor the wait of other writers grows with the
    fleet, and what a crash leaves undone the next review does.
    """
    if slugs is None:
        with reading(engine) as session:
            slugs = registered_slugs(session)
    ordered = sorted(slugs)
    parts = [ordered[start : start + _AT_ONCE] for start in range(0, len(ordered), _AT_ONCE)]
    return [item for part in parts for item in _review_part(engine, policy, as_of, now, part)]


def _review_part(
    engine: Engine, policy: Policy, as_of: datetime, now: datetime, slugs: Collection[str]
) -> list[Reviewed]:
    plan = judged(engine, policy, as_of=as_of, slugs=slugs)
    with transaction(engine) as session:
        store.lock_features(session, [item.head.id for item in plan])
        done = [_keep(session, item, policy, now) for item in plan]
        for item in plan:
            wake_by_date(session, item.head.id, as_of)
        return done


def explained(
    engine: Engine, policy: Policy, *, as_of: datetime, slugs: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """The verdict documents that a review would store, saving nothing."""
    return [document(item.verdict) for item in judged(engine, policy, as_of=as_of, slugs=slugs)]


def _keep(session: Session, item: Judged, policy: Policy, now: datetime) -> Reviewed:
    before = store.latest_verdict(session, item.head.id)
    if before is not None and before.snapshot_sha == item.verdict.snapshot:
        return Reviewed(slug=item.head.slug, document=json.loads(before.document), flipped=False, stored=False)
    if before is not None and before.as_of > item.verdict.as_of:
        return Reviewed(slug=item.head.slug, document=document(item.verdict), flipped=False, stored=False)
    flipped = before is None or _decision(before) != _decided(item.verdict)
    cause = _new_cause(session, before, item, policy) if flipped else _old_cause(before)
    verdict = replace(item.verdict, cause=cause)
    store.save_snapshot(session, verdict.snapshot, item.snapshot)
    row = store.append_verdict(session, _new_row(item.head.id, verdict, now))
    if flipped:
        _flip(session, before, row, cause)
    keep_up(session, row, policy)
    return Reviewed(slug=item.head.slug, document=document(verdict), flipped=flipped, stored=True)


def _flip(session: Session, before: VerdictRow | None, after: VerdictRow, cause: Cause) -> None:
    why = store.FlipCause(
        kind=str(cause.kind),
        detail=cause.detail,
        event_id=cause.event_id,
        before_usd_month=None if before is None else _monthly(before),
        after_usd_month=_monthly(after),
    )
    follow_flip(session, store.append_flip(session, before, after, why), after)


def _monthly(row: VerdictRow) -> Decimal | None:
    """What the present strategy costs a month by a stored judgement."""
    told = json.loads(row.document)["money"]["monthly_usd"].get(row.now)
    return None if told is None else Decimal(told)


def _decision(row: VerdictRow) -> tuple[str | None, ...]:
    return (row.verdict, row.code, row.target, row.now)


def _decided(verdict: Verdict) -> tuple[str | None, ...]:
    code = None if verdict.code is None else str(verdict.code)
    return (str(verdict.outcome), code, verdict.target, str(verdict.now))


def _new_cause(session: Session, before: VerdictRow | None, item: Judged, policy: Policy) -> Cause:
    frozen = None if before is None else snapshot_of(session, before.snapshot_sha)
    kind, detail = what_moved(None if frozen is None else loads(frozen), loads(item.snapshot), policy)
    return Cause(kind=kind, detail=detail, event_id=event_behind(session, kind, detail, item.verdict.as_of + _DAY))


def _old_cause(before: VerdictRow | None) -> Cause:
    found = {} if before is None else json.loads(before.document)["cause"]
    return Cause(kind=CauseKind(found["kind"]), detail=found["detail"], event_id=found["event_id"])


def _new_row(feature_id: int, verdict: Verdict, now: datetime) -> store.NewVerdict:
    outcome, code, target, present = _decided(verdict)
    return store.NewVerdict(
        feature_id=feature_id,
        as_of=verdict.as_of,
        judged_at=now,
        verdict=str(outcome),
        code=code,
        now=str(present),
        target=target,
        saving_usd_month=None if verdict.saving_usd_month is None else cents(verdict.saving_usd_month),
        confidence=None if verdict.confidence is None else verdict.confidence.quantize(_HUNDREDTH),
        due_by=verdict.due_by,
        snapshot_sha=verdict.snapshot,
        engine=__version__,
        document=canonical(document(verdict)),
    )
