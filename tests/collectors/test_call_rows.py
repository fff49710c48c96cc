"""One row of calls: what each column takes, and the cure for what it does not."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from collectors.call_rows import parse_call
from collectors.keys import alike_key
from collectors.occurrences import Occurrences
from collectors.rejected import Rejected
from strategy.facts import Call

ROW: dict[str, object] = {
    "timestamp": "2026-11-21T10:00:00Z",
    "feature": "triage",
    "provider": "OpenAI",
    "model": "gpt-4o",
    "input_tokens": "2006",
    "output_tokens": "300",
}
AT = datetime(2026, 11, 21, 10, tzinfo=UTC)


def parsed(changes: dict[str, object], newest: datetime | None = None) -> Call | Rejected:
    """The row with these changes, read as row 7."""
    return parse_call({**ROW, **changes}, 7, Occurrences(), source="file", newest=newest)


def call(changes: dict[str, object]) -> Call:
    """The call of a row that is taken."""
    found = parsed(changes)
    assert isinstance(found, Call), found
    return found


def test_a_full_row_becomes_a_call() -> None:
    """Every column of the contract arrives in its field."""
    found = call(
        {
            "cached_input_tokens": "1920",
            "cache_write_tokens": 50,
            "reasoning_tokens": 128.0,
            "calls": "3",
            "cost_usd": "0.0123",
            "latency_ms": "812.5",
            "error": "timeout",
            "call_id": "r-1",
        }
    )
    assert found == Call(
        key=found.key,
        at=AT,
        feature="triage",
        provider="openai",
        model="gpt-4o",
        source="file",
        calls=3,
        errors=3,
        input_tokens=2006,
        cached_input_tokens=1920,
        cache_write_tokens=50,
        output_tokens=300,
        reasoning_tokens=128,
        cost_usd=Decimal("0.0123"),
        latency_ms=812.5,
    )
    assert len(found.key) == 16


def test_what_is_left_out_is_unknown() -> None:
    """Empty text and null are not zero."""
    found = call({"feature": "", "provider": None, "latency_ms": " ", "cost_usd": None, "cached_input_tokens": ""})
    assert (found.feature, found.provider, found.latency_ms, found.cost_usd) == (None, "", None, None)
    assert (found.cached_input_tokens, found.reasoning_tokens, found.calls, found.errors) == (None, None, 1, 0)


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-21T10:00:00Z",
        "2026-11-21t10:00:00z",
        "2026-11-21 12:00:00.000+02:00",
        "2026-11-21T10:00:00.000000000Z",
        "2026-11-21 10:00:00+00",
        "2026-11-21 15:30:00.0+0530",
        "2026-11-21 05:00:00.000-05",
        "2026-11-21 10:00:00 UTC",
        "2026-11-21 10:00:00.000000 UTC",
        "2026-11-21 10:00:00 +00:00",
        "2026-11-21T10:00Z",
        "1795255200",
        1795255200,
        1795255200.0,
        "1795255200000",
        Decimal(1795255200000),
        datetime(2026, 11, 21, 10, tzinfo=UTC),
        datetime(2026, 11, 21, 10),  # noqa: DTZ001 (Parquet's timestamps often carry no zone)
    ],
    ids=repr,
)
def test_a_time_is_read_in_every_form(value: object) -> None:
    """RFC 3339, also as databases export it, unix seconds and milliseconds, and typed timestamps."""
    assert call({"timestamp": value}).at == AT


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"timestamp": ""}, "timestamp", "is missing"),
        ({"timestamp": "2026-11-21T10:00:00"}, "timestamp", "has no time zone"),
        ({"timestamp": "2026-11-21"}, "timestamp", "is '2026-11-21'"),
        ({"timestamp": "21.11.2026 10:00"}, "timestamp", "is a text of 16 characters"),
        ({"timestamp": "2026-13-01T10:00:00Z"}, "timestamp", "is '2026-13-01T10:00:00Z'"),
        ({"timestamp": "9999-12-31T23:59:59-14:00"}, "timestamp", "is '9999-12-31T23:59:59-14:00'"),
        ({"timestamp": "9999-12-31T23:59:59Z"}, "timestamp", "is 9999-12-31T23:59:59Z"),
        ({"timestamp": "1970-01-01T00:00:00Z"}, "timestamp", "is 1970-01-01T00:00:00Z"),
        ({"timestamp": True}, "timestamp", "is 'True'"),
        ({"timestamp": float("nan")}, "timestamp", "is 'nan'"),
        ({"timestamp": "1795255200000000000"}, "timestamp", "is '1795255200000000000'"),
        ({"model": " "}, "model", "is missing"),
        ({"model": "x" * 201}, "model", "has 201 characters"),
        ({"model": ["gpt"]}, "model", "is a list"),
        ({"feature": "x" * 101}, "feature", "has 101 characters"),
        ({"feature": "caf\udce9"}, "feature", "is not UTF-8"),
        ({"input_tokens": "-1"}, "input_tokens", "is '-1'"),
        ({"input_tokens": "1.5"}, "input_tokens", "is '1.5'"),
        ({"input_tokens": "NaN"}, "input_tokens", "is 'NaN'"),
        ({"input_tokens": float("inf")}, "input_tokens", "is 'inf'"),
        ({"input_tokens": "1000000001"}, "input_tokens", "is '1000000001'"),
        ({"input_tokens": 2**63}, "input_tokens", "is '9223372036854775808'"),
        ({"input_tokens": True}, "input_tokens", "is 'True'"),
        ({"input_tokens": "1,000"}, "input_tokens", "is '1,000'"),
        (
            {"input_tokens": 100, "cached_input_tokens": 101},
            "input_tokens",
            "is 100, less than its cached and cache-write parts (101)",
        ),
        ({"reasoning_tokens": 301}, "output_tokens", "is 300, less than its reasoning part (301)"),
        ({"input_tokens": "", "output_tokens": ""}, "input_tokens", "is missing, and so is the cost"),
        ({"calls": 0}, "calls", "is 0"),
        ({"calls": "x"}, "calls", "is 'x'"),
        ({"cost_usd": "-1"}, "cost_usd", "is '-1'"),
        ({"cost_usd": "$1"}, "cost_usd", "is a text of 2 characters"),
        ({"cost_usd": "1e999"}, "cost_usd", "is '1e999'"),
        ({"cost_usd": float("nan")}, "cost_usd", "is 'nan'"),
        ({"latency_ms": "-1"}, "latency_ms", "is -1"),
        ({"latency_ms": "nan"}, "latency_ms", "is 'nan'"),
        ({"call_id": "x" * 201}, "call_id", "has 201 characters"),
    ],
)  # fmt: skip # a table
def test_a_wrong_field_is_named_with_its_cure(changes: dict[str, object], field: str, error: str) -> None:
    """Row, field, what is wrong, and a sentence that helps."""
    found = parsed(changes)
    assert isinstance(found, Rejected)
    assert (found.row, found.field, found.error) == (7, field, error)
    assert len(found.cure) > 15


def test_a_time_in_the_future_is_refused() -> None:
    """Up to `newest` is taken."""
    assert isinstance(parsed({}, newest=AT), Call)
    found = parsed({"timestamp": "2026-11-21T10:00:01Z"}, newest=AT)
    assert isinstance(found, Rejected)
    assert found.cure == "use a time after 2000 that is not in the future"


def test_an_error_shows_no_text_of_the_row() -> None:
    """A prompt that slipped into a column is not repeated in the message."""
    found = parsed({"latency_ms": "Summarise ticket 42"})
    assert isinstance(found, Rejected)
    assert "Summarise" not in repr(found)


@pytest.mark.parametrize(
    ("value", "errors"),
    [("0", 0), (0, 0), (False, 0), ("", 0), ("ok", 0), (1, 1), (True, 1), ("429", 1), ("timeout", 1)],
    ids=repr,
)
def test_an_error_is_a_flag_or_a_text(value: object, errors: int) -> None:
    """0/1 or what went wrong."""
    assert call({"error": value}).errors == errors


def test_a_failed_call_needs_no_tokens() -> None:
    """A 429 used none; it is still a call and an error."""
    assert call({"input_tokens": "", "output_tokens": "", "error": 1}).errors == 1


def test_cost_alone_is_enough() -> None:
    """A gateway that reports dollars only."""
    assert call({"input_tokens": "", "output_tokens": "", "cost_usd": "0.5"}).cost_usd == Decimal("0.5")


def test_a_summed_row_may_hold_more_tokens() -> None:
    """The limit is for one call; a row of a million calls may hold a million times as many."""
    assert call({"calls": 1_000_000, "input_tokens": 10**12}).input_tokens == 10**12


def test_a_call_id_is_the_identity() -> None:
    """With it the other fields may be corrected; another provider's same id is another call."""
    changed: list[dict[str, object]] = [
        {"call_id": "a"},
        {"call_id": "a", "input_tokens": 9},
        {"call_id": "a", "provider": "x"},
    ]
    keys = [call(changes).key for changes in changed]
    assert keys[0] == keys[1] != keys[2]


