"""Files are counted once, their wrong rows are named, and a file that cannot be read writes nothing."""

import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from collectors.rejected import Rejected
from db.queries.scores import scores
from db.queries.sources import runs
from db.session import make_engine, reading
from offramp.actions.failure import BadInput
from offramp.actions.load import load_file, load_parts
from offramp.actions.load_options import LoadOptions
from offramp.actions.reconcile import reconcile
from offramp.actions.usage import usage
from offramp.cli.main import app

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)

CALLS = """timestamp,feature,provider,model,input_tokens,output_tokens,latency_ms,error,team
2026-11-19T10:00:00Z,triage,openai,gpt-5.6-luna,800,60,900,0,care
2026-11-19T10:00:00Z,triage,openai,gpt-5.6-luna,800,60,900,0,care
1795100400,,openai,gpt-5.6-luna,500,20,,1,care
"""


def files(folder: Path) -> list[Path]:
    """The same three calls as CSV, gzipped CSV, JSONL and Parquet."""
    plain = folder / "calls.csv"
    plain.write_text(CALLS, encoding="utf-8")
    zipped = folder / "calls.csv.gz"
    zipped.write_bytes(gzip.compress(CALLS.encode()))
    header, *lines = (line.split(",") for line in CALLS.split())
    lined = folder / "calls.jsonl"
    lined.write_text("\n".join(json.dumps(dict(zip(header, line, strict=True))) for line in lines), encoding="utf-8")
    packed = folder / "calls.parquet"
    query = f"copy (select * from read_csv('{plain}', all_varchar=true)) to '{packed}' (format parquet)"  # noqa: S608 (our own file)
    duckdb.sql(query)
    return [plain, zipped, lined, packed]


@pytest.mark.parametrize("number", range(4))
def test_a_file_counts_once_in_every_format(engine: Engine, tmp_path: Path, number: int) -> None:
    """Two equal rows are two calls; the file again, and the same rows in another format, are duplicates."""
    paths = files(tmp_path)
    first = load_file(engine, paths[number], at=AT)
    assert (first.kind, first.accepted, first.duplicates, first.rejected_rows) == ("calls", 3, 0, 0)
    assert first.ignored_columns == ("team",)
    before = usage(engine, by=("feature", "day")).document()
    assert [load_file(engine, path, at=AT).accepted for path in paths] == [0, 0, 0, 0]
    assert usage(engine, by=("feature", "day")).document() == before
    triage, nobody = usage(engine).rows
    assert (triage.calls, triage.input_tokens, triage.errors) == (2, 1600, 0)
    assert (nobody.feature, nobody.calls, nobody.errors) == (None, 1, 1)


def test_wrong_rows_are_named_and_the_rest_is_loaded(engine: Engine, tmp_path: Path) -> None:
    """Row, field, error and cure of each; the run is kept as partial."""
    path = tmp_path / "calls.csv"
    path.write_text(
        CALLS + "yesterday,triage,openai,m,1,1,,0,\n2026-11-19T10:00:00Z,t,openai,m,-5,1,,0,\n", encoding="utf-8"
    )
    loaded = load_file(engine, path, at=AT)
    assert (loaded.accepted, loaded.rejected_rows) == (3, 2)
    assert [(item.row, item.field) for item in loaded.rejected] == [(4, "timestamp"), (5, "input_tokens")]
    assert all(item.cure for item in loaded.rejected)
    with reading(engine) as session:
        (run,) = runs(session)
    assert (run.source, run.outcome, run.accepted, run.rejected) == ("file calls.csv", "partial", 3, 2)
    assert loaded.document()["errors"]


def test_a_dry_run_writes_nothing(engine: Engine, tmp_path: Path) -> None:
    """It reads and checks every row, and leaves no trace."""
    path = files(tmp_path)[0]
    seen: list[int] = []
    assert load_file(engine, path, at=AT, options=LoadOptions(dry_run=True, progress=seen.append)).accepted == 3
    assert seen == [3]
    assert usage(engine).total.calls == 0


def test_a_dry_run_says_what_the_run_would(engine: Engine, tmp_path: Path) -> None:
    """New, known, rejected and unregistered: the same document before as after, and nothing for the refused rows."""
    path = tmp_path / "calls.csv"
    row = "2026-11-19T10:00:00Z,triage,openai,m,1,1,{}\n"
    head = "timestamp,feature,provider,model,input_tokens,output_tokens,call_id\n"
    path.write_text(head + row.format("a"), encoding="utf-8")
    load_file(engine, path, at=AT)
    path.write_text(head + "".join(row.format(name) for name in "aabb") + "never,x,openai,m,1,1,c\n", encoding="utf-8")
    refused: list[Rejected] = []
    dry, real = (
        load_file(engine, path, at=AT, options=LoadOptions(dry_run=dry, refused=refused.extend)).document()
        for dry in (True, False)
    )
    assert dry == real
    assert (real["accepted"], real["duplicates"], real["rejected"]) == (1, 3, 1)
    assert real["warnings"] == [
        "4 calls of feature 'triage' that nobody registered: register it with `offramp register`, or correct the name"
    ]
    assert [item.cells["call_id"] for item in refused] == ["c", "c"]


