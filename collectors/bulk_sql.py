"""The rules of collectors/call_rows.py for a plain row, as one query for DuckDB.

A row is *plain* where its cells are written in the one usual way (whole numbers without signs or exponents, times
with Z, names that need no cleaning). Plain rows are summed here; every other row is left to the row parser, which
alone rejects. Both ways give a row the same key.
"""

import math
from collections.abc import Mapping
from datetime import datetime

from collectors.call_rows import NO_ERROR, PROCESSING
from collectors.keys import BETWEEN, MULTIPLIERS, NOT_GIVEN, PRIME
from collectors.tokens import MOST_TOKENS
from strategy.facts import LATENCY_GROWTH, SIZE_BOUNDS

_WHOLE_TYPES = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
_TOKENS = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
_PLAIN_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?Z"
_TIME_FORMS = ("____-__-__T__:__:__Z", "____-__-__T__:__:__.___Z", "____-__-__T__:__:__.______Z")
_PLAIN_NUMBER = r"(0|[1-9]\d{0,5})(\.\d{1,9})?"
# As many billionths as a double tells apart: beyond, the row parser reads the number.
_BILLION, _MOST = 1_000_000_000, 1_000_000
_PLAIN_ID = r"[!-~]([ -~]{0,198}[!-~])?"
_EARLIEST_US = 946_684_800_000_000
_HOUR_US, _DAY_US = 3_600_000_000, 86_400_000_000
_BETWEEN, _ABSENT = f"chr({ord(BETWEEN)})", f"chr({ord(NOT_GIVEN)})"

# What a query of plain rows gives: a row of sums per group, with the keys and latency buckets of its calls.
GROUP = ("feature", "hour", "provider", "model", "tier", "processing")
SUMS = (
    "calls", "errors", "with_tokens", "without_tokens", *(f"{name}_sum" for name in _TOKENS),
    "reported", "reported_nano",
)  # fmt: skip


class NotPlain(Exception):  # noqa: N818 (says what a file is)
    """A column whose type has no plain form: the row parser reads the file."""


def judged_rows(source: str, types: Mapping[str, str], given: Mapping[str, str], newest: datetime | None) -> str:
    """A query over `source` of every row as values, with `plain`.

    In three steps: DuckDB works a value out again for each condition that holds its formula, not for one that names it.

    Raises:
        NotPlain: a column is of a type that only the row parser understands.
    """
    cells = {name: _text(value) for name, value in given.items()} | {name: _name(name) for name in types}
    kinds = dict.fromkeys(given, "VARCHAR") | dict(types)
    checked = {
        **_time("timestamp", kinds),
        **_number("latency_ms", "latency", kinds),
        **_number("cost_usd", "cost", kinds),
        **{value: check for name in _TOKENS for value, check in _whole(name, kinds).items()},
    }
    values = [
        *checked,
        *(f"{_word(name, kinds)} AS {name}" for name in ("feature", "model", "call_id")),
        f"lower(coalesce({_word('provider', kinds)}, '')) AS provider",
        f"{_failed(kinds)} AS failed",
        f"{_processing(kinds)} AS processing",
    ]
    latest = 2**62 if newest is None else int(newest.timestamp() * 1_000_000)
    plain = f"""{" AND ".join(checked.values())} AND {_one_call(kinds)} AND {_plain_id(kinds)}
        AND us >= {_EARLIEST_US} AND us <= {latest} AND model IS NOT NULL
        AND (input_tokens IS NOT NULL OR output_tokens IS NOT NULL OR cost IS NOT NULL OR failed = 1)
        AND (input_tokens IS NULL OR coalesce(cached_input_tokens, 0) + coalesce(cache_write_tokens, 0) <= input_tokens)
        AND (output_tokens IS NULL OR coalesce(reasoning_tokens, 0) <= output_tokens)"""
    raw = ", ".join(f"{cell} AS raw_{name}" for name, cell in cells.items())
    made = f"SELECT *, {', '.join(values)} FROM (SELECT {raw} FROM {source})"  # noqa: S608 (names are quoted, values are literals)
    return f"SELECT *, coalesce({plain}, false) AS plain FROM ({made})"  # noqa: S608 (likewise)


