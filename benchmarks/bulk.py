"""Bulk: calls from Parquet, CSV and JSONL into rollups, against a hand-written DuckDB query over the same file.

Usage: python benchmarks/bulk.py [ROWS] [FOLDER]   (10,000,000 rows by default; files are made once and kept in FOLDER)

All run in a process of their own, one after the other, so the ratios are of one machine under one load. The query
groups by hour, feature, provider and model, sums tokens and takes exact percentiles; it judges no row, recognises no
call that comes again, and keeps nothing. "kept" is the same query with its rows written to a new DuckDB file. `offramp
load` judges every row, remembers a key of each call, and commits rollups and latencies to a SQLite file that holds the
schema and the price book and nothing else. Goals (wall time, peak memory): 1.5 times the query's time, 1 GiB.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from sqlite3 import connect

import duckdb

ROOT = Path(__file__).resolve().parent.parent
ROWS = 10_000_000
FORMS = ("parquet", "csv", "jsonl")
_TYPES = (
    "{timestamp: 'TIMESTAMP', feature: 'VARCHAR', provider: 'VARCHAR', model: 'VARCHAR', input_tokens: 'BIGINT',"
    " cached_input_tokens: 'BIGINT', output_tokens: 'BIGINT', latency_ms: 'DOUBLE', error: 'VARCHAR'}"
)


def make(folder: Path, rows: int) -> None:
    """A week of calls of 200 features and 3 models, the same rows in three forms."""
    if (folder / f"calls-{rows}.jsonl").exists():
        return
    values = f"""SELECT strftime(timestamp '2026-11-08' + to_microseconds((i * 604800e6 / {rows})::BIGINT),
            '%Y-%m-%dT%H:%M:%S.%gZ') AS timestamp,
        printf('feature-%03d', floor(200 * a * a)::INT) AS feature,
        ['openai', 'anthropic', 'google'][1 + i % 3] AS provider,
        ['gpt-5.6-luna', 'claude-sonnet-5', 'gemini-2.5-pro'][1 + i % 3] AS model,
        1 + (3000 * b * b)::BIGINT AS input_tokens, (1 + (3000 * b * b)::BIGINT) // 3 AS cached_input_tokens,
        (600 * c)::BIGINT AS output_tokens, round(200 + 3000 * d * d * d, 3) AS latency_ms,
        CASE WHEN a < 0.015 THEN 'timeout' ELSE '' END AS error
        FROM (SELECT range AS i, random() AS a, random() AS b, random() AS c, random() AS d FROM range({rows}))"""  # noqa: S608 (our own numbers)
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2; SELECT setseed(0.42); SET preserve_insertion_order = false")
        connection.execute(f"CREATE TABLE calls AS {values}")
        typed = "SELECT * REPLACE (replace(left(timestamp, 23), 'T', ' ')::TIMESTAMP AS timestamp) FROM calls"
        stem = folder / f"calls-{rows}"
        connection.execute(f"COPY ({typed}) TO '{stem}.parquet' (FORMAT parquet, COMPRESSION zstd)")
        connection.execute(f"COPY calls TO '{stem}.csv' (HEADER)")
        connection.execute(f"COPY calls TO '{stem}.jsonl' (FORMAT json)")


def by_hand(file: Path, kept: Path | None = None) -> None:
    """The query that somebody would write who needs the figures once, or wants them `kept` in a file."""
    source = {
        ".parquet": f"read_parquet('{file}')",
        ".csv": f"read_csv('{file}', header = true, columns = {_TYPES})",
        ".jsonl": f"read_json('{file}', format = 'newline_delimited', columns = {_TYPES})",
    }[file.suffix]
    with duckdb.connect(kept or ":memory:") as connection:
        connection.execute("SET threads = 2; SET preserve_insertion_order = false")
        query = f"""SELECT date_trunc('hour', timestamp) AS hour, feature, provider, model, count(*) AS calls,
            sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
            sum(cached_input_tokens) AS cached_input_tokens, count(*) FILTER (coalesce(error, '') <> '') AS errors,
            quantile_cont(latency_ms, [0.5, 0.95]) AS latency_ms FROM {source} GROUP BY ALL"""  # noqa: S608 (our own file)
        if kept:
            connection.execute(f"CREATE TABLE rollup AS {query}")
            query = "FROM rollup"
        found = connection.sql(query).to_arrow_table()
    print(f"groups {found.num_rows:,}, calls {sum(found['calls'].to_pylist()):,}")


def measured(command: list[str]) -> tuple[float, float, float, str]:
    """Wall seconds, CPU seconds, peak MB and the last line of a program's answer."""
    start = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
        said = program.stdout.read() if program.stdout else ""
        _, status, used = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
    assert program.returncode in (0, 3), said
    return time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said.strip()


def main(rows: int, folder: Path) -> None:
    """Print one line per form."""
    folder.mkdir(parents=True, exist_ok=True)
    # In a process of its own: a child's peak memory starts with what its parent holds.
    measured([sys.executable, str(Path(__file__)), "--make", str(folder), str(rows)])
    print(f"{rows:,} calls; seconds wall, seconds CPU, peak MB; then load / query (wall, CPU), load / kept (wall)")
    print(f"{'form':8} {'query':^23} {'query, kept':^23} {'offramp load':^23} {'wall':>6} {'CPU':>6} {'kept':>6}")
    for form in FORMS:
        file = folder / f"calls-{rows}.{form}"
        query = [sys.executable, str(Path(__file__)), "--by-hand", str(file)]
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            sides = [measured(query), measured([*query, f"{scratch}/kept.duckdb"]), loaded(file, Path(scratch), rows)]
        figures = " ".join(f"{side[0]:7.1f} {side[1]:7.1f} {side[2]:6.0f} " for side in sides)
        hand, kept, ours = sides
        ratios = f"{ours[0] / hand[0]:6.2f} {ours[1] / hand[1]:6.2f} {ours[0] / kept[0]:6.2f}"
        print(f"{form:8} {figures} {ratios}", flush=True)


def loaded(file: Path, scratch: Path, rows: int) -> tuple[float, float, float, str]:
    """What `offramp load` took for a file, into a database that is ready."""
    base = scratch / "bulk.db"
    offramp = [sys.executable, "-m", "offramp", "--db", f"sqlite:///{base}"]
    measured([*offramp, "migrate"])
    measured([*offramp, "prices", "gpt-5.6-luna"])
    took = measured([*offramp, "load", str(file)])
    with connect(base) as database:
        (calls,) = database.execute("SELECT sum(calls) FROM rollup").fetchone()
    assert calls == rows, (calls, took[3])
    return took


if __name__ == "__main__":
    if sys.argv[1:2] == ["--by-hand"]:
        by_hand(*(Path(name) for name in sys.argv[2:]))
    elif sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        given = sys.argv[1:]
        main(int(given[0]) if given else ROWS, Path(given[1] if len(given) > 1 else tempfile.gettempdir()) / "bulk")
