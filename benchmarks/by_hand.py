"""What somebody would write by hand instead of calling `offramp load`, over the files that benchmarks/bulk.py makes.

Usage: python benchmarks/by_hand.py FILE          the figures, once
       python benchmarks/by_hand.py FILE BASE     all that `offramp load` keeps, in a new SQLite file
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

_TYPES = {
    "timestamp": "TIMESTAMP", "feature": "VARCHAR", "provider": "VARCHAR", "model": "VARCHAR",
    "input_tokens": "BIGINT", "cached_input_tokens": "BIGINT", "output_tokens": "BIGINT", "latency_ms": "DOUBLE",
    "error": "VARCHAR",
}  # fmt: skip # columns
_SUMS = """feature, provider, model, count(*) AS calls, sum(input_tokens)::BIGINT AS input_tokens,
    sum(output_tokens)::BIGINT AS output_tokens, sum(cached_input_tokens)::BIGINT AS cached_input_tokens,
    count(*) FILTER (coalesce(error, '') <> '') AS errors"""
_BUCKET = "coalesce(CASE WHEN latency_ms <= 1 THEN 0 ELSE ceil(ln(latency_ms) / ln(1.1)) END, 0)::SMALLINT"
_MOST_BUCKETS = 1_000
_PACK = 8_192
_TABLES = """PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE rollup (feature, hour, provider, model,
        calls, input_tokens, output_tokens, cached_input_tokens, errors,
        PRIMARY KEY (feature, hour, provider, model)) WITHOUT ROWID;
    CREATE TABLE latency (feature, day, provider, model, bucket, calls,
        PRIMARY KEY (feature, day, provider, model, bucket)) WITHOUT ROWID;
    CREATE TABLE key_pack (first INTEGER, last INTEGER, keys BLOB);"""


def figures(file: Path) -> None:
    """Sums by hour, feature, provider and model, with exact percentiles of latency."""
    hour, percentiles = "date_trunc('hour', timestamp) AS hour", "quantile_cont(latency_ms, [0.5, 0.95]) AS latency_ms"
    found = _found(file, f"{hour}, {_SUMS}, {percentiles}")
    print(f"groups {found.num_rows:,}, calls {sum(found['calls'].to_pylist()):,}")


def everything(file: Path, base: Path) -> None:
    """Sums, latency buckets by day and a key of each call, which is known to be new: committed, to tables like ours.

    DuckDB reads, numpy counts and sorts, the bare driver writes. Every row is believed, and a key is DuckDB's own hash,
    which is another one in another release.
    """
    keys = f"hash({', '.join(_TYPES)})"
    hour = "epoch_us(timestamp) // 3600000000 AS hour"
    found = _found(file, f"{hour}, {_SUMS}, list({_BUCKET}) AS buckets, list({keys}) AS keys")
    order = (
        "feature",
        "hour",
        "provider",
        "model",
        "calls",
        "input_tokens",
        "output_tokens",
        "cached_input_tokens",
        "errors",
    )
    rows = list(zip(*(_listed(found[name].combine_chunks()) for name in order), strict=True))
    latencies = _latencies(rows, found["buckets"].combine_chunks())
    every = np.sort(np.from_dlpack(found["keys"].combine_chunks().flatten()).view(np.int64))
    assert (every[1:] != every[:-1]).all(), "two calls are alike"
    packs = (every[at : at + _PACK] for at in range(0, len(every), _PACK))
    with closing(sqlite3.connect(base)) as database:
        database.executescript(_TABLES)
        with database:
            database.executemany("INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", sorted(rows))
            database.executemany("INSERT INTO latency VALUES (?, ?, ?, ?, ?, ?)", latencies)
            database.executemany(
                "INSERT INTO key_pack VALUES (?, ?, ?)",
                ((int(pack[0]), int(pack[-1]), pack.tobytes()) for pack in packs),
            )
    print(f"groups {len(rows):,}, calls {len(every):,}")


def _listed(column: pa.Array) -> list[str | int]:
    # Arrow makes Python's numbers one by one.
    return column.to_pylist() if pa.types.is_string(column.type) else np.from_dlpack(column).tolist()


def _latencies(rows: list[tuple[str, int, str, str]], buckets: pa.ListArray) -> list[tuple[str | int, ...]]:
    days: dict[tuple[str, int, str, str], int] = {}
    of_row = [days.setdefault((row[0], row[1] // 24, row[2], row[3]), len(days)) for row in rows]
    starts = np.repeat(np.array(of_row, np.int32) * _MOST_BUCKETS, np.from_dlpack(buckets.value_lengths()))
    counts, named = np.bincount(starts + np.from_dlpack(buckets.flatten())), list(days)
    places = np.flatnonzero(counts)
    told = zip(places.tolist(), counts[places].tolist(), strict=True)
    return sorted((*named[place // _MOST_BUCKETS], place % _MOST_BUCKETS, calls) for place, calls in told)


def _found(file: Path, what: str) -> pa.Table:
    types = "{" + ", ".join(f"{name}: '{kind}'" for name, kind in _TYPES.items()) + "}"
    source = {
        ".parquet": f"read_parquet('{file}')",
        ".csv": f"read_csv('{file}', header = true, columns = {types})",
        ".jsonl": f"read_json('{file}', format = 'newline_delimited', columns = {types})",
    }[file.suffix]
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2; SET preserve_insertion_order = false")
        return connection.sql(f"SELECT {what} FROM {source} GROUP BY ALL").to_arrow_table()  # noqa: S608 (our own file)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        everything(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        figures(Path(sys.argv[1]))
