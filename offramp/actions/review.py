"""Judges every feature again from frozen facts; stores what changed, with its cause; opens and closes alerts.

`offramp.actions.judging` reads and judges and writes nothing; `review` stores its result. Explaining and doing thus
read the same plan.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from db.queries.features import registered_slugs
from db.queries.verdicts import snapshot_of
from db.session import Engine, Session, reading, transaction
from db.store import verdicts as store
from db.store.alerts import held_features
from db.tables import FlipRow, VerdictRow
from offramp import __version__
from offramp.actions.alert_upkeep import follow_flip, keep_up, wake_by_date
from offramp.actions.ended import not_ended
from offramp.actions.judging import Judged, judged, judged_in_parts
from offramp.actions.price_events import event_behind, note_events
from offramp.actions.register import canonical
from strategy.cause import FIRST, what_moved
from strategy.kinds import CauseKind, Outcome
from strategy.money import cents
from strategy.policy import Policy
from strategy.snapshot import loads
from strategy.verdict import Cause, Verdict, document

_HUNDREDTH = Decimal("0.01")
# A judgement knows what was known by the end of its day.
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """What a review did with one feature; `text` is the verdict document, `flipped` says that the decision changed."""

    slug: str
    text: str
    flipped: bool
    stored: bool

    @property
    def document(self) -> dict[str, Any]:
        """The verdict as the contract has it."""
        found: dict[str, Any] = json.loads(self.text)
        return found


Progress = Callable[[int, int], None]


def review(
    engine: Engine,
    policy: Policy,
    *,
    as_of: datetime,
    now: datetime,
    slugs: Collection[str] | None = None,
    progress: Progress | None = None,
) -> list[Reviewed]:
    """Judge again and store: a verdict row where the facts moved, a flip and its alert where the decision did.

    A judgement older than the newest stored one changes nothing. Reviewing twice adds nothing. What happened to prices
    and models by `as_of` is noted first, so that a flip names the event behind it.
    """
    _refuse_ended(engine, slugs)
    note_events(engine, policy, as_of)
    return review_noted(engine, policy, as_of=as_of, now=now, slugs=slugs, progress=progress)


def review_noted(
    engine: Engine,
    policy: Policy,
    *,
    as_of: datetime,
    now: datetime,
    slugs: Collection[str] | None = None,
    progress: Progress | None = None,
) -> list[Reviewed]:
    """Review where what happened has been noted already; `progress` is told how many of how many are done.

    Some hundred features are stored at a time (docs/decisions/0020): neither memory nor the wait of other writers grows
    with the fleet, and what a crash leaves undone the next review does.
    """
    if slugs is None:
        with reading(engine) as session:
            slugs = registered_slugs(session)
    done: list[Reviewed] = []
    for plan in judged_in_parts(engine, policy, as_of=as_of, slugs=slugs):
        done += _store(engine, plan, policy, as_of, now)
        if progress:
            progress(len(done), len(slugs))
    return done


def _store(engine: Engine, plan: Sequence[Judged], policy: Policy, as_of: datetime, now: datetime) -> list[Reviewed]:
    with transaction(engine) as session:
        registered = store.lock_features(session, [item.head.id for item in plan])
        plan = [item for item in plan if item.head.id in registered]
        ids = [item.head.id for item in plan]
        done = _keep(session, plan, store.latest_verdicts(session, ids), policy, now)
        for feature_id in sorted(held_features(session, ids)):
            wake_by_date(session, feature_id, as_of)
        return done


def _refuse_ended(engine: Engine, slugs: Collection[str] | None) -> None:
    if slugs is not None:
        with reading(engine) as session:
            not_ended(session, slugs)


def explained(
    engine: Engine, policy: Policy, *, as_of: datetime, slugs: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """The verdict documents that a review would store, saving nothing."""
    _refuse_ended(engine, slugs)
    return [document(item.verdict) for item in judged(engine, policy, as_of=as_of, slugs=slugs)]


def _keep(
    session: Session, plan: Sequence[Judged], before: Mapping[int, VerdictRow], policy: Policy, now: datetime
) -> list[Reviewed]:
    """Store what is new, all rows of a kind at once, and tell what became of each."""
    causes = _Causes(session, policy)
    done: list[Reviewed] = []
    fresh: list[tuple[Judged, VerdictRow | None, Cause, str]] = []
    for item in plan:
        last = before.get(item.head.id)
        if last is not None and last.snapshot_sha == item.verdict.snapshot:
            done.append(Reviewed(slug=item.head.slug, text=last.document, flipped=False, stored=False))
        elif last is not None and last.as_of > item.verdict.as_of:
            told = canonical(document(item.verdict))
            done.append(Reviewed(slug=item.head.slug, text=told, flipped=False, stored=False))
        else:
            flipped = last is None or _decision(last) != _decided(item.verdict)
            cause = causes.new(last, item) if last is None or flipped else _old_cause(last)
            told = canonical(document(replace(item.verdict, cause=cause)))
            done.append(Reviewed(slug=item.head.slug, text=told, flipped=flipped, stored=True))
            fresh.append((item, last, cause, told))
    store.save_snapshots(session, {item.verdict.snapshot: item.snapshot for item, *_ in fresh})
    rows = store.append_verdicts(session, [_new_row(item.head.id, item.verdict, told, now) for item, *_, told in fresh])
    held = held_features(session, [row.feature_id for row in rows])
    for row, (_, last, cause, _) in zip(rows, fresh, strict=True):
        if last is None or _decision(last) != _decision(row):
            flip = _flip(session, last, row, cause)
            if row.feature_id in held or row.verdict == Outcome.DUE:
                follow_flip(session, flip, row)
        if row.feature_id in held or row.verdict == Outcome.DUE:
            keep_up(session, row, policy)
    return done


def _flip(session: Session, before: VerdictRow | None, after: VerdictRow, cause: Cause) -> FlipRow:
    why = store.FlipCause(
        kind=str(cause.kind),
        detail=cause.detail,
        event_id=cause.event_id,
        before_usd_month=None if before is None else _monthly(before),
        after_usd_month=_monthly(after),
    )
    return store.append_flip(session, before, after, why)


def _monthly(row: VerdictRow) -> Decimal | None:
    """What the present strategy costs a month by a stored judgement."""
    told = json.loads(row.document)["money"]["monthly_usd"].get(row.now)
    return None if told is None else Decimal(told)


def _decision(row: VerdictRow) -> tuple[str | None, ...]:
    return (row.verdict, row.code, row.target, row.now)


def _decided(verdict: Verdict) -> tuple[str | None, ...]:
    code = None if verdict.code is None else str(verdict.code)
    return (str(verdict.outcome), code, verdict.target, str(verdict.now))


class _Causes:
    """What moved a decision; many features flip for one reason, whose event is looked for once."""

    def __init__(self, session: Session, policy: Policy) -> None:
        self._session, self._policy = session, policy
        self._event = cache(lambda *asked: event_behind(session, *asked))

    def new(self, before: VerdictRow | None, item: Judged) -> Cause:
        """The cause of a flip, with the event behind it."""
        frozen = None if before is None else snapshot_of(self._session, before.snapshot_sha)
        kind, detail = _moved(frozen, item.snapshot, self._policy)
        return Cause(kind=kind, detail=detail, event_id=self._event(kind, detail, item.verdict.as_of + _DAY))


def _moved(frozen: str | None, now: str, policy: Policy) -> tuple[CauseKind, str]:
    return FIRST if frozen is None else what_moved(loads(frozen), loads(now), policy)


def _old_cause(before: VerdictRow) -> Cause:
    found = json.loads(before.document)["cause"]
    return Cause(kind=CauseKind(found["kind"]), detail=found["detail"], event_id=found["event_id"])


def _new_row(feature_id: int, verdict: Verdict, told: str, now: datetime) -> store.NewVerdict:
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
        document=told,
    )
