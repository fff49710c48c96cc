"""The formulas for DuckDB of one cell of a call: its value, and whether it is written in the one usual way.

What is not plain is not wrong: it is for the row parser (collectors/call_rows.py), which alone rejects.
"""

from collections.abc import Mapping

from collectors.call_rows import NO_ERROR, PROCESSING
from collectors.quoted import quoted_text
from collectors.tokens import MOST_TOKENS

_WHOLE_TYPES = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
_PLAIN_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?Z"
# By their length in bytes; where nothing may stand before or behind, a time of that length has every digit.
_TIME_FORMS = {24: "%Y-%m-%dT%H:%M:%S.%gZ", 20: "%Y-%m-%dT%H:%M:%SZ", 27: "%Y-%m-%dT%H:%M:%S.%fZ"}
_PLAIN_NUMBER = r"(0|[1-9]\d{0,5})(\.\d{1,9})?"
# A number this short has nine decimals at most; a whole number this long is still read by the row parser.
_POWERS = [str(10**digits) for digits in range(1, 10)]
_SHORT_NUMBER, _LONGEST_WHOLE = 10, 12
# As many billionths as a double tells apart: beyond, the row parser reads the number.
BILLION, _MOST = 1_000_000_000, 1_000_000
_SIGNS, _LONGEST_ID = "!-~", 200
_PLAIN_ID = rf"[{_SIGNS}]([ -~]{{0,{_LONGEST_ID - 2}}}[{_SIGNS}])?"


class NotPlain(Exception):  # noqa: N818 (says what a file is)
    """A column whose type has no plain form: the row parser reads the file."""


def time_cell(name: str, kinds: Mapping[str, str]) -> dict[str, str]:
    """The formula of the value `us`, with the condition under which it is plain.

    Raises:
        NotPlain: its type has no plain form.
    """
    kind, raw = kinds.get(name), f"raw_{name}"
    if kind in ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"):
        return {f"epoch_us({raw}) AS us": "true"}
    if kind != "VARCHAR":
        raise NotPlain
    # A regular expression takes as long as reading the row. DuckDB skips spaces around a time, and takes 24 o'clock.
    forms = " ".join(
        f"WHEN strlen({raw}) = {length} AND {raw} >= '0' AND suffix({raw}, 'Z') THEN try_strptime({raw}, '{form}')"
        for length, form in _TIME_FORMS.items()
    )
    other = f"""CASE WHEN regexp_full_match({raw}, '{_PLAIN_TIME}') AND NOT contains({raw}, '24:00:00')
        THEN try_cast({raw} AS TIMESTAMP) END"""
    return {f"epoch_us(coalesce(CASE {forms} END, {other})) AS us": "true"}


def with_z(cell: str) -> str:
    """A text that ends in a digit as a time of UTC: after an offset, and after what is no time, it makes none."""
    return f"CASE WHEN right({cell}, 1) BETWEEN '0' AND '9' THEN replace({cell}, ' ', 'T') || 'Z' ELSE {cell} END"


def whole_cell(name: str, kinds: Mapping[str, str]) -> dict[str, str]:
    """The formula of a count, likewise."""
    kind, raw = kinds.get(name), f"raw_{name}"
    if kind is None:
        return {f"NULL::BIGINT AS {name}": "true"}
    if kind in _WHOLE_TYPES:
        return {f"{raw}::BIGINT AS {name}": f"({raw} IS NULL OR {raw} BETWEEN 0 AND {MOST_TOKENS})"}
    if kind != "VARCHAR":
        raise NotPlain
    # A text as long as its number has digits is nothing but these, or ends like 1e2: then the number ends in two zeros.
    least = f"[0, {', '.join(_POWERS)}][strlen({raw})]"
    more = f"[{', '.join(_POWERS)}][strlen({raw})]"
    digits = f"CASE WHEN {name} % 100 = 0 THEN {raw} NOT GLOB '*[!0-9]*' ELSE {name} >= {least} AND {name} < {more} END"
    plain = f"{name} BETWEEN 0 AND {MOST_TOKENS} AND strlen({raw}) <= {_LONGEST_WHOLE} AND {digits}"
    return {f"try_cast({raw} AS BIGINT) AS {name}": f"({raw} IS NULL OR ({plain}))"}


