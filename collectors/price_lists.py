"""Price lists that somebody hands over: genai-prices' data.json, litellm's JSON, CSV, or the installed package.

What a list is, its content says. Amounts are USD per million tokens; what cannot be an amount is refused by row. A list
that does not date a price says only what holds now: `declared` is False, and the reader of the list dates it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from collectors.model_names import provider_id, resolve
from collectors.price_csv import csv_prices
from collectors.price_feed import UNDATED_FROM, feed_prices
from collectors.price_history import book_version, published_prices
from collectors.price_rows import Listed, amount_in, refused
from collectors.rejected import Rejected, SourceError
from strategy.facts import SIZE_BOUNDS, Price, Retirement
from strategy.kinds import PriceKind

Form = Literal["package", "genai-prices", "litellm", "csv"]

_MILLION = Decimal(1_000_000)
_OWN_NAME = 2
_CURE = "give a data.json of genai-prices (v2), a litellm price JSON, or a CSV with model, kind, usd_per_mtok"
# litellm's names: USD per token, with the size bound and the processing in the name.
_LITELLM = {
    "input_cost_per_token": PriceKind.INPUT,
    "output_cost_per_token": PriceKind.OUTPUT,
    "cache_read_input_token_cost": PriceKind.CACHED_INPUT,
    "cache_creation_input_token_cost": PriceKind.CACHE_WRITE,
}
_PROCESSING = {"": "standard", "_batches": "batch", "_flex": "flex", "_priority": "priority"}
_SIZES = {"": 0} | {f"_above_{bound // 1000}k_tokens": bound for bound in SIZE_BOUNDS if bound and bound % 1000 == 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """One list as read: its form, its name, its hash, its prices, and what of it was refused.

    `whole` says that a provider in it is told completely, so that what is missing was taken away. `retirements` are the
    last days it names.
    """

    form: Form
    name: str
    sha256: str
    prices: tuple[Listed, ...]
    refused: tuple[Rejected, ...] = ()
    whole: bool = False
    retirements: tuple[Retirement, ...] = ()

    @property
    def source(self) -> str:
        """What a price of it names as its source."""
        return self.name if self.form == "package" else f"{self.form} list {self.name} ({self.sha256[:12]})"


def installed_sha256() -> str:
    """The name under which the installed package is remembered: the hash of its versions."""
    return hashlib.sha256(book_version().encode()).hexdigest()


def installed_list() -> PriceList:
    """What the installed package says: the feed with our own cited history over it."""
    return PriceList(
        form="package",
        name=book_version(),
        sha256=installed_sha256(),
        prices=tuple(Listed(line.price, line.dated) for line in published_prices()),
        whole=True,
    )


def read_price_list(raw: bytes, name: str) -> PriceList:
    """A price list from its bytes; `name` is what people call it.

    Raises:
        SourceError: it is no price list, or there is not one price in it.
    """
    sha256 = hashlib.sha256(raw).hexdigest()
    if not raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"[", b"{")):
        prices, problems = csv_prices(raw)
        found = PriceList(form="csv", name=name, sha256=sha256, prices=prices, refused=problems)
    else:
        found = _json_list(raw, name, sha256)
    if not found.prices and not found.refused:
        raise SourceError(f"{name} holds no price", cure=_CURE)
    return found


def _json_list(raw: bytes, name: str, sha256: str) -> PriceList:
    try:
        content = json.loads(raw, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise SourceError(f"{name} is not JSON", cure=_CURE) from None
    if isinstance(content, dict):
        prices, problems = _split(_litellm(content))
        ends = tuple(_litellm_ends(content, f"litellm list {name} ({sha256[:12]})"))
        return PriceList(form="litellm", name=name, sha256=sha256, prices=prices, refused=problems, retirements=ends)
    try:
        lines = list(feed_prices(raw, f"genai-prices data {sha256[:12]}"))
    except (ValueError, TypeError, AttributeError, KeyError):
        raise SourceError(f"{name} is not a data.json of genai-prices", cure=_CURE) from None
    bad = [refused(0, line.model, "is not a price of 0 or more") for line in lines if not _is_amount(line)]
    told = {line.model.partition("/")[0] for line in lines}
    prices = tuple(
        Listed(line.price, line.dated)
        for line in published_prices([line for line in lines if _is_amount(line)])
        if line.price.model.partition("/")[0] in told
    )
    return PriceList(form="genai-prices", name=name, sha256=sha256, prices=prices, refused=tuple(bad), whole=True)


def _is_amount(line: Price) -> bool:
    return line.usd_per_mtok.is_finite() and line.usd_per_mtok >= 0


def _litellm(content: Mapping[str, Any]) -> Iterator[Listed | Rejected]:
    found: dict[tuple[str, PriceKind, int, str], tuple[int, Listed]] = {}
    for row, (key, entry) in enumerate(content.items(), start=1):
        if key == "sample_spec" or not isinstance(entry, Mapping):
            continue
        model, strength = _litellm_id(key, str(entry.get("litellm_provider", "")))
        for line in _litellm_lines(row, model, entry):
            if isinstance(line, Rejected):
                yield line
                continue
            place = (model, line.price.kind, line.price.tier_min_input_tokens, line.price.processing)
            # Of several keys that mean one model (regions, dates), the one that says its name speaks.
            if place not in found or strength > found[place][0]:
                found[place] = (strength, line)
    yield from (line for _, line in found.values())


def _litellm_lines(row: int, model: str, entry: Mapping[str, Any]) -> Iterator[Listed | Rejected]:
    for name, kind in _LITELLM.items():
        for size, bound in _SIZES.items():
            for suffix, processing in _PROCESSING.items():
                stated = entry.get(f"{name}{size}{suffix}")
                if stated is None:
                    continue
                usd = amount_in(stated, _MILLION)
                if usd is None:
                    yield refused(row, f"{name}{size}{suffix}", f"of {model} is not a price of 0 or more")
                    continue
                yield Listed(
                    Price(
                        model=model,
                        kind=kind,
                        usd_per_mtok=usd,
                        valid_from=UNDATED_FROM,
                        tier_min_input_tokens=bound,
                        processing=processing,
                    ),
                    declared=False,
                )


def _litellm_ends(content: Mapping[str, Any], source: str) -> Iterator[Retirement]:
    """The last days that a litellm list gives to models by their own name; a region's is not the model's."""
    for key, entry in sorted(content.items()):
        stated = entry.get("deprecation_date") if isinstance(entry, Mapping) and key != "sample_spec" else None
        model, strength = _litellm_id(key, str(entry.get("litellm_provider", ""))) if stated else ("", 0)
        if strength == _OWN_NAME:
            try:
                yield Retirement(model=model, on=date.fromisoformat(str(stated)), source=source)
            except ValueError:
                continue  # a word such as "unknown" is no day, and no price either


def _litellm_id(key: str, provider: str) -> tuple[str, int]:
    """The book's id of a litellm key, and how surely it is that model's own key."""
    known = resolve(provider, key)
    bare = key.removeprefix(f"{provider}/")
    if known is None:
        return f"{provider_id(provider) or provider}/{bare}", 0
    return known, _OWN_NAME if known.endswith(f"/{bare}") else 1


def _split(lines: Iterable[Listed | Rejected]) -> tuple[tuple[Listed, ...], tuple[Rejected, ...]]:
    found = list(lines)
    return (
        tuple(line for line in found if isinstance(line, Listed)),
        tuple(line for line in found if isinstance(line, Rejected)),
    )


def sourced(found: PriceList) -> tuple[Listed, ...]:
    """The prices of a list, each naming the list where it names nothing better."""
    return tuple(
        line if line.price.source else replace(line, price=replace(line.price, source=found.source))
        for line in found.prices
    )
