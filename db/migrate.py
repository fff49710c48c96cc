"""Creates and upgrades the schema; the models and the migrations are held together by `check`."""

from importlib.resources import files

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, text

from db import tables
from db.base import Base
from db.partitions import is_partition, make_partitions

# One arbitrary number that every starter of a PostgreSQL database agrees on.
_LOCK = 0x0FF7A3B


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("db") / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest revision; several starters at once are safe."""
    with engine.execution_options(write=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(_config(connection), "head")
        if connection.dialect.name == "postgresql":
            make_partitions(connection)


def differences(engine: Engine) -> list[object]:
    """What the tables in code have and the database lacks, or the other way about; empty when they agree."""
    with engine.connect() as connection:
        options = {"compare_type": False, "include_name": _is_ours}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or not is_partition(name)


__all__ = ["differences", "tables", "upgrade"]
