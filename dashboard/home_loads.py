"""What the home page reads, cached like all that pages read (`dashboard.loads`): counts and sums, and one page of rows.

Nothing here grows with the number of features but the time the database takes to count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import streamlit as st

from dashboard.loads import INTAKE_DAYS, READING, TTL, day_number, engine
from db.queries.alerts import (
    Alert,
    AlertFilter,
    AlertOrder,
    AlertSum,
    alert_choices,
    alert_page,
    alert_sum,
    closed_since,
)
from db.queries.ended import discovered_names
from db.queries.sources import last_heard
from db.queries.standing import DayChange, Standing, day_changes, held_back, standing
from db.queries.verdicts import StoredVerdict
from db.session import reading
from offramp.actions.spend import DaySpend, daily_spend
from offramp.actions.usage import midnight
from offramp.clock import now
from strategy.lifecycle import OPEN, State

SPEND_DAYS, SPARK_DAYS = 56, 28
ROWS, CARDS, CLOSED = 25, 6, 20
_CLOSED_FOR = timedelta(days=90)
_PAST_TTL = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What the page says before its lists: where all stand, what is on the table, what the last eight weeks cost."""

    standing: Standing
    waiting: AlertSum
    dismissed: int
    choices: Mapping[str, list[str]]
    changes: tuple[DayChange, ...]
    days: tuple[DaySpend, ...]
    discovered: tuple[str, ...]
    heard_at: datetime | None
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertList:
    """One page of alerts with their features' daily spend, and what all that match come to."""

    alerts: tuple[Alert, ...]
    days: tuple[DaySpend, ...]
    sum: AlertSum
    read_at: datetime


@st.cache_data(ttl=_PAST_TTL, max_entries=8, show_spinner=READING)
def past(url: str, today: date) -> tuple[tuple[DaySpend, ...], tuple[DayChange, ...]]:
    """What the days before `today` cost and changed: whole days, which are read again only every few minutes."""
    source, end = engine(url), midnight(today)
    days = daily_spend(source, start=end - timedelta(days=SPEND_DAYS), end=end)
    with reading(source) as session:
        return days, tuple(day_changes(session, [State.DISMISSED]))


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def home(url: str) -> Home:
    """The head of the home page."""
    at, source = now(), engine(url)
    days, changes = past(url, at.date())
    with reading(source) as session:
        stands = standing(session)
        return Home(
            standing=stands,
            waiting=alert_sum(session, AlertFilter(states=OPEN)),
            dismissed=alert_sum(session, AlertFilter(states=(State.DISMISSED,))).count,
            choices=alert_choices(session),
            changes=changes,
            days=days,
            discovered=() if stands.features else tuple(discovered_names(session)),
            heard_at=last_heard(session, day_number(at) - INTAKE_DAYS),
            read_at=at,
        )


@st.cache_data(ttl=TTL, max_entries=64, show_spinner=READING)
def alert_list(url: str, wanted: AlertFilter, order: AlertOrder | None, page: int) -> AlertList:
    """One page (from 1) of the alerts that match."""
    at, source = now(), engine(url)
    with reading(source) as session:
        total = alert_sum(session, wanted)
        found = tuple(alert_page(session, wanted, order=order, limit=ROWS, offset=(page - 1) * ROWS))
    days = spent(url, tuple(sorted({alert.feature for alert in found})), at.date()) if found else ()
    return AlertList(alerts=found, days=days, sum=total, read_at=at)


@st.cache_data(ttl=_PAST_TTL, max_entries=64, show_spinner=READING)
def spent(url: str, slugs: tuple[str, ...], today: date) -> tuple[DaySpend, ...]:
    """What each of these features cost on each of the days before `today`."""
    end = midnight(today)
    return daily_spend(engine(url), start=end - timedelta(days=SPARK_DAYS), end=end, features=set(slugs))


def all_alerts(url: str, wanted: AlertFilter, order: AlertOrder | None) -> list[Alert]:
    """Every alert that matches, for a file; read when it is asked for, and not kept."""
    with reading(engine(url)) as session:
        return alert_page(session, wanted, order=order)


@st.cache_data(ttl=TTL, max_entries=16, show_spinner=READING)
def held(url: str, page: int) -> tuple[tuple[StoredVerdict, str | None], ...]:
    """One page (from 1) of the blocked and watched features, each with its name."""
    with reading(engine(url)) as session:
        return tuple(held_back(session, CARDS, (page - 1) * CARDS))


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def closed(url: str) -> tuple[Alert, ...]:
    """The newest alerts that ended in the last three months."""
    with reading(engine(url)) as session:
        return tuple(closed_since(session, now() - _CLOSED_FOR, CLOSED))
