"""What a button about jobs or messages does: one action, in a callback, once until its outcome is shown."""

from collections.abc import Callable
from dataclasses import dataclass

from dashboard import loads, person, selection
from db.failures import DatabaseError, database_words
from db.session import Engine
from offramp.actions.channels import load_channels
from offramp.actions.failure import BadInput
from offramp.actions.job_control import pause_job, resume_job, run_now
from offramp.actions.report import load_report
from offramp.actions.send_report import repeat_message
from offramp.actions.send_report import try_letter as try_a_letter
from offramp.clock import now
from offramp.config import channels_file, timezone_name
from reports.answer import Fate
from reports.value import WeeklyReport

BY = "dashboard"
RUN, PAUSE, RESUME = "run", "pause", "resume"


@dataclass(frozen=True, slots=True)
class Done:
    """What a press of a button did, or why it did nothing."""

    said: str
    ok: bool = True


def press_until_told(button: str, act: Callable[[], Done]) -> None:
    """What a button without a token does: pressed again before a page told what it did, it has done that."""
    selection.press(selection.until_told(button), act, done=lambda told: told.ok)


def control(url: str, job: str, wish: str) -> None:
    """Run a job at the next tick, let it rest, or let it run again."""
    engine, jobs = loads.engine(url), loads.job_specs()
    said, ask = {
        RUN: (f"{job} runs within half a minute.", run_now),
        PAUSE: (f"{job} rests until it is resumed.", pause_job),
        RESUME: (f"{job} runs again; a slot it missed is made up.", resume_job),
    }[wish]
    _do(f"{wish} {job}", said, lambda: ask(engine, jobs, job, by=person.by(BY), at=now()))


def repeat(url: str, delivery: str, recipient: str) -> None:
    """Have a failed or uncertain message sent again by the next delivery run."""

    def act() -> None:
        repeat_message(loads.engine(url), delivery, by=person.by(BY), at=now())

    _do(f"repeat {delivery}", f"The message to {recipient} is sent again within five minutes.", act)


def try_letter(url: str, week: str, token: str) -> None:
    """Send one letter, marked as a test, to the address or channel that the field names."""
    to = str(selection.field_values(token).get("to") or "").strip()
    press_until_told(f"try {week} {to}", lambda: _tried(url, week, to))


def _tried(url: str, week: str, to: str) -> Done:
    report = load_report(loads.engine(url), week)
    if not to or report is None:
        return Done("Name an address, or a channel by its name.", ok=False)
    return tested(loads.engine(url), report, to)


def tested(engine: Engine, report: WeeklyReport, to: str) -> Done:
    """Send this letter as a test to an address or a channel; what became of it."""
    try:
        channels = load_channels(channels_file(), timezone_name())
        answer = try_a_letter(engine, channels, report, to, by=person.by(BY), at=now())
    except BadInput as problem:
        return Done(problem.problems[0].sentence(), ok=False)
    return Done(f"Test to {to}: {answer.words}", ok=answer.fate is Fate.TAKEN)


def _do(button: str, said: str, act: Callable[[], None]) -> None:
    press_until_told(button, lambda: _done(said, act))


def _done(said: str, act: Callable[[], None]) -> Done:
    try:
        act()
    except BadInput as problem:
        return Done(problem.problems[0].sentence(), ok=False)
    except DatabaseError as problem:
        return Done(f"Nothing was changed: {database_words(problem)}", ok=False)
    finally:
        loads.forget()
    return Done(said)
