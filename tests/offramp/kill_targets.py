"""What the killed processes do. They are forked from a server that has imported this: a start costs no imports."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from db.session import make_engine
from offramp.actions.review import review
from offramp.policy import load_policy
from offramp.serve.ingest import run_ingest

TODAY = datetime(2026, 11, 22, tzinfo=UTC)

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["__main__", __name__])


def serve(url: str, port: int) -> None:
    """The receiver, without a late window."""
    run_ingest(url, port=port, late_window=None)


def review_once(url: str, begun: Connection) -> None:
    """One review; says when it begins."""
    engine = make_engine(url)
    policy = load_policy()
    begun.send("begun")
    review(engine, policy, as_of=TODAY, now=TODAY)


@contextmanager
def receiver(url: str, port: int) -> Iterator[BaseProcess]:
    """A receiver in a process of its own, killed -9 when the block ends."""
    process = _forks.Process(target=serve, args=(url, port))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
        process.close()


@contextmanager
def reviewer(url: str) -> Iterator[BaseProcess]:
    """A process that has begun a review, killed -9 when the block ends."""
    ours, theirs = _forks.Pipe()
    process = _forks.Process(target=review_once, args=(url, theirs))
    process.start()
    theirs.close()
    try:
        ours.recv()
        yield process
    finally:
        ours.close()
        process.kill()
        process.join()
        process.close()
