"""What people of the demo company do with their alerts: by the actions of the pages, once however often built."""

from contextlib import suppress
from datetime import date, datetime, timedelta

from db.queries.alerts import alert_moves
from db.session import Engine, reading
from offramp.actions.alert_moves import claim, dismiss, snooze
from offramp.actions.failure import BadInput
from offramp.actions.finish import finish
from offramp.actions.usage import midnight
from offramp.demo.company import PlannedMove, load_company
from strategy.lifecycle import Move
from strategy.policy import Policy

_NINE = timedelta(hours=9)


def make_moves(engine: Engine, policy: Policy, start: date, day: date) -> None:
    """Make the moves that are planned for this day of a demo that began on `start`; those made already stay."""
    for plan in load_company().moves:
        if start + timedelta(days=plan.day) == day and not _is_made(engine, plan, midnight(day) + _NINE):
            # A demo of another year meets other prices: what is not due then is left alone.
            with suppress(BadInput):
                _make(engine, policy, plan, start, midnight(day) + _NINE)


def _is_made(engine: Engine, plan: PlannedMove, at: datetime) -> bool:
    with reading(engine) as session:
        return any((move.at, move.move) == (at, plan.move) for move in alert_moves(session, plan.feature))


def _make(engine: Engine, policy: Policy, plan: PlannedMove, start: date, at: datetime) -> None:
    slug, by, note = plan.feature, plan.by, plan.note
    match Move(plan.move):
        case Move.CLAIM:
            claim(engine, slug, by=by, due=start + timedelta(days=plan.due_day or 0), at=at, note=note)
        case Move.SNOOZE:
            snooze(engine, slug, by=by, at=at, until=start + timedelta(days=plan.until_day or 0), note=note)
        case Move.DISMISS:
            dismiss(engine, slug, by=by, reason=plan.reason or "", note=note or "", at=at)
        case _:
            finish(engine, policy, slug, by=by, at=at, model=plan.model, note=note)
