"""A snapshot as canonical JSON and back: what a stored verdict is recomputed from, byte for byte.

Rows are sorted, keys are sorted, decimals and times are text, so the order in which facts were read leaves no trace.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from itertools import pairwise
from types import NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from strategy.facts import Formerly, Price, Snapshot
from strategy.prices import line_order

_Fact = TypeVar("_Fact")
_SHARED = {"constants", "prices", "formerly"}


def canonical(snapshot: Snapshot) -> Snapshot:
    """The same facts in their one order."""
    usage = snapshot.usage
    return replace(
        snapshot,
        usage=replace(
            usage,
            days=_ordered(usage.days, lambda use: use.day),
            mix=_ordered(usage.mix, lambda m: (m.model or "", m.model is None, m.tier, m.processing)),
        ),
        scores=tuple(sorted(snapshot.scores, key=lambda score: (score.at, score.key))),
        prices=_ordered(snapshot.prices, line_order),
        retirements=_ordered(snapshot.retirements, lambda r: (r.model, r.on)),
        formerly=tuple(
            replace(was, lines=_ordered(was.lines, line_order)) for was in sorted(snapshot.formerly, key=_until)
        ),
        constants=tuple(sorted(snapshot.constants)),
    )


def _until(was: Formerly) -> tuple[str, datetime]:
    return was.model, was.until


def _ordered(items: tuple[_Fact, ...], key: Callable[[_Fact], Any]) -> tuple[_Fact, ...]:
    """By their keys; where two share one, the whole text decides."""
    keys = [key(item) for item in items]
    if all(one < next_ for one, next_ in pairwise(keys)):
        return items
    unique = len(set(keys)) == len(keys)
    return tuple(sorted(items, key=key if unique else lambda item: (key(item), _text(item))))


def dumps(snapshot: Snapshot) -> str:
    """The snapshot as canonical JSON."""
    return text_of(canonical(snapshot))


def text_of(facts: Snapshot) -> str:
    """Facts that are in their one order as canonical JSON: what many features share is put into words once."""
    parts = {name: _text(getattr(facts, name)) for name in _names(Snapshot) if name not in _SHARED}
    parts["constants"] = _constants_text(facts.constants)
    parts["prices"] = _lines_text(facts.prices)
    parts["formerly"] = "[" + ",".join(_former_text(was) for was in facts.formerly) + "]"
    return "{" + ",".join(f'"{name}":{parts[name]}' for name in sorted(parts)) + "}"


@lru_cache(maxsize=16)
def _constants_text(constants: tuple[tuple[str, str], ...]) -> str:
    return _text(constants)


def _lines_text(lines: tuple[Price, ...]) -> str:
    # Prices that are equal may be written with other digits.
    return "[" + ",".join(_line_text(line, str(line.usd_per_mtok)) for line in lines) + "]"


def _former_text(was: Formerly) -> str:
    return f'{{"lines":{_lines_text(was.lines)},"model":{_text(was.model)},"until":{_text(was.until)}}}'


@lru_cache(maxsize=16_384)
def _line_text(line: Price, _: str) -> str:
    return _text(line)


def loads(text: str) -> Snapshot:
    """The snapshot that `dumps` wrote. Raises ValueError, TypeError or KeyError on anything else."""
    return cast("Snapshot", _decoder(Snapshot)(json.loads(text)))


def digest(text: str) -> str:
    """The name of a snapshot: the SHA-256 of its canonical JSON.

    >>> digest("{}")
    'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'
    """
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


_written = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def _text(value: object) -> str:
    return _written(_encoded(value))


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _encoded(value: object) -> object:
    kind: type = type(value)
    return _encoder(kind)(value)


@cache
def _encoder(kind: type) -> Callable[[Any], object]:
    """How values of a type become JSON."""
    if is_dataclass(kind):
        names = _names(kind)
        return lambda value: {name: _encoded(getattr(value, name)) for name in names}
    if issubclass(kind, tuple):
        return lambda value: [_encoded(item) for item in value]
    if issubclass(kind, datetime):
        return lambda value: value.astimezone(UTC).isoformat()
    if issubclass(kind, date):
        return date.isoformat
    if issubclass(kind, bytes):
        return bytes.hex
    return str if issubclass(kind, Decimal) else lambda value: value


@cache
def _decoder(kind: object) -> Callable[[Any], Any]:
    """How a value of a declared type is made from its JSON form."""
    if get_origin(kind) is UnionType:
        inner = _decoder(next(each for each in get_args(kind) if each is not NoneType))
        return lambda value: None if value is None else inner(value)
    if get_origin(kind) is tuple:
        return _tuple_decoder(get_args(kind))
    if kind is Price:
        return lambda value: _line(tuple(value.items()))
    if isinstance(kind, type) and is_dataclass(kind):
        return _record_decoder(kind)
    return _scalar_decoder(cast("type", kind))


@cache
def _record_decoder(kind: type) -> Callable[[Any], Any]:
    decoders = {name: _decoder(hint) for name, hint in get_type_hints(kind).items()}
    # A field that came later than the snapshot has the default it had meant.
    return lambda value: kind(**{name: make(value[name]) for name, make in decoders.items() if name in value})


@lru_cache(maxsize=16_384)
def _line(given: tuple[tuple[str, Any], ...]) -> Price:
    """A line of the price book, of which many snapshots hold the same."""
    return cast("Price", _record_decoder(Price)(dict(given)))


def _tuple_decoder(kinds: tuple[object, ...]) -> Callable[[Any], Any]:
    makers = [_decoder(kind) for kind in kinds if kind is not Ellipsis]
    if set(kinds) == {str}:
        return tuple
    if kinds[-1] is Ellipsis:
        return lambda items: tuple(map(makers[0], items))
    return lambda items: tuple(make(item) for make, item in zip(makers, items, strict=True))


def _scalar_decoder(kind: type) -> Callable[[Any], Any]:
    if kind is bytes:
        return lambda value: bytes.fromhex(str(value))
    if issubclass(kind, date):
        return lambda value: kind.fromisoformat(str(value))
    return (lambda value: kind(str(value))) if issubclass(kind, Decimal | StrEnum) else lambda value: value
