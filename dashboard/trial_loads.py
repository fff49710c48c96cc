"""What the form reads while it is being filled: facts to try a profile on, names to be mistaken for. Writes nothing."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.loads import READING, TTL, engine
from offramp.actions.resemblance import Known, known
from offramp.actions.trial import Facts, Trial, trial_facts, tried
from offramp.actions.usage import midnight
from offramp.clock import now
from offramp.policy import load_policy


@st.cache_data(ttl=TTL, max_entries=64, show_spinner=READING)
def facts(url: str, slug: str) -> Facts | None:
    """The facts behind a feature, registered or only discovered; None where there are none."""
    return trial_facts(engine(url), slug, load_policy(), midnight(now().date())) if slug else None


@st.cache_data(ttl=TTL, max_entries=256, show_spinner=READING)
def _tried(url: str, slug: str, profile: str) -> Trial:
    return tried(engine(url), json.loads(profile), facts(url, slug), load_policy(), as_of=midnight(now().date()))


def trial(url: str, slug: str, profile: Mapping[str, Any]) -> Trial:
    """What the judge says of a profile, on the facts of `slug`."""
    return _tried(url, slug, json.dumps(profile, sort_keys=True, default=str))


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def there(url: str) -> Known:
    """What a new feature could be mistaken for."""
    return known(engine(url))
