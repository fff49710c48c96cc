"""The only cached functions: each reads one page's facts in one go and gives frozen rows.

Keyed by the database's URL and the arguments, for half a minute. A session, an engine or a chart never leaves here
(but for the one engine, which is a resource). Database errors pass through: the router shows them.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import streamlit as st

from db.queries.ended import discovered_names
from db.queries.features import FeatureHead, features, form_token_used
from db.queries.jobs import JobRun, job_history
from db.queries.ledger import Migration, migrations
from db.queries.outbox import Delivery, deliveries
from db.queries.prices import PriceChange, price_changes
from db.queries.scores import scores
from db.queries.sources import IntakeCount, RunRecord, intake, last_heard, runs
from db.queries.standing import FeatureStanding
from db.queries.verdicts import Flip, flips, verdict_of
from db.revision import is_current
from db.session import Engine, engine_for, reading
from db.tables import NOBODY
from offramp.actions.features import FeatureLine, feature_line, feature_names, list_features
from offramp.actions.job_control import JobStanding, job_standings
from offramp.actions.jobs import JobSpec
from offramp.actions.price_age import PriceAge, price_age
from offramp.actions.price_effect import what_if
from offramp.actions.price_overview import PriceOverview, price_overview
from offramp.actions.report import load_report, weeks
from offramp.actions.report_facts import heard
from offramp.actions.schedule import standard_jobs
from offramp.actions.spend import DaySpend, daily_spend
from offramp.actions.usage import UsageRow, UsageTable, midnight, usage
from offramp.clock import now
from offramp.config import timezone_name
from offramp.policy import load_policy
from reports.channels import Kind
from reports.message import weekly_message
from reports.render import Format, render
from reports.value import WeeklyReport
from strategy.facts import Score

TTL = timedelta(seconds=30)
# What a reader sees while a long one runs: without it Streamlit shows the name of the function.
READING = "Reading what was counted …"
SPEND_DAYS = 56
HISTORY_DAYS = 182
INTAKE_DAYS = 30
WEEKS = 53
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """The feature page: its document, its verdict with the whole argument, and what happened over time."""

    head: FeatureHead | None
    verdict: Mapping[str, Any] | None
    since: Flip | None
    flips: tuple[Flip, ...]
    scores: tuple[Score, ...]
    days: tuple[UsageRow, ...]
    models: tuple[str, ...]
    price_changes: tuple[PriceChange, ...]
    migrations: tuple[Migration, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The sources page: runs, receipts, jobs, the book's age, and usage with what nobody claims or prices."""

    runs: tuple[RunRecord, ...]
    intake: tuple[IntakeCount, ...]
    jobs: tuple[JobRun, ...]
    standings: tuple[JobStanding, ...]
    heard: Mapping[str, datetime]
    heard_at: datetime | None
    price_age: PriceAge
    by_source: UsageTable
    by_feature: UsageTable
    by_model: UsageTable
    discovered: tuple[str, ...]
    read_at: datetime


@st.cache_resource(max_entries=8, show_spinner=READING)
def engine(url: str) -> Engine:
    """The process's engine for this database."""
    return engine_for(url)


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def feature_days(url: str) -> tuple[DaySpend, ...]:
    """What each feature cost on each day of the last eight weeks: a row for each, so not for thousands of features."""
    today = midnight(now().date())
    return daily_spend(engine(url), start=today - timedelta(days=SPEND_DAYS), end=today, each=True)


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def feature_lines(url: str) -> tuple[FeatureLine, ...]:
    """Every feature, registered, discovered or ended, by slug."""
    return tuple(list_features(engine(url), now(), ended=True))


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def names(url: str) -> Mapping[str, FeatureStanding | None]:
    """Every feature by slug, registered ones with where they stand; their usage is not read."""
    return feature_names(engine(url))


@st.cache_data(ttl=TTL, max_entries=64, show_spinner=READING)
def line(url: str, slug: str) -> FeatureLine:
    """The line of one feature."""
    return feature_line(engine(url), slug, now())


