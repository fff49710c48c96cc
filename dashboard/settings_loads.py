"""What the Settings page reads, cached like all that the pages read (`dashboard.loads`); no secret passes through."""

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from dashboard.loads import READING, TTL, engine
from db.queries.deeds import Deed, Person, deeds, people
from db.queries.keys import StoredKey
from db.session import reading, shown_url
from offramp.actions.channels import load_channels
from offramp.actions.failure import BadInput
from offramp.actions.house import ChannelLine, OwnCost, channel_lines, own_costs
from offramp.actions.job_control import job_standings
from offramp.actions.keys import list_keys
from offramp.actions.schedule import standard_jobs
from offramp.clock import now
from offramp.config import channels_file, timezone_name
from offramp.policy import load_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What is in force here; `wrong_channels` says why the channels' file cannot be used."""

    database: str
    zone: str
    next_letter: datetime | None
    channels: tuple[ChannelLine, ...]
    wrong_channels: str | None
    keys: tuple[StoredKey, ...]
    own_costs: tuple[OwnCost, ...]
    people: tuple[Person, ...]
    deeds: tuple[Deed, ...]
    read_at: datetime


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def house(url: str) -> House:
    """Everything the Settings page shows but the rules, which ship with the program."""
    at, source = now(), engine(url)
    try:
        lines, wrong = channel_lines(source, load_channels(channels_file(), timezone_name())), None
    except BadInput as problem:
        lines, wrong = [], problem.problems[0].sentence()
    with reading(source) as session:
        who, did = tuple(people(session)), tuple(deeds(session))
    due = {each.name: each.next_at for each in job_standings(source, standard_jobs(load_policy(), timezone_name()), at)}
    return House(
        database=shown_url(url),
        zone=timezone_name(),
        next_letter=due.get("report"),
        channels=tuple(lines),
        wrong_channels=wrong,
        keys=tuple(list_keys(source)),
        own_costs=tuple(own_costs(source)),
        people=who,
        deeds=did,
        read_at=at,
    )
