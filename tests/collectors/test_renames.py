"""Columns under other names are read in every form and kind; what cannot be meant is told before a row is read."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from collectors.files import FileReading, detect_kind, read_bills, read_calls, read_scores
from collectors.other_names import rename_cure
from collectors.rejected import Rejected, SourceError
from strategy.facts import Call

THEIRS = {"ts": "timestamp", "Prompt Tokens": "input_tokens", "cached": "cached_input_tokens", "status": "error"}
ROWS = [
    {"timestamp": "2026-11-21T10:00:00Z", "model": "gpt-4o", "input_tokens": "2006", "cached_input_tokens": "30",
     "error": "0", "team": "care"},
    {"timestamp": "2026-11-21T10:00:00Z", "model": "gpt-4o", "input_tokens": "2006", "cached_input_tokens": "30",
     "error": "0", "team": "care"},
    {"timestamp": "2026-11-21T11:00:00Z", "model": "gpt-4o", "input_tokens": "7", "cached_input_tokens": "0",
     "error": "Timeout", "team": "care"},
]  # fmt: skip # rows of a table
OURS = {ours: theirs for theirs, ours in THEIRS.items()}
FORMS = ["csv", "csv.gz", "jsonl", "jsonl.gz", "json", "parquet", "parquet.gz"]


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    """The rows in the form that the name says."""
    text = "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)])
    match path.name.removesuffix(".gz").rpartition(".")[2]:
        case "jsonl":
            path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        case "json":
            path.write_text(json.dumps(rows), encoding="utf-8")
        case "parquet":
            plain = path.with_name("plain.csv")
            plain.write_text(text, encoding="utf-8")
            duckdb.sql(f"copy (from read_csv('{plain}', all_varchar=true)) to '{path}' (format parquet)")
        case _:
            path.write_text(text, encoding="utf-8")
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(path.read_bytes()))
    return path


def theirs(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows under other names."""
    return [{OURS.get(name, name): cell for name, cell in row.items()} for row in rows]


def read(path: Path, renamed: dict[str, str], given: dict[str, str] | None = None) -> FileReading[Call]:
    """The calls of a file."""
    return read_calls(path, renamed=renamed, set_columns=given)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_under_other_names_is_the_same_calls(tmp_path: Path, form: str) -> None:
    """In every form down to the keys, and what nothing reads is named as it stands in the file."""
    path = write(tmp_path / f"calls.{form}", theirs(ROWS))
    reading = read(path, THEIRS)
    calls = list(reading)
    assert calls == list(read_calls(write(tmp_path / "ours.csv", ROWS)))
    assert [(call.input_tokens, call.errors) for call in calls if isinstance(call, Call)] == [(2006, 0)] * 2 + [(7, 1)]
    assert reading.extra_columns == ["team"]
    assert detect_kind(path, renamed=THEIRS) == "calls"


def test_large_and_small_letters_differ_in_json_only(tmp_path: Path) -> None:
    """As they do where nothing is renamed."""
    rows = [{"TS": "2026-11-21T10:00:00Z", "model": "m", "input_tokens": "1"}]
    for form in ("csv", "parquet"):
        assert len(list(read(write(tmp_path / f"a.{form}", rows), {"ts": "timestamp"}))) == 1
    with pytest.raises(SourceError, match=r"^a\.jsonl has no column ts; its columns are TS, model, input_tokens$"):
        read(write(tmp_path / "a.jsonl", rows), {"ts": "timestamp"})


def test_two_columns_may_change_their_names(tmp_path: Path) -> None:
    """All are renamed at once; a column that has another's name is not read under it too."""
    row = {"timestamp": "2026-11-21T10:00:00Z", "model": "openai", "provider": "gpt-4o", "input_tokens": "1"}
    for form in ("csv", "jsonl", "parquet"):
        path = write(tmp_path / f"a.{form}", [row])
        (call,) = read(path, {"model": "provider", "provider": "model"})
        assert isinstance(call, Call)
        assert (call.provider, call.model) == ("openai", "gpt-4o")
        (call,) = read(path, {"provider": "feature"})
        assert isinstance(call, Call)
        assert (call.provider, call.feature) == ("", "gpt-4o")