def summed(judged: str, part: tuple[int, int], *, without_known: bool) -> str:
    """The sums of the plain rows by GROUP, in the order GROUP, SUMS, plain, buckets, numbers, ids.

    A row without an id has its `numbers`; with the names of its group they make its key (collectors/keys.py).
    Of a `part`, such as the first of three (0, 3), are the rows of every third hour, so that equal rows are in one.
    """
    bounds = " ".join(f"WHEN input_tokens > {bound} THEN {bound}" for bound in sorted(SIZE_BOUNDS, reverse=True))
    totals = ", ".join(f"coalesce(sum({name}), 0)::BIGINT AS {name}_sum" for name in _TOKENS)
    place, parts = part
    wanted = [f"coalesce(abs(us // {_HOUR_US}), 0) % {parts} = {place}"] if parts > 1 else ["true"]
    if without_known:
        wanted.append(f"(NOT plain OR {_key()} NOT IN (SELECT key FROM left_out))")  # noqa: S608 (our own query)
    where = " AND ".join(wanted)
    without = "NOT (input_tokens IS NOT NULL AND output_tokens IS NOT NULL) AND failed = 0"
    return f"""SELECT feature, us // {_HOUR_US} AS hour, provider, model, CASE {bounds} ELSE 0 END AS tier, processing,
        count(*) AS calls, sum(failed)::BIGINT AS errors,
        count(*) FILTER (input_tokens IS NOT NULL AND output_tokens IS NOT NULL) AS with_tokens,
        count(*) FILTER ({without}) AS without_tokens,
        {totals}, count(cost) AS reported,
        coalesce(sum(cost), 0)::BIGINT AS reported_nano, plain,
        coalesce(list({_bucket()}) FILTER (latency IS NOT NULL AND plain), []) AS buckets,
        coalesce(list({_numbers_part()}) FILTER (plain AND call_id IS NULL), []) AS numbers,
        coalesce(list({_id_key()}) FILTER (plain AND call_id IS NOT NULL), []) AS ids
        FROM ({judged}) WHERE {where} GROUP BY hour, feature, provider, model, tier, processing, plain"""  # noqa: S608 (our own query)


def left_over(judged: str) -> str:
    """The numbers (from 1) of the rows that are not plain, or whose key stands in `to_parser`, in order."""
    return f"""SELECT number FROM (SELECT row_number() OVER () AS number, plain, {_key()} AS key FROM ({judged}))
        WHERE NOT plain OR key IN (SELECT key FROM to_parser) ORDER BY number"""  # noqa: S608 (our own query)


def _bucket() -> str:
    growth, ms = repr(math.log(LATENCY_GROWTH)), f"(latency / {_BILLION}::DOUBLE)"
    return f"CASE WHEN {ms} <= 1 THEN 0 ELSE ceil(ln({ms}) / {growth}) END::SMALLINT"


def _numbers_part() -> str:
    """The sum that `alike_key` makes of the numbers, less than 2^62 and the same modulo the prime."""
    numbers = ("us", "1", "failed", *_TOKENS, "cost", "latency")
    terms = (f"(coalesce({name}, -1) + 1)::HUGEINT * {times}" for name, times in zip(numbers, MULTIPLIERS, strict=True))
    return _folded(" + ".join(terms))


def _folded(total: str) -> str:
    """Modulo 2^61 - 1, but for a multiple: its high bits count as much as its low ones."""
    return f"((({total}) & {PRIME})::BIGINT + (({total}) >> 61)::BIGINT)"


def _id_key() -> str:
    # Only where there is one: MD5 takes longer than all the rest of a row.
    return f"CASE WHEN call_id IS NOT NULL THEN md5_number_upper(concat_ws({_BETWEEN}, 'call', provider, call_id)) END"


def _key() -> str:
    names = f"md5_number_upper(concat_ws({_BETWEEN}, 'names', coalesce(feature, {_ABSENT}), provider, model)) % {PRIME}"
    alike = f"(({names})::HUGEINT + {_numbers_part()}) % {PRIME}"
    return f"CASE WHEN call_id IS NULL THEN ({alike})::UBIGINT ELSE {_id_key()} END"


