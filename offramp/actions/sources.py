"""The sources to pull from, as the file of OFFRAMP_SOURCES names them, and whether each can be read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from collectors.pull_kinds import PULLERS
from collectors.pulls.config import PullSource, read_sources
from collectors.pulls.puller import Puller, Window, check
from collectors.rejected import SourceError
from offramp import config
from offramp.actions.failure import BadInput, Problem
from offramp.actions.findings import Finding, amiss, fine


def configured_sources() -> tuple[PullSource, ...]:
    """The sources in the order of the file; none where there is no file.

    Raises:
        BadInput: the file cannot be used; the message names the source and field.
    """
    file = config.sources_file()
    if file is None:
        return ()
    try:
        return read_sources(file.read_bytes(), config.secret)
    except OSError as failure:
        problem = Problem(error=f"{file} cannot be read: {failure.strerror}", field="OFFRAMP_SOURCES")
        raise BadInput([problem]) from None
    except SourceError as failure:
        raise BadInput([Problem(error=failure.message, field=str(file), cure=failure.cure or None)]) from None


def ask_sources(
    sources: Sequence[PullSource], now: datetime, pullers: Mapping[str, Puller] = PULLERS
) -> Iterator[Finding]:
    """Ask each source for its first page of the last hour: whether it can be read, and the cure where it cannot."""
    window = Window(now - timedelta(hours=1), now)
    for source in sources:
        name = f"source {source.name}"
        try:
            check(pullers[source.kind], source, window)
        except SourceError as failure:
            yield amiss(name, failure.message, failure.cure or "try again in a moment")
        else:
            yield fine(name, f"{source.kind} answers")


def source_findings(now: datetime) -> list[Finding]:
    """What the doctor says of the sources: of the file, then of each."""
    try:
        found = configured_sources()
    except BadInput as wrong:
        (problem,) = wrong.problems
        return [amiss("sources", problem.error, problem.cure or "correct the file of OFFRAMP_SOURCES")]
    return [fine("sources", f"{len(found)} to pull from"), *ask_sources(found, now)]
