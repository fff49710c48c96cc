"""The rows that summing leaves out of a large file are found again, each under its own number."""

from pathlib import Path

import duckdb
import pytest

from collectors.bulk_calls import BulkCalls, bulk_calls
from collectors.raw_rows import RawRow

# More than DuckDB hands to one thread at a time, in every form.
ROWS, EVERY = 300_000, 9_973
WRONG = list(range(1, ROWS + 1, EVERY))


def made(path: Path) -> BulkCalls:
    """A file of calls of which every EVERYth has more cached tokens than tokens."""
    values = f"""timestamp '2026-11-08' + to_milliseconds(i) AS timestamp, 'triage' AS feature, 'm' AS model,
        i AS input_tokens, CASE WHEN i % {EVERY} = 0 THEN i + 1 ELSE 0 END AS cached_input_tokens, 1 AS output_tokens"""
    text = "" if path.suffix == ".parquet" else "REPLACE (strftime(timestamp, '%Y-%m-%dT%H:%M:%S.%gZ') AS timestamp)"
    form = {".parquet": "parquet", ".csv": "csv", ".jsonl": "json"}[path.suffix]
    with duckdb.connect() as connection:
        query = f"SELECT * {text} FROM (SELECT {values} FROM range({ROWS}) calls(i) ORDER BY i)"  # noqa: S608 (our own numbers)
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT {form})")
    found = bulk_calls(path, given={}, newest=None, source="file", least_bytes=0)
    assert found is not None
    return found


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_rows_that_are_left_keep_their_numbers_in_a_large_file(tmp_path: Path, form: str) -> None:
    """Two threads read it, in whatever order; the numbers are those of the file."""
    file = made(tmp_path / f"calls.{form}")
    summed = file.sums()
    assert summed is not None
    assert (len(summed.left), summed.rows()) == (len(WRONG), ROWS)
    rows = [row for row in file.rows(summed.left) if isinstance(row, RawRow)]
    assert [row.number for row in rows] == WRONG
    assert [int(str(row.cells["input_tokens"])) for row in rows] == [number - 1 for number in WRONG]


def test_a_file_that_changes_between_two_readings_is_read_whole(tmp_path: Path) -> None:
    """Rows that are not found again are not passed over: the row parser gets all there are."""
    file = made(tmp_path / "calls.csv")
    summed = file.sums()
    assert summed is not None
    path = tmp_path / "calls.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace(f",{EVERY},{EVERY + 1},1", f",{EVERY},0,1"), encoding="utf-8"
    )
    assert sum(1 for _ in file.rows(summed.left)) == ROWS
