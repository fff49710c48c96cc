"""Builds the demo: the company's files, loaded through the real collectors, then reviewed as the months went by.

Every step may be repeated: a build that was killed is taken up again, and a demo of last week gets the days it lacks.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from collectors.retirements import retirements
from db.migrate import upgrade
from db.queries.features import features
from db.queries.jobs import latest_slot
from db.queries.prices import price_changes
from db.queries.usage import first_and_last_hour
from db.session import Engine, reading, transaction
from db.store.jobs import claim_slot, finish_claim
from db.store.prices import record_retirements
from db.store.usage import hour_start
from offramp.actions.load import load_file
from offramp.actions.measure import measure
from offramp.actions.price_refresh import refresh_from
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.register import register
from offramp.actions.report import build_report
from offramp.actions.review import review
from offramp.actions.usage import midnight
from offramp.demo.bills import write_bill
from offramp.demo.company import DAYS, load_company
from offramp.demo.files import write_company
from offramp.demo.moves import make_moves
from reports.weeks import IsoWeek, previous_week
from strategy.policy import Policy

_JOB = "demo"
_PRICE_LIST = "supplier_prices.csv"
_MONDAY = 0
_WEEK = timedelta(days=7)
# Before two weeks of traffic every verdict is a cold start, which no history needs.
_COLD = 2 * _WEEK
_LETTERS = 4


class NotTheDemo(Exception):  # noqa: N818 (it is what it says: the database is another's)
    """The database holds something else; nothing was written. The message names it and the cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build did: the demo's first day, and the days and reviews it added (0: it was there already)."""

    start: date
    days: int
    reviews: int


def build(
    engine: Engine,
    policy: Policy,
    *,
    today: date,
    now: datetime,
    progress: Callable[[str], None] = lambda _: None,
    days: int = DAYS,
) -> Built:
    """Bring the demo in this database up to `now`, from nothing or from what is there; one built today stays as it is.

    `days` is how much history a new demo gets before `today`.

    Raises:
        NotTheDemo: the database holds features or traffic of somebody else.
    """
    upgrade(engine)
    start, first = _missing_from(engine, today, days)
    if first >= today:
        return Built(start=start, days=0, reviews=0)
    _register(engine, start, start)
    _fill_prices(engine, start, now)
    _load(engine, start, first, now, progress)
    # A price list with a slip and a stale price: what it says waits for whoever looks at the demo, and moves no figure.
    refresh_from(engine, files("offramp.demo").joinpath(_PRICE_LIST).read_bytes(), _PRICE_LIST, at=now)
    reviewed = _review_days(engine, start, max(first, start + _COLD), today)
    for number, day in enumerate(reviewed, start=1):
        progress(f"reviewing {day} ({number} of {len(reviewed)})")
        _register(engine, start, day)
        review(engine, policy, as_of=midnight(day), now=midnight(day))
        measure(engine, policy, midnight(day))
        make_moves(engine, policy, start, day)
    _report(engine, now, progress)
    _mark(engine, today, now)
    return Built(start=start, days=(today - first).days, reviews=len(reviewed))


def _missing_from(engine: Engine, today: date, days: int) -> tuple[date, date]:
    """The demo's first day, and the first day that is not wholly built."""
    with reading(engine) as session:
        known = {head.slug for head in features(session)}
        hours = first_and_last_hour(session)
        built = latest_slot(session, _JOB, midnight(today))
    # What somebody registers in a demo does not make it another's database.
    ours = {document["slug"] for document in load_company().launched(0)} <= known
    if not ours and (known or hours):
        what = f"the feature {min(known - load_company().slugs, default=min(known))}" if known else "traffic"
        cure = "give the demo a file of its own: offramp demo --db sqlite:///demo.db"
        raise NotTheDemo(f"this database holds {what} that the demo did not write; {cure}")
    start = today - timedelta(days=days) if hours is None else hour_start(hours[0]).date()
    return start, start if built is None else built.date()


def _fill_prices(engine: Engine, start: date, now: datetime) -> None:
    """Fill the book, with the announced ends of models as if it had been kept since the demo's first day."""
    with transaction(engine) as session:
        record_retirements(session, retirements(), midnight(start))
    fill_book(engine, now)


def _register(engine: Engine, start: date, day: date) -> None:
    """Register what was launched by this day; what is registered stays as it is, for a person may have changed it."""
    with reading(engine) as session:
        known = {head.slug for head in features(session)}
    new = [document for document in load_company().launched((day - start).days) if document["slug"] not in known]
    if new:
        register(engine, new, at=midnight(day), by="demo")


def _load(engine: Engine, start: date, first: date, now: datetime, progress: Callable[[str], None]) -> None:
    with tempfile.TemporaryDirectory(prefix="offramp-demo-") as folder:
        progress(f"writing the files of {first} to {now.date()}")
        _, *paths = write_company(Path(folder), load_company(), start, first, now)
        for path in paths:
            progress(f"loading {path.name}")
            load_file(engine, path, at=now)
        resolve_names(engine, now)
        bill = write_bill(engine, Path(folder), first, now)
        if bill is not None:
            load_file(engine, bill, at=now)


def _review_days(engine: Engine, start: date, first: date, today: date) -> Sequence[date]:
    """Every Monday, each day on which a price in use or an alert moved, a week ago and today.

    A week ago lies in the last week that is over, whatever weekday it is: its letter has something to tell.
    """
    with reading(engine) as session:
        moved = {change.valid_from.date() for change in price_changes(session, midnight(first), midnight(today))}
    every = (first + timedelta(days=number) for number in range((today - first).days + 1))
    acted = {start + timedelta(days=move.day) for move in load_company().moves}
    named = moved | acted | {today - _WEEK, today}
    return [day for day in every if day.weekday() == _MONDAY or day in named]


def _report(engine: Engine, now: datetime, progress: Callable[[str], None]) -> None:
    """Build the letters of the last weeks that are over, oldest first."""
    last = previous_week(now)
    for back in reversed(range(_LETTERS)):
        week = IsoWeek(last.monday - back * _WEEK)
        progress(f"writing the letter of {week}")
        build_report(engine, week, now)


def _mark(engine: Engine, today: date, now: datetime) -> None:
    """Note that the demo is built up to here; a build without its mark is done again, which changes no figure."""
    with transaction(engine) as session:
        claim = claim_slot(session, _JOB, midnight(today), owner=_JOB, at=now, lease=_WEEK)
        if claim is not None:
            finish_claim(session, claim, at=now, outcome="ok", detail=f"built up to {today}")