def _time(name: str, kinds: Mapping[str, str]) -> dict[str, str]:
    """The formula of the value `us`, with the condition under which it is plain; so the next two."""
    kind, raw = kinds.get(name), f"raw_{name}"
    if kind in ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"):
        return {f"epoch_us({raw}) AS us": "true"}
    if kind != "VARCHAR":
        raise NotPlain
    # A regular expression would take as long as reading the row; DuckDB itself takes a space, "0." and 24 o'clock, too.
    forms = " ".join(
        f"WHEN {len(form)} THEN {raw} LIKE '{form}' AND NOT contains({raw}, ' ') AND {raw} NOT LIKE '%.Z'"
        for form in _TIME_FORMS
    )
    right = f"""CASE WHEN CASE length({raw}) {forms} ELSE false END THEN true
        ELSE regexp_full_match({raw}, '{_PLAIN_TIME}') END"""
    day = f"CASE WHEN us % {_DAY_US} = 0 THEN NOT contains({raw}, '24:00:00') ELSE true END"
    return {f"epoch_us(try_cast({raw} AS TIMESTAMP)) AS us": f"{right} AND {day}"}


def _whole(name: str, kinds: Mapping[str, str]) -> dict[str, str]:
    kind, raw = kinds.get(name), f"raw_{name}"
    if kind is None:
        return {f"NULL::BIGINT AS {name}": "true"}
    if kind in _WHOLE_TYPES:
        return {f"{raw}::BIGINT AS {name}": f"({raw} IS NULL OR {raw} BETWEEN 0 AND {MOST_TOKENS})"}
    if kind != "VARCHAR":
        raise NotPlain
    same = f"{name} BETWEEN 0 AND {MOST_TOKENS} AND {name}::VARCHAR = {raw}"
    return {f"try_cast({raw} AS BIGINT) AS {name}": f"({raw} IS NULL OR ({same}))"}


def _number(name: str, value: str, kinds: Mapping[str, str]) -> dict[str, str]:
    """In billionths, the way the row parser identifies it."""
    kind, raw = kinds.get(name), f"raw_{name}"
    if kind is None:
        return {f"NULL::BIGINT AS {value}": "true"}
    if kind in _WHOLE_TYPES:
        return {f"({raw}::BIGINT * {_BILLION}) AS {value}": f"({raw} IS NULL OR {raw} BETWEEN 0 AND {_MOST})"}
    if kind not in {"VARCHAR", "DOUBLE"}:
        raise NotPlain
    nano = f"try_cast(round(try_cast({raw} AS DOUBLE) * {_BILLION}) AS BIGINT) AS {value}"
    exact = f"{value} / {_BILLION}::DOUBLE = {raw} AND {raw} BETWEEN 0 AND {_MOST} AND NOT signbit({raw})"
    plain = exact if kind == "DOUBLE" else f"regexp_full_match({raw}, '{_PLAIN_NUMBER}')"
    return {nano: f"({raw} IS NULL OR ({plain}))"}


def _word(name: str, kinds: Mapping[str, str]) -> str:
    kind = kinds.get(name)
    if kind is None:
        return "NULL::VARCHAR"
    if kind != "VARCHAR":
        raise NotPlain
    return f"nullif(raw_{name}, '')"


def _plain_id(kinds: Mapping[str, str]) -> str:
    return f"(call_id IS NULL OR regexp_full_match(call_id, '{_PLAIN_ID}'))" if "call_id" in kinds else "true"


def _failed(kinds: Mapping[str, str]) -> str:
    if "error" not in kinds:
        return "0"
    # Word by word: DuckDB makes a join of a long list.
    fine = " ".join(f"WHEN {_text(word)} THEN 0" for word in NO_ERROR)
    word = "lower(trim(raw_error::VARCHAR))"
    return f"CASE WHEN raw_error IS NULL THEN 0 ELSE CASE {word} {fine} ELSE 1 END END"


def _one_call(kinds: Mapping[str, str]) -> str:
    """Whether the row stands for one call: sums over several are for the row parser."""
    return "(raw_calls IS NULL OR raw_calls::VARCHAR = '1')" if "calls" in kinds else "true"


def _processing(kinds: Mapping[str, str]) -> str:
    if "processing" not in kinds:
        return "'standard'"
    ways = ", ".join(_text(way) for way in PROCESSING)
    return f"CASE WHEN lower(raw_processing) IN ({ways}) THEN lower(raw_processing) ELSE 'standard' END"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
