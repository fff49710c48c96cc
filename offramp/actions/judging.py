"""Judges features from frozen facts and writes nothing: a few in this process, a fleet on all processors.

A fleet is judged in parts of some hundred. Workers read, judge and hand over; whoever asked stores part after part, so
that one process writes.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from multiprocessing import get_context

from db.queries.features import FeatureHead, features
from db.session import Engine, make_engine, reading
from offramp.actions.failure import BadInput, Problem
from offramp.actions.snapshots import snapshots
from strategy.judge import judge_named
from strategy.policy import Policy
from strategy.snapshot import canonical, digest, text_of
from strategy.verdict import Verdict

AT_ONCE = 500
# Fewer parts are done before the workers have started.
_PARTS_FOR_WORKERS = 5
# A part being judged and one that waits to be stored, for each worker.
_AHEAD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One judgement: the feature, its frozen facts as text, and the verdict that follows from them."""

    head: FeatureHead
    snapshot: str
    verdict: Verdict


def judged(engine: Engine, policy: Policy, *, as_of: datetime, slugs: Collection[str] | None = None) -> list[Judged]:
    """Judge the registered features (all, or the named ones) as of an instant; writes nothing.

    Raises:
        BadInput: a named feature is not registered.
    """
    with reading(engine) as session:
        heads = features(session, slugs)
        missing = sorted(set(slugs or ()) - {head.slug for head in heads})
        # One that has ended meanwhile is judged no more, and keeps nobody else's judgement waiting.
        missing = sorted(set(missing) - {head.slug for head in features(session, missing, ended=True)})
        if missing:
            raise BadInput(
                [Problem(error=f"no feature {missing[0]!r}", field="feature", cure="see `offramp features`")]
            )
        frozen = snapshots(session, heads, policy, as_of)
    found = []
    for head, snapshot in zip(heads, frozen, strict=True):
        facts = canonical(snapshot)
        text = text_of(facts)
        found.append(Judged(head=head, snapshot=text, verdict=judge_named(facts, digest(text), policy)))
    return found


def judged_in_parts(
    engine: Engine, policy: Policy, *, as_of: datetime, slugs: Collection[str], workers: int | None = None
) -> Iterator[list[Judged]]:
    """The same in parts, by slug; by so many workers (as there are processors) where there are parts enough.

    Raises:
        BadInput: a named feature is not registered.
    """
    ordered = sorted(slugs)
    parts = [ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE)]
    count = min(len(parts), os.cpu_count() or 1) if workers is None else workers
    alone = count <= 1 or (workers is None and len(parts) < _PARTS_FOR_WORKERS)
    if alone or engine.url.database in {None, "", ":memory:"}:
        yield from (judged(engine, policy, as_of=as_of, slugs=part) for part in parts)
    else:
        yield from _by_workers(engine, policy, as_of, parts, count)


def _by_workers(
    engine: Engine, policy: Policy, as_of: datetime, parts: Sequence[list[str]], count: int
) -> Iterator[list[Judged]]:
    url = engine.url.render_as_string(hide_password=False)
    # Not forked: a server's threads and connections stay its own.
    with ProcessPoolExecutor(count, get_context("spawn"), _begin, (url, _plain(policy))) as pool:
        asked = (pool.submit(_judge, as_of, part) for part in parts)
        waiting: list[Future[list[Judged]]] = list(islice(asked, count * _AHEAD))
        try:
            while waiting:
                done = waiting.pop(0).result()
                waiting += islice(asked, 1)
                yield done
        finally:
            pool.shutdown(cancel_futures=True)


def _plain(policy: Policy) -> Policy:
    """The policy with mappings that another process can be handed."""
    return replace(
        policy,
        constants=dict(policy.constants),
        cells=dict(policy.cells),
        units=dict(policy.units),
        ordinals=dict(policy.ordinals),
        bands=dict(policy.bands),
    )


_own: dict[str, tuple[Engine, Policy]] = {}


def _begin(url: str, policy: Policy) -> None:
    """What a worker keeps from part to part."""
    _own["worker"] = make_engine(url), policy


def _judge(as_of: datetime, slugs: list[str]) -> list[Judged]:
    engine, policy = _own["worker"]
    return judged(engine, policy, as_of=as_of, slugs=slugs)
