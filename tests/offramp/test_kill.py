"""Kill -9 in the middle of things: no acknowledged call is lost, none is doubled, no half review is left.

OFFRAMP_TEST_KILLS sets how often each process is killed (10 by default; the benchmarks use more).
"""

import os
import time
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from db.session import reading
from db.tables import AlertRow, FlipRow, SnapshotRow, VerdictRow
from offramp.actions.prices import fill_book
from offramp.actions.push import push_calls
from offramp.actions.register import register
from offramp.actions.review import explained, review
from offramp.policy import load_policy
from tests.faults.receivers import kill_receivers
from tests.offramp.forked import forked_and_begun
from tests.offramp.kill_targets import TODAY, review_once
from tests.offramp.spans import FEATURE, MODEL

KILLS = int(os.environ.get("OFFRAMP_TEST_KILLS", "10"))  # noqa: TID251 (a setting of this test alone)


@pytest.mark.timeout(120 + 5 * KILLS)
def test_no_acknowledged_call_is_lost_or_doubled_when_receivers_are_killed(database_url: str) -> None:
    """Two receivers killed -9 in turns while two clients resend and re-batch: what counts is what was acknowledged.

    `python -m tests.faults.receivers` is the same at any length.
    """
    found = kill_receivers(database_url, KILLS)
    assert found.right(), found
    assert found.acknowledged > KILLS
    assert found.sent_again > 0


def _company(engine: Engine) -> None:
    slugs = [f"{FEATURE}-{number}" for number in range(25)]
    register(
        engine, [{"slug": slug, "strategy": "prompt", "model": f"openai/{MODEL}"} for slug in slugs], at=TODAY, by="t"
    )
    rows = [
        {"timestamp": (TODAY - timedelta(days=day)).isoformat(), "feature": slug, "provider": "openai", "model": MODEL}
        | {"calls": 1000 + day, "input_tokens": 2_000_000, "output_tokens": 300_000}
        for slug in slugs
        for day in range(1, 29)
    ]
    assert push_calls(engine, rows, at=TODAY).rejected == ()
    fill_book(engine, TODAY)


def _stored(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    verdict = (VerdictRow.feature_id, VerdictRow.verdict, VerdictRow.snapshot_sha, VerdictRow.document)
    flip = (FlipRow.feature_id, FlipRow.to_verdict, FlipRow.cause, FlipRow.cause_detail)
    alert = (AlertRow.feature_id, AlertRow.state, AlertRow.target, AlertRow.saving_usd_month)
    columns = {"verdict": verdict, "flip": flip, "alert": alert, "snapshot": (SnapshotRow.sha, SnapshotRow.document)}
    with reading(engine) as session:
        return {name: sorted(tuple(row) for row in session.execute(select(*found))) for name, found in columns.items()}


@pytest.mark.timeout(120 + 5 * KILLS)
def test_a_killed_review_leaves_nothing_half_and_its_rerun_gives_the_same_rows(
    engine: Engine, database_url: str
) -> None:
    """Killed -9 at any moment, a review stored all or nothing; run again it stores what an undisturbed one does."""
    _company(engine)
    empty = _stored(engine)
    seen = []
    begun = time.monotonic()
    explained(engine, load_policy(), as_of=TODAY)
    duration = time.monotonic() - begun
    for kill in range(KILLS):
        with forked_and_begun(review_once, database_url):
            # From the first moment to well behind the commit, step by step.
            time.sleep(2.5 * duration * kill / KILLS)
        seen.append(_stored(engine))
    review(engine, load_policy(), as_of=TODAY, now=TODAY)
    after = _stored(engine)
    assert len(after["verdict"]) == len(after["flip"]) == 25
    assert all(found in (empty, after) for found in seen)
    review(engine, load_policy(), as_of=TODAY, now=TODAY)
    assert _stored(engine) == after
