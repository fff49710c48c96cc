"""Processes that tests kill. They are forked from a server that has imported their code: a start costs no imports."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["__main__", "tests.offramp.job_worker", "tests.offramp.kill_targets"])


@contextmanager
def forked(target: Callable[..., None], *arguments: object) -> Iterator[BaseProcess]:
    """A process that runs `target`, killed -9 when the block ends."""
    process = _forks.Process(target=target, args=arguments)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
        process.close()


@contextmanager
def forked_and_begun(target: Callable[[str, Connection], None], url: str) -> Iterator[BaseProcess]:
    """The same, entered when `target` has sent a word through its connection."""
    ours, theirs = _forks.Pipe()
    with forked(target, url, theirs) as process:
        theirs.close()
        ours.recv()
        ours.close()
        yield process