def test_scores_and_bills_are_renamed_too(tmp_path: Path) -> None:
    """Evals, an invoice and a FOCUS export; what a file is, its renamed columns say."""
    evals = write(
        tmp_path / "e.csv", [{"feature": "t", "metric": "f1", "value": "0.9", "when": "2026-11-21T10:00:00Z"}]
    )
    names = {"value": "score", "when": "timestamp"}
    assert detect_kind(evals, renamed=names) == "evals"
    (score,) = read_scores(evals, renamed=names)
    assert not isinstance(score, Rejected)
    assert str(score.score) == "0.9"
    bill = write(tmp_path / "i.jsonl", [{"provider": "openai", "date": "2026-11-01", "amount_usd": "5"}])
    assert detect_kind(bill, renamed={"date": "day"}) == "invoice"
    (line,) = read_bills(bill, "invoice", renamed={"date": "day"})
    assert not isinstance(line, Rejected)
    assert str(line.day) == "2026-11-01"
    row = {"Billed": "3", "ChargePeriodStart": "2026-11-01T00:00:00Z", "PublisherName": "OpenAI"}
    focus = write(tmp_path / "f.csv", [row])
    assert detect_kind(focus, renamed={"Billed": "billedcost"}) == "focus"
    (line,) = read_bills(focus, "focus", renamed={"Billed": "billedcost"})
    assert not isinstance(line, Rejected)
    assert str(line.amount_usd) == "3"


@pytest.mark.parametrize(
    ("form", "renamed", "message"),
    [
        ("csv", {"tss": "timestamp"}, "a.csv has no column tss; did you mean --rename ts=timestamp?"),
        ("jsonl", {"zzz": "call_id"}, "a.jsonl has no column zzz; its columns are ts, model, input_tokens, cost"),
        ("parquet", {"zz": "model"}, "a.parquet has no column zz; it has our names already: leave --rename out"),
        ("csv", {"ts": "moment"}, "--rename ts=moment names no column of ours; use one of: timestamp, "),
        ("csv", {"model": "llm"},
         "--rename model=llm names no column of ours; the file's name stands first: --rename llm=model"),
        ("csv", {"ts": "timestamp", "cost": "timestamp"},
         "--rename cost=timestamp and --rename ts=timestamp name one column; leave one of them"),
        ("csv", {"ts": "model"}, "a.csv has a column model beside ts; leave --rename ts=model out"),
        ("jsonl", {"ts": "model"}, "a.jsonl has a column model beside ts; leave --rename ts=model out"),
        ("csv", {"ts": "feature"}, "--rename ts=feature and --set feature=x give one column; leave one of them out"),
        ("csv", {"cost": "cost_usd"}, "a.csv has no column timestamp; did you mean --rename ts=timestamp?"),
    ],
)  # fmt: skip # rows of a table
def test_what_cannot_be_meant_is_told(tmp_path: Path, form: str, renamed: dict[str, str], message: str) -> None:
    """Before a row is read, with the cure, whether the kind is given or found."""
    row = {"ts": "2026-11-21T10:00:00Z", "model": "m", "input_tokens": "1", "cost": "2"}
    path = write(tmp_path / f"a.{form}", [row])

    def found() -> FileReading[Call]:
        detect_kind(path, renamed=renamed)
        return read(path, renamed, {"feature": "x"})

    ways: list[Callable[[], object]] = [found, lambda: read(path, renamed, {"feature": "x"})]
    for way in ways:
        with pytest.raises(SourceError) as caught:
            way()
        assert str(caught.value).startswith(message)
        assert caught.value.cure


