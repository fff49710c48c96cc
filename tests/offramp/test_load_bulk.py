"""Large files are summed as a whole: the same figures, keys and refusals as row by row, whatever is in them."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import duckdb
import pytest
from sqlalchemy import Engine, delete, func, select

from collectors.bulk_calls import bulk_calls
from collectors.rejected import Rejected
from db.session import reading, transaction
from db.tables import HourTotal, Intake, LatencyCount, LedgerPack, Rollup, UsageLedger
from offramp.actions.load import load_file
from offramp.actions.load_options import LoadOptions
from offramp.actions.loaded import Loaded
from offramp.actions.usage import usage

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def messy_rows(seed: int, *, with_ids: bool) -> list[dict[str, str]]:
    """Two hundred rows, of which some are odd, wrong, equal or repeated."""
    random = Random(seed)  # noqa: S311 (the same rows on every run)
    rows = []
    for number in range(200):
        odd = random.random() < 0.08
        row = {
            "timestamp": f"2026-11-{random.randint(1, 19):02}T{random.randint(0, 23):02}:00:00.{number:03}Z",
            "feature": random.choice(["triage", "summary", ""]),
            "provider": random.choice(["openai", "OpenAI"]),
            "model": "gpt-5.6-luna",
            "input_tokens": str(random.randint(500, 300_000)),
            "cached_input_tokens": random.choice(["", "0", "300"]),
            "output_tokens": random.choice(["", "0", "70"]),
            "cost_usd": random.choice(["", "0.001", "0.10"]),
            "latency_ms": random.choice(["", "0.4", "900", "1303.358", "900.0"]),
            "error": random.choice(["", "0", "ok", "RateLimitError"]),
            "call_id": f"c{number}" if with_ids else "",
            "team": "care",
        }
        wrong = {
            "timestamp": random.choice(["soon", "1795100400", "2026-11-19 10:00:00+01:00", "2027-01-01T00:00:00Z"]),
            "input_tokens": random.choice(["-5", "12.0", "007", "1e3", ""]),
            "latency_ms": random.choice(["1e2", "-1", "0900.50"]),
            "cached_input_tokens": "999999",
        }
        name = random.choice(list(wrong))
        rows.append(row | {name: wrong[name]} if odd else row)
    return rows + random.sample(rows, 20)


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    """The rows in the form that the name says; lines of JSON leave out what is empty."""
    if path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps({k: v for k, v in row.items() if v}) for row in rows), encoding="utf-8")
        return path
    plain = path.with_suffix(".csv")
    with plain.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    if path.suffix == ".parquet":
        duckdb.sql(f"copy (from read_csv('{plain}', all_varchar=true)) to '{path}' (format parquet)")
    return path


def load(engine: Engine, path: Path, *, bulk: bool, dry_run: bool = False) -> Loaded:
    """Load summed, or row by row."""
    return load_file(engine, path, at=AT, options=LoadOptions(dry_run=dry_run, bulk_bytes=0 if bulk else 2**60))


def state(engine: Engine) -> list[object]:
    """Every figure that was counted."""
    with reading(engine) as session:
        return [
            sorted(map(repr, session.execute(select(*table.__table__.columns))))
            for table in (Rollup, HourTotal, LatencyCount)
        ]


def forget(engine: Engine) -> None:
    """An empty database again."""
    with transaction(engine) as session:
        for table in (Rollup, HourTotal, LatencyCount, UsageLedger, LedgerPack, Intake):
            session.execute(delete(table))


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("with_ids", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_file_counts_the_same_as_a_whole_and_by_its_rows(
    engine: Engine, tmp_path: Path, form: str, seed: int, *, with_ids: bool
) -> None:
    """Sums, latencies, refusals and counts; loaded again either way, nothing moves."""
    path = write(tmp_path / f"calls.{form}", messy_rows(seed, with_ids=with_ids))
    by_rows = load(engine, path, bulk=False)
    expected = state(engine)
    forget(engine)
    dry = load(engine, path, bulk=True, dry_run=True).document()
    found = load(engine, path, bulk=True)
    assert state(engine) == expected
    assert found.document() == by_rows.document() == dry
    assert found.rejected_rows > 0
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(LedgerPack)) == 1
    assert [load(engine, path, bulk=bulk).accepted for bulk in (True, False)] == [0, 0]
    assert state(engine) == expected


def test_spaces_around_cells_and_their_quotes_are_no_part_of_them(engine: Engine, tmp_path: Path) -> None:
    """As people write tables by hand: both ways read the same cells, and know the same rows again."""
    path = tmp_path / "spaced.csv"
    lines = [
        f'2026-11-19T10:00:0{n}Z, "triage", "openai" ,{sign}gpt-5.6-luna{sign} , "{100 + n}", {20 + n}'
        for n, sign in enumerate('"' if place % 2 else "" for place in range(9))
    ]
    path.write_text("timestamp, feature, provider, model, input_tokens, output_tokens\n" + "\n".join(lines))
    assert load(engine, path, bulk=False).accepted == 9
    expected = state(engine)
    assert "'triage'" in str(expected)
    forget(engine)
    assert load(engine, path, bulk=True).accepted == 9
    assert state(engine) == expected
    assert load(engine, path, bulk=False).accepted == 0


def test_what_rows_counted_is_not_summed_again_and_the_other_way_round(engine: Engine, tmp_path: Path) -> None:
    """Half the file first, either way: the rest is counted once."""
    rows = messy_rows(4, with_ids=True)
    whole, half = write(tmp_path / "whole.csv", rows), write(tmp_path / "half.jsonl", rows[:100])
    load(engine, whole, bulk=False)
    expected = state(engine)
    for first in (True, False):
        forget(engine)
        load(engine, half, bulk=first)
        load(engine, whole, bulk=not first)
        assert state(engine) == expected


def test_columns_and_typed_values_of_parquet_keep_their_keys(engine: Engine, tmp_path: Path) -> None:
    """Whole numbers, doubles and timestamps are what their text is."""
    path, text = tmp_path / "typed.parquet", tmp_path / "text.csv"
    values = (
        "timestamp '2026-11-08 10:00:00.5' + to_seconds(i) as timestamp, 'triage' as feature, 'openai' as provider,"
        " 'm' as model, i::integer as input_tokens, 7::ubigint as output_tokens, i / 8 as latency_ms"
    )
    query = f"copy (select {values} from range(1, 500) t(i)) to '{path}' (format parquet)"  # noqa: S608 (our own file)
    duckdb.sql(query)
    lines = [
        f"2026-11-08T{10 + i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}.500Z,triage,openai,m,{i},7,{i / 8}"
        for i in range(1, 500)
    ]
    text.write_text("timestamp,feature,provider,model,input_tokens,output_tokens,latency_ms\n" + "\n".join(lines))
    assert load(engine, path, bulk=True).accepted == 499
    again = [load(engine, each, bulk=bulk).duplicates for each in (path, text) for bulk in (True, False)]
    assert again == [499] * 4
    assert usage(engine).total.calls == 499


@pytest.mark.parametrize(
    "content",
    [
        "timestamp,model,input_tokens\n2026-11-08T10:00:00Z,m,1,2\n",
        "timestamp,feature,model,input_tokens,output_tokens\n2026-11-08T10:00:00Z,a\x00b,m,1,2\n",
        "timestamp,feature,model,input_tokens,output_tokens\n2026-11-08T10:00:00Z, padded,m,1,2\n",
        "timestamp,model,input_tokens,output_tokens\n" + "soon,m,1,2\n" * 9,
        "timestamp,model,input_tokens,output_tokens\n"
        "2026-11-08T24:00:00Z,m,1,2\n2026-11-08T10:00:0.Z,m,1,2\n2026-11-08T 9:00:00Z,m,1,2\n"
        + "2026-11-08 10:00:00Z,m,1,2\n"
        * 20,
        '{"timestamp": "2026-11-08T10:00:00Z", "model": "m", "input_tokens": 1, "output_tokens": 2}\nnonsense\n',
        '{"timestamp": "2026-11-08T10:00:00Z", "model": {"a": 1}, "input_tokens": 1, "output_tokens": 2}\n',
    ],
)
def test_what_is_not_plain_is_read_row_by_row(engine: Engine, tmp_path: Path, content: str) -> None:
    """A ragged line, a name to be cleaned, mostly wrong rows, times only DuckDB takes: the row parser's own answer."""
    path = tmp_path / "calls"
    path.write_text(content, encoding="utf-8")
    dry = load(engine, path, bulk=True, dry_run=True).document()
    assert load(engine, path, bulk=False).document() == dry


