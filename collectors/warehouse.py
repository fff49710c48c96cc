"""Any SQL database: a query the user writes, run where the data lies, its columns those of docs/collect.md.

Aggregate there: a row may stand for many calls (`calls`). The query is bounded by `:start` and `:end`, UTC instants,
and its session is put to UTC where that is known how: a server of another zone would find other hours between them.
This one collector imports SQLAlchemy, for it reads other people's databases through whichever driver their URL names.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from collectors.layouts.cells import as_utc
from collectors.pulls.config import PullSource
from collectors.pulls.puller import Puller, Record, Window
from collectors.rejected import SourceError

_FETCHED = 5_000
_INSTALL = "install it beside Offramp (docs/collect.md names the drivers)"
_NEEDED = ("timestamp", "model")
# By dialect; what a session left behind would be another's where a pooler hands it on.
_IN_UTC = {"postgresql": "SET LOCAL TIME ZONE 'UTC'", "duckdb": "SET TimeZone = 'UTC'"}


def records(source: PullSource, window: Window) -> Iterator[Record]:
    """The rows of the query for a window; times without a zone are UTC."""
    engine = _engine(source)
    cure = "look at the host, port, user, password and name in the database URL, and whether it is reached from here"
    try:
        with engine.connect() as connection:
            cure = "run the query by hand"
            if engine.dialect.name in _IN_UTC:
                connection.execute(text(_IN_UTC[engine.dialect.name]))
            bounds = {"start": _bound(window.start, engine), "end": _bound(window.end, engine)}
            options = {"yield_per": _FETCHED}
            found = connection.execute(text(source.query), bounds, execution_options=options).mappings()
            _check_columns(list(found.keys()))
            for row in found:
                yield {name: _in_utc(value) for name, value in row.items()}
    except SQLAlchemyError as failure:
        words = _words(failure)
        lacks = re.search(r"Required module '(\w+)'", words)
        cure = f"install {lacks[1]} beside Offramp: the driver needs it for these columns" if lacks else cure
        raise SourceError(words, cure=cure, permanent=False) from None
    except SourceError:
        raise
    except Exception as failure:  # noqa: BLE001 (drivers let through what their libraries raise; the text may hold a key)
        words = f"the driver failed ({type(failure).__name__})"
        raise SourceError(words, cure="check the driver's own settings and credentials", permanent=False) from None
    finally:
        engine.dispose()


def _engine(source: PullSource) -> Engine:
    try:
        return create_engine(source.secrets["database"], poolclass=NullPool)
    except NoSuchModuleError:
        kind = make_url(source.secrets["database"]).drivername
        raise SourceError(f"the driver of a {kind} URL is not installed", cure=_INSTALL) from None
    except ModuleNotFoundError as failure:
        words = f"the driver of the database URL is not installed: no module {failure.name}"
        raise SourceError(words, cure=_INSTALL) from None
    except Exception as failure:  # noqa: BLE001 (some drivers look for their credentials already here)
        # The text of an ArgumentError may hold the URL, and with it a password.
        cure = "write a SQLAlchemy URL with its driver, and give it its credentials"
        raise SourceError(f"the database URL cannot be used ({type(failure).__name__})", cure=cure) from None


def _check_columns(names: list[str]) -> None:
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        words = f"the query has no column {missing[0]}"
        raise SourceError(words, cure=f"name one so in the query, with AS {missing[0]} (docs/collect.md has all)")


def _bound(at: datetime, engine: Engine) -> datetime | str:
    if engine.dialect.name == "sqlite":
        # It compares text, with a space or a T before the hour: a day sorts before its midnight, a space before a T.
        return f"{at:%Y-%m-%d}" if (at.hour, at.minute, at.second) == (0, 0, 0) else f"{at:%Y-%m-%dT%H:%M:%S}"
    # Drivers without time zones compare what is written.
    return at if engine.dialect.name == "postgresql" else at.replace(tzinfo=None)


def _in_utc(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        # Sums of a day, in its first hour.
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else as_utc(value)


def _words(failure: SQLAlchemyError) -> str:
    if not isinstance(failure, DBAPIError) or failure.orig is None:
        return type(failure).__name__
    return f"{type(failure).__name__}: {str(failure.orig).strip().partition(chr(10))[0][:200]}"


PULLER = Puller(kind="warehouse", records=records, bounded=True)
