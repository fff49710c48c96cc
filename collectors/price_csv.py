"""Price lists as CSV: one price a row (`kind`, `usd_per_mtok`), or a model a row (`input`, `output`, …).

Header names: `model` (with `provider` where the id does not name it), `valid_from` (a date, or an RFC 3339 instant on
a whole hour), `valid_to`, `tier_min_input_tokens`, `processing`, `hours` (UTC, `16:30-00:30`), `source`; amounts are
USD per million tokens.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from collectors.model_names import provider_id, resolve
from collectors.price_feed import UNDATED_FROM
from collectors.price_history import cited_models
from collectors.price_rows import Listed, amount_in, refused
from collectors.rejected import Rejected, SourceError
from strategy.facts import Price
from strategy.hours import in_hours
from strategy.kinds import PriceKind

_STARTS = ("valid_from", "effective_date", "start_date", "from", "date")
_AMOUNTS = ("usd_per_mtok", "amount", "price")


def csv_prices(raw: bytes) -> tuple[tuple[Listed, ...], tuple[Rejected, ...]]:
    """The prices of a CSV, and its refused rows; row 1 is the first row of data.

    Raises:
        SourceError: it is not UTF-8 text, or its header names no model or no amount.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError("the price list is not UTF-8 text", cure="save it as UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = {name.strip().lower() for name in reader.fieldnames or () if name}
    amounts = {*_AMOUNTS, *(column for kind in PriceKind for column in _columns(kind))}
    if "model" not in header or not header & amounts:
        cure = "name the columns model, kind, usd_per_mtok, valid_from (or model, input, output)"
        raise SourceError("the header names no model and amount", cure=cure)
    found: list[Listed] = []
    problems: list[Rejected] = []
    try:
        for row, cells in enumerate(reader, start=1):
            plain = {name.strip().lower(): (value or "").strip() for name, value in cells.items() if name}
            for line in _row_lines(row, plain):
                if isinstance(line, Rejected):
                    problems.append(line)
                else:
                    found.append(line)
    except csv.Error as broken:
        raise SourceError(f"the price list is no CSV: {broken}", cure="quote fields with commas") from None
    return tuple(found), tuple(problems)


def _columns(kind: PriceKind) -> tuple[str, ...]:
    return kind.value, f"{kind}_mtok", f"new_{kind}_mtok", f"{kind}_usd_per_mtok"


def _row_lines(row: int, cells: Mapping[str, str]) -> Iterator[Listed | Rejected]:
    model = _model(cells)
    if not model:
        yield Rejected(row, "model", "is missing", "name a model id such as openai/gpt-5.6-luna")
        return
    try:
        start, end = _instant(cells, _STARTS), _instant(cells, ("valid_to",))
    except ValueError:
        yield Rejected(row, "valid_from", "is not a date or a whole hour", "write 2026-11-21 or 2026-11-21T16:00:00Z")
        return
    try:
        context = _context(cells)
    except ValueError as wrong:
        yield Rejected(row, "hours", str(wrong), "write 16:30-00:30, in UTC")
        return
    tier = cells.get("tier_min_input_tokens") or "0"
    if not tier.isdecimal():
        yield Rejected(row, "tier_min_input_tokens", f"{tier[:40]!r} is not a whole number", "write 0 or 200000")
        return
    for name, kind, stated in _stated(cells):
        usd = amount_in(stated)
        if kind is None:
            yield Rejected(row, "kind", f"{name[:40]!r} is not a kind", f"use {', '.join(PriceKind)}")
        elif usd is None:
            yield refused(row, name, f"{stated[:40]!r} is not a price of 0 or more")
        else:
            yield Listed(_price(cells, model, kind, usd, (start, end, int(tier), context)), declared=start is not None)


def _price(
    cells: Mapping[str, str],
    model: str,
    kind: PriceKind,
    usd: Decimal,
    place: tuple[datetime | None, datetime | None, int, str],
) -> Price:
    start, end, tier, context = place
    return Price(
        model=model,
        kind=kind,
        usd_per_mtok=usd,
        valid_from=start or UNDATED_FROM,
        valid_to=end,
        tier_min_input_tokens=tier,
        processing=context,
        source=cells.get("source", ""),
    )


def _context(cells: Mapping[str, str]) -> str:
    processing, hours = cells.get("processing") or "standard", cells.get("hours", "")
    return in_hours(processing, hours) if hours else processing


def _stated(cells: Mapping[str, str]) -> Iterator[tuple[str, PriceKind | None, str]]:
    """The amounts of a row: (its column, its kind, its text)."""
    named = cells.get("kind", "").lower().replace("-", "_").replace(" ", "_")
    if named:
        column = next((name for name in _AMOUNTS if cells.get(name)), _AMOUNTS[0])
        known = named in {kind.value for kind in PriceKind}
        yield (column, PriceKind(named), cells.get(column, "")) if known else (named, None, "")
        return
    for kind in PriceKind:
        for column in _columns(kind):
            if cells.get(column):
                yield column, kind, cells[column]


def _model(cells: Mapping[str, str]) -> str:
    name, provider = cells.get("model", ""), cells.get("provider", "")
    if name in cited_models() or not name:
        return name
    maker, _, rest = name.partition("/")
    if provider:
        return resolve(provider, name) or f"{provider_id(provider) or provider}/{name.removeprefix(f'{provider}/')}"
    return (resolve(maker, rest) if rest else resolve("", name)) or name


def _instant(cells: Mapping[str, str], names: tuple[str, ...]) -> datetime | None:
    """The instant of the first of these columns that is filled; None where none is, ValueError where it is none."""
    text = next((cells[name] for name in names if cells.get(name)), "")
    if not text:
        return None
    at = datetime.fromisoformat(text)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    if (at.minute, at.second, at.microsecond) != (0, 0, 0):
        raise ValueError(text)
    return at
