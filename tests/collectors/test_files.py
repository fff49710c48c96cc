"""Files of every form: the same rows, the same keys, and each bad row named."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from collectors.files import detect_kind, read_calls, read_scores
from collectors.rejected import Rejected, SourceError
from strategy.facts import Call

HEADER = "timestamp,feature,provider,model,input_tokens,output_tokens"
LINES = [
    "2026-11-21T10:00:00Z,triage,openai,gpt-4o,2006,300",
    "2026-11-21T10:00:00Z,triage,openai,gpt-4o,2006,300",
    "2026-11-21T11:00:00Z,,openai,gpt-4o,10,1",
]
CSV = "\n".join([HEADER, *LINES]) + "\n"


def rows_as_dicts() -> list[dict[str, str]]:
    """The rows of the CSV above."""
    return [dict(zip(HEADER.split(","), line.split(","), strict=True)) for line in LINES]


def write_parquet(path: Path) -> None:
    """The rows as typed columns."""
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE t(timestamp TIMESTAMPTZ, feature TEXT, provider TEXT, model TEXT,"
            " input_tokens INT, output_tokens USMALLINT, extra DECIMAL(9,2)[])"
        )
        connection.executemany(
            "INSERT INTO t VALUES (?, nullif(?, ''), ?, ?, ?, ?, [1.5])",
            [list(row.values()) for row in rows_as_dicts()],
        )
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")


def write(folder: Path, form: str) -> Path:
    """The same three rows in one form."""
    path = folder / f"calls.{form}"
    match form.removesuffix(".gz"):
        case "csv":
            path.write_text(CSV)
        case "semicolon.csv":
            path.write_bytes(b"\xef\xbb\xbf" + CSV.replace(",", ";").replace("\n", "\r\n").encode())
        case "jsonl":
            path.write_text("\n\n".join(json.dumps(row) for row in rows_as_dicts()))
        case "json":
            path.write_text(json.dumps(rows_as_dicts()))
        case _:
            write_parquet(path)
    if form.endswith(".gz"):
        path.write_bytes(gzip.compress(path.read_bytes()))
    return path


FORMS = ["csv", "csv.gz", "semicolon.csv", "jsonl", "jsonl.gz", "json", "json.gz", "parquet", "parquet.gz"]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_calls(tmp_path: Path, form: str) -> None:
    """Down to the keys: a file converted to another form adds nothing."""
    calls = list(read_calls(write(tmp_path, form)))
    assert calls == list(read_calls(write(tmp_path, "csv")))
    assert [call.feature for call in calls if isinstance(call, Call)] == ["triage", "triage", None]
    assert len({call.key for call in calls if isinstance(call, Call)}) == 3


@pytest.mark.parametrize("form", FORMS)
def test_the_kind_is_found_by_the_columns(tmp_path: Path, form: str) -> None:
    """Whatever the form and name."""
    assert detect_kind(write(tmp_path, form)) == "calls"


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("feature,metric,score,n,timestamp", "evals"),
        ("provider,day,amount_usd,project", "invoice"),
        ("BilledCost,ChargePeriodStart,ServiceName", "focus"),
        ("timestamp,model,cost_usd", "calls"),
    ],
)
def test_each_kind_has_its_mark(tmp_path: Path, header: str, kind: str) -> None:
    """Evals, invoices and FOCUS are told apart from calls."""
    path = tmp_path / "x"
    path.write_text(header + "\n")
    assert detect_kind(path) == kind


def test_a_file_of_nobody_says_so(tmp_path: Path) -> None:
    """With the names that would be understood."""
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(
        SourceError, match=r"x\.csv has no columns of calls, evals or bills; name them timestamp, model"
    ):
        detect_kind(path)


def test_bad_rows_of_csv_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    """Row 1 is the first row of data; blank lines are no rows."""
    path = tmp_path / "calls.csv"
    path.write_text(
        f"{HEADER}\n{LINES[0]}\n\n2026-11-21T10:00:00Z,triage\n{LINES[2].replace('10,1', '-5,1')}\n"
        f'"2026-11-21T12:00:00Z","a ""quoted"", feature",openai,gpt-4o,1,1\n'
    )
    found = list(read_calls(path))
    assert [(item.row, item.field) for item in found if isinstance(item, Rejected)] == [(2, "row"), (3, "input_tokens")]
    assert [item.feature for item in found if isinstance(item, Call)] == ["triage", 'a "quoted", feature']


def test_an_open_quote_does_not_swallow_the_file_in_silence(tmp_path: Path) -> None:
    """What the quote runs over is reported, and reading goes on after it."""
    path = tmp_path / "calls.csv"
    path.write_text(f'{HEADER}\n"{LINES[0]}\n' + f"{LINES[0]}\n" * 4000)
    found = list(read_calls(path))
    assert isinstance(found[0], Rejected)
    assert found[0].error == "cannot be read as CSV (a quote that is not closed?)"
    assert isinstance(found[-1], Call)


def test_bad_lines_of_jsonl_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    """No JSON, no object, NaN and half a surrogate are rejected rows, not a crash."""
    good = json.dumps(rows_as_dicts()[0])
    lines = [good, "{broken", "[1]", good.replace('"2006"', "NaN"), good.replace("triage", "\\ud800"), "[" * 5000, good]
    path = tmp_path / "calls.jsonl"
    path.write_text("\n".join(lines))
    found = list(read_calls(path))
    rejected = [(item.row, item.field, item.error) for item in found if isinstance(item, Rejected)]
    assert rejected == [
        (2, "row", "is not JSON"),
        (3, "row", "is not a JSON object"),
        (4, "input_tokens", "is 'nan'"),
        (5, "feature", "is not UTF-8"),
        (6, "row", "is not JSON"),
    ]
    assert len(found) == 7


def test_a_file_that_is_not_utf8_names_the_field(tmp_path: Path) -> None:
    """Only the rows that need the bytes are refused."""
    path = tmp_path / "calls.csv"
    path.write_bytes(CSV.replace("triage", "caf\xe9", 1).encode("latin-1"))
    first, *others = read_calls(path)
    assert isinstance(first, Rejected)
    assert (first.field, first.cure) == ("feature", "save the file as UTF-8")
    assert len(others) == 2


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_extra_columns_are_named_once(tmp_path: Path, form: str) -> None:
    """They are ignored, and nobody has to guess which."""
    path = tmp_path / f"x.{form}"
    if form == "parquet":
        write_parquet(path)
    elif form == "csv":
        path.write_text("\n".join([f"{HEADER},extra", *(f"{line},1" for line in LINES)]))
    else:
        path.write_text("\n".join(json.dumps({**row, "extra": 1}) for row in rows_as_dicts()))
    reading = read_calls(path)
    assert len(list(reading)) == 3
    assert reading.extra_columns == ["extra"]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_set_column_fills_what_the_file_lacks(tmp_path: Path, form: str) -> None:
    """Absent columns only: what the file says stands."""
    path = tmp_path / "x"
    if form == "csv":
        path.write_text("timestamp,input_tokens,feature\n2026-11-21T10:00:00Z,5,triage\n")
    else:
        path.write_text('{"timestamp": "2026-11-21T10:00:00Z", "input_tokens": 5, "feature": "triage"}\n')
    (found,) = read_calls(path, set_columns={"model": "gpt-4o", "feature": "other"})
    assert isinstance(found, Call)
    assert (found.model, found.feature) == ("gpt-4o", "triage")


@pytest.mark.parametrize(
    ("text", "given", "message"),
    [
        (
            "timestamp,input_tokens\n",
            {},
            "x.csv has no column model; add it, or name one value for all rows with --set model=VALUE",
        ),
        (
            "model,input_tokens\n",
            {},
            "x.csv has no column timestamp; add it, or name one value for all rows with --set timestamp=VALUE",
        ),
        (
            "timestamp,model\n",
            {},
            "x.csv has neither tokens nor cost; add input_tokens and output_tokens, or cost_usd",
        ),
        ("timestamp,model,model\n", {}, "x.csv has the column model twice; keep one of them"),
        ("", {}, "x.csv is empty; export it again"),
        (CSV, {"modle": "x"}, "--set modle names no column; use one of: timestamp, feature, provider, model, "),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, text: str, given: dict[str, str], message: str) -> None:
    """Before a single row is read, with the cure."""
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(SourceError) as caught:
        read_calls(path, set_columns=given)
    assert str(caught.value).startswith(message)
    assert caught.value.cure


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    """By its name, without its folder."""
    with pytest.raises(SourceError, match=r"^none\.csv does not exist; check the path$"):
        read_calls(tmp_path / "none.csv")


def test_a_cut_gzip_is_an_error_not_an_end(tmp_path: Path) -> None:
    """Half an export must not pass for a whole one."""
    path = tmp_path / "calls.csv.gz"
    path.write_bytes(gzip.compress(CSV.encode())[:-12])
    with pytest.raises(SourceError, match=r"the gzip data is damaged or cut off"):
        list(read_calls(path))


def test_a_damaged_parquet_is_an_error(tmp_path: Path) -> None:
    """DuckDB's own words stay inside."""
    path = tmp_path / "calls.parquet"
    path.write_bytes(b"PAR1 no more")
    with pytest.raises(SourceError, match=r"calls\.parquet is not a readable Parquet file; export it again"):
        read_calls(path)