@st.cache_data(ttl=TTL, max_entries=64, show_spinner=READING)
def argument(url: str, slug: str) -> Argument:
    """Everything the page of one feature shows."""
    at = now()
    source = engine(url)
    today = midnight(at.date())
    start = today - timedelta(days=HISTORY_DAYS)
    days = usage(source, by=("day",), start=start, end=today, feature=slug)
    used = usage(source, by=("model",), start=start, end=today, feature=slug)
    with reading(source) as session:
        stored = verdict_of(session, slug)
        document = json.loads(stored.document) if stored else None
        history = tuple(flips(session, slug=slug))
        heads = features(session, [slug], ended=True)
        models = _book_models(document, heads)
        return Argument(
            head=heads[0] if heads else None,
            verdict=document,
            since=history[-1] if history else None,
            flips=history,
            scores=tuple(scores(session, [slug])),
            days=days.rows,
            models=tuple(row.model for row in used.rows if row.model),
            price_changes=tuple(found for found in price_changes(session, start, today) if found.model in models),
            migrations=tuple(migrations(session, slug=slug)),
            read_at=at,
        )


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def health(url: str) -> Health:
    """Everything the sources page shows: four weeks of usage, a month of receipts."""
    at = now()
    source = engine(url)
    end = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    start = end - timedelta(days=28)
    by_source, by_feature, by_model = (
        usage(source, by=by, start=start, end=end, feature=feature, waits=False)
        for by, feature in ((("source",), None), (("feature", "source"), NOBODY), (("model",), None))
    )
    standings = job_standings(source, job_specs(), at)
    with reading(source) as session:
        return Health(
            runs=tuple(runs(session, limit=100)),
            intake=tuple(intake(session, day_number(at) - INTAKE_DAYS)),
            jobs=tuple(job_history(session, at, limit=50)),
            standings=tuple(standings),
            heard=heard(session, at),
            heard_at=last_heard(session, day_number(at) - INTAKE_DAYS),
            price_age=price_age(session, at),
            by_source=by_source,
            by_feature=by_feature,
            by_model=by_model,
            discovered=tuple(discovered_names(session)),
            read_at=at,
        )


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def prices(url: str) -> PriceOverview:
    """Everything the Prices page shows."""
    return price_overview(engine(url), load_policy(), now())


@st.cache_data(ttl=TTL, max_entries=16, show_spinner=READING)
def supposed(url: str, asked: tuple[tuple[str, str], ...]) -> Mapping[str, Any]:
    """What would flip at other prices, and what a month would cost: `{"openai/gpt-5.6-luna": "0.10:0.60"}` as pairs.

    Raises:
        BadInput: a model is not in the book, or a price is no amount.
    """
    return what_if(engine(url), load_policy(), dict(asked), as_of=midnight(now().date())).document()


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def headlines(url: str) -> Mapping[str, str]:
    """The weeks whose letter was kept, newest first, each with its one sentence; of the last year at most."""
    source = engine(url)
    reports = (load_report(source, week) for week in weeks(source)[:WEEKS])
    return {report.week: report.headline for report in reports if report is not None}


@st.cache_data(ttl=TTL, max_entries=32, show_spinner=READING)
def letter(url: str, week: str, form: Format) -> str | None:
    """The letter of a week in one format, None where none was kept.

    Raises:
        BadInput: it is no ISO week.
    """
    report = load_report(engine(url), week)
    return None if report is None else render(report, form)


@st.cache_data(ttl=TTL, max_entries=8, show_spinner=READING)
def mail(url: str, week: str) -> str | None:
    """The letter of a week as the page that a mail program shows, None where none was kept.

    Raises:
        BadInput: it is no ISO week.
    """
    report = load_report(engine(url), week)
    return None if report is None else mail_page(report)


def mail_page(report: WeeklyReport) -> str:
    """A letter as its mail's HTML, the pictures in it; every name that people gave is escaped by its template."""
    message = weekly_message(report)
    page = message.html or ""
    for name, image in message.images:
        page = page.replace(f"cid:{name}", f"data:image/png;base64,{b64encode(image).decode()}")
    return page


@st.cache_data(ttl=TTL, max_entries=32, show_spinner=READING)
def sent(url: str, week: str) -> tuple[Delivery, ...]:
    """The messages that carry the letter of a week, those that need a person first."""
    order = ("failed", "uncertain", "pending", "sending", "handed", "sent", "withdrawn")
    with reading(engine(url)) as session:
        found = deliveries(session, kind=Kind.WEEKLY, about=week)
    return tuple(sorted(found, key=lambda each: (order.index(each.state), each.channel, each.recipient)))


@cache
def job_specs() -> tuple[JobSpec, ...]:
    """The jobs by name and plan; the pages never run one."""
    return standard_jobs(load_policy(), timezone_name())


def registered_document(url: str, slug: str) -> Mapping[str, Any] | None:
    """The stored document of a feature as it is this instant; not cached, for a form must not edit an old one."""
    with reading(engine(url)) as session:
        heads = features(session, [slug])
    return heads[0].document if heads else None


def token_used(url: str, token: str) -> bool:
    """Whether a form with this token was saved already."""
    with reading(engine(url)) as session:
        return form_token_used(session, token)


def migrated(url: str) -> bool:
    """Whether the database has the schema of this version."""
    return is_current(engine(url))


def forget() -> None:
    """Drop what was read before a write, so that the writer sees what they wrote."""
    st.cache_data.clear()


def day_number(at: datetime) -> int:
    """The day since 1970 of an instant."""
    return (at.astimezone(UTC).date() - _EPOCH).days


def _book_models(document: Mapping[str, Any] | None, heads: list[FeatureHead]) -> set[str]:
    priced = {str(line["model"]) for line in (document or {}).get("prices") or ()}
    return priced | {head.model for head in heads if head.model}
