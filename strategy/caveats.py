"""What must be told wherever a due move is told short: how sure it is, and the announced day that undoes it."""

from collections.abc import Iterable

_OPENINGS = ("How sure: ", "Mind the ")


def caveats(reasons: Iterable[str]) -> tuple[str, ...]:
    """Those of a verdict's sentences that bound its headline, in their order.

    >>> caveats(["Move it.", "How sure: 81% that it repays.", "Today it costs $5.00.", "Mind the date: none is known."])
    ('How sure: 81% that it repays.', 'Mind the date: none is known.')
    """
    return tuple(reason for reason in reasons if reason.startswith(_OPENINGS))
