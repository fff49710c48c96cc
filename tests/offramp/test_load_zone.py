"""Files whose times say no zone, as databases export them: `--zone` says which, and nothing else changes."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import Engine, select

from db.session import reading
from db.tables import Rollup
from offramp.actions.failure import BadInput
from offramp.actions.load import load_file
from offramp.actions.load_options import LoadOptions
from offramp.actions.loaded import Loaded

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
FIRST_HOUR = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()) // 3600
HEADER = "timestamp,model,input_tokens,output_tokens\n"
BARE = ("2026-11-01 10:00:00", "2026-11-01T11:00:00", "2026-11-01 12:00:00.250", "2026-11-01 13:00:00.123456")
ZONED = ("2026-11-01T14:00:00Z", "2026-11-01 15:00:00+01:00", "1793548800", "2026-11-01T16:00:00.5Z")
EXPORTED = ("2026-11-01 10:30:00+00", "2026-11-01 11:00:00.5 UTC", "2026-11-01 17:00+0530")
WRONG = ("2026-13-01 10:00:00", "2026-11-01", "yesterday 1", "10:00:00")


def load(engine: Engine, path: Path, zone: str | None, *, summed: bool = False) -> Loaded:
    """The file, row by row or, as far as that goes, summed as a whole."""
    return load_file(engine, path, at=AT, options=LoadOptions(zone=zone, bulk_bytes=0 if summed else 2**40))


def hours(engine: Engine) -> set[int]:
    """The hours of November 1st, UTC, in which calls were counted."""
    with reading(engine) as session:
        return {hour - FIRST_HOUR for hour in session.scalars(select(Rollup.hour))}


def written(tmp_path: Path, *times: str) -> Path:
    """One call for each of these times."""
    path = tmp_path / "calls.csv"
    path.write_text(HEADER + "".join(f"{time},gpt-4o,{number},1\n" for number, time in enumerate(times, 1)))
    return path


@pytest.mark.parametrize("summed", [True, False])
def test_times_without_a_zone_are_of_the_one_that_is_said(engine: Engine, tmp_path: Path, *, summed: bool) -> None:
    """Those that say one keep it, what is no time is refused by its row, and both ways in know the same calls."""
    path = written(tmp_path, *BARE * 5, *ZONED, *WRONG)
    first = load(engine, path, "UTC", summed=summed)
    assert (first.accepted, [item.row for item in first.rejected]) == (24, [25, 26, 27, 28])
    assert "has no time zone" not in {item.error for item in first.rejected}
    assert hours(engine) == {10, 11, 12, 13, 14, 16}
    again = load(engine, path, "UTC", summed=not summed)
    assert (again.accepted, again.duplicates) == (0, 24)


def test_times_as_databases_export_them_need_no_zone(engine: Engine, tmp_path: Path) -> None:
    """PostgreSQL's +00, BigQuery's UTC and Java's +0530 are instants; both ways in know the same calls."""
    path = written(tmp_path, *EXPORTED, *ZONED)
    assert load(engine, path, None, summed=True).accepted == 7
    assert hours(engine) == {10, 11, 14, 16}
    again = load(engine, path, "Europe/Berlin")
    assert (again.accepted, again.duplicates) == (0, 7)


def test_a_zone_with_summer_time(engine: Engine, tmp_path: Path) -> None:
    """Two hours before UTC in July and one in November; the hour that comes twice is its first."""
    path = written(tmp_path, "2026-11-01 10:00:00", "2026-07-01 01:30:00", "2026-10-25 02:30:00")
    assert load(engine, path, "Europe/Berlin", summed=True).accepted == 3
    july, october = (datetime(2026, month, day, tzinfo=UTC) for month, day in ((6, 30), (10, 25)))
    with reading(engine) as session:
        found = sorted(session.scalars(select(Rollup.hour)))
    assert found == [int(july.timestamp()) // 3600 + 23, int(october.timestamp()) // 3600, FIRST_HOUR + 9]


def test_typed_times_without_a_zone_are_of_utc(engine: Engine, tmp_path: Path) -> None:
    """In Parquet, whether that is said or not; another zone is refused, not passed over."""
    path = tmp_path / "calls.parquet"
    with duckdb.connect() as base:
        row = "TIMESTAMP '2026-11-01 10:00:00' AS timestamp, 'gpt-4o' AS model, 1 AS input_tokens, 1 AS output_tokens"
        base.sql(f"SELECT {row}").write_parquet(str(path))
    with pytest.raises(BadInput, match="is Parquet, whose times without a zone are of UTC"):
        load(engine, path, "Europe/Berlin")
    loaded = [load(engine, path, zone, summed=True) for zone in (None, "UTC")]
    assert ([each.accepted for each in loaded], hours(engine)) == ([1, 0], {10})


def test_where_no_zone_is_said_the_option_is_the_cure(engine: Engine, tmp_path: Path) -> None:
    """Every row is refused, with what to type."""
    told = load(engine, written(tmp_path, *BARE), None)
    assert (told.accepted, told.rejected_rows) == (0, 4)
    assert {item.cure for item in told.rejected} == {
        "where all are of one zone say it: --zone UTC, or one such as --zone Europe/Berlin"
    }


def test_a_zone_that_nobody_knows_or_needs_is_refused(engine: Engine, tmp_path: Path) -> None:
    """Before a row is read: bills have days, and what another tool writes is of UTC."""
    with pytest.raises(BadInput, match="--zone Mars is no time zone"):
        load(engine, written(tmp_path, *BARE), "Mars")
    bill, trace = tmp_path / "bill.csv", tmp_path / "trace.csv"
    bill.write_text("provider,day,amount_usd\nopenai,2026-11-01,5\n")
    trace.write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03,1,1\n")
    with pytest.raises(BadInput, match="a bill has days"):
        load(engine, bill, "UTC")
    with pytest.raises(BadInput, match="needs no --zone"):
        load(engine, trace, "UTC")
