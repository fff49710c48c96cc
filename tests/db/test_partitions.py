"""On PostgreSQL each year of the rollups lies in a table of its own, and nobody notices."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, func, select, text

from db.migrate import differences, upgrade
from db.partitions import PARTITIONED, YEARS, make_partitions
from db.session import make_engine, reading, transaction
from db.store.usage import record_calls
from db.tables import LatencyCount, Rollup
from strategy.facts import Call

_YEARS = (1999, 2026, 2027, 2091)


@pytest.fixture
def server(postgres_template: str, create_postgres: Callable[[str | None], str]) -> Iterator[Engine]:
    """A migrated PostgreSQL database with a call in each of some years."""
    engine = make_engine(create_postgres(postgres_template))
    calls = [_call(year) for year in _YEARS]
    with transaction(engine) as session:
        record_calls(session, calls, datetime(2026, 11, 22, tzinfo=UTC))
    yield engine
    engine.dispose()


def _call(year: int) -> Call:
    return Call(
        key=year.to_bytes(16),
        at=datetime(year, 1, 1, tzinfo=UTC),
        feature="a",
        provider="openai",
        model="gpt-4.1",
        source="file",
        input_tokens=year,
        output_tokens=1,
        latency_ms=5.0,
    )


def _counts(engine: Engine, table: str) -> dict[str, int]:
    with reading(engine) as session:
        return dict(session.execute(text(f"SELECT tableoid::regclass::text, sum(calls) FROM {table} GROUP BY 1")).all())  # noqa: S608 (a name of ours)


@pytest.mark.parametrize("table", sorted(PARTITIONED))
def test_a_year_has_its_own_table(server: Engine, table: str) -> None:
    """The first hour of a year is the first row of its table; years that have none lie together."""
    assert _counts(server, table) == {f"{table}_2026": 1, f"{table}_2027": 1, f"{table}_rest": 2}


def test_migrating_again_makes_nothing(server: Engine) -> None:
    """All are there from the start, the schema is that of the code, and a lost one is made again."""
    upgrade(server)
    with server.begin() as connection:
        assert make_partitions(connection) == []
        connection.execute(text("DROP TABLE rollup_2030"))
        assert make_partitions(connection) == ["rollup_2030"]
    assert differences(server) == []
    assert len(YEARS) >= 8


def test_a_year_can_be_taken_away_whole(server: Engine) -> None:
    """Detached, it is a table for the archive; what is left says what it said."""
    with server.begin() as connection:
        connection.execute(text("ALTER TABLE rollup DETACH PARTITION rollup_2026"))
    with reading(server) as session:
        assert session.scalar(select(func.sum(Rollup.input_tokens))) == 1999 + 2027 + 2091
        assert session.scalar(select(func.sum(LatencyCount.calls))) == 4
        assert session.scalar(text("SELECT input_tokens FROM rollup_2026")) == 2026
