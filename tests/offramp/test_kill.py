"""Kill -9 in the middle of things: no acknowledged call is lost, none is doubled, no half review is left.

OFFRAMP_TEST_KILLS sets how often each process is killed (10 by default; the benchmarks use more).
"""

import os
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import pytest
from sqlalchemy import Engine, func, select

from db.session import reading
from db.tables import AlertRow, FlipRow, Rollup, SnapshotRow, UsageLedger, VerdictRow
from offramp.actions.prices import fill_book
from offramp.actions.push import push_calls
from offramp.actions.register import register
from offramp.actions.review import explained, review
from offramp.clock import now
from offramp.policy import load_policy
from tests.offramp.forked import forked, forked_and_begun
from tests.offramp.kill_targets import TODAY, review_once, serve
from tests.offramp.live_server import free_port
from tests.offramp.spans import FEATURE, INPUT_TOKENS, MODEL, PROTOBUF, parted_body

KILLS = int(os.environ.get("OFFRAMP_TEST_KILLS", "10"))  # noqa: TID251 (a setting of this test alone)
_BATCH = 20


@dataclass
class Sender:
    """A client that sends until told to stop: again after every failure, sometimes after success, re-batched."""

    url: str
    seed: int
    ended: datetime
    acked: set[int] = field(default_factory=set)
    pending: list[int] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Send batches of new calls together with whatever was not acknowledged."""
        dice = random.Random(self.seed)  # noqa: S311 (a repeatable course of events, no secret)
        number = self.seed * 10_000_000
        while not self.stop.is_set():
            self.pending += [sign * fresh for fresh in range(number + 1, number + 1 + _BATCH) for sign in (1, -1)]
            number += _BATCH
            dice.shuffle(self.pending)
            batch = self.pending[: dice.randint(1, 3 * _BATCH)]
            if dice.random() < 0.1 and self.acked:
                batch += dice.sample(sorted(self.acked), min(5, len(self.acked)))
            self.send(batch)

    def send(self, batch: list[int]) -> None:
        """One request; what it carried is acknowledged or stays pending."""
        try:
            answer = httpx.post(self.url, content=parted_body(batch, self.ended), headers=PROTOBUF, timeout=2)
        except httpx.HTTPError:
            time.sleep(0.02)
            return
        if answer.status_code == 200:
            self.acked.update(batch)
            self.pending = [number for number in self.pending if number not in self.acked]


def _wait_until_alive(port: int) -> None:
    for _ in range(600):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise TimeoutError("the server did not come up")


@pytest.mark.timeout(120 + 5 * KILLS)
def test_no_acknowledged_call_is_lost_or_doubled_when_the_receiver_is_killed(engine: Engine, database_url: str) -> None:
    """Two clients that resend and re-batch, one receiver killed -9 again and again: ledger = rollup = what was sent.

    Each call is sent apart from the span that names its feature, one in this request, one in that.
    """
    port = free_port()
    ended = now() - timedelta(minutes=30)
    senders = [Sender(f"http://127.0.0.1:{port}/v1/traces", seed, ended) for seed in (1, 2)]
    threads = [threading.Thread(target=sender.run, daemon=True) for sender in senders]
    dice = random.Random(7)  # noqa: S311 (a repeatable course of events, no secret)
    for kill in range(KILLS):
        with forked(serve, database_url, port):
            _wait_until_alive(port)
            if kill == 0:
                for thread in threads:
                    thread.start()
            time.sleep(dice.uniform(0.02, 0.4))
    with forked(serve, database_url, port):
        _wait_until_alive(port)
        for sender, thread in zip(senders, threads, strict=True):
            sender.stop.set()
            thread.join()
            sender.send(sender.pending)
            assert sender.pending == []
    acked = {number for sender in senders for number in sender.acked if number > 0}
    with reading(engine) as session:
        ledger = session.scalar(select(func.count()).select_from(UsageLedger))
        sums = func.sum(Rollup.calls), func.sum(Rollup.input_tokens)
        found = session.execute(select(Rollup.feature, *sums).group_by(Rollup.feature)).all()
    assert found == [(FEATURE, len(acked), len(acked) * INPUT_TOKENS)]
    assert ledger == len(acked)
    assert len(acked) > KILLS * _BATCH


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
