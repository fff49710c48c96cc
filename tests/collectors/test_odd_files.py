"""Files as people really hold them: saved by a spreadsheet, with prompts in a cell, of the wrong place, or empty."""

import json
from pathlib import Path

import pytest

from collectors.files import detect_kind, read_bills, read_calls
from collectors.rejected import Rejected, SourceError
from strategy.facts import Call

HEADER = "timestamp,model,input_tokens,output_tokens,prompt\n"
CALL = "2026-11-21T10:00:00Z,gpt-4o,10,1,"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_spreadsheets_unicode_text_says_how_to_save_it(tmp_path: Path, encoding: str) -> None:
    """UTF-16 is named, with its cure; its bytes reach no message."""
    path = tmp_path / "calls.csv"
    path.write_bytes(("\ufeff" + HEADER + CALL + "x\n").encode(encoding))
    with pytest.raises(SourceError) as told:
        read_calls(path)
    assert str(told.value) == "calls.csv is UTF-16; save it as UTF-8 (in a spreadsheet: CSV UTF-8)"


def test_a_folder_and_an_address_are_told_by_name(tmp_path: Path) -> None:
    """What was typed is said again, with what to type instead."""
    with pytest.raises(SourceError) as told:
        read_calls(tmp_path)
    assert str(told.value) == f"{tmp_path} is a folder; name its files, such as {tmp_path / '*.csv'}"
    with pytest.raises(SourceError, match=r"calls\.csv does not exist; download it, and load the file"):
        read_calls(Path("https://example.com/calls.csv"))


def test_a_prompt_of_many_lines_fills_one_cell(tmp_path: Path) -> None:
    """A cell of 300,000 characters, over lines, is one cell of one call, and so is what comes after it."""
    path = tmp_path / "calls.csv"
    path.write_text(HEADER + CALL + '"' + "x y\n" * 75_000 + '"\n' + CALL + "short\n")
    assert [isinstance(row, Rejected) for row in read_calls(path)] == [False, False]


def test_a_cell_of_many_megabytes_says_so(tmp_path: Path) -> None:
    """It is one refused row with its reason; the next row is read."""
    path = tmp_path / "calls.csv"
    path.write_text(HEADER + CALL + "x" * 2_100_000 + "\n" + CALL + "short\n")
    refused, read = read_calls(path)
    assert isinstance(refused, Rejected)
    assert refused.error == "has a cell of more than 2,000,000 characters (or a quote that is not closed)"
    assert not isinstance(read, Rejected)


def test_a_call_with_a_picture_is_a_line(tmp_path: Path) -> None:
    """A line of JSON of four megabytes is read as any other."""
    path = tmp_path / "calls.jsonl"
    call = {"timestamp": "2026-11-21T10:00:00Z", "model": "gpt-4o", "input_tokens": 10, "output_tokens": 1}
    path.write_text(json.dumps(call) + "\n" + json.dumps(call | {"prompt": "x" * 4_000_000}) + "\n")
    assert [isinstance(row, Rejected) for row in read_calls(path)] == [False, False]


def test_our_own_reasons_are_no_unread_columns(tmp_path: Path) -> None:
    """Of a mended file of rejected rows only columns of others are named; a column `reason` alone is one."""
    path = tmp_path / "calls.rejected.csv"
    path.write_text("rejected_row,rejected_field,reason,cure," + HEADER + "1,model,is missing,fill it," + CALL + "x\n")
    assert read_calls(path).extra_columns == ["prompt"]
    path.write_text("reason," + HEADER + "x," + CALL + "x\n")
    assert read_calls(path).extra_columns == ["reason", "prompt"]


@pytest.mark.parametrize("text", ["[]", "{}"])
def test_a_file_without_a_record_says_so(tmp_path: Path, text: str) -> None:
    """An export of nothing is no file of wrong columns."""
    path = tmp_path / "calls.json"
    path.write_text(text)
    with pytest.raises(SourceError, match=r"calls\.json holds no record; where there should be some, export it again"):
        detect_kind(path)


@pytest.mark.parametrize(
    ("text", "where"),
    [('{"resourceSpans": []}', "traces"), ('{"resourceMetrics": []}\n{"resourceMetrics": []}', "metrics")],
)
def test_a_body_of_opentelemetry_is_sent_not_loaded(tmp_path: Path, text: str, where: str) -> None:
    """What a collector wrote into a file is named, with where it goes."""
    path = tmp_path / "traces.json"
    path.write_text(text)
    with pytest.raises(SourceError, match=f"is a body of OpenTelemetry; post it .* to /v1/{where} while"):
        detect_kind(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("calls.csv", "timestamp,model,Input Tokens,output_tokens\n2026-11-01T10:00:00Z,m,10,1\n"),
        ("calls.jsonl", '{"timestamp":"2026-11-01T10:00:00Z","model":"m","inputTokens":10,"output_tokens":1}\n'),
    ],
)
def test_a_column_of_ours_in_another_spelling_is_not_passed_over(tmp_path: Path, name: str, text: str) -> None:
    """Its calls would count with too little, and twice once it is renamed: nothing is read, and the option is told."""
    file = tmp_path / name
    file.write_text(text)
    theirs = "Input Tokens" if name == "calls.csv" else "inputTokens"
    with pytest.raises(SourceError) as told:
        read_calls(file)
    assert "spells columns of ours otherwise" in told.value.message
    assert f"{theirs}=input_tokens".lower() in told.value.cure.lower()
    (call,) = read_calls(file, renamed={theirs: "input_tokens"})
    assert isinstance(call, Call)
    assert call.input_tokens == 10


def test_a_decimal_comma_is_shown_with_its_cure(tmp_path: Path) -> None:
    """As a European spreadsheet writes an amount."""
    path = tmp_path / "bill.csv"
    path.write_text("provider;day;amount_usd\nopenai;2026-11-01;12,50\n")
    assert list(read_bills(path, "invoice")) == [
        Rejected(
            1, "amount_usd", "is '12,50'", "write a plain number such as 0.93, with a point and no separators",
            {"provider": "openai", "day": "2026-11-01", "amount_usd": "12,50"},
        )
    ]  # fmt: skip # one row
