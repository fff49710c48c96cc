"""Prices that a person keeps in a YAML: negotiated, of models of one's own, in another currency, or of one's own GPUs.

```yaml
prices:
  - {model: acme/house-model, input: "0.20", output: "0.80", from: 2026-06-01, source: contract 17}
  - {model: openai/gpt-5.6-luna, input: "0.17", from: 2026-06-01, currency: EUR, usd: "1.0850", rate_day: 2026-05-29}
discounts:
  - {provider: anthropic, percent: 15, from: 2026-07-01, source: order form}
self_hosted:
  - {model: vllm/house-8b, gpu_hour: "1.45", tokens_per_second: 1500, utilisation: "0.4", from: 2026-06-01}
```

A self-hosted model costs its GPU's hour spread over the tokens it really serves: `utilisation` is the busy share of the
hour, and has no default, for an idle GPU is paid too (2.5 to 24 times the saturated price, arXiv 2606.11690).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import yaml

from collectors.price_rows import amount_in
from collectors.rejected import Rejected, SourceError
from strategy.facts import Price
from strategy.hours import in_hours
from strategy.kinds import PriceKind

_SECONDS = Decimal(3600)
_MILLION = Decimal(1_000_000)
_HUNDRED = Decimal(100)
_TOP = {"prices", "discounts", "self_hosted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A share off every price of a provider, from an instant on."""

    provider: str
    percent: Decimal
    start: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPrices:
    """What the file says; what of it cannot be used.

    `originals` gives for each price agreed in another currency that currency, and the amount with its rate and day.
    """

    prices: tuple[Price, ...]
    discounts: tuple[Discount, ...]
    refused: tuple[Rejected, ...]
    originals: Mapping[Price, tuple[str, str]]


def read_own_prices(raw: bytes) -> OwnPrices:
    """The prices of a YAML file of one's own.

    Raises:
        SourceError: it is not YAML with one of the three lists.
    """
    try:
        content = yaml.load(raw, Loader=yaml.BaseLoader)  # noqa: S506 (BaseLoader builds only text, lists and dicts)
    except (yaml.YAMLError, UnicodeDecodeError):
        raise SourceError("the file is not YAML", cure="check its indentation") from None
    if not isinstance(content, dict) or not content or set(content) - _TOP:
        raise SourceError("the file has no list of prices", cure=f"start it with one of {', '.join(sorted(_TOP))}")
    found: list[Price] = []
    discounts: list[Discount] = []
    refused: list[Rejected] = []
    originals: dict[Price, tuple[str, str]] = {}
    for name, read in (("prices", _priced), ("self_hosted", _self_hosted), ("discounts", _discount)):
        for row, entry in enumerate(content.get(name) or [], start=1):
            try:
                told = list(read(entry if isinstance(entry, dict) else {}))
            except _WrongError as wrong:
                refused.append(Rejected(row, f"{name}.{wrong.field}", wrong.error, wrong.cure))
                continue
            found += [each for each in told if isinstance(each, Price)]
            discounts += [each for each in told if isinstance(each, Discount)]
            originals |= {each: kept for each in told if isinstance(each, Price) and (kept := _original(entry, each))}
    return OwnPrices(
        prices=tuple(found), discounts=tuple(discounts), refused=tuple(refused), originals=MappingProxyType(originals)
    )


def _original(entry: Mapping[str, Any], price: Price) -> tuple[str, str] | None:
    """The currency a price was agreed in, and the agreed amount with its rate and day; None where that was USD."""
    currency = str(entry.get("currency", "USD")).upper()
    agreed = entry.get(price.kind.value, entry.get("gpu_hour"))
    if currency == "USD" or agreed is None:
        return None
    return currency, f"{agreed} {currency} at {entry.get('usd')} USD on {entry.get('rate_day')}"


class _WrongError(Exception):
    def __init__(self, field: str, error: str, cure: str) -> None:
        super().__init__(error)
        self.field, self.error, self.cure = field, error, cure