def test_a_time_beyond_pythons_calendar_is_a_rejected_row(tmp_path: Path) -> None:
    """Parquet can say the year 200000; so can it say a time without a zone, which is UTC."""
    path = tmp_path / "calls.parquet"
    with duckdb.connect() as connection:
        rows = "(TIMESTAMP '200000-01-01 00:00:00'), (TIMESTAMP '2026-11-21 10:00:00')"
        table = f"(SELECT t AS timestamp, 'gpt-4o' AS model, 1 AS input_tokens FROM (VALUES {rows}) v(t))"  # noqa: S608 (our own text)
        connection.execute(f"COPY {table} TO '{path}' (FORMAT parquet)")
    bad, good = read_calls(path)
    assert isinstance(bad, Rejected)
    assert (bad.row, bad.field) == (1, "timestamp")
    assert isinstance(good, Call)
    assert good.at == datetime(2026, 11, 21, 10, tzinfo=UTC)


def test_a_header_of_megabytes_is_no_header(tmp_path: Path) -> None:
    """The CSV reader stops there, and the error says what to do."""
    path = tmp_path / "x.csv"
    path.write_text("a" * 2_100_000 + "\n")
    with pytest.raises(SourceError, match=r"x\.csv has no readable header; name the columns in the first line"):
        read_calls(path)


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    """Memory stays bounded whatever the file."""
    path = tmp_path / "calls.jsonl"
    path.write_text('{"a": "' + "x" * 17_000_000)
    with pytest.raises(SourceError, match="has a line of more than 16,777,216 characters"):
        read_calls(path)