def test_without_a_call_id_equal_rows_are_counted_apart() -> None:
    """All fields and the occurrence number within the file: two equal rows are two calls, the file again adds none."""
    runs = []
    for _ in range(2):
        seen = Occurrences()
        found = [parse_call(ROW, number, seen, source="file") for number in (1, 2)]
        runs.append([item.key for item in found if isinstance(item, Call)])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 2


def test_a_row_is_the_same_in_every_kind_of_file() -> None:
    """Text, numbers and typed values of one row have one key."""
    one = call({"cost_usd": "1.50", "latency_ms": "812.0", "input_tokens": "2006"})
    other = call(
        {
            "cost_usd": 1.5,
            "latency_ms": 812,
            "input_tokens": 2006.0,
            "timestamp": datetime(2026, 11, 21, 10, tzinfo=UTC),
        }
    )
    assert one.key == other.key


@pytest.mark.parametrize(
    "changes",
    [
        {"feature": "x"},
        {"feature": ""},
        {"model": "x"},
        {"input_tokens": 1},
        {"cost_usd": 1},
        {"calls": 2},
        {"error": 1},
        {"latency_ms": 1},
    ],
)
def test_any_field_makes_another_row(changes: dict[str, object]) -> None:
    """Nothing that is stored is left out of the identity."""
    assert call(changes).key != call({}).key


def test_rows_without_an_id_are_told_apart_by_each_field() -> None:
    """A name moved over, a number that is absent instead of nothing, a billionth of a dollar: each is another key."""
    rows: list[tuple[list[str | None], list[int | str | None]]] = [
        (["a", "b", "c"], [1, 2, 0]),
        (["a", "bc", ""], [1, 2, 0]),
        ([None, "b", "c"], [1, 2, 0]),
        (["a", "b", "c"], [2, 1, 0]),
        (["a", "b", "c"], [1, 2, None]),
        (["a", "b", "c"], [1, 2, "0.0000000001"]),
        (["a", "b", "c"], [1, 2, "0.0000000002"]),
    ]
    keys = {alike_key(names, numbers) for names, numbers in rows}
    assert len(keys) == len({key[:8] for key in keys}) == len(rows)
    assert alike_key(*rows[0]) in keys
