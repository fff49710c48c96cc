"""What is known of traffic that nobody registered, and the registration that it suggests."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from shlex import quote
from typing import Any

import yaml

from db.queries.ended import discovered_names
from db.queries.prices import known_names
from db.queries.shapes import shapes_of
from db.session import Engine, reading
from offramp.actions.failure import BadInput, Problem
from offramp.actions.usage import UsageRow, usage
from reports.words import count
from strategy.parse import SLUG
from strategy.shown import money

_WINDOW = timedelta(days=28)
_DAY_SECONDS = 86_400
# Of so many of the calls that say what came out, structured output is what the feature does.
_NEARLY_ALL = 0.9
_CENT = Decimal("0.01")
# So many names are asked for by name; of more, everything is read: a database takes only so many in one question.
_MOST_NAMED = 1_000
_NO_SLUG = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """A name in traffic, what was measured of it in 28 days, and the document that would register it.

    `slug` is the name, or where that cannot be one, what it could be renamed to. `models` are as senders wrote them,
    the most called first. `outputs` and `ends` count calls by kind of output and by why it ended, where senders say so.
    """

    name: str
    slug: str
    calls: int
    errors: int
    cost_usd: Decimal | None
    unpriced_calls: int
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    models: tuple[str, ...]
    sources: tuple[str, ...]
    outputs: Mapping[str, int]
    ends: Mapping[str, int]
    prefilled: dict[str, Any]

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "slug": self.name,
            "registered": False,
            "calls_28d": self.calls,
            "errors_28d": self.errors,
            "cost_usd_28d": money(self.cost_usd),
            "unpriced_calls": self.unpriced_calls,
            "latency_p50_ms": self.latency_p50_ms,
            "latency_p95_ms": self.latency_p95_ms,
            "models": list(self.models),
            "sources": list(self.sources),
            "outputs": dict(self.outputs),
            "ends": dict(self.ends),
            "prefilled": self.prefilled,
        }

    def text(self) -> str:
        """The registration as YAML that `register` takes, with what was measured as remarks."""
        cost = "no known cost" if self.cost_usd is None else f"${self.cost_usd:,.2f}"
        if self.cost_usd is not None and 0 < self.cost_usd < _CENT:
            cost = "less than a cent"
        lines = [f"# {self.name}: {count(self.calls, 'call')} in 28 days, {self.errors:,} failed, {cost}"]
        if self.latency_p50_ms is not None:
            lines.append(
                f"# half of the calls within {self.latency_p50_ms:,.0f} ms, 95 % in {self.latency_p95_ms:,.0f} ms"
            )
        if self.sources:
            lines += [f"# models: {', '.join(self.models) or 'unknown'}; told by: {', '.join(self.sources)}"]
        told = [("comes out as", self.outputs), ("ends by", self.ends)]
        lines += [f"# {words} {shares(counts)}, as far as senders say" for words, counts in told if counts]
        if self.slug != self.name:
            lines.append(f"# its name cannot be a slug: first `offramp features rename {quote(self.name)} {self.slug}`")
        return "\n".join([*lines, yaml.safe_dump({"features": [self.prefilled]}, sort_keys=False, allow_unicode=True)])


def shares(counts: Mapping[str, int]) -> str:
    """What counts add up to, the most first.

    >>> shares({"text": 1, "json": 3})
    'json 75 %, text 25 %'
    """
    total = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {round(100 * calls / total)} %" for name, calls in ordered)


def discovered(engine: Engine, at: datetime, name: str | None = None) -> list[Discovered]:
    """Every name in traffic that nobody registered, or the one asked for, the most called first.

    Raises:
        BadInput: the name asked for is registered, or in no traffic.
    """
    end = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    with reading(engine) as session:
        names = [seen for seen in discovered_names(session) if name in {None, seen}]
    if name is not None and not names:
        problem = Problem(error=f"no feature {name!r}", field="slug", cure="see `offramp features`")
        raise BadInput([problem])
    if not names:
        return []
    start = end - _WINDOW
    # Every registered feature's usage is a minute's reading at 10,000 of them.
    of = names if len(names) <= _MOST_NAMED else None
    totals = {row.feature: row for row in usage(engine, by=("feature",), start=start, end=end, feature=of).rows}
    parts = usage(engine, by=("feature", "model", "source"), start=start, end=end, feature=of).rows
    with reading(engine) as session:
        book = known_names(session, {(row.provider or "", row.model or "") for row in parts})
        shapes = shapes_of(session, names, *(int(day.timestamp()) // _DAY_SECONDS for day in (start, end)))
    by_name: dict[str, list[UsageRow]] = {}
    for row in parts:
        by_name.setdefault(row.feature or "", []).append(row)
    found = [
        _one(each, totals.get(each), by_name.get(each, []), book, shapes.get(each, Counter[str]())) for each in names
    ]
    return sorted(found, key=lambda item: (-item.calls, item.name))


def _one(
    name: str,
    total: UsageRow | None,
    parts: list[UsageRow],
    book: dict[tuple[str, str], str | None],
    shapes: Counter[str],
) -> Discovered:
    calls: dict[str, int] = {}
    for row in parts:
        model = book.get((row.provider or "", row.model or "")) or row.model or ""
        calls[model] = calls.get(model, 0) + row.calls
    models = tuple(sorted(filter(None, calls), key=lambda model: (-calls[model], model)))
    slug = name if SLUG.fullmatch(name) else _NO_SLUG.sub("-", name.lower()).strip("-._")[:100] or "feature"
    prefilled: dict[str, Any] = {"slug": slug, "strategy": "prompt"}
    outputs, ends = (_parts_of(shapes, place) for place in (0, 1))
    if (
        outputs["json"]
        and outputs["json"] >= _NEARLY_ALL * outputs.total()
        and outputs.total() * 2 >= (total.calls if total else 0)
    ):
        prefilled["task"] = {"output_space": "structured"}
    return Discovered(
        name=name,
        slug=slug,
        calls=total.calls if total else 0,
        errors=total.errors if total else 0,
        cost_usd=total.cost_usd if total else None,
        unpriced_calls=total.unpriced_calls if total else 0,
        latency_p50_ms=total.latency_p50_ms if total else None,
        latency_p95_ms=total.latency_p95_ms if total else None,
        models=models,
        sources=tuple(sorted({row.source or "" for row in parts})),
        outputs=outputs,
        ends=ends,
        prefilled=prefilled | ({"model": models[0]} if models else {}),
    )


def _parts_of(shapes: Counter[str], place: int) -> Counter[str]:
    """The calls by one half of their shape; those that do not say it are in no count."""
    found: Counter[str] = Counter()
    for shape, calls in shapes.items():
        if word := shape.split("/")[place]:
            found[word] += calls
    return found
