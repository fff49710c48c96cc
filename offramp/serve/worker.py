"""The scheduler alone."""

import signal
from threading import Event

from db.session import engine_for
from offramp import clock, config
from offramp.serve.logs import log_as
from offramp.serve.pulse import Pulse
from offramp.serve.scheduler import jobs_in_force, ticking


def run_worker(url: str) -> None:
    """Run what is due until SIGTERM or Ctrl-C; a run in progress is let finish."""
    log_as(config.log_form())
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    file = config.pulse_file()
    pulse = Pulse(file, clock.now) if file else None
    with ticking(engine_for(url), jobs_in_force(), clock.now, pulse=pulse):
        stop.wait()
