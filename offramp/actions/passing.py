"""A database for as long as something is asked: nobody's is touched, and nothing is left of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from db.session import Engine, make_engine


@contextmanager
def passing_database() -> Iterator[Engine]:
    """An empty SQLite database of the present schema."""
    with TemporaryDirectory(prefix="offramp-") as folder:
        from db.migrate import upgrade  # noqa: PLC0415 (Alembic takes a tenth of a second to import; few commands need it)

        engine = make_engine(f"sqlite:///{Path(folder) / 'passing.db'}")
        try:
            upgrade(engine)
            yield engine
        finally:
            engine.dispose()
