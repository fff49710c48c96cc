"""A snapshot as canonical JSON and back: what a stored verdict is recomputed from, byte for byte.

Rows are sorted, keys are sorted, decimals and times are text, so the order in which facts were read leaves no trace.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import cast, get_args, get_origin, get_type_hints

from strategy.facts import Snapshot
from strategy.prices import line_order


def canonical(snapshot: Snapshot) -> Snapshot:
    """The same facts in their one order."""
    usage = snapshot.usage
    mix = sorted(usage.mix, key=lambda m: (m.model or "", m.model is None, m.tier, m.processing, _text(m)))
    return replace(
        snapshot,
        usage=replace(usage, days=tuple(sorted(usage.days, key=lambda use: (use.day, _text(use)))), mix=tuple(mix)),
        scores=tuple(sorted(snapshot.scores, key=lambda score: (score.at, score.key))),
        prices=tuple(sorted(snapshot.prices, key=lambda line: (line_order(line), _text(line)))),
        retirements=tuple(sorted(snapshot.retirements, key=lambda r: (r.model, r.on, _text(r)))),
        constants=tuple(sorted(snapshot.constants)),
    )


def dumps(snapshot: Snapshot) -> str:
    """The snapshot as canonical JSON."""
    return _text(canonical(snapshot))


def loads(text: str) -> Snapshot:
    """The snapshot that `dumps` wrote. Raises ValueError, TypeError or KeyError on anything else."""
    return cast("Snapshot", _decoded(Snapshot, json.loads(text)))


def digest(text: str) -> str:
    """The name of a snapshot: the SHA-256 of its canonical JSON.

    >>> digest("{}")
    'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'
    """
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _text(value: object) -> str:
    return json.dumps(_encoded(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _encoded(value: object) -> object:
    if value is None or isinstance(value, str | int):
        return value
    if is_dataclass(value):
        kind: type = type(value)
        return {name: _encoded(getattr(value, name)) for name in _names(kind)}
    if isinstance(value, tuple):
        return [_encoded(item) for item in value]
    if isinstance(value, date):
        return (value.astimezone(UTC) if isinstance(value, datetime) else value).isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, Decimal) else value


def _decoded(kind: object, value: object) -> object:
    """The value of a declared type from its JSON form."""
    if get_origin(kind) is UnionType:
        inner = next(each for each in get_args(kind) if each is not NoneType)
        return None if value is None else _decoded(inner, value)
    if get_origin(kind) is tuple:
        return _tuple(get_args(kind), cast("list[object]", value))
    if isinstance(kind, type) and is_dataclass(kind):
        given = cast("Mapping[str, object]", value)
        hints = get_type_hints(kind)
        # A field that came later than the snapshot has the default it had meant.
        return kind(**{name: _decoded(hints[name], given[name]) for name in hints if name in given})
    return _scalar(cast("type", kind), value)


def _tuple(kinds: tuple[object, ...], items: list[object]) -> tuple[object, ...]:
    if kinds[-1] is Ellipsis:
        return tuple(_decoded(kinds[0], item) for item in items)
    return tuple(_decoded(kind, item) for kind, item in zip(kinds, items, strict=True))


def _scalar(kind: type, value: object) -> object:
    if kind is bytes:
        return bytes.fromhex(str(value))
    if issubclass(kind, date):
        return kind.fromisoformat(str(value))
    return kind(str(value)) if issubclass(kind, Decimal | StrEnum) else value