def number_cell(name: str, value: str, kinds: Mapping[str, str]) -> dict[str, str]:
    """In billionths, the way the row parser identifies it."""
    kind, raw = kinds.get(name), f"raw_{name}"
    if kind is None:
        return {f"NULL::BIGINT AS {value}": "true"}
    if kind in _WHOLE_TYPES:
        return {f"({raw}::BIGINT * {BILLION}) AS {value}": f"({raw} IS NULL OR {raw} BETWEEN 0 AND {_MOST})"}
    if kind not in {"VARCHAR", "DOUBLE"}:
        raise NotPlain
    nano = f"try_cast(round(try_cast({raw} AS DOUBLE) * {BILLION}) AS BIGINT) AS {value}"
    if kind == "DOUBLE":
        plain = f"{value} / {BILLION}::DOUBLE = {raw} AND {raw} BETWEEN 0 AND {_MOST} AND NOT signbit({raw})"
    else:
        # From 1 on a text this short has no tenth decimal, however it is written; no parser takes 1_000, nor a cost +1.
        plain = f"""CASE WHEN strlen({raw}) <= {_SHORT_NUMBER} AND {value} BETWEEN {BILLION} AND {_MOST * BILLION}
            AND {raw} >= '.' THEN NOT contains({raw}, '_') ELSE regexp_full_match({raw}, '{_PLAIN_NUMBER}') END"""
    return {nano: f"({raw} IS NULL OR ({plain}))"}


def word_cell(name: str, kinds: Mapping[str, str]) -> str:
    """A name as it is written."""
    kind = kinds.get(name)
    if kind is None:
        return "NULL::VARCHAR"
    if kind != "VARCHAR":
        raise NotPlain
    return f"raw_{name}"


def plain_id(kinds: Mapping[str, str]) -> str:
    """Whether `call_id` is none, or one that the parser takes as it is."""
    if "call_id" not in kinds:
        return "true"
    # Most ids hold no space, which a pattern of signs tells in a fifth of the time.
    short = f"strlen(call_id) <= {_LONGEST_ID} AND call_id NOT GLOB '*[!{_SIGNS}]*'"
    signs = f"CASE WHEN {short} THEN true ELSE regexp_full_match(call_id, '{_PLAIN_ID}') END"
    # What JSON has and no id is.
    text = "NOT prefix(call_id, '{') AND NOT prefix(call_id, '[') AND call_id <> 'true' AND call_id <> 'false'"
    return f"(call_id IS NULL OR ({text} AND {signs}))"


def failed(kinds: Mapping[str, str]) -> str:
    """1 where the call failed, by its column `error`."""
    if "error" not in kinds:
        return "0"
    # Word by word: DuckDB makes a join of a long list.
    fine = " ".join(f"WHEN {quoted_text(word)} THEN 0" for word in NO_ERROR)
    word = "lower(trim(raw_error::VARCHAR))"
    none = "raw_error IS NULL OR raw_error = ''" if kinds["error"] == "VARCHAR" else "raw_error IS NULL"
    return f"CASE WHEN {none} THEN 0 ELSE CASE {word} {fine} ELSE 1 END END"


def one_call(kinds: Mapping[str, str]) -> str:
    """Whether the row stands for one call: sums over several are for the row parser."""
    return "(raw_calls IS NULL OR raw_calls::VARCHAR = '1')" if "calls" in kinds else "true"


def processing(kinds: Mapping[str, str]) -> str:
    """How the call was billed: a word of the price book, else standard."""
    if "processing" not in kinds:
        return "'standard'"
    ways = ", ".join(quoted_text(way) for way in PROCESSING)
    return f"CASE WHEN lower(raw_processing) IN ({ways}) THEN lower(raw_processing) ELSE 'standard' END"
