"""Sends many letters to a mail server that fails at random, from senders that are killed at random, and counts.

    python benchmarks/deliveries.py [--messages 1000] [--kills 20] [--seed 1] [--if-unsure hold|resend]

The server refuses, breaks off before it has taken a message, or takes it and breaks off without a word. Every message
must arrive exactly once; one whose end nobody knew may be missing or double, as the policy says, and must be counted as
such. Ends with 1 where one was lost, doubled or not counted. Two senders on SQLite, with leases of two seconds.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import update

from db.failures import DatabaseError
from db.migrate import upgrade
from db.queries.outbox import Delivery, deliveries
from db.session import Engine, make_engine, reading, transaction
from db.tables import DeliveryRow
from offramp.actions.deliver import deliver
from offramp.actions.report import report_slices
from offramp.actions.send_report import copies, enqueue_report
from offramp.clock import now
from reports.channels import Channel, Channels, Kind, Security, Smtp
from tests.sinks import CUTS_AFTER, CUTS_BEFORE, CUTS_EARLY, LATER, TAKES, MailSink, mail_sink

SENDERS, LEASE = 2, timedelta(seconds=2)
FATES = {TAKES: 62, LATER: 15, CUTS_EARLY: 15, CUTS_BEFORE: 3, CUTS_AFTER: 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was found at the end: how many messages each of these happened to."""

    messages: int
    kills: int
    sent: int
    uncertain: int
    unsure: int
    lost: int
    doubled: int
    uncounted: int


def channels(port: int, messages: int, if_unsure: str) -> Channels:
    """One channel of e-mail to that many people."""
    people = tuple(f"person{number}@example.org" for number in range(messages))
    smtp = Smtp(host="127.0.0.1", port=port, sender="offramp@example.org", security=Security.NONE)
    channel = Channel(name="all", via="email", send=frozenset({Kind.WEEKLY}), recipients=people, if_unsure=if_unsure)
    return Channels(smtp=smtp, channels=(channel,))


def sender(url: str, found: Channels) -> None:
    """Send what waits until killed; the pauses between attempts pass quickly."""
    engine = make_engine(url)
    while True:
        with suppress(DatabaseError):  # a disk that is busy for ten seconds: the next round tries again
            deliver(engine, found, now, lease=LEASE)
            _hasten(engine)
        time.sleep(0.02)


def _hasten(engine: Engine) -> None:
    with transaction(engine) as session:
        session.execute(update(DeliveryRow).where(DeliveryRow.state == "pending").values(next_at=now()))


def run(messages: int, kills: int, seed: int, if_unsure: str) -> Counted:
    """One run on a database of its own."""
    chance = random.Random(seed)  # noqa: S311 (a repeatable choice, no secret)
    with tempfile.TemporaryDirectory(prefix="offramp-deliveries-") as folder:
        url = f"sqlite:///{Path(folder) / 'outbox.db'}"
        engine = make_engine(url)
        upgrade(engine)
        with mail_sink(lambda _to: chance.choices(list(FATES), list(FATES.values()))[0]) as sink:
            found = channels(sink.port, messages, if_unsure)
            enqueue_report(engine, copies(found, report_slices(engine, "2026-W46", now()), now()), now())
            done = _with_kills(engine, url, found, kills, chance)
            rows = _rows(engine)
        engine.dispose()
        return _counted(rows, sink, done)


def _with_kills(engine: Engine, url: str, found: Channels, kills: int, chance: random.Random) -> int:
    context = multiprocessing.get_context("fork")
    senders = [context.Process(target=sender, args=(url, found)) for _ in range(SENDERS)]
    for each in senders:
        each.start()
    killed, messages = 0, len(found.channels[0].recipients)
    try:
        while any(row.state in {"pending", "sending", "handed"} for row in _rows(engine)):
            done = sum(row.state in {"sent", "uncertain", "failed"} for row in _rows(engine))
            # Kills are spread over the run by its progress, not by the clock.
            if killed < kills and done * (kills + 1) >= messages * (killed + 1):
                place = chance.randrange(SENDERS)
                senders[place].kill()
                senders[place].join()
                senders[place] = context.Process(target=sender, args=(url, found))
                senders[place].start()
                killed += 1
            time.sleep(0.05)
    finally:
        for each in senders:
            each.kill()
            each.join()
    return killed


def _rows(engine: Engine) -> list[Delivery]:
    with reading(engine) as session:
        return deliveries(session, limit=1_000_000)


def _counted(rows: list[Delivery], sink: MailSink, kills: int) -> Counted:
    arrived = Counter(str(message["To"]) for message in sink.taken)
    sure = [row for row in rows if not row.unsure]
    return Counted(
        messages=len(rows),
        kills=kills,
        sent=sum(row.state == "sent" for row in rows),
        uncertain=sum(row.state == "uncertain" for row in rows),
        unsure=sum(row.unsure for row in rows),
        lost=sum(arrived[row.recipient] == 0 for row in sure),
        doubled=sum(arrived[row.recipient] > 1 for row in sure),
        # Held, one may have arrived once; resent, once more for each time nobody knew.
        uncounted=sum(not _allowed(row, arrived[row.recipient]) for row in rows if row.unsure),
    )


def _allowed(row: Delivery, arrived: int) -> bool:
    return arrived <= 1 if row.if_unsure == "hold" else 1 <= arrived <= 1 + row.unsure


def main() -> None:
    """Run and print what was counted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--if-unsure", choices=("hold", "resend"), default="hold")
    given = parser.parse_args()
    found = run(given.messages, given.kills, given.seed, given.if_unsure)
    print(
        f"{found.messages} messages, {found.kills} senders killed: {found.sent} sent, {found.uncertain} uncertain "
        f"({found.unsure} times nobody knew); lost {found.lost}, doubled {found.doubled}, not counted {found.uncounted}"
    )
    if found.lost or found.doubled or found.uncounted or found.sent + found.uncertain != found.messages:
        sys.exit(1)


if __name__ == "__main__":
    main()
