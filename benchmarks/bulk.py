"""Bulk: calls from Parquet, CSV and JSONL into rollups, against a hand-written DuckDB query over the same file.

Usage: python benchmarks/bulk.py [ROWS] [FOLDER] [--corpus PERF]   (10,000,000 rows; files are made once, in FOLDER)

All run in a process of their own, one after the other, so the ratios are of one machine under one load. By hand
(benchmarks/by_hand.py) are a query that sums the same groups and takes exact percentiles, and "all kept": a program
that leaves what `offramp load` leaves, in tables like its own: sums, latency buckets, a key of each call, committed to
SQLite. Both believe every row. `offramp load` judges each, and commits to a SQLite file that holds the schema and the
price book and nothing else. Goals (wall time, peak memory): 1.5 times the time by hand, 1 GiB.

`--corpus` takes a copy of the acceptance suite's perf folder, with its calls made there (gen_calls.py), and its own
query, which also joins prices. Its columns have names of their own, each call an id, and one row in 3,400 is wrong.
"""

import argparse
import json
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
_NAMES = ("ts=timestamp", "cached_tokens=cached_input_tokens", "status=error", "request_id=call_id")
RENAMES = [word for name in _NAMES for word in ("--rename", name)]


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


def measured(command: list[str]) -> tuple[float, float, float, str]:
    """Wall seconds, CPU seconds, peak MB and the last line of a program's answer."""
    start = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
        said = program.stdout.read() if program.stdout else ""
        _, status, used = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
    assert program.returncode in (0, 3), said
    return time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said.strip()


def main(rows: int, folder: Path, corpus: Path | None) -> None:
    """Print one line per form."""
    folder.mkdir(parents=True, exist_ok=True)
    if corpus is None:
        # In a process of its own: a child's peak memory starts with what its parent holds.
        measured([sys.executable, str(Path(__file__)), "--make", str(folder), str(rows)])
    names = ["query", "all kept, by hand"][: 2 if corpus is None else 1]
    print(
        f"{rows:,} calls; seconds wall, seconds CPU, peak MB; then wall and CPU of the load as a multiple of each other"
    )
    print(
        f"{'form':8}", *(f"{name:^23}" for name in [*names, "offramp load"]), *(f"{'/ ' + name:^19}" for name in names)
    )
    for form in FORMS:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            by_hand, given = programs(form, folder / f"calls-{rows}.{form}", corpus, scratch)
            others, ours = [measured(command) for command in by_hand], loaded(given, Path(scratch), rows)
        figures = [f"{side[0]:7.1f} {side[1]:7.1f} {side[2]:6.0f} " for side in (*others, ours)]
        ratios = [f"{ours[0] / side[0]:9.2f} {ours[1] / side[1]:9.2f}" for side in others]
        print(f"{form:8}", *figures, *ratios, flush=True)


def programs(form: str, made: Path, corpus: Path | None, scratch: str) -> tuple[list[list[str]], list[str]]:
    """The commands by hand, and what `offramp load` is given: the file that was made, or the corpus's."""
    if corpus is not None:
        query = [sys.executable, str(corpus / "c_one.py"), "duckdb", form]
        return [query], [str(corpus / "corpus" / f"calls.{form}"), *RENAMES]
    query = [sys.executable, str(ROOT / "benchmarks" / "by_hand.py"), str(made)]
    return [query, [*query, f"{scratch}/kept.db"]], [str(made)]


def loaded(given: list[str], scratch: Path, rows: int) -> tuple[float, float, float, str]:
    """What `offramp load` took for a file, into a database that is ready."""
    base = scratch / "bulk.db"
    offramp = [sys.executable, "-m", "offramp", "--db", f"sqlite:///{base}"]
    measured([*offramp, "migrate"])
    measured([*offramp, "prices", "gpt-5.6-luna"])
    took = measured([*offramp, "load", "--json", *given])
    (told,) = json.loads(took[3])
    with connect(base) as database:
        (calls,) = database.execute("SELECT sum(calls) FROM rollup").fetchone()
    assert (calls, calls + told["rejected"]) == (told["accepted"], rows), told
    return took


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        parser = argparse.ArgumentParser()
        parser.add_argument("rows", type=int, nargs="?", default=ROWS)
        parser.add_argument("folder", type=Path, nargs="?", default=Path(tempfile.gettempdir()))
        parser.add_argument("--corpus", type=Path)
        asked = parser.parse_args()
        main(asked.rows, asked.folder / "bulk", asked.corpus)
