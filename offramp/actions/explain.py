"""Shows a stored verdict with its whole argument."""

import json
from datetime import datetime
from typing import Any

from db.queries.verdicts import verdict_of
from db.session import Engine, reading
from offramp.actions.failure import BadInput, Problem


def explain(engine: Engine, slug: str, as_of: datetime | None = None) -> dict[str, Any]:
    """The newest stored verdict of a feature (or the newest of `as_of` or before), as it was stored.

    Raises:
        BadInput: nothing was judged yet, or there is no such feature.
    """
    with reading(engine) as session:
        found = verdict_of(session, slug, as_of)
    if found is None:
        when = f" at {as_of.date().isoformat()}" if as_of else ""
        problem = Problem(
            error=f"no verdict for {slug!r}{when}",
            field="feature",
            cure="see `offramp features`, then run `offramp review`",
        )
        raise BadInput([problem])
    stored: dict[str, Any] = json.loads(found.document)
    return stored
