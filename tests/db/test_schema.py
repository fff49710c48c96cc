"""The schema in code, the migrations and both databases agree; types keep money and time exact."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, insert, inspect, select, text

from db.base import Base
from db.migrate import differences, upgrade
from db.revision import current, head, is_current
from db.session import make_engine, normal_url, reading, shown_url, transaction
from db.tables import PriceRow, ReportRow


def test_migrating_gives_the_tables_of_the_code(engine: Engine) -> None:
    """`alembic check`: nothing is missing on either side, and migrating again changes nothing."""
    assert differences(engine) == []
    upgrade(engine)
    assert current(engine) == head()
    assert is_current(engine)
    assert set(Base.metadata.tables) <= set(inspect(engine).get_table_names())


def test_the_newest_revision_is_the_one_that_alembic_finds() -> None:
    """It is told by the names of the files, without Alembic."""
    config = Config()
    config.set_main_option("script_location", str(files("db") / "migrations"))
    assert head() == ScriptDirectory.from_config(config).get_current_head()


def test_a_new_database_says_that_it_has_no_schema(tmp_path: Path) -> None:
    """Before migrating there is no revision, and the models differ from what is there."""
    engine = make_engine(f"sqlite:///{tmp_path / 'new.db'}")
    assert current(engine) is None
    assert not is_current(engine)
    assert differences(engine) != []


def test_times_come_back_as_the_same_instant_in_utc(engine: Engine) -> None:
    """An offset is converted, never dropped; a naive time is refused."""
    berlin = datetime(2026, 7, 30, 10, 0, tzinfo=timezone(timedelta(hours=2)))
    with transaction(engine) as session:
        session.add(ReportRow(week="2026-W31", built_at=berlin, document="{}"))
    with reading(engine) as session:
        found = session.scalars(select(ReportRow.built_at)).one()
    assert found == datetime(2026, 7, 30, 8, 0, tzinfo=UTC)
    assert found.tzinfo is UTC
    with pytest.raises(Exception, match="time zone"), transaction(engine) as session:
        session.execute(insert(ReportRow).values(week="x", built_at=datetime(2026, 1, 1), document=""))  # noqa: DTZ001 (the wrong one)


def test_money_comes_back_to_the_billionth(engine: Engine) -> None:
    """A price of a few billionths survives, sums are exact, and finer amounts are refused, not rounded."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    usual = {"kind": "input", "valid_from": at, "recorded_at": at, "recorded_by": "test", "source": "test"}
    with transaction(engine) as session:
        session.add(PriceRow(model="a", usd_per_mtok=Decimal("0.000000123"), **usual))
        session.add(PriceRow(model="b", usd_per_mtok=Decimal("0.1"), **usual))
    with reading(engine) as session:
        assert set(session.scalars(select(PriceRow.usd_per_mtok))) == {Decimal("0.000000123"), Decimal("0.1")}
    with pytest.raises(Exception, match="finer than a billionth"), transaction(engine) as session:
        session.add(PriceRow(model="c", usd_per_mtok=Decimal("0.0000000001"), **usual))


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    """What raises inside a transaction is rolled back whole."""

    def write_and_fail() -> None:
        with transaction(engine) as session:
            session.add(ReportRow(week="2026-W31", built_at=datetime(2026, 8, 1, tzinfo=UTC), document="{}"))
            session.flush()
            raise KeyError("after the write")

    with pytest.raises(KeyError):
        write_and_fail()
    with reading(engine) as session:
        assert session.scalars(select(ReportRow.week)).all() == []


def test_sqlite_is_opened_for_durability(tmp_path: Path) -> None:
    """WAL with full durability: synchronous=NORMAL loses acknowledged rows on a power cut."""
    with make_engine(f"sqlite:///{tmp_path / 'a.db'}").connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_a_url_is_normalised_and_its_password_hidden() -> None:
    """Plain postgresql means psycopg 3; what people read holds no password."""
    assert normal_url("postgresql://u:secret@h/d") == "postgresql+psycopg://u:secret@h/d"
    assert normal_url("sqlite:///x.db") == "sqlite:///x.db"
    assert "secret" not in shown_url("postgresql://u:secret@h/d")
