"""A cell that DuckDB takes for plain says to the row parser what it says to DuckDB, however it is written."""

from itertools import product
from random import Random

import duckdb
import pyarrow as pa
import pytest

from collectors.bulk_sql import judged_rows
from collectors.call_rows import parse_call
from collectors.occurrences import Occurrences
from collectors.row_values import text_cell
from strategy.facts import Call

NUMBERS = [
    "7",
    "12",
    "007",
    "100",
    "1e2",
    "1E+2",
    "10e001",
    "1_000",
    "1_0e3",
    "+5",
    " 5",
    "5 ",
    "5.",
    ".5",
    "12.0",
    "12.5",
    "1000000000",
    "1000000001",
    "1.25",
    "0.000000001",
    "0.0000000001",
    "1e-9",
    "1e-10",
    "-0",
    "0x10",
    "9.9",
    "nan",
]
TIMES = [
    "2026-11-08T10:00:00Z",
    "2026-11-08T10:00:00.5Z",
    "2026-11-08T10:00:00.123Z",
    "2026-11-08T10:00:00.123456Z",
    " 2026-1-08T10:00:00.123Z",
    "2026-11-08T10:00:00.1Z  ",
    "2026-11-08T24:00:00Z",
    "2026-11-08T24:00:00.000Z",
    "2026-11-08 10:00:00Z",
    "2026-1-008T10:00:00Z",
    "2026-11-08T10:00:60Z",
    "2026-11-08t10:00:00z",
    "20261-1-08T10:00:00Z",
]
ROW = {"timestamp": TIMES[0], "model": "m", "input_tokens": "900000000", "output_tokens": "1", "latency_ms": "1"}


def made(random: Random) -> str:
    """A text of the signs that numbers are made of."""
    return "".join(random.choice("00123459.e_+-E ") for _ in range(random.randint(1, 11)))


@pytest.mark.parametrize(
    ("field", "texts"),
    [
        ("timestamp", TIMES),
        *product(("output_tokens", "latency_ms", "cost_usd"), [[*NUMBERS, *(made(Random(at)) for at in range(3000))]]),  # noqa: S311 (the same texts on every run)
    ],
    ids=["timestamp", "output_tokens", "latency_ms", "cost_usd"],
)
def test_a_plain_cell_is_the_parsers_own(field: str, texts: list[str]) -> None:
    """Each is right for the parser, too, and the same number; most are not plain, and some are."""
    rows = [ROW | {"cost_usd": "1", field: text} for text in texts]
    judged = judged_rows("cells", dict.fromkeys(rows[0], "VARCHAR"), {}, None)
    with duckdb.connect() as connection:
        connection.register("cells", pa.Table.from_pylist(rows))
        found = connection.execute(
            f"SELECT raw_{field}, us, output_tokens, latency, cost FROM ({judged.query}) WHERE plain"  # noqa: S608 (our own)
        ).fetchall()
    assert 2 < len(found) < len(texts)
    for text, us, output, latency, cost in found:
        call = parse_call(ROW | {"cost_usd": "1", field: text}, 1, Occurrences(), source="file")
        assert isinstance(call, Call), (field, text)
        numbers = (round(call.at.timestamp() * 1e6), call.output_tokens, round((call.latency_ms or 0) * 1e9))
        assert (us, output, latency) == numbers, (field, text)
        assert call.cost_usd is not None
        assert cost == int(call.cost_usd.scaleb(9)), (field, text)


IDS = {
    "req_1": True, "a b": True, "!^-]~{": True,
    "[1]": False, '{"a":1}': False, "true": False, "false": False,
    "x" * 200: True, "x" * 199 + "y z": False, "x" * 201: False,
    " a": False, "a ": False, "a\x7fb": False, "a\tb": False, "é": False, "\uff41": False, "a\u200bb": False,
}  # fmt: skip # a table


def test_a_plain_id_is_the_parsers_own() -> None:
    """Such an id is not cut, trimmed or cleaned by the parser; every other one is left to it."""
    rows = [ROW | {"cost_usd": "1", "call_id": text} for text in IDS]
    judged = judged_rows("cells", dict.fromkeys(rows[0], "VARCHAR"), {}, None)
    with duckdb.connect() as connection:
        connection.register("cells", pa.Table.from_pylist(rows))
        found = dict(connection.execute(f"SELECT call_id, plain FROM ({judged.query})").fetchall())  # noqa: S608 (our own)
    assert found == IDS
    assert [text_cell({"call_id": text}, "call_id", 200) for text, plain in IDS.items() if plain] == [
        text for text, plain in IDS.items() if plain
    ]
