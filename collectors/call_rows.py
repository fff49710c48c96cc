"""One row of calls (docs/collect.md) to a Call, or a Rejected that names row, field and cure.

Without `call_id` a row's identity is all its fields plus its occurrence number within the file: the same file
twice changes no figure, two equal rows in one file count twice.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from collectors.keys import alike_key, row_key
from collectors.names import FEATURE_LENGTH, MODEL_LENGTH
from collectors.occurrences import Occurrences
from collectors.rejected import Rejected
from collectors.row_values import Row, WrongField, cell, number_cell, text_cell, time_cell, usd_cell, whole_cell
from collectors.tokens import MOST_TOKENS, Tokens
from strategy.facts import Call

CALL_COLUMNS = (
    "timestamp",
    "feature",
    "provider",
    "model",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "calls",
    "cost_usd",
    "latency_ms",
    "error",
    "call_id",
    "processing",
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_CALLS = 10**9
_MOST_SUM = 2**53
MOST_LATENCY_MS = Decimal(86_400_000)
NO_ERROR = ("", "0", "0.0", "false", "no", "none", "null", "ok", "success")
_ID_LENGTH = 200
# What a way of processing is called in the price book; every other word is priced as standard.
PROCESSING = ("batch", "flex", "priority")


def parse_call(
    row: Row, number: int, occurrences: Occurrences, *, source: str, newest: datetime | None = None
) -> Call | Rejected:
    """The call in row `number`; `newest` is the latest acceptable time."""
    try:
        return _call(row, occurrences, source, newest)
    except WrongField as wrong:
        return Rejected(number, wrong.field, wrong.error, wrong.cure)


def _call(row: Row, occurrences: Occurrences, source: str, newest: datetime | None) -> Call:
    at = time_cell(row, "timestamp", newest)
    model = text_cell(row, "model", MODEL_LENGTH)
    if model is None:
        raise WrongField("model", "is missing", "fill the column, or for all rows of a file say --set model=NAME")
    calls = 1 if cell(row, "calls") is None else whole_cell(row, "calls", _MOST_CALLS) or 0
    if calls == 0:
        raise WrongField("calls", "is 0", "leave out rows without calls, or leave it empty for 1")
    tokens = _tokens(row, min(calls * MOST_TOKENS, _MOST_SUM))
    cost = usd_cell(row, "cost_usd")
    errors = calls if _failed(row) else 0
    if not tokens.known() and cost is None and not errors:
        raise WrongField(
            "input_tokens", "is missing, and so is the cost", "give input_tokens and output_tokens, or cost_usd"
        )
    latency = _latency(row)
    feature = text_cell(row, "feature", FEATURE_LENGTH)
    provider = (text_cell(row, "provider", MODEL_LENGTH) or "").lower()
    call_id = text_cell(row, "call_id", _ID_LENGTH)
    processing = str(cell(row, "processing") or "").lower()
    numbers = (_microseconds(at), calls, errors, *tokens, _nano(cost), _nano(latency))
    return Call(
        key=_key(call_id, (feature, provider, model), numbers, occurrences),
        at=at,
        feature=feature,
        provider=provider,
        model=model,
        source=source,
        processing=processing if processing in PROCESSING else "standard",
        calls=calls,
        errors=errors,
        input_tokens=tokens.input,
        cached_input_tokens=tokens.cached,
        cache_write_tokens=tokens.cache_write,
        output_tokens=tokens.output,
        reasoning_tokens=tokens.reasoning,
        cost_usd=cost,
        latency_ms=None if latency is None else float(latency),
    )


def _key(
    call_id: str | None,
    names: tuple[str | None, str, str],
    numbers: tuple[int | str | None, ...],
    occurrences: Occurrences,
) -> bytes:
    if call_id is not None:
        return row_key("call", (names[1], call_id))
    alike = alike_key(names, numbers)
    before = occurrences.seen_before(alike)
    return row_key("again", (alike.hex(), before)) if before else alike


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _nano(number: Decimal | None) -> int | str | None:
    """In billionths, so that 1.50 and 1.5 are one amount, whatever kind of file it stood in; finer ones as text."""
    if number is None:
        return None
    nano = number.scaleb(9)
    return int(nano) if nano == nano.to_integral_value() else f"{number.normalize():f}"


def _tokens(row: Row, most: int) -> Tokens:
    tokens = Tokens(
        input=whole_cell(row, "input_tokens", most),
        cached=whole_cell(row, "cached_input_tokens", most),
        cache_write=whole_cell(row, "cache_write_tokens", most),
        output=whole_cell(row, "output_tokens", most),
        reasoning=whole_cell(row, "reasoning_tokens", most),
    )
    inside = (tokens.cached or 0) + (tokens.cache_write or 0)
    if tokens.input is not None and inside > tokens.input:
        error = f"is {tokens.input}, less than its cached and cache-write parts ({inside})"
        raise WrongField("input_tokens", error, "write the total, with both parts in it")
    if tokens.output is not None and (tokens.reasoning or 0) > tokens.output:
        error = f"is {tokens.output}, less than its reasoning part ({tokens.reasoning})"
        raise WrongField("output_tokens", error, "write the total, reasoning included")
    return tokens


def _failed(row: Row) -> bool:
    return str(cell(row, "error") or "").strip().lower() not in NO_ERROR


def _latency(row: Row) -> Decimal | None:
    latency = number_cell(row, "latency_ms")
    if latency is not None and not 0 <= latency <= MOST_LATENCY_MS:
        raise WrongField("latency_ms", f"is {latency}", "write milliseconds from 0 to 86400000, or leave it empty")
    return latency
