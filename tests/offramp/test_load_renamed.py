"""A file under other column names is counted as it stands, as a whole and by its rows, once."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from sqlalchemy import Engine, func, select
from typer.testing import CliRunner, Result

from db.session import make_engine, reading
from db.tables import LedgerPack
from offramp.actions.load import load_file
from offramp.actions.load_options import LoadOptions
from offramp.actions.loaded import Loaded
from offramp.cli.context import shared
from offramp.cli.main import app
from tests.offramp.test_load_bulk import AT, forget, messy_rows, state, write

Run = Callable[..., Result]

RENAMED = {
    "ts": "timestamp",
    'the "app"': "feature",
    "feature": "provider",
    "cached_tokens": "cached_input_tokens",
    "status": "error",
    "latency_ms": "cost_usd",
    "cost_usd": "latency_ms",
}
THEIRS = {ours: theirs for theirs, ours in RENAMED.items()}


def theirs(row: dict[str, str]) -> dict[str, str]:
    """The row under other names, two of them swapped."""
    return {THEIRS.get(name, name): cell for name, cell in row.items()}


def load(engine: Engine, path: Path, *, bulk: bool, renamed: dict[str, str] | None = None) -> Loaded:
    """Load summed, or row by row."""
    options = LoadOptions(bulk_bytes=0 if bulk else 2**60, renamed=renamed or {})
    return load_file(engine, path, at=AT, options=options)


def packs(engine: Engine) -> int | None:
    """How many times rows were counted as sums."""
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(LedgerPack))


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_renamed_file_counts_as_one_with_our_names(engine: Engine, tmp_path: Path, form: str) -> None:
    """Sums, keys and refusals, as a whole and by its rows; again in any way, nothing moves."""
    rows = messy_rows(7, with_ids=False)
    ours = load(engine, write(tmp_path / f"ours.{form}", rows), bulk=False)
    expected = state(engine)
    path = write(tmp_path / f"theirs.{form}", [theirs(row) for row in rows])
    assert load(engine, path, bulk=True, renamed=RENAMED).accepted == 0
    forget(engine)
    found = load(engine, path, bulk=True, renamed=RENAMED)
    assert (state(engine), packs(engine)) == (expected, 1)
    assert found.document() | {"file": ""} == ours.document() | {"file": ""}
    assert found.rejected_rows > 0
    assert [load(engine, path, bulk=bulk, renamed=RENAMED).accepted for bulk in (True, False)] == [0, 0]
    assert state(engine) == expected


def test_lines_of_json_under_both_names_are_read_by_their_rows(engine: Engine, tmp_path: Path) -> None:
    """Either name counts; a line that gives both is refused, and a name in other letters is another name."""
    row = {"timestamp": "2026-11-08T10:00:00Z", "model": "m", "output_tokens": 2}
    lines = [row | {"prompt": number} for number in range(1, 40)] + [row | {"input_tokens": 50}]
    path = tmp_path / "calls.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert load(engine, path, bulk=True, renamed={"prompt": "input_tokens"}).accepted == 40
    assert packs(engine) == 1
    path.write_text(path.read_text() + "\n" + json.dumps(row | {"prompt": 60, "input_tokens": 50}), encoding="utf-8")
    again = load(engine, path, bulk=True, renamed={"prompt": "input_tokens"})
    assert (again.accepted, again.duplicates, [item.row for item in again.rejected]) == (0, 40, [41])
    path.write_text(path.read_text().replace("timestamp", "Timestamp").replace("prompt", "Input_Tokens"))
    both = {"Timestamp": "timestamp", "Input_Tokens": "input_tokens"}
    assert load(engine, path, bulk=True, renamed=both).duplicates == 40


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run a command on a database of its own, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    yield lambda *words: CliRunner().invoke(app, ["--db", f"sqlite:///{tmp_path / 'a.db'}", *words])
    shared.db = None


LOG = "ts,app,llm,prompt_tokens,output_tokens,note\n"
NAMES = ("--rename", "ts=Timestamp", "--rename", "app=feature", "--rename", "llm=model")


def test_refused_rows_stand_in_a_file_of_our_names(run: Run, tmp_path: Path) -> None:
    """Mended, it loads as it is; what nothing reads is named as the log names it."""
    lines = "2026-11-19T10:00:00Z,triage,gpt-6-luna,10,1,x\nsoon,triage,gpt-6-luna,20,1,x\n"
    (tmp_path / "log.csv").write_text(LOG + lines, encoding="utf-8")
    done = run("load", "log.csv", *NAMES, "--rename", "prompt_tokens=input_tokens")
    assert done.exit_code == 3
    assert "1 row of calls loaded" in done.stdout
    assert "columns not read: note" in done.stderr
    assert "log.csv.rejected.csv (mended there, it loads as it is)" in " ".join(done.stderr.split())
    refused = tmp_path / "log.csv.rejected.csv"
    refused.write_text(refused.read_text(encoding="utf-8").replace("soon", "2026-11-19T11:00:00Z"), encoding="utf-8")
    assert "it has our names already: leave --rename out" in run("load", refused.name, *NAMES).stderr.replace("\n", " ")
    assert "1 row of calls loaded" in run("load", refused.name).stdout
    (row,) = json.loads(run("usage", "--json").stdout)["rows"]
    assert (row["feature"], row["calls"], row["input_tokens"]) == ("triage", 2, 30)


@pytest.mark.parametrize(
    ("words", "guessed"),
    [
        (("load", "log.csv", "--dry-run", *NAMES), True),
        (("load", "log.csv", *NAMES), False),
        (("scan", "log.csv", *NAMES), True),
        (("load", "log.csv", *NAMES, "--dry-run", "--set", "input_tokens=7"), False),
    ],
    ids=["tried", "counted", "scanned", "set"],
)
def test_what_a_column_may_be_is_told_before_it_is_counted(
    run: Run, tmp_path: Path, words: tuple[str, ...], *, guessed: bool
) -> None:
    """Afterwards another name would count the file again; a column that --set fills is not looked for."""
    (tmp_path / "log.csv").write_text(LOG + "2026-11-19T10:00:00Z,triage,gpt-6-luna,10,1,x\n", encoding="utf-8")
    done = run(*words)
    assert done.exit_code == 0
    guess = " (did you mean --rename prompt_tokens=input_tokens?)" if guessed else ""
    assert f"columns not read: prompt_tokens, note{guess}" in " ".join(done.stderr.split())
    assert ("did you mean" in done.stderr) is guessed


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (("--rename", "ts"), "'ts' is not THEIRS=OURS; such as --rename ts=timestamp"),
        (("--rename", "=timestamp"), "'=timestamp' is not THEIRS=OURS"),
        (("--rename", "ts=timestamp", "--rename", "ts=day"), "ts is named twice; name it once"),
        (("--rename", "tss=timestamp"), "log.csv has no column tss; did you mean --rename ts=timestamp?"),
        ((*NAMES, "--set", "model=x"), "--rename llm=model and --set model=x give one column; leave one of them out"),
        (NAMES, "log.csv has neither tokens nor cost; did you mean --rename prompt_tokens=input_tokens?"),
    ],
    ids=["no sign", "no name", "twice", "not there", "set too", "not all"],
)
def test_what_is_mistyped_ends_with_2_and_a_cure(run: Run, tmp_path: Path, words: tuple[str, ...], cure: str) -> None:
    """Nothing is written."""
    (tmp_path / "log.csv").write_text(LOG.replace(",output_tokens", "") + "now,a,m,1,x\n", encoding="utf-8")
    done = run("load", "log.csv", *words)
    assert done.exit_code == 2
    assert cure in " ".join(done.stderr.split())


def test_a_scan_reads_other_names_too(run: Run, tmp_path: Path) -> None:
    """What the cure of a log says is what `scan` takes."""
    lines = "".join(f"2026-11-{day:02}T10:00:00Z,triage,gpt-6-luna,10,1,x\n" for day in range(1, 20))
    (tmp_path / "log.csv").write_text(LOG + lines, encoding="utf-8")
    done = run("scan", "log.csv", *NAMES, "--rename", "prompt_tokens=input_tokens", "--json")
    assert done.exit_code == 0, done.stderr
    (found,) = json.loads(done.stdout)
    assert (found["usage"]["feature"], found["usage"]["calls"], found["traffic"]["output_tokens_p50"]) == (
        "triage",
        19,
        1,
    )


NESTED = {
    "time.at": "timestamp",
    "request.app": "feature",
    "request.llm.vendor": "provider",
    "request.llm.name": "model",
    "response.usage.in": "input_tokens",
    "response.usage.in_details.cached": "cached_input_tokens",
    "response.usage.out": "output_tokens",
    "response.id": "call_id",
    "took.ms": "latency_ms",
    "took.failed": "error",
}


def nested(row: dict[str, str]) -> dict[str, object]:
    """The row with its cells inside objects; one of them is text where numbers are expected."""
    record: dict[str, object] = {name: cell for name, cell in row.items() if cell and name not in NESTED.values()}
    for path, name in NESTED.items():
        *keys, last = path.split(".")
        inner = record
        for key in keys:
            inner = inner.setdefault(key, {})  # type: ignore[assignment] # objects all the way down
        if row[name]:
            inner[last] = row[name]
    return record


def write_nested(path: Path, rows: list[dict[str, str]]) -> Path:
    """The rows as lines of JSON, or as structs of Parquet, whose names may be in large letters."""
    if path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(nested(row)) for row in rows), encoding="utf-8")
        return path
    table = pa.Table.from_pylist([{name.title(): cell for name, cell in nested(row).items()} for row in rows])
    duckdb.from_arrow(table).write_parquet(str(path))
    return path


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
@pytest.mark.parametrize("with_ids", [True, False])
def test_cells_inside_objects_count_as_those_beside_each_other(
    engine: Engine, tmp_path: Path, form: str, *, with_ids: bool
) -> None:
    """Sums, keys and refusals are those of a flat file, as a whole and by rows."""
    rows = messy_rows(9, with_ids=with_ids)
    flat = load(engine, write(tmp_path / f"flat.{form}", rows), bulk=False)
    expected = state(engine)
    path = write_nested(tmp_path / f"nested.{form}", rows)
    renamed = {path: name for path, name in NESTED.items() if with_ids or name != "call_id"}
    assert [load(engine, path, bulk=bulk, renamed=renamed).accepted for bulk in (True, False)] == [0, 0]
    forget(engine)
    found = load(engine, path, bulk=True, renamed=renamed)
    assert (state(engine), packs(engine)) == (expected, 1)
    assert found.document() | {"file": ""} == flat.document() | {"file": ""}
    assert found.rejected_rows > 0


ROW: dict[str, object] = {"timestamp": "2026-11-08T10:00:00Z", "model": "m", "output_tokens": 2}
ODD: list[dict[str, object]] = [
    {"use": {"in": 5}},
    {"use": {"in": "6"}},
    {"use": {"in": None}, "use.in": 7},
    {"use.in": None, "use": {"in": 8}},
    {"use": {"in": {"a": 1}}},
    {"use": {"in": [11]}},
    {"use": {"in": True}},
    {"use": "12"},
    {"input_tokens": 15},
    {"use": [{"in": 16}]},
    {"use": {"in.put": 22}},
    {"use": {"in": 17.0}, "err": {"type": "Timeout"}},
    {"use": {"in": 18}, "err": "Timeout"},
    {"use": {"in": 19}, "err": {"code": 4}},
    {"use": {"in": 20}, "err": {"type": ""}},
    {"use": {"in": 21}, "error": {"type": "x"}},
]


TWICE: list[dict[str, object]] = [{"use": {"in": 9}, "use.in": 10}, {"use": {"in": 13}, "input_tokens": 14}]


@pytest.mark.parametrize(
    ("kind", "odd", "summed"),
    [("err", ODD, True), ("error", ODD, False), ("err", TWICE[:1], False), ("err", TWICE[1:], False)],
)
def test_whatever_stands_where_a_name_leads_is_read_the_same_both_ways(
    sqlite_url: str, tmp_path: Path, kind: str, odd: list[dict[str, object]], *, summed: bool
) -> None:
    """Absent, null, of another type, there under several names: as a whole a file is what its rows are."""
    engine = make_engine(sqlite_url)
    renamed = {"use.in": "input_tokens", f"{kind}.type": "error", "use.in.put": "cached_input_tokens"}
    lines = [ROW | {"use": {"in": 100 + number}, kind: {"type": ""}} for number in range(100)]
    lines.append(ROW | {"use": {"in": {"put": 5}}})
    lines += [ROW | row for row in odd]
    path = tmp_path / "calls.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    by_rows = load(engine, path, bulk=False, renamed=renamed)
    expected = state(engine)
    assert load(engine, path, bulk=True, renamed=renamed).accepted == 0
    forget(engine)
    found = load(engine, path, bulk=True, renamed=renamed)
    assert (found.accepted, found.rejected) == (by_rows.accepted, by_rows.rejected)
    assert packs(engine) == summed
    assert state(engine) == expected
    engine.dispose()


def test_an_error_says_where_inside_a_column_seems_to_be(tmp_path: Path, run: Run) -> None:
    """The options as they are typed, for a file of objects within objects."""
    record = {"ts": ROW["timestamp"], "request": {"model": "m"}, "response": {"usage": {"prompt_tokens": 5}}}
    (tmp_path / "log.jsonl").write_text(json.dumps(record) + "\n" + json.dumps(record))
    told = " ".join(run("load", "log.jsonl").output.split())
    options = "--rename ts=timestamp --rename request.model=model --rename response.usage.prompt_tokens=input_tokens"
    assert f"did you mean {options}?" in told
    assert "2 rows of calls loaded" in run("load", "log.jsonl", *options.split()).output
    told = " ".join(run("load", "log.jsonl", "--rename", "prompt_tokens=input_tokens").output.split())
    assert "has no column prompt_tokens; did you mean --rename response.usage.prompt_tokens=input_tokens?" in told