def test_a_file_is_as_large_as_its_rows(tmp_path: Path) -> None:
    """Parquet packs many rows into few bytes: to read them one by one takes as long as of a text."""
    path = write(tmp_path / "calls.parquet", messy_rows(4, with_ids=False))
    for least, found in ((15_000, True), (30_000, False)):
        assert path.stat().st_size < 15_000
        assert (bulk_calls(path, given={}, newest=None, source="file", least_bytes=least) is not None) == found


def test_a_small_a_zipped_and_a_set_file_are_not_summed(tmp_path: Path) -> None:
    """They are read by their rows at once."""
    path = write(tmp_path / "calls.jsonl", messy_rows(1, with_ids=True))
    assert bulk_calls(path, given={}, newest=None, source="file", least_bytes=10**9) is None
    assert bulk_calls(path, given={"feature": "x"}, newest=None, source="file", least_bytes=0) is None
    assert bulk_calls(path, given={}, newest=None, source="file", least_bytes=0) is not None


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_file_in_parts_counts_the_same(engine: Engine, tmp_path: Path, form: str) -> None:
    """Each part is summed and remembered by itself; equal rows are in one of them."""
    path = write(tmp_path / f"calls.{form}", messy_rows(6, with_ids=False))
    by_rows = load(engine, path, bulk=False)
    expected = state(engine)
    forget(engine)
    in_parts = LoadOptions(bulk_bytes=0, bulk_rows=70)
    assert load_file(engine, path, at=AT, options=in_parts).document() == by_rows.document()
    assert state(engine) == expected
    assert load_file(engine, path, at=AT, options=in_parts).accepted == 0
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(LedgerPack)) in (3, 4)


