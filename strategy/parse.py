"""A feature document (YAML, JSON or form) to a Feature and back, naming every wrong field with its cure.

Errors are returned beside the result, never raised, so that a person sees all of them at once.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from strategy.fields import TASK_FIELDS, TASK_FIELDS_BY_NAME, FieldKind, FieldSpec
from strategy.kinds import Strategy
from strategy.profile import CostOverride, Feature, MatchRule, Quality, Record, TaskProfile
from strategy.record import MEASURES

SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_TEXT_LIMITS = {"name": 200, "owner": 200, "model": 200, "exit_note": 2_000}
_TOP = ("slug", "name", "owner", "strategy", "model", "task", "quality", "costs", "exit_note", "match", "record")
_WORDS = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: its dotted name, what is wrong, and what would be right."""

    field: str
    error: str
    cure: str


def _where(key: str, allowed: tuple[str, ...]) -> str:
    """What the writer of an unknown field most likely meant."""
    if "task" in allowed and key in TASK_FIELDS_BY_NAME:
        return "write it indented below `task:`"
    near = difflib.get_close_matches(key, allowed, 1)
    return f"did you mean {near[0]}?" if near else "known fields: " + ", ".join(allowed)


class _Reader:
    """Collects errors while values are read."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def wrong(self, field: str, error: str, cure: str) -> None:
        self.errors.append(FieldError(field, error, cure))

    def mapping(self, field: str, value: object) -> Mapping[str, Any]:
        if value is None:
            return {}
        if isinstance(value, Mapping):
            return {str(key): item for key, item in value.items()}
        self.wrong(field, f"{_shown(value)} is not a group of fields", "write its fields indented below it")
        return {}

    def known(self, prefix: str, given: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
        for key in given:
            if key not in allowed:
                self.wrong(prefix + key, "is not a known field", _where(key, allowed))

    def text(self, field: str, value: object, limit: int) -> str | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if not isinstance(value, str):
            self.wrong(field, f"{_shown(value)} is not text", "put it in quotes")
            return None
        clean = " ".join(value.split()) if field != "exit_note" else value.strip()
        if len(clean) > limit or any(char < " " and char not in "\n\t" for char in clean):
            self.wrong(field, f"has {len(clean)} characters", f"use at most {limit} printable characters")
            return None
        return clean

    def number(self, field: str, value: object, *, low: Decimal, high: Decimal | None, cure: str) -> Decimal | None:
        if value is None or value == "":
            return None
        try:
            # A bool is a number to Python; "bool" is none to Decimal.
            number = Decimal("bool" if isinstance(value, bool) else str(value))
        except InvalidOperation:
            self.wrong(field, f"{_shown(value)} is not a number", cure)
            return None
        if not number.is_finite() or number < low or (high is not None and number > high):
            self.wrong(field, f"{_shown(value)} is out of range", cure)
            return None
        return number


def _shown(value: object) -> str:
    return repr(value)[:60]


def parse_feature(document: Mapping[str, Any]) -> tuple[Feature | None, list[FieldError]]:
    """Read one feature document; the feature is None where any field is wrong."""
    reader = _Reader()
    reader.known("", document, _TOP)
    slug = document.get("slug")
    if not isinstance(slug, str) or not SLUG.fullmatch(slug):
        reader.wrong(
            "slug",
            f"{_shown(slug)} is not a slug" if slug is not None else "is missing",
            "use 1 to 100 of a-z 0-9 . _ - starting with a letter or digit, such as ticket-triage",
        )
        slug = ""
    texts = {name: reader.text(name, document.get(name), limit) for name, limit in _TEXT_LIMITS.items()}
    feature = Feature(
        slug=slug,
        name=texts["name"],
        owner=texts["owner"],
        strategy=_strategy(reader, "strategy", document.get("strategy")) or Strategy.PROMPT,
        model=texts["model"],
        task=_task(reader, document.get("task")),
        quality=_quality(reader, document.get("quality")),
        costs=_costs(reader, document.get("costs")),
        exit_note=texts["exit_note"],
        match=_match(reader, document.get("match")),
        record=_record(reader, document.get("record")),
    )
    return (None if reader.errors else feature), reader.errors


def _strategy(reader: _Reader, field: str, value: object) -> Strategy | None:
    if value is None or value == "":
        return None
    try:
        return Strategy(str(value))
    except ValueError:
        reader.wrong(field, f"{_shown(value)} is not a strategy", "use one of: " + ", ".join(Strategy))
        return None


def _task(reader: _Reader, value: object) -> TaskProfile:
    given = reader.mapping("task", value)
    reader.known("task.", given, tuple(TASK_FIELDS_BY_NAME))
    values = {spec.name: _task_value(reader, spec, given.get(spec.name)) for spec in TASK_FIELDS}
    return TaskProfile(**{name: item for name, item in values.items() if item is not None})


def _task_value(reader: _Reader, spec: FieldSpec, value: object) -> Any:  # noqa: ANN401 (one type per kind)
    field = f"task.{spec.name}"
    if value is None or value == "":
        return None
    match spec.kind:
        case FieldKind.CHOICE:
            return _choice(reader, field, spec, value)
        case FieldKind.CHOICES:
            return _choices(reader, field, spec, value)
        case FieldKind.WHOLE:
            return _whole(reader, field, spec, value)
        case FieldKind.SHARE:
            return reader.number(field, value, low=Decimal(0), high=Decimal(1), cure=spec.cure)
        case _:
            return _flag(reader, field, spec, value)


def _whole(reader: _Reader, field: str, spec: FieldSpec, value: object) -> int | None:
    number = reader.number(field, value, low=Decimal(0), high=Decimal(10**12), cure=spec.cure)
    if number is not None and number != number.to_integral_value():
        reader.wrong(field, f"{_shown(value)} is not a whole number", spec.cure)
        return None
    return None if number is None else int(number)


def _flag(reader: _Reader, field: str, spec: FieldSpec, value: object) -> bool | None:
    flag = value if isinstance(value, bool) else _WORDS.get(str(value).lower())
    if flag is None:
        reader.wrong(field, f"{_shown(value)} is neither true nor false", spec.cure)
    return flag


def _choice(reader: _Reader, field: str, spec: FieldSpec, value: object) -> str | None:
    # YAML 1.1 reads a bare yes or no as a boolean; the seeds' words are meant.
    word = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    if word in spec.allowed:
        return word
    reader.wrong(field, f"{_shown(value)} is not an answer", spec.cure)
    return None


def _choices(reader: _Reader, field: str, spec: FieldSpec, value: object) -> tuple[str, ...] | None:
    items = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        reader.wrong(field, f"{_shown(value)} is not a list", spec.cure)
        return None
    wrong = [item for item in items if item not in spec.allowed]
    if wrong:
        reader.wrong(field, f"{_shown(wrong[0])} is not an answer", spec.cure)
        return None
    return tuple(items)


def _quality(reader: _Reader, value: object) -> Quality:
    given = reader.mapping("quality", value)
    reader.known("quality.", given, ("metric", "floor", "margin"))
    number = "use a number, such as 0.90"
    return Quality(
        metric=reader.text("quality.metric", given.get("metric"), 100),
        floor=reader.number(
            "quality.floor", given.get("floor"), low=Decimal(-(10**6)), high=Decimal(10**6), cure=number
        ),
        margin=reader.number("quality.margin", given.get("margin"), low=Decimal(0), high=Decimal(10**6), cure=number),
    )


def _costs(reader: _Reader, value: object) -> tuple[tuple[Strategy, CostOverride], ...]:
    names = tuple(item.name for item in fields(CostOverride))
    found: list[tuple[Strategy, CostOverride]] = []
    for key, group in reader.mapping("costs", value).items():
        strategy = _strategy(reader, f"costs.{key}", key)
        given = reader.mapping(f"costs.{key}", group)
        reader.known(f"costs.{key}.", given, names)
        numbers = {
            name: reader.number(
                f"costs.{key}.{name}", given.get(name), low=Decimal(0), high=Decimal(10**12), cure="use 0 or more"
            )
            for name in names
        }
        if strategy is not None and any(item is not None for item in numbers.values()):
            found.append((strategy, CostOverride(**numbers)))
    return tuple(sorted(found))


def _match(reader: _Reader, value: object) -> tuple[MatchRule, ...]:
    if value is None or value == "":
        return ()
    if not isinstance(value, list | tuple):
        reader.wrong(
            "match", f"{_shown(value)} is not a list", "write - {attribute: service.name, equals: support-api}"
        )
        return ()
    rules: list[MatchRule] = []
    for place, item in enumerate(value, start=1):
        given = reader.mapping(f"match.{place}", item)
        reader.known(f"match.{place}.", given, ("attribute", "equals"))
        attribute = reader.text(f"match.{place}.attribute", given.get("attribute"), 200)
        equals = reader.text(f"match.{place}.equals", given.get("equals"), 500)
        if attribute and equals:
            rules.append(MatchRule(attribute=attribute, equals=equals))
        elif not any(error.field.startswith(f"match.{place}") for error in reader.errors):
            reader.wrong(f"match.{place}", "needs both fields", "write {attribute: service.name, equals: support-api}")
    return tuple(rules)


def _record(reader: _Reader, value: object) -> Record:
    if value is None or isinstance(value, str):
        return Record(**dict.fromkeys(MEASURES, reader.text("record", value, 100)))
    given = reader.mapping("record", value)
    reader.known("record.", given, MEASURES)
    return Record(**{name: reader.text(f"record.{name}", given.get(name), 100) for name in MEASURES})


def feature_document(feature: Feature) -> dict[str, Any]:
    """The feature as a plain document that `parse_feature` reads back to an equal value; unknowns are left out."""
    task = {item.name: _plain(getattr(feature.task, item.name)) for item in fields(TaskProfile)}
    quality = {item.name: _plain(getattr(feature.quality, item.name)) for item in fields(Quality)}
    document: dict[str, Any] = {
        "slug": feature.slug,
        "name": feature.name,
        "owner": feature.owner,
        "strategy": str(feature.strategy),
        "model": feature.model,
        "task": _known_only(task),
        "quality": _known_only(quality),
        "costs": {
            str(strategy): _known_only({item.name: _plain(getattr(cost, item.name)) for item in fields(CostOverride)})
            for strategy, cost in feature.costs
        },
        "exit_note": feature.exit_note,
        "match": [{"attribute": rule.attribute, "equals": rule.equals} for rule in feature.match],
        "record": _known_only({name: getattr(feature.record, name) for name in MEASURES}),
    }
    return _known_only(document)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _known_only(group: dict[str, Any]) -> dict[str, Any]:
    """What is known; that nothing was tried is known, too."""
    return {key: item for key, item in group.items() if item is not None and (item not in ({}, []) or key == "tried")}
