"""What a button about jobs or messages does: one action, in a callback; its outcome is shown once."""

from collections.abc import Callable
from dataclasses import dataclass

from dashboard import loads, person, selection
from db.failures import DatabaseError, database_words
from offramp.actions.channels import load_channels
from offramp.actions.failure import BadInput
from offramp.actions.job_control import pause_job, resume_job, run_now
from offramp.actions.report import load_report
from offramp.actions.send_report import repeat_message
from offramp.actions.send_report import try_letter as send_letter
from offramp.clock import now
from offramp.config import channels_file, timezone_name
from reports.answer import Fate

BY = "dashboard"
RUN, PAUSE, RESUME = "run", "pause", "resume"


@dataclass(frozen=True, slots=True)
class Done:
    """What a press of a button did, or why it did nothing."""

    said: str
    ok: bool = True


def control(url: str, job: str, wish: str) -> None:
    """Run a job at the next tick, let it rest, or let it run again."""
    engine, jobs = loads.engine(url), loads.job_specs()
    match wish:
        case "run":
            _do(f"{job} runs within half a minute.", lambda: run_now(engine, jobs, job, by=person.by(BY), at=now()))
        case "pause":
            _do(f"{job} rests until it is resumed.", lambda: pause_job(engine, jobs, job, by=person.by(BY), at=now()))
        case _:
            _do(
                f"{job} runs again; a slot it missed is made up.",
                lambda: resume_job(engine, jobs, job, by=person.by(BY), at=now()),
            )


def repeat(url: str, delivery: str, recipient: str) -> None:
    """Have a failed or uncertain message sent again by the next delivery run."""

    def act() -> None:
        repeat_message(loads.engine(url), delivery, by=person.by(BY), at=now())

    _do(f"The message to {recipient} is sent again within five minutes.", act)


def try_letter(url: str, week: str, token: str) -> None:
    """Send one letter, marked as a test, to the address or channel that the field names."""
    to = str(selection.field_values(token).get("to") or "").strip()
    report = load_report(loads.engine(url), week)
    if not to or report is None:
        selection.keep_outcome(Done("Name an address, or a channel by its name.", ok=False))
        return
    try:
        channels = load_channels(channels_file(), timezone_name())
        answer = send_letter(loads.engine(url), channels, report, to, by=person.by(BY), at=now())
    except BadInput as problem:
        selection.keep_outcome(Done(problem.problems[0].sentence(), ok=False))
        return
    selection.keep_outcome(Done(f"Test to {to}: {answer.words}", ok=answer.fate is Fate.TAKEN))


def _do(said: str, act: Callable[[], None]) -> None:
    try:
        act()
    except BadInput as problem:
        selection.keep_outcome(Done(problem.problems[0].sentence(), ok=False))
    except DatabaseError as problem:
        selection.keep_outcome(Done(f"Nothing was changed: {database_words(problem)}", ok=False))
    else:
        loads.forget()
        selection.keep_outcome(Done(said))
