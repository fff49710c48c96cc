"""What every command shares: the database it works on, times as people write them, and how it ends."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from db.failures import DatabaseError, database_cure, database_words
from db.revision import is_current
from db.session import Engine, engine_for, missing_file, shown_url
from offramp.actions.failure import BadInput, Problem
from offramp.actions.passing import passing_database
from offramp.config import SettingError, database_url

FAILED, BAD_USAGE, NEEDS_A_PERSON = 1, 2, 3

_DRIVER = "psycopg"
# A pipe has no width: nothing that a program or a file reads is cut to 80 columns.
_PIPE_WIDTH = 200
out = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
log = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else _PIPE_WIDTH)


@dataclass(slots=True)
class Shared:
    """The options given before the command, and the database that it then opened."""

    db: str | None = None
    engine: Engine | None = None


shared = Shared()


def url() -> str:
    """The database of this run; told on stderr, without its password.

    Raises:
        BadInput: it is none that Offramp can use.
    """
    chosen = usable(database_url(shared.db))
    log.print(f"[dim]database: {shown_url(chosen)}[/dim]")
    return chosen


def usable(chosen: str, option: str = "--db") -> str:
    """The URL as it is, where it names SQLite or PostgreSQL.

    Raises:
        BadInput: it has no scheme, such as a path has none, or that of another database.
    """
    scheme, known, _ = chosen.partition("://")
    if known and scheme.partition("+")[0] in {"sqlite", "postgresql", "postgres"}:
        return chosen
    if known or "@" in chosen:
        # What may hold a password is not shown.
        error, cure = (
            "is neither a SQLite nor a PostgreSQL URL",
            "sqlite:////path/mine.db or postgresql://user@host/name",
        )
    else:
        error, cure = f"{chosen!r} is a path, no URL", f"sqlite:///{chosen}"
    raise BadInput([Problem(error=error, field=option, cure=f"write {cure}")])


def engine(chosen: str | None = None, *, create: bool = False) -> Engine:
    """The database, ready to use: a SQLite file is brought up to date, a server must have been migrated.

    Only who is to `create` makes a SQLite file that is not there, and says so: a mistyped path is no new database.

    Raises:
        BadInput: the file is not there, or a server's schema is not of this version.
    """
    chosen = chosen or url()
    missing = missing_file(chosen)
    if missing is not None:
        if not create:
            cure = "correct --db, or make it with `offramp register`, `load`, `up`, `demo` or `migrate`"
            raise BadInput([Problem(error=f"there is no database {missing}", cure=cure)])
        log.print(f"[dim]a new database: {missing}[/dim]")
    shared.engine = found = engine_for(chosen)
    if not is_current(found):
        if found.dialect.name != "sqlite":
            raise BadInput([Problem(error="the database has another schema", cure="run `offramp migrate` once")])
        from db.migrate import upgrade  # noqa: PLC0415 (Alembic takes a tenth of a second to import; few commands need it)

        upgrade(found)
    return found


def close() -> None:
    """Close the database: a server hears of it, and a SQLite file that nobody else has open is one file again."""
    if shared.engine is not None:
        shared.engine.dispose()


@contextmanager
def opened(*, writes: bool = False) -> Iterator[Engine]:
    """The database of this run; for who only asks, one that passes stands in for a SQLite file that is not there.

    Raises:
        BadInput: a server's schema is not of this version.
    """
    chosen = url()
    missing = missing_file(chosen)
    if writes or missing is None:
        yield engine(chosen, create=writes)
        return
    log.print(f"[dim]there is no {missing} yet, and none is made[/dim]")
    with passing_database() as found:
        yield found


def as_instant(text: str | None, option: str) -> datetime | None:
    """A date (its 00:00 UTC) or an RFC 3339 instant; without an offset it is UTC.

    Raises:
        BadInput: it is neither.
    """
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        problem = Problem(
            error=f"{text!r} is not a date", field=option, cure="write 2026-11-21 or 2026-11-21T09:00:00Z"
        )
        raise BadInput([problem]) from None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def as_day(text: str, option: str) -> date:
    """A day as people write it.

    Raises:
        BadInput: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        problem = Problem(error=f"{text!r} is not a day", field=option, cure="write 2026-12-15")
        raise BadInput([problem]) from None


def day_start(at: datetime) -> datetime:
    """00:00 UTC of an instant's day."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def print_json(document: Any) -> None:  # noqa: ANN401 (any JSON document)
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


@contextmanager
def ending(*, as_json: bool = False) -> Iterator[None]:
    """Turn what went wrong into an exit code and a sentence with its cure; 2 means nothing was written."""
    try:
        yield
    except BadInput as bad:
        _tell(list(bad.problems), as_json=as_json)
        raise typer.Exit(BAD_USAGE) from None
    except SettingError as bad:
        _tell([Problem(error=str(bad))], as_json=as_json)
        raise typer.Exit(BAD_USAGE) from None
    except ModuleNotFoundError as missing:
        if missing.name != _DRIVER:
            raise
        problem = Problem(error="PostgreSQL needs the extra postgres", cure="pip install 'offramp[postgres]'")
        _tell([problem], as_json=as_json)
        raise typer.Exit(BAD_USAGE) from None
    except DatabaseError as failure:
        logging.getLogger("offramp").debug("database failure", exc_info=True)
        problem = Problem(error=database_words(failure), cure=database_cure(failure))
        _tell([problem], as_json=as_json)
        raise typer.Exit(FAILED) from None


@contextmanager
def named(file: str) -> Iterator[None]:
    """Says which file the problems of this block stand in."""
    try:
        yield
    except BadInput:
        log.print(f"in {file}:", markup=False)
        raise


def _tell(problems: list[Problem], *, as_json: bool) -> None:
    if as_json:
        documents = [problem.document() for problem in problems]
        print_json(documents[0] | ({"errors": documents} if len(documents) > 1 else {}))
        return
    for problem in problems:
        log.print(f"[red]error:[/red] {escape(problem.sentence())}", markup=True)
