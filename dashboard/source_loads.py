"""What the Sources page reads besides its figures: bills beside them, unregistered traffic, what is pulled."""

from datetime import datetime

import streamlit as st

from collectors.pulls.config import PullSource
from dashboard.loads import READING, TTL, engine
from db.queries.ended import Ended
from offramp.actions.collect import final_until
from offramp.actions.discovered import Discovered, discovered
from offramp.actions.ended import list_ended
from offramp.actions.failure import BadInput
from offramp.actions.prices import without_price
from offramp.actions.reconcile import Reconciliation, reconcile
from offramp.actions.record import told_by
from offramp.actions.sources import configured_sources
from offramp.clock import now


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def reconciliation(url: str) -> Reconciliation:
    """The month of the newest bill, else the present one."""
    return reconcile(engine(url), at=now())


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def ended(url: str) -> tuple[Ended, ...]:
    """The features that have ended, by slug."""
    return tuple(list_ended(engine(url)).values())


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def unregistered(url: str) -> tuple[Discovered, ...]:
    """Names in traffic that nobody registered, the most called first."""
    return tuple(discovered(engine(url), now()))


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def nearby(url: str, models: tuple[str, ...]) -> tuple[str, ...]:
    """Models of the book that look like one of these."""
    found = without_price(engine(url), models)
    return tuple(dict.fromkeys(name for near in found.values() for name in near))


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def sources(url: str) -> tuple[str, ...]:
    """Every source that told of calls, by name."""
    return told_by(engine(url))


def final(url: str, sources: tuple[PullSource, ...]) -> dict[str, datetime]:
    """The instant before which what each pulled source told is not read again, by its name."""
    return final_until(engine(url), sources)


def pulled() -> tuple[PullSource, ...] | BadInput:
    """The sources to pull from, or what is wrong with their file; not cached, for a person may be mending it."""
    try:
        return configured_sources()
    except BadInput as wrong:
        return wrong
