"""Sources as rows: how fresh each is, and what is not known of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pandas as pd

from dashboard.health_frames import sources
from db.queries.sources import RunRecord
from offramp.actions.usage import UsageRow

AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
PULLED = UsageRow(
    feature=None,
    provider=None,
    model=None,
    day=None,
    source="pull:lake",
    calls=30,
    errors=0,
    input_tokens=3000,
    cached_input_tokens=0,
    output_tokens=300,
    cost_usd=Decimal("0.01"),
    reported_cost_usd=None,
    billed_cost_usd=None,
    shown_cost_usd=None,
    basis=None,
    reported_calls=0,
    unpriced_calls=0,
    calls_without_tokens=0,
    latency_p50_ms=None,
    latency_p95_ms=None,
)


def _run(hours: int, outcome: str) -> RunRecord:
    at = AT - timedelta(hours=hours)
    return RunRecord(
        source="pull:lake",
        started_at=at,
        finished_at=at,
        outcome=outcome,
        accepted=30,
        duplicates=0,
        rejected=0,
        message="",
    )


def test_a_pulled_source_is_heard_of_when_a_run_succeeds() -> None:
    """It is as fresh as its last good run, and what it has no records of is unknown, not zero."""
    (row,) = sources([], [PULLED], [_run(1, "failed"), _run(2, "ok")], AT, timedelta(days=1)).to_dict("records")
    assert (row["State"], row["Last heard of"]) == ("fresh", datetime(2026, 11, 23, 2))  # noqa: DTZ001 (a frame's times have no zone)
    assert (pd.isna(row["Accepted"]), pd.isna(row["Refused"]), row["Calls, 28 days"]) == (True, True, 30)
    (silent,) = sources([], [PULLED], [_run(1, "failed")], AT, timedelta(days=1)).to_dict("records")
    assert (silent["State"], pd.isna(silent["Last heard of"])) == ("stale", True)
