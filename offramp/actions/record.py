"""Says which source's figures count for a feature: a change of its document, and nothing of the past is lost."""

from datetime import datetime

from db.queries.record import source_ranks
from db.session import Engine, reading
from offramp.actions.actors import By
from offramp.actions.export import feature_documents
from offramp.actions.failure import BadInput, Problem
from offramp.actions.register import Registered, register
from strategy.record import EVERY, MEASURES

DEFAULT = "default"


def told_by(engine: Engine) -> tuple[str, ...]:
    """Every source that told of calls, by name."""
    with reading(engine) as session:
        return tuple(sorted(source_ranks(session)))


def choose_record(
    engine: Engine, slug: str, source: str, *, at: datetime, by: By, measure: str | None = None
) -> Registered:
    """Take a feature's figures (one measure's, or all) from this source, `all` of them, or by the order (`default`).

    Raises:
        BadInput: the feature is not registered, nothing came from such a source, or it is no measure.
    """
    if measure is not None and measure not in MEASURES:
        cure = f"use {' or '.join(MEASURES)}"
        raise BadInput([Problem(error=f"{measure!r} is no measure", field="--measure", cure=cure)])
    known = told_by(engine)
    if source not in (*known, EVERY, DEFAULT):
        cure = f"use one of {', '.join([*known, EVERY, DEFAULT])}"
        raise BadInput([Problem(error=f"no calls came from a source {source!r}", field="source", cure=cure)])
    (document,) = feature_documents(engine, [slug])
    chosen = dict.fromkeys(MEASURES if measure is None else (measure,), None if source == DEFAULT else source)
    (done,) = register(engine, [{**document, "record": {**(document.get("record") or {}), **chosen}}], at=at, by=by)
    return done
