"""Bills beside what was counted, and discovered traffic, as tidy frames."""

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd

from offramp.actions.differences import ProviderDay
from offramp.actions.discovered import Discovered, shares
from offramp.actions.tellings import Telling


def billed(rows: Sequence[ProviderDay]) -> pd.DataFrame:
    """One row per provider, or per provider and day: tracked, billed, their difference, and what lacks a cost."""
    return pd.DataFrame(
        [
            {
                "Provider": row.provider,
                "Day": row.day,
                "Calls": row.calls,
                "Tracked": _number(row.tracked_usd),
                "Billed": _number(row.billed_usd),
                "Difference": _number(row.difference_usd),
                "Coverage": _number(row.coverage),
                "Unattributed": _number(row.unattributed_usd),
                "Unpriced calls": row.unpriced_calls,
            }
            for row in rows
        ]
    )


def told(rows: Sequence[Telling]) -> pd.DataFrame:
    """One row per provider and source: what it counted, and what it said beside the record."""
    return pd.DataFrame(
        [
            {
                "Provider": row.provider,
                "Source": row.source,
                "Calls counted": row.calls,
                "Tracked": _number(row.cost_usd),
                "Calls beside": row.beside_calls,
                "Cost beside": _number(row.beside_usd),
                "Record counted there": row.record_calls,
            }
            for row in rows
        ]
    )


def unregistered(rows: Sequence[Discovered]) -> pd.DataFrame:
    """One row per name in traffic that nobody registered."""
    return pd.DataFrame(
        [
            {
                "Name": row.name,
                "Calls": row.calls,
                "Failed": row.errors,
                "Cost": _number(row.cost_usd),
                "p50 ms": row.latency_p50_ms,
                "p95 ms": row.latency_p95_ms,
                "Models": ", ".join(row.models),
                "Comes out as": shares(row.outputs),
                "Ends by": shares(row.ends),
                "Told by": ", ".join(row.sources),
            }
            for row in rows
        ]
    )


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