def test_any_line_of_json_may_hold_the_column(tmp_path: Path) -> None:
    """One that only late lines hold is renamed; a line may give ours instead, and is rejected if it gives both."""
    row: dict[str, object] = {"timestamp": "2026-11-21T10:00:00Z", "model": "m", "input_tokens": 1}
    late: list[dict[str, object]] = [
        {"status": "Timeout"},
        {"error": "Timeout"},
        {"status": None, "error": 1},
        {"status": 1, "error": 1},
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, [row] * 30 + [row | more for more in late])), encoding="utf-8")
    *calls, wrong = read(path, {"status": "error"})
    assert [call.errors for call in calls if isinstance(call, Call)] == [0] * 30 + [1] * 3
    assert isinstance(wrong, Rejected)
    assert wrong.sentence() == (
        "row 34, error: is there twice, as status too; keep one of them, or leave --rename status=error out"
    )


LITELLM = {"startTime": "2026-11-21T10:00:00Z", "prompt_tokens": "5", "spend": "0.5", "model": "m", "team": "x"}


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_another_tools_file_stays_one_unless_it_is_renamed_to_ours(tmp_path: Path, form: str) -> None:
    """By the renamed columns it is known; one that is no longer the tool's and not yet ours is told so."""
    path = write(tmp_path / f"a.{form}", [LITELLM])
    with pytest.raises(SourceError, match="leave --rename out: by its own names it is read as LiteLLM spend logs"):
        read(path, {"prompt_tokens": "input_tokens"})
    with pytest.raises(SourceError, match="is read as LiteLLM spend logs, of which feature is no column"):
        read(path, {"team": "feature"})
    (call,) = read(path, {"prompt_tokens": "input_tokens", "startTime": "timestamp", "team": "feature"})
    assert isinstance(call, Call)
    assert (call.source, call.feature, call.input_tokens) == ("file", "x", 5)
    named = {("llm" if name == "model" else name): cell for name, cell in LITELLM.items()}
    reading = read(write(tmp_path / f"b.{form}", [named]), {"llm": "model"})
    (call,) = reading
    assert isinstance(call, Call)
    assert (reading.layout, call.model, call.source) == ("LiteLLM spend logs", "m", "litellm")


def test_a_cell_under_another_name_is_the_cure_of_its_row(tmp_path: Path) -> None:
    """Where lines of JSON name it so, no header tells."""
    path = write(tmp_path / "a.jsonl", [{"createdAt": "2026-11-21T10:00:00Z", "model": "m", "promptTokens": "1"}])
    (wrong,) = read(path, {})
    assert isinstance(wrong, Rejected)
    assert wrong.sentence() == (
        "row 1, timestamp: is missing; did you mean --rename createdAt=timestamp --rename promptTokens=input_tokens?"
    )
    (wrong,) = read(path, {"createdAt": "timestamp"})
    assert isinstance(wrong, Rejected)
    assert wrong.cure == "did you mean --rename promptTokens=input_tokens?"
    assert wrong.cells["timestamp"] == "2026-11-21T10:00:00Z"


def test_what_is_meant_can_be_typed() -> None:
    """A name with a space is quoted; each column is meant once; what could hold something else is not guessed."""
    assert rename_cure(["Request ID", "ts", "time"], ["timestamp", "call_id"]) == (
        "did you mean --rename ts=timestamp --rename 'Request ID=call_id'?"
    )
    assert rename_cure(["ts", "cached_tokens"], ["timestamp", "model", "cached_input_tokens"], ["timestamp"]) == (
        "did you mean --rename ts=timestamp --rename cached_tokens=cached_input_tokens?"
    )
    assert rename_cure(["cached_tokens"], ["timestamp", "cached_input_tokens"], ["timestamp"]) == ""
    assert rename_cure(["status", "id", "latency", "cache_read_tokens"], ["error", "call_id", "latency_ms"]) == ""
