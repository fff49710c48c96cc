"""Replays the judge over the history in a folder, day by day without looking ahead, and writes what it said."""

from pathlib import Path

from collectors.rejected import SourceError
from collectors.replay_files import BadRowError, read_history, write_verdicts
from offramp.actions.failure import BadInput, Problem
from strategy.policy import Policy
from strategy.replay import replay
from strategy.terms import terms_of


def replay_folder(folder: Path, policy: Policy) -> int:
    """Read the history in `folder`, judge each day of it, and write verdicts.csv there; the number of verdicts.

    Raises:
        BadInput: a file or a row of it cannot be used; nothing is written.
    """
    try:
        history = read_history(folder)
        return write_verdicts(folder, replay(history, terms_of(policy)))
    except BadRowError as bad:
        raise BadInput([Problem(error=bad.message, row=bad.row, field=bad.field, cure=bad.cure)]) from None
    except SourceError as bad:
        raise BadInput([Problem(error=bad.message, cure=bad.cure)]) from None
    except OSError as bad:
        problem = Problem(error=f"verdicts.csv cannot be written ({bad.strerror})", cure="make the folder writable")
        raise BadInput([problem]) from None
