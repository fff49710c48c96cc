"""Shows a stored verdict with its whole argument."""

import json
from collections.abc import Collection
from datetime import datetime
from difflib import get_close_matches
from shlex import quote
from typing import Any

from db.queries.features import registered_slugs, seen_features
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
        registered, seen = (registered_slugs(session), seen_features(session)) if found is None else ((), ())
    if found is None:
        when = f" at {as_of.date().isoformat()}" if as_of else ""
        problem = Problem(
            error=f"no verdict for {slug!r}{when}",
            field="feature",
            cure=_cure(slug, registered, seen),
        )
        raise BadInput([problem])
    stored: dict[str, Any] = json.loads(found.document)
    return stored


def unheard_of(engine: Engine, slug: str) -> str:
    """What to do about a slug that is neither registered nor in any traffic; "" where it is either."""
    with reading(engine) as session:
        registered, seen = registered_slugs(session), seen_features(session)
    return "" if slug in {*registered, *seen} else _near(slug, {*registered, *seen}) or "see `offramp features`"


def _cure(slug: str, registered: Collection[str], seen: Collection[str]) -> str:
    if slug in registered:
        return "run `offramp review`"
    if slug in seen:
        return f"it is only in traffic, register it first: `offramp features {quote(slug)}` suggests how"
    return _near(slug, {*registered, *seen}) or "see `offramp features`, then run `offramp review`"


def _near(slug: str, known: Collection[str]) -> str:
    near = get_close_matches(slug, sorted(known), n=1, cutoff=0.75)
    return f"did you mean {near[0]}?" if near else ""
