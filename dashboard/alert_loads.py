"""What the pages read of alerts and savings, cached like all they read (`dashboard.loads`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import streamlit as st

from dashboard.loads import READING, TTL, engine
from db.queries.alerts import Alert, AlertMove, alert_moves, alerts
from db.queries.ledger import Migration
from db.session import reading
from offramp.actions.ledger import factors, list_ledger
from offramp.actions.plans import alerts_listing, plan_for
from offramp.clock import now
from offramp.policy import load_policy
from reports.plan import plan_markdown
from strategy.lifecycle import HELD, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """The savings page: finished migrations, and what a promise of each strategy was worth so far."""

    migrations: tuple[Migration, ...]
    factors: Mapping[str, tuple[Decimal, int]]
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What people do with a feature's alert: the alert, every move, the plan as Markdown; None where there is none."""

    alert: Alert | None
    moves: tuple[AlertMove, ...]
    plan: str | None
    told: Mapping[str, Any] | None


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def savings(url: str) -> Savings:
    """Everything the savings page shows."""
    found = list_ledger(engine(url))
    return Savings(migrations=tuple(found), factors=dict(factors(found, load_policy())), read_at=now())


@st.cache_data(ttl=TTL, max_entries=64, show_spinner=READING)
def decisions(url: str, slug: str) -> Decisions:
    """The feature's newest alert that is not closed, with its moves and its plan."""
    source = engine(url)
    with reading(source) as session:
        known = [alert for alert in alerts(session, slug=slug) if alert.state != State.CLOSED]
        moves = tuple(alert_moves(session, slug))
    if not known:
        return Decisions(alert=None, moves=moves, plan=None, told=None)
    alert = max(known, key=lambda each: (each.state in HELD, each.id))
    plan = plan_for(source, load_policy(), slug)
    (told,) = alerts_listing(source, [alert], load_policy())
    return Decisions(alert=alert, moves=moves, plan=plan_markdown(plan), told=told)
