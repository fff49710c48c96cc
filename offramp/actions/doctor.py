"""Checks everything a newcomer gets wrong: the machine, the settings, the database, then what it holds.

Each check stands alone: one that fails hides no other, and what cannot be asked without a database says so.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from db.failures import RESTORE, DatabaseError, database_cure, database_words
from db.health import database_facts
from db.revision import current, head
from db.session import Engine, engine_for, shown_url
from offramp.actions.doctor_content import content_findings
from offramp.actions.doctor_setup import setup_findings
from offramp.actions.findings import Finding, amiss, fine
from offramp.actions.scrub import error_words

# SQLite 3.7.0 to 3.51.2 can corrupt a WAL database in a rare race; mended in 3.51.3, and in 3.44.6 and 3.50.7 on their
# branches (sqlite.org/wal.html, "WAL reset"). Offramp's single writer per process keeps clear of it.
_MENDED = ((3, 44, 6), (3, 50, 7))
_MENDED_SINCE = (3, 51, 3)
_LEAST_FREE_BYTES = 500_000_000


def doctor(url: str, environment: Sequence[str], *, timezone: str, now: datetime) -> list[Finding]:
    """Every finding, in the order in which to cure them.

    `url` is the database's; `environment` is what `config.setting_troubles` says of the settings; nothing is written,
    and a database that does not exist is not made.
    """
    found = setup_findings(environment, timezone)
    engine, told = _database(url)
    found += told
    if engine is not None:
        found += _each(content_findings(engine, now))
    return found


def _each(checks: Sequence[tuple[str, Callable[[], Finding]]]) -> list[Finding]:
    return [_one(name, run) for name, run in checks]


def _one(name: str, run: Callable[[], Finding]) -> Finding:
    try:
        return run()
    except DatabaseError as failure:
        return amiss(name, database_words(failure), "check that the database is up, then run `offramp doctor` again")
    except Exception as failure:  # noqa: BLE001 (a doctor that dies of one check tells of no other)
        return amiss(name, f"the check itself failed: {error_words(failure)}", "report this as a bug")


def _database(url: str) -> tuple[Engine | None, list[Finding]]:
    """The engine, where the database can be asked, and what was found on the way."""
    shown = shown_url(url)
    try:
        engine = engine_for(url)
        facts = database_facts(engine)
        if facts is None:
            return None, [
                amiss(
                    "database",
                    f"{shown} does not exist yet",
                    "run `offramp migrate`, `register` or `up`, or see `offramp demo`",
                )
            ]
        at = current(engine)
    except ImportError:
        return None, [amiss("database", f"no driver for {shown}", "pip install 'offramp[postgres]'")]
    except DatabaseError as failure:
        cure = database_cure(failure).replace("--db", "--db or OFFRAMP_DATABASE_URL")
        return None, [amiss("database", f"{shown}: {database_words(failure)}", cure)]
    found = [fine("database", f"{shown} answers ({facts.version})")]
    if at != head():
        found.append(
            amiss("schema", f"the schema is {at or 'missing'}, this version needs {head()}", "offramp migrate")
        )
        return None, found
    found.append(fine("schema", f"at {at}"))
    if facts.integrity is not None:
        whole = facts.integrity == "ok"
        cure = RESTORE
        found.append(
            fine("integrity", "the file is whole") if whole else amiss("integrity", facts.integrity[:200], cure)
        )
    if facts.free_bytes is not None:
        told = f"{facts.free_bytes / 1e9:,.1f} GB free beside the database"
        enough = facts.free_bytes >= _LEAST_FREE_BYTES
        found.append(fine("disk", told) if enough else amiss("disk", told, "make room, or move the database"))
    if facts.sqlite is not None:
        found.append(_sqlite(facts.sqlite))
    if facts.durable is not None:
        cure = "set fsync and synchronous_commit to on: what Offramp acknowledges must survive a power cut"
        found.append(
            fine("durability", "commits are flushed to disk")
            if facts.durable
            else amiss("durability", "this server acknowledges commits before they are on disk", cure)
        )
    return engine, found


def _sqlite(version: tuple[int, int, int]) -> Finding:
    written = ".".join(str(part) for part in version)
    mended = version >= _MENDED_SINCE or any(version[:2] == good[:2] and version >= good for good in _MENDED)
    if mended:
        return fine("sqlite", f"version {written}")
    # `offramp up` is one process: for it there is nothing to cure, so no cure is shown.
    detail = (
        f"version {written}: fine with `offramp up` (one process); where several processes write, a rare race can"
        f" corrupt it: have them on PostgreSQL"
    )
    return fine("sqlite", detail)
