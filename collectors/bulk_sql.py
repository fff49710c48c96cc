"""The rules of collectors/call_rows.py for a plain row, as one query for DuckDB.

A row is *plain* where its cells are written in the one usual way (whole numbers without signs or exponents, times
with Z, names that need no cleaning). Plain rows are summed here; every other row is left to the row parser, which
alone rejects. Both ways give a row the same key.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from collectors.bulk_cells import (
    BILLION,
    failed,
    number_cell,
    one_call,
    plain_id,
    processing,
    time_cell,
    whole_cell,
    with_z,
    word_cell,
)
from collectors.keys import BETWEEN, MULTIPLIERS, NOT_GIVEN, PRIME
from collectors.quoted import quoted_name, quoted_text
from strategy.facts import LATENCY_GROWTH, SIZE_BOUNDS

_TOKENS = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
_EARLIEST_US = 946_684_800_000_000
_HOUR_US = 3_600_000_000
_BETWEEN, _ABSENT = f"chr({ord(BETWEEN)})", f"chr({ord(NOT_GIVEN)})"
_PROVIDER = "lower(coalesce(provider, ''))"

# What a query of plain rows gives: a row of sums per group, with the keys and latency buckets of its calls. Names are
# as they are written: who reads the groups cleans them, which is less work than cleaning every row's.
GROUP = ("feature", "hour", "provider", "model", "tier", "processing")
SUMS = (
    "calls", "errors", "with_tokens", "without_tokens", *(f"{name}_sum" for name in _TOKENS),
    "reported", "reported_nano",
)  # fmt: skip # rows of a table


@dataclass(frozen=True, slots=True)
class Judged:
    """A query of every row as values, with `plain`; one of its cells; and the columns that a row can have at all.

    `mark` is the formula by which a row is found again: its number in the file from 0, or a hash of its cells.
    """

    query: str
    cells: str
    columns: Collection[str]
    mark: str


def judged_rows(
    source: str,
    types: Mapping[str, str],
    given: Mapping[str, str],
    newest: datetime | None,
    unseen: Collection[str] = (),
    number: str = "",
    *,
    bare_utc: bool = False,
) -> Judged:
    """A query over `source` of every row as values, with `plain`; it fails at a row that has an `unseen` column.

    `number` names the column of the source that numbers its rows, if there is one. With `bare_utc` a time that says no
    zone is of UTC.

    In three steps: DuckDB works a value out again for each condition that holds its formula, not for one that names it.

    Raises:
        NotPlain: a column is of a type that only the row parser understands.
    """
    kinds = dict.fromkeys(given, "VARCHAR") | {name: kind for name, kind in types.items() if name not in unseen}
    cells = {name: quoted_text(value) for name, value in given.items()} | {name: quoted_name(name) for name in types}
    if bare_utc and kinds.get("timestamp") == "VARCHAR":
        cells["timestamp"] = with_z(cells["timestamp"])
    checked = {
        **time_cell("timestamp", kinds),
        **number_cell("latency_ms", "latency", kinds),
        **number_cell("cost_usd", "cost", kinds),
        **{value: check for name in _TOKENS for value, check in whole_cell(name, kinds).items()},
    }
    values = [
        *checked,
        *(f"{word_cell(name, kinds)} AS {name}" for name in ("feature", "provider", "model")),
        f"nullif({word_cell('call_id', kinds)}, '') AS call_id",
        f"{failed(kinds)} AS failed",
        f"{processing(kinds)} AS processing",
    ]
    latest = 2**62 if newest is None else int(newest.timestamp() * 1_000_000)
    plain = f"""{" AND ".join(checked.values())} AND {one_call(kinds)} AND {plain_id(kinds)}
        AND us >= {_EARLIEST_US} AND us <= {latest} AND model <> ''
        AND (input_tokens IS NOT NULL OR output_tokens IS NOT NULL OR cost IS NOT NULL OR failed = 1)
        AND (input_tokens IS NULL OR coalesce(cached_input_tokens, 0) + coalesce(cache_write_tokens, 0) <= input_tokens)
        AND (output_tokens IS NULL OR coalesce(reasoning_tokens, 0) <= output_tokens)"""
    raw = ", ".join([*(f"{cell} AS raw_{name}" for name, cell in cells.items()), *([number] if number else [])])
    mark = number or f"hash({', '.join(f'raw_{name}' for name in kinds)})"
    read = f"SELECT {raw} FROM {source}"  # noqa: S608 (names are quoted, values are literals)
    made = f"SELECT *, {', '.join(values)} FROM ({read}) {_none_of(unseen)}"  # noqa: S608 (likewise)
    return Judged(f"SELECT *, coalesce({plain}, false) AS plain FROM ({made})", read, kinds, mark)  # noqa: S608 (likewise)


def summed(judged: Judged, part: tuple[int, int], *, without: bool) -> str:
    """The sums of the plain rows by GROUP, in the order GROUP, SUMS, counted, buckets, numbers, ids, left.

    `buckets` are one more than the latency's, and 0 where a call has none. A row without an id has its `numbers`; with
    the names of its group they make its key (collectors/keys.py). The three say nothing of rows that are not `counted`:
    those that are not plain or, `without` them, whose key is in the table `repeated`. These leave their marks in
    `left`. A plain row whose key is in the table `known` is passed over.
    Of a `part`, such as the first of three (0, 3), are the rows of every third hour, so that equal rows are in one.
    """
    bounds = " ".join(f"WHEN input_tokens > {bound} THEN {bound}" for bound in sorted(SIZE_BOUNDS, reverse=True))
    place, parts = part
    wanted = [f"coalesce(abs(us // {_HOUR_US}), 0) % {parts} = {place}"] if parts > 1 else ["true"]
    query = f"SELECT *, plain AS counted FROM ({judged.query})"  # noqa: S608 (our own query)
    if without:
        keyed = f"SELECT *, {_key(judged)} AS key FROM ({judged.query})"  # noqa: S608 (likewise)
        query = f"SELECT *, plain AND key NOT IN (FROM repeated) AS counted FROM ({keyed})"  # noqa: S608 (likewise)
        wanted.append("(NOT plain OR key NOT IN (FROM known))")
    told = "input_tokens IS NOT NULL AND output_tokens IS NOT NULL"
    return f"""SELECT feature, us // {_HOUR_US} AS hour, provider, model, CASE {bounds} ELSE 0 END AS tier, processing,
        count(*) AS calls, sum(failed)::BIGINT AS errors, count(CASE WHEN {told} THEN 1 END) AS with_tokens,
        count(CASE WHEN NOT ({told}) AND failed = 0 THEN 1 END) AS without_tokens,
        {", ".join(_total(name, f"{name}_sum", judged) for name in _TOKENS)}, count(cost) AS reported,
        {_total("cost", "reported_nano", judged, "cost_usd")}, counted,
        list({_bucket(judged)}) AS buckets, {_keys(judged)},
        coalesce(list(CASE WHEN NOT counted THEN {judged.mark}::UBIGINT END) FILTER (NOT counted), []) AS left
        FROM ({query}) WHERE {" AND ".join(wanted)}
        GROUP BY hour, feature, provider, model, tier, processing, counted"""  # noqa: S608 (our own query)


def marked(judged: Judged) -> str:
    """The mark of each row, in the order of the file."""
    return f"SELECT {judged.mark} AS mark FROM ({judged.cells})"  # noqa: S608 (our own query)


def _none_of(unseen: Collection[str]) -> str:
    there = " OR ".join(f"raw_{name} IS NOT NULL" for name in unseen)
    return f"WHERE CASE WHEN {there} THEN error('a column that was not seen')::BOOLEAN ELSE true END" if there else ""


def _total(value: str, name: str, judged: Judged, column: str = "") -> str:
    there = (column or value) in judged.columns
    return f"coalesce(sum({value}), 0)::BIGINT AS {name}" if there else f"0::BIGINT AS {name}"


def _keys(judged: Judged) -> str:
    if "call_id" not in judged.columns:
        return f"list({_numbers_part(judged)}) AS numbers, []::UBIGINT[] AS ids"
    # DuckDB works out what is filtered, too.
    numbers = f"CASE WHEN call_id IS NULL THEN {_numbers_part(judged)} END"
    return f"""coalesce(list({numbers}) FILTER (call_id IS NULL), []) AS numbers,
        coalesce(list({_id_key()}) FILTER (call_id IS NOT NULL), []) AS ids"""


def _bucket(judged: Judged) -> str:
    if "latency_ms" not in judged.columns:
        return "0::SMALLINT"
    growth, ms = repr(math.log(LATENCY_GROWTH)), f"(latency / {BILLION}::DOUBLE)"
    return f"coalesce(CASE WHEN {ms} <= 1 THEN 1 ELSE ceil(ln({ms}) / {growth}) + 1 END, 0)::SMALLINT"


def _numbers_part(judged: Judged) -> str:
    """The sum that `alike_key` makes of the numbers, less than 2^62 and the same modulo the prime."""
    columns = ("timestamp", None, "error", *_TOKENS, "cost_usd", "latency_ms")
    numbers = ("us", "1", "failed", *_TOKENS, "cost", "latency")
    given = [
        (number, times)
        for column, number, times in zip(columns, numbers, MULTIPLIERS, strict=True)
        if column in judged.columns
    ]
    # One call, and no error where no column tells of any.
    fixed = 2 * MULTIPLIERS[1] + (0 if "error" in judged.columns else MULTIPLIERS[2])
    terms = [f"(coalesce({number}, -1) + 1)::HUGEINT * {times}" for number, times in given]
    return _folded(" + ".join([*terms, f"{fixed % PRIME}::HUGEINT"]))


def _folded(total: str) -> str:
    """Modulo 2^61 - 1, but for a multiple: its high bits count as much as its low ones."""
    return f"((({total}) & {PRIME})::BIGINT + (({total}) >> 61)::BIGINT)"


def _id_key() -> str:
    # Only where there is one: MD5 takes longer than all the rest of a row.
    key = _md5(f"'call', {_PROVIDER}, call_id")
    return f"CASE WHEN call_id IS NOT NULL THEN {key} END"


def _md5(parts: str) -> str:
    """The first eight bytes. DuckDB's own `md5_number_upper` goes by way of a text of bits."""
    return f"(md5_number(concat_ws({_BETWEEN}, {parts})) & {2**64 - 1}::UHUGEINT)::UBIGINT"


def _key(judged: Judged) -> str:
    names = _md5(f"'names', coalesce(nullif(feature, ''), {_ABSENT}), {_PROVIDER}, model")
    alike = f"(({names} % {PRIME})::HUGEINT + {_numbers_part(judged)}) % {PRIME}"
    return f"CASE WHEN call_id IS NULL THEN ({alike})::UBIGINT ELSE {_id_key()} END"