def test_of_many_unregistered_features_the_most_called_are_named(engine: Engine, tmp_path: Path) -> None:
    """Five by name, then how many more with how many calls, before anything else is said."""
    path = tmp_path / "calls.csv"
    rows = [f"2026-11-19T10:00:0{second}Z,f{name},m,1,1" for name in range(7) for second in range(name + 1)]
    path.write_text(
        "timestamp,feature,model,input_tokens,output_tokens\n" + "\n".join([*rows, "2026-11-19T10:00:00Z,,m,1,1"]),
        encoding="utf-8",
    )
    told = load_file(engine, path, at=AT).warnings()
    assert [words.split(" that nobody")[0] for words in told[:5]] == [
        f"{calls} calls of feature 'f{calls - 1}'" for calls in (7, 6, 5, 4, 3)
    ]
    assert told[5] == "3 calls of 2 features more that nobody registered: see `offramp features`"
    assert told[6].startswith("1 call of no feature")


def test_a_prompt_in_a_refused_row_is_not_written_down(engine: Engine, tmp_path: Path) -> None:
    """Of a refused row only known columns are kept, and no text that could be what somebody said."""
    path = tmp_path / "calls.csv"
    path.write_text(
        "timestamp,model,input_tokens,output_tokens,prompt,feature\n"
        "2026-11-19T10:00:00Z,gpt-4o,many,1,Please summarise,Dear team of the support desk\n",
        encoding="utf-8",
    )
    (row,) = load_file(engine, path, at=AT).rejected
    assert row.cells == {
        "timestamp": "2026-11-19T10:00:00Z",
        "feature": "(a text of 29 characters)",
        "model": "gpt-4o",
        "input_tokens": "many",
        "output_tokens": "1",
    }


def test_an_absent_column_can_be_filled(engine: Engine, tmp_path: Path) -> None:
    """--set gives every row the model that the file does not name."""
    path = tmp_path / "calls.csv"
    path.write_text("timestamp,input_tokens,output_tokens\n2026-11-19T10:00:00Z,10,2\n", encoding="utf-8")
    with pytest.raises(BadInput, match="--set model=VALUE"):
        load_file(engine, path, at=AT)
    assert load_file(engine, path, at=AT, options=LoadOptions(set_columns={"model": "gpt-6-luna"})).accepted == 1
    (row,) = usage(engine, by=("model",)).rows
    assert row.model == "gpt-6-luna"


def test_scores_are_kept_once(engine: Engine, tmp_path: Path) -> None:
    """An eval file twice is each score once, with evaluator and version."""
    path = tmp_path / "evals.jsonl"
    row = {
        "feature": "triage",
        "metric": "accuracy",
        "score": 0.91,
        "n": 400,
        "timestamp": "2026-11-01T00:00:00Z",
        "evaluator": "judge",
        "evaluator_version": "2",
    }
    path.write_text(json.dumps(row), encoding="utf-8")
    assert [load_file(engine, path, at=AT).accepted for _ in range(2)] == [1, 0]
    with reading(engine) as session:
        (score,) = scores(session, ["triage"])
    assert (str(score.score), score.n, score.evaluator_version, score.strategy) == ("0.91", 400, "2", None)


def test_a_file_that_cannot_be_read_says_what_to_do(engine: Engine, tmp_path: Path) -> None:
    """Missing, empty, of another kind: a sentence with its cure each, and nothing written."""
    empty = tmp_path / "empty.csv"
    empty.touch()
    other = tmp_path / "other.csv"
    other.write_text("colour,shape\nred,round\n", encoding="utf-8")
    for path, words in (
        (tmp_path / "missing.csv", "missing.csv"),
        (empty, "is empty"),
        (other, "no columns of calls, evals or bills"),
    ):
        with pytest.raises(BadInput, match=words):
            load_file(engine, path, at=AT)
    assert usage(engine).total.calls == 0


def test_a_file_that_says_nothing_of_calls_is_told_so(engine: Engine, shared: Path) -> None:
    """A page of OpenAI's costs looks like one of its usage; nothing loaded is no success."""
    done = load_file(engine, shared / "samples/openai_admin/costs.json", at=AT, options=LoadOptions(dry_run=True))
    assert (done.accepted, done.rejected_rows) == (0, 0)
    assert done.warnings() == [
        "nothing in it says anything of calls: docs/collect.md tells what each kind of file holds"
    ]


def _bill(folder: Path, name: str, *rows: str) -> Path:
    path = folder / name
    head = "BilledCost,BillingAccountId,BillingPeriodStart,ChargePeriodStart,ProviderName,ServiceCategory"
    lines = [f"{row.split()[0]},a,2026-11-01,{row.split()[1]},AWS,AI and Machine Learning" for row in rows]
    path.write_text("\n".join([head, *lines]))
    return path