def _priced(entry: Mapping[str, Any]) -> Iterator[Price]:
    factor, words = _rate(entry)
    kinds = [kind for kind in PriceKind if kind.value in entry]
    if not kinds:
        raise _WrongError("input", "no price is given", f"give one of {', '.join(PriceKind)}")
    for kind in kinds:
        usd = _amount(entry, kind.value, factor)
        yield _line(entry, kind, usd, words)


def _self_hosted(entry: Mapping[str, Any]) -> Iterator[Price]:
    factor, words = _rate(entry)
    hour = _amount(entry, "gpu_hour", factor)
    speed = _amount(entry, "tokens_per_second")
    busy = _amount(entry, "utilisation")
    if not speed or not 0 < busy <= 1:
        raise _WrongError(
            "utilisation", "is no share of a busy hour", "give tokens_per_second, and utilisation over 0 up to 1"
        )
    gpus = _amount({"gpus": "1"} | dict(entry), "gpus")
    usd = (hour * gpus / (speed * busy * _SECONDS) * _MILLION).quantize(Decimal("1e-9"))
    told = f"{words}; {gpus} × ${hour} an hour at {speed} tokens/s, {busy} busy".lstrip("; ")
    yield _line(entry, PriceKind.GPU_HOUR, hour * gpus, words)
    yield _line(entry, PriceKind.INPUT, usd, told)
    yield _line(entry, PriceKind.OUTPUT, usd, told)


def _discount(entry: Mapping[str, Any]) -> Iterator[Discount]:
    percent = _amount(entry, "percent")
    if percent > _HUNDRED:
        raise _WrongError("percent", "is more than 100", "give 15 for 15 % off")
    start, source = _start(entry), str(entry.get("source", "own discount"))
    yield Discount(provider=_text(entry, "provider"), percent=percent, start=start, source=source)


def _line(entry: Mapping[str, Any], kind: PriceKind, usd: Decimal, words: str) -> Price:
    source = "; ".join(text for text in (str(entry.get("source", "own prices")), words) if text)
    return Price(
        model=_text(entry, "model"),
        kind=kind,
        usd_per_mtok=usd,
        valid_from=_start(entry),
        processing=_context(entry),
        source=source,
    )


def _context(entry: Mapping[str, Any]) -> str:
    processing = str(entry.get("processing", "standard"))
    try:
        return in_hours(processing, str(entry["hours"])) if "hours" in entry else processing
    except ValueError as wrong:
        raise _WrongError("hours", str(wrong), "write 16:30-00:30, in UTC") from None


def _rate(entry: Mapping[str, Any]) -> tuple[Decimal, str]:
    """USD for one unit of the entry's currency, and in words at which day's rate."""
    currency = str(entry.get("currency", "USD")).upper()
    if currency == "USD":
        return Decimal(1), ""
    factor, day = _amount(entry, "usd"), _text(entry, "rate_day")
    if not factor:
        raise _WrongError("usd", "is no rate", f"give usd: what one {currency} costs in USD, and rate_day")
    return factor, f"in {currency}, at {factor} USD of {_day(day, 'rate_day').date()}"


def _amount(entry: Mapping[str, Any], field: str, factor: Decimal = Decimal(1)) -> Decimal:
    usd = amount_in(entry.get(field), factor)
    if usd is None:
        raise _WrongError(field, "is missing or no amount of 0 or more", f'write {field}: "0.20"')
    return usd


def _text(entry: Mapping[str, Any], field: str) -> str:
    text = str(entry.get(field) or "").strip()
    if not text:
        raise _WrongError(field, "is missing", f"give {field}")
    return text


def _start(entry: Mapping[str, Any]) -> datetime:
    return _day(_text(entry, "from"), "from")


def _day(text: str, field: str) -> datetime:
    try:
        at = datetime.combine(date.fromisoformat(text), time(), UTC) if len(text) == len("2026-11-21") else None
        at = at or datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise _WrongError(field, f"{text[:40]!r} is not a date", "write 2026-11-21") from None
    if at.minute or at.second or at.microsecond:
        raise _WrongError(field, "is not a whole hour", "prices move on the hour")
    return at
