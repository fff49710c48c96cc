"""The clock of the pages' tests stands where the demo company ends, so that they say the same on every later day.

    python -m tests.dashboard.demo_time SECONDS PORT

serves the dashboard on that port, as it was so many seconds ago.
"""

import sys
from datetime import datetime, timedelta, tzinfo

from streamlit.web import cli

from dashboard.launch import SCRIPT
from offramp import clock
from offramp.clock import now
from tests.conftest import DEMO_NOW

# How far the tests' clock is behind.
BEHIND = now() - DEMO_NOW


def behind(by: timedelta) -> type[datetime]:
    """What `offramp.clock` takes for `datetime` where its clock is behind by so much."""

    class Earlier(datetime):
        """The same type, but for the present."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # as it is annotated for a datetime
            return datetime.now(tz) - by  # noqa: TID251 (it is the clock)

    return Earlier


def main() -> None:
    """Serve."""
    _, seconds, port = sys.argv
    vars(clock)["datetime"] = behind(timedelta(seconds=float(seconds)))
    sys.argv = ["streamlit", "run", str(SCRIPT), "--server.port", port]
    cli.main()


if __name__ == "__main__":
    main()
