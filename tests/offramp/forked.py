"""Processes that tests kill. They are forked from a server that has imported their code: a start costs no imports."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(
    ["__main__", "tests.offramp.due_company", "tests.offramp.job_worker", "tests.offramp.kill_targets"]
)


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


def race(target: Callable[..., None], url: str, names: Sequence[str]) -> dict[str, str]:
    """Run `target` once for each name, in processes that start together; what each of them told."""
    start = _forks.Barrier(len(names))
    pipes = {name: _forks.Pipe(duplex=False) for name in names}
    runners = [_forks.Process(target=target, args=(url, name, start, pipes[name][1])) for name in names]
    for runner in runners:
        runner.start()
    told = {name: str(ours.recv()) for name, (ours, _) in pipes.items()}
    for runner in runners:
        runner.join()
        runner.close()
    return told