def test_a_name_with_pattern_signs_is_one_file(tmp_path: Path) -> None:
    """DuckDB would read calls*.parquet as every file of that pattern."""
    path = tmp_path / "calls[1]*.parquet"
    write_parquet(path)
    assert len(list(read_calls(path))) == 3


def test_a_json_array_must_be_json(tmp_path: Path) -> None:
    """It is read whole, so one fault is the file's."""
    path = tmp_path / "x.json"
    path.write_text("[{")
    with pytest.raises(SourceError, match=r"x\.json is not JSON"):
        read_calls(path)


def test_scores_are_read_from_files(tmp_path: Path) -> None:
    """With the same care: a bad row is named, the rest is read."""
    path = tmp_path / "scores.csv"
    path.write_text(
        "feature,metric,score,n,timestamp,strategy\n"
        "triage,accuracy,0.93,500,2026-11-21T10:00:00Z,embed\n"
        "triage,accuracy,high,500,2026-11-21T10:00:00Z,embed\n"
    )
    good, bad = read_scores(path)
    assert not isinstance(good, Rejected)
    assert (good.metric, good.n, good.strategy) == ("accuracy", 500, "embed")
    assert bad == Rejected(2, "score", "is 'high'", "write a plain number such as 0.93, with a point and no separators")


def test_scores_need_their_columns(tmp_path: Path) -> None:
    """A feature may be named for all rows."""
    path = tmp_path / "scores.csv"
    path.write_text("metric,score,timestamp\naccuracy,0.9,2026-11-21T10:00:00Z\n")
    with pytest.raises(SourceError, match="has no column feature"):
        read_scores(path)
    (found,) = read_scores(path, set_columns={"feature": "triage"})
    assert not isinstance(found, Rejected)
    assert found.feature == "triage"
