"""What the cures on the Sources page do: one action each, in a callback, once until its outcome is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from dashboard import loads, person, selection, wording
from dashboard.job_writing import BY, Done, press_until_told
from db.failures import DatabaseError, database_words
from offramp import config
from offramp.actions.claim import claim
from offramp.actions.doctor import doctor
from offramp.actions.failure import BadInput
from offramp.actions.findings import Finding
from offramp.actions.price_cures import name_model, set_own_price
from offramp.actions.record import choose_record
from offramp.actions.rejudge import rejudge
from offramp.actions.rename import Renamed, merge, rename
from offramp.actions.sources import source_findings
from offramp.clock import now
from offramp.policy import load_policy
from strategy.kinds import PriceKind

LOOSE, NAMED, RENAMED, PRICED, SAME, RECORD = (
    f"cure-{what}" for what in ("loose", "named", "renamed", "priced", "same", "record")
)
EVERY_MEASURE = "usage and latency"


@dataclass(frozen=True, slots=True)
class Examined:
    """What the doctor found."""

    findings: tuple[Finding, ...]


def give_loose(url: str) -> None:
    """Have a rule claim what no feature claims, and give a feature what was counted so far, as the form says."""
    values = selection.field_values(LOOSE)
    slug, attribute, equals = (str(values.get(name) or "").strip() for name in ("feature", "attribute", "equals"))
    rule = (attribute, equals) if equals else None

    def act() -> str:
        past = bool(values.get("past"))
        done = claim(loads.engine(url), slug, rule=rule, past=past, at=now(), by=person.by(BY))
        told = [f"{slug} claims traffic whose {attribute} is {equals}."] if done.rule else []
        told += [_moved(done.moved)] if done.moved else []
        return " ".join(told) or "Nothing was left to do."

    _do(LOOSE, values, act)


def merge_name(url: str) -> None:
    """Give a feature or a name in traffic to a registered feature, with its past and what comes later."""
    values = selection.field_values(NAMED)
    old, into = (str(values.get(name) or "") for name in ("name", "feature"))
    _do(NAMED, values, lambda: _moved(merge(loads.engine(url), old, into, at=now(), by=person.by(BY))))


def give_name(url: str) -> None:
    """Call a feature or a name in traffic otherwise."""
    values = selection.field_values(RENAMED)
    old, new = (str(values.get(name) or "").strip() for name in ("old", "new"))
    _do(RENAMED, values, lambda: _moved(rename(loads.engine(url), old, new, at=now(), by=person.by(BY))))


def set_price(url: str) -> None:
    """Write an own price for a model that has none, and judge again whom it touches."""
    values = selection.field_values(PRICED)
    start = values.get("start")

    def act() -> str:
        told = {
            kind: str(values.get(kind.value) or "").strip().lstrip("$") for kind in (PriceKind.INPUT, PriceKind.OUTPUT)
        }
        prices = {kind: _amount(text) for kind, text in told.items() if text}
        sent = values.get("model") or ("", "")
        first = start if isinstance(start, date) else now().date()
        model = set_own_price(loads.engine(url), sent, prices, first, at=now(), by=person.by(BY))
        rejudge(loads.engine(url), load_policy(), now())
        return f"{model} has a price from {first:%d %B %Y} on; what it cost since then is computed anew."

    _do(PRICED, values, act)


def same_model(url: str) -> None:
    """Say which model of the book a name in traffic means, and judge again whom it touches."""
    values = selection.field_values(SAME)

    def act() -> str:
        provider, name = values.get("model") or ("", "")
        model = str(values.get("same") or "").strip()
        name_model(loads.engine(url), provider, name, model, at=now(), by=person.by(BY))
        rejudge(loads.engine(url), load_policy(), now())
        return f"{name} is {model}: its calls are priced as that."

    _do(SAME, values, act)


def choose(url: str) -> None:
    """Make a source the record of a feature."""
    values = selection.field_values(RECORD)
    slug, source, measure = (str(values.get(name) or "") for name in ("feature", "source", "measure"))

    def act() -> str:
        one = None if measure == EVERY_MEASURE else measure
        choose_record(loads.engine(url), slug, source, at=now(), by=person.by(BY), measure=one)
        return f"{slug}: {source} is the record of {measure}."

    _do(RECORD, values, act)


def examine(url: str) -> None:
    """Have the doctor look at everything."""

    def act() -> Examined:
        found = doctor(url, config.setting_troubles(), timezone=config.timezone_name(), now=now())
        return Examined((*found, *source_findings(now())))

    selection.press(selection.until_told("examine"), act, done=lambda _: True)


def _moved(done: Renamed) -> str:
    if done.change == "unchanged":
        return "That was done before."
    old = done.old or "Nobody's traffic"
    moved = f"{wording.plural(done.calls, 'call')} and {wording.plural(done.scores, 'score')}"
    return f"{old} is {done.new} now: {moved} moved."


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return Decimal("nan")


def _do(form: str, values: Mapping[str, Any], act: Callable[[], str]) -> None:
    press_until_told(f"{form} {sorted(values.items())}", lambda: _done(act))


def _done(act: Callable[[], str]) -> Done:
    try:
        said = act()
    except BadInput as problem:
        return Done(problem.problems[0].sentence(), ok=False)
    except DatabaseError as problem:
        return Done(f"Nothing was changed: {database_words(problem)}", ok=False)
    finally:
        loads.forget()
    return Done(said)