def test_the_share_that_is_read_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Between nothing and all, and the sums are the same."""
    monkeypatch.setattr("collectors.bulk_calls._TICK_SECONDS", 0)
    path = write(tmp_path / "calls.csv", messy_rows(5, with_ids=False))
    file = bulk_calls(path, given={}, newest=AT, source="file", least_bytes=0)
    assert file is not None
    shares: list[float] = []
    found, alone = file.sums(told=shares.append), file.sums()
    assert found is not None
    assert alone is not None
    # In whatever order two threads found them.
    assert sorted(found.sums, key=repr) == sorted(alone.sums, key=repr)
    assert sorted(found.latencies, key=repr) == sorted(alone.latencies, key=repr)
    assert sorted(found.left) == sorted(alone.left)
    assert (found.keys() == alone.keys()).all()
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"], ids=["lf", "crlf", "blank"])
def test_refused_rows_keep_their_numbers(engine: Engine, tmp_path: Path, form: str, end: str) -> None:
    """The first row of data is row 1, also where the file was summed; a refused row is told whole."""
    rows = [row | {"call_id": f"x{number}"} for number, row in enumerate(messy_rows(5, with_ids=True))]
    path = write(tmp_path / f"calls.{form}", rows)
    if form != "parquet":
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", end.encode()))
    refused, by_rows = list[Rejected](), list[Rejected]()
    load_file(engine, path, at=AT, options=LoadOptions(bulk_bytes=0, refused=refused.extend))
    load_file(engine, path, at=AT, options=LoadOptions(bulk_bytes=2**60, dry_run=True, refused=by_rows.extend))
    assert refused == by_rows
    assert refused
    for item in refused:
        assert item.cells["call_id"] == f"x{item.row - 1}"


def test_lines_of_json_may_change_on_the_way(engine: Engine, tmp_path: Path) -> None:
    """A column that comes late, a number that becomes a text, a boolean for a number: the same either way."""
    first = {
        "timestamp": "2026-11-08T10:00:00Z",
        "model": "m",
        "input_tokens": 5,
        "output_tokens": 2,
        "latency_ms": 1.5,
    }
    lines = [first | {"input_tokens": number} for number in range(1, 60)]
    lines += [first | late for late in ({"cost_usd": 0.5}, {"input_tokens": "90"}, {"input_tokens": True})]
    path = tmp_path / "calls.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    by_rows = load(engine, path, bulk=False)
    expected = state(engine)
    forget(engine)
    found = load(engine, path, bulk=True)
    assert (found.document(), state(engine)) == (by_rows.document(), expected)
    assert (found.accepted, found.rejected_rows) == (61, 1)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(LedgerPack)) == 1
