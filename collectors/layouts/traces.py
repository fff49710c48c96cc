"""Public traces of LLM traffic: Azure's inference trace (2023, 2024) and BurstGPT.

Azure's times are UTC without saying so, and name no model: `--set model=…`. BurstGPT counts seconds from the first
day of a trace that names no date, so `--set timestamp=…` says when that was; an answer of 0 tokens is its failure.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from collectors.layouts.cells import as_utc, seconds_as_ms
from collectors.layouts.layout import Layout, Origin, Record, Rows, each, marks
from collectors.raw_rows import RawRow
from collectors.rejected import Rejected, SourceError
from collectors.row_values import WrongField, time_cell


def _azure(row: Record) -> Iterator[dict[str, Any]]:
    yield {
        "timestamp": as_utc(row.get("timestamp")),
        "input_tokens": row.get("contexttokens"),
        "output_tokens": row.get("generatedtokens"),
    }


AZURE = Layout(
    name="Azure inference trace",
    source="file",
    kind="calls",
    marks=marks("timestamp contexttokens generatedtokens"),
    read=each(_azure),
    columns=("timestamp", "contexttokens", "generatedtokens"),
)


def _burst(rows: Rows, origin: Origin) -> Rows:
    try:
        start = time_cell(origin.given, "timestamp", None)
    except WrongField:
        raise SourceError(
            f"{origin.name} counts seconds from a day it does not name",
            cure="say when it began with --set timestamp=2023-11-01T00:00:00Z",
        ) from None
    for row in rows:
        yield row if isinstance(row, Rejected) else RawRow(row.number, _burst_call(row.cells, start))


def _burst_call(cells: Record, start: datetime) -> dict[str, Any]:
    row = {name.lower(): value for name, value in cells.items()}
    at: object = row.get("timestamp")
    with suppress(ArithmeticError, ValueError, OverflowError):
        at = start + timedelta(seconds=float(str(at)))
    output = row.get("response tokens")
    return {
        "timestamp": at,
        "model": row.get("model"),
        "input_tokens": row.get("request tokens"),
        "output_tokens": output,
        "latency_ms": seconds_as_ms(row.get("elapsed time")),
        "error": 1 if str(output) in ("0", "0.0") else 0,
    }


BURST = Layout(
    name="BurstGPT trace",
    source="file",
    kind="calls",
    marks=(frozenset({"timestamp", "request tokens", "response tokens"}),),
    read=_burst,
    columns=("timestamp", "model", "request tokens", "response tokens", "elapsed time"),
)
