"""Makes a database of many features from the demo company: a year of usage, and its verdicts, flips and alerts again.

    python benchmarks/many_features.py OUT.db [--features 10000]

Every copy of a demo feature has its document, its flips and the verdicts behind them, its alerts and their moves under
another slug, with a saving of its own. Usage of a copy is a row an hour for the last 27 days and a row a day for the
338 before, on one of twelve models; latencies are there for 28 days. All in SQL, a set at a time.
"""

import argparse
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOURLY_DAYS, DAYS, WAIT_DAYS = 27, 365, 28
_MODELS = (
    *(("openai", name) for name in ("gpt-4o-mini", "gpt-5.4", "gpt-5.4-mini", "gpt-5.6-luna", "gpt-5.6-terra")),
    *(("anthropic", name) for name in ("claude-haiku-4-5", "claude-opus-4-7", "claude-sonnet-4-6", "claude-sonnet-5")),
    *(("anthropic", "claude-opus-5-5"), ("google", "gemini-3.5-flash"), ("openai", "text-embedding-3-small")),
)
# So far apart are the ids of one copy from those of the next.
_APART = 10_000
_MOVED = f"copy.i * {_APART} + old."
# Each copy saves something else, in whole cents, so that a list has an order.
_OWN = "(old.{0} / 1000 * (400 + (copy.i * 7919 + old.id * 31) % 1200) / 10000000) * 10000000"
_SLUG = "old.slug || '-' || copy.i"
_NEEDED = """
SELECT verdict_id FROM flip UNION SELECT previous_verdict_id FROM flip UNION SELECT verdict_id FROM alert
UNION SELECT max(id) FROM verdict GROUP BY feature_id
"""
_ROLLUP = (
    "feature, hour, provider, model, tier, processing, source, calls, errors, calls_with_tokens, calls_without_tokens,"
    " input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, reported_calls,"
    " reported_cost_usd"
)
_TOTAL_KEYS = "hour, provider, model, tier, processing, source"
_COUNTS = [name.strip() for name in _ROLLUP.split(",")][7:]