def _billed(engine: Engine) -> Decimal | None:
    return reconcile(engine, at=AT).total.billed_usd


def test_a_bill_in_parts_is_one_bill(engine: Engine, tmp_path: Path) -> None:
    """Its parts add up, wherever a day was cut; loaded again they change nothing, and each says its own rows."""
    first = _bill(tmp_path, "focus-1.csv", "10 2026-11-01", "5 2026-11-02")
    second = _bill(tmp_path, "focus-2.csv", "7 2026-11-02", "3 2026-11-03", "x 2026-11-03")
    for accepted in ((2, 2), (0, 0)):
        done = load_parts(engine, dict.fromkeys((first, second), LoadOptions()), at=AT)
        assert tuple(item.accepted for item in done) == accepted
        assert [item.rejected_rows for item in done] == [0, 1]
        assert [item.warnings() for item in done] == [[], []]
        assert _billed(engine) == 25


def test_a_part_in_the_place_of_its_bill_is_told(engine: Engine, tmp_path: Path) -> None:
    """Loaded by itself it replaces the other parts, as a corrected bill would; that is said with its cure."""
    load_file(engine, _bill(tmp_path, "focus-1.csv", "10 2026-11-01", "5 2026-11-02"), at=AT)
    part = _bill(tmp_path, "focus-2.csv", "7 2026-11-02", "3 2026-11-03")
    told = "it replaces a bill of $15.00 by one of $10.00, without 1 sum that stood in it: parts of one bill are loaded"
    for options in (LoadOptions(dry_run=True), LoadOptions()):
        (warning,) = load_file(engine, part, at=AT, options=options).warnings()
        assert warning == f"{told} at once, with --parts"
    assert _billed(engine) == 10
    grown = _bill(tmp_path, "focus-3.csv", "8 2026-11-02", "3 2026-11-03", "1 2026-11-04")
    assert load_file(engine, grown, at=AT).warnings() == []


def test_parts_are_of_a_bill_and_each_is_read(engine: Engine, tmp_path: Path) -> None:
    """Calls are no bill, and where one part cannot be read none is written."""
    part, calls = _bill(tmp_path, "focus-1.csv", "10 2026-11-01"), files(tmp_path)[0]
    with pytest.raises(BadInput, match=r"calls\.csv is no bill but a file of calls; leave --parts out"):
        load_parts(engine, dict.fromkeys((part, calls), LoadOptions()), at=AT)
    with pytest.raises(BadInput, match=r"none\.csv"):
        load_parts(engine, dict.fromkeys((part, tmp_path / "none.csv"), LoadOptions()), at=AT)
    assert _billed(engine) is None


def test_the_command_loads_parts(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One part named twice would count twice, and is refused."""
    monkeypatch.chdir(tmp_path)
    first, second = _bill(tmp_path, "1.csv", "10 2026-11-01"), _bill(tmp_path, "2.csv", "5 2026-11-01", "x 2026-11-01")
    load = ["--db", database_url, "load", "--parts", str(first)]
    twice = CliRunner().invoke(app, [*load, str(first)])
    assert (twice.exit_code, "a part is named twice" in twice.stderr) == (2, True)
    done = CliRunner().invoke(app, [*load, str(second)])
    assert done.exit_code == 3
    assert "2.csv: 1 row of focus loaded, 0 known already, 1 rejected" in done.stdout
    assert (tmp_path / "2.csv.rejected.csv").exists()
    found = make_engine(database_url)
    try:
        assert _billed(found) == 15
    finally:
        found.dispose()


def test_a_load_that_the_database_ends_says_what_to_do(sqlite_url: str, tmp_path: Path) -> None:
    """Part of the file is counted and the message says so; the same file again counts each of its rows once."""
    rows = [
        {
            "timestamp": "2026-11-20T10:00:00Z",
            "feature": "late" if number == 5_500 else "triage",
            "call_id": str(number),
        }
        | {"provider": "openai", "model": "gpt-4o-mini", "input_tokens": 10, "output_tokens": 1}
        for number in range(5_501)
    ]
    path = tmp_path / "calls.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    engine = make_engine(sqlite_url)
    stop = "CREATE TRIGGER stop BEFORE INSERT ON rollup WHEN NEW.feature = 'late' BEGIN SELECT RAISE(FAIL, 'no'); END"
    with engine.begin() as connection:
        connection.exec_driver_sql(stop)
    ended = CliRunner().invoke(app, ["--db", sqlite_url, "load", str(path)])
    assert ended.exit_code == 1
    assert "calls.jsonl may be counted in part: load it again, and each row counts once" in ended.stderr
    assert usage(engine).total.calls == 5_000
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER stop")
    again = CliRunner().invoke(app, ["--db", sqlite_url, "load", str(path)])
    assert "501 rows of calls loaded, 5,000 known already" in again.stdout
    assert usage(engine).total.calls == 5_501
