"""Rows taken by their numbers are those that reading the whole file gives, wherever lines begin and end in it."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from collectors import picked_lines
from collectors.raw_rows import RawRow
from collectors.rejected import Rejected, SourceError
from collectors.tables import Table

HEADER = "model,feature,error\n"
TEXTS = {
    "plain": HEADER + "".join(f"m{number},f,\n" for number in range(40)),
    "no last line feed": HEADER + "a,b,c\nd,e,f",
    "carriage returns too": (HEADER + "a,b,c\nd,é,f\ng,h,i\n").replace("\n", "\r\n"),
    "blank lines": HEADER + "a,b,c\n\n\nd,e,f\ng,h,i\n",
    "a cell of two lines": HEADER + 'a,"b\nb",c\nd,e,f\n"g\r\n",h,i\n',
    "a cell of two lines, a blank line less": HEADER + 'a,"b\nb",c\n\nd,e,f\n',
    "a carriage return alone": HEADER + 'a,"b\rb",c\nd,e,f\n\n',
    "quotes": HEADER + '"a","b""b",""\nd,e"e,f\n',
    "ragged": HEADER + "a,b\nd,e,f\n",
    "objects": "".join(f'{{"model": "m{number}", "n": {number}}}\n' for number in range(40)),
    "objects, blank lines": '{"model": "a"}\n \n{"model": "b"}\n\n{"model": "c"}',
    "no object": '{"model": "a"}\n[1]\nnonsense\n{"model": "c"}',
}


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picked_lines, "_AT_ONCE", 25)


def told(rows: Iterator[RawRow | Rejected]) -> dict[int, object]:
    """The rows by number."""
    return {row.number if isinstance(row, RawRow) else row.row: row for row in rows}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_rows_of_text_are_those_of_the_whole(tmp_path: Path, text: str) -> None:
    """Each alone, every second one, and all."""
    path = tmp_path / "calls"
    path.write_text(text, encoding="utf-8", newline="")
    table = Table(path)
    every = told(table.rows(("model",)))
    for wanted in ([], *([number] for number in every), list(every)[::2], list(every)):
        found = told(table.rows_at(("model",), wanted, len(every)))
        assert found == {number: every[number] for number in wanted}


def test_rows_of_parquet_are_those_of_the_whole(tmp_path: Path) -> None:
    """With their types, over several row groups."""
    path = tmp_path / "calls.parquet"
    values = "'m' || i as model, timestamp '2026-11-08' + to_seconds(i) as timestamp, i / 8 as latency_ms"
    query = f"copy (select {values} from range(5000) t(i)) to '{path}' (format parquet, row_group_size 2048)"  # noqa: S608 (our own file)
    duckdb.sql(query)
    table, columns = Table(path), ("model", "timestamp", "latency_ms")
    every = told(table.rows(columns))
    wanted = [1, 2048, 2049, 4999, 5000]
    assert told(table.rows_at(columns, wanted, len(every))) == {number: every[number] for number in wanted}


def test_lines_are_only_counted_where_none_of_them_is_wanted(tmp_path: Path) -> None:
    """A line that the reader refuses stands in nobody's way, and is refused where it is wanted."""
    path = tmp_path / "calls"
    path.write_text(HEADER + "a,b,c\n" + "x" * 2**24 + ",b,c\nd,e,f\n", encoding="utf-8")
    table = Table(path)
    assert told(table.rows_at((), [3], 3)) == {3: RawRow(3, {"model": "d", "feature": "e", "error": "f"})}
    with pytest.raises(SourceError, match="a line of more than 16,777,216 characters"):
        told(table.rows_at((), [2], 3))