def main() -> None:
    """Make it where the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--features", type=int, default=10_000)
    given = parser.parse_args()
    begun = time.perf_counter()
    rows = make(given.out, given.features)
    size = given.out.stat().st_size / 1e9
    print(f"{given.features:,} features, {rows:,} rollups, {size:.1f} GB, in {time.perf_counter() - begun:.0f} s")


def make(out: Path, features: int) -> int:
    """Build the demo in the file `out`, which is not there yet, and copy its features until there are so many.

    Gives the number of rollups.
    """
    command = [sys.executable, "-m", "offramp", "--db", f"sqlite:///{out}", "demo", "--no-serve"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    base = sqlite3.connect(out, isolation_level=None)
    for pragma in ("journal_mode=DELETE", "synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
        base.execute(f"PRAGMA {pragma}")
    base.execute("BEGIN")
    _copy_company(base, features)
    _add_usage(base)
    base.execute("COMMIT")
    rows = int(base.execute("SELECT count(*) FROM rollup").fetchone()[0])
    base.close()
    return rows


def _copy_company(base: sqlite3.Connection, features: int) -> None:
    own = int(base.execute("SELECT count(*) FROM feature").fetchone()[0])
    copies = -(-(features - own) // own)
    _numbers(base, "copy", 1, copies)
    base.execute(f"CREATE TEMP TABLE needed AS {_NEEDED}")
    document = f"json_set(old.document, '$.slug', {_SLUG}, '$.name', old.name || ' ' || copy.i)"
    name = "old.name || ' ' || copy.i"
    _copy(base, "feature", {"id": f"{_MOVED}id", "slug": _SLUG, "name": name, "document": document})
    # The last copy may be a part.
    last = "SELECT id FROM feature ORDER BY id DESC LIMIT ?"
    base.execute(f"DELETE FROM feature WHERE id IN ({last})", (own * (copies + 1) - features,))  # noqa: S608 (our own names and numbers)
    moved = {"id": f"{_MOVED}id", "feature_id": f"{_MOVED}feature_id"}
    saving = {"saving_usd_month": _OWN.format("saving_usd_month")}
    _copy(base, "verdict", moved | saving, "old.id IN (SELECT * FROM needed)")
    flipped = {name: f"{_MOVED}{name}" for name in ("verdict_id", "previous_verdict_id")}
    _copy(base, "flip", moved | flipped)
    refers = ("opened_flip_id", "closed_flip_id", "follows_id", "verdict_id")
    _copy(base, "alert", moved | saving | {name: f"{_MOVED}{name}" for name in refers})
    _copy(base, "alert_move", {name: f"{_MOVED}{name}" for name in ("id", "alert_id", "answers_id")})
    for table in ("verdict", "flip", "alert"):
        base.execute(f"DELETE FROM {table} WHERE feature_id NOT IN (SELECT id FROM feature)")  # noqa: S608 (our own names and numbers)
    base.execute("DELETE FROM alert_move WHERE alert_id NOT IN (SELECT id FROM alert)")


def _numbers(base: sqlite3.Connection, name: str, first: int, last: int) -> None:
    base.execute(
        f"CREATE TEMP TABLE {name} AS WITH RECURSIVE n(i) AS"  # noqa: S608 (two numbers of ours)
        f" (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n"
    )


def _copy(base: sqlite3.Connection, table: str, changed: Mapping[str, str], where: str = "1") -> None:
    names = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(changed.get(name, f"old.{name}") for name in names)
    base.execute(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} AS old, copy"  # noqa: S608 (our own names and numbers)
        f" WHERE {where} AND old.id < {_APART} ORDER BY copy.i, old.id"
    )


def _add_usage(base: sqlite3.Connection) -> None:
    today = int(base.execute("SELECT max(hour) FROM rollup").fetchone()[0]) // 24
    base.execute("CREATE TEMP TABLE model (i INTEGER PRIMARY KEY, provider TEXT, name TEXT)")
    base.executemany("INSERT INTO model VALUES (?, ?, ?)", [(i, *pair) for i, pair in enumerate(_MODELS)])
    _numbers(base, "day", today - DAYS + 1, today)
    _numbers(base, "clock", 0, 23)
    base.execute(
        "CREATE TEMP TABLE span AS SELECT day.i * 24 + clock.i AS hour, 1 AS hours FROM day, clock WHERE day.i > :open"
        " UNION ALL SELECT i * 24, 24 FROM day WHERE i <= :open ORDER BY 1",
        {"open": today - HOURLY_DAYS},
    )
    base.execute("DROP INDEX ix_rollup_hour")
    calls = "(20 + (f.id * 31 + span.hour * 17) % 60) * span.hours"
    base.execute(
        f"INSERT INTO rollup ({_ROLLUP}) SELECT f.slug, span.hour, model.provider, model.name, 0, 'standard', 'file',"  # noqa: S608 (our own names and numbers)
        f" {calls}, 0, {calls}, 0, {calls} * (600 + f.id % 700), {calls} * 100, 0, {calls} * (80 + f.id % 90), 0, 0, 0"
        " FROM feature AS f CROSS JOIN span JOIN model ON model.i = f.id % ? WHERE f.id >= ?"
        " ORDER BY f.slug, span.hour",
        (len(_MODELS), _APART),
    )
    base.execute("CREATE INDEX ix_rollup_hour ON rollup (hour)")
    base.execute(
        "INSERT INTO latency_count (feature, day, provider, model, source, bucket, calls) SELECT f.slug, day.i,"
        " model.provider, model.name, 'file', 60 + bucket.i * 4, 300 FROM feature AS f CROSS JOIN day CROSS JOIN"
        " (SELECT i FROM clock WHERE i < 3) AS bucket JOIN model ON model.i = f.id % ? WHERE f.id >= ? AND day.i > ?"
        " ORDER BY f.slug, day.i, bucket.i",
        (len(_MODELS), _APART, today - WAIT_DAYS),
    )
    sums = ", ".join(f"sum({name})" for name in _COUNTS)
    base.execute("DELETE FROM hour_total")
    base.execute(
        f"INSERT INTO hour_total ({_TOTAL_KEYS}, {', '.join(_COUNTS)}) SELECT {_TOTAL_KEYS}, {sums} FROM rollup"  # noqa: S608 (our own names and numbers)
        f" GROUP BY {_TOTAL_KEYS}"
    )


if __name__ == "__main__":
    main()
