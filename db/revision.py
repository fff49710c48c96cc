"""Which revision of the schema a database has. Alembic, which takes long to import, is asked only to change it."""

from importlib.resources import files
from pathlib import PurePath

from sqlalchemy import Engine, inspect, text


def is_current(engine: Engine) -> bool:
    """Whether the database has the schema of this version."""
    return current(engine) == head()


def current(engine: Engine) -> str | None:
    """The revision the database is at, None where it has no schema yet."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def head() -> str:
    """The revision this version of Offramp needs: the last of those packaged, whose files begin with their number."""
    names = [PurePath(file.name) for file in (files("db") / "migrations" / "versions").iterdir()]
    return max(name.stem.partition("_")[0] for name in names if name.suffix == ".py")
