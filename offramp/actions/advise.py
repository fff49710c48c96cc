"""Judges described tasks without a database: what to build before the first prompt, or what to do with a feature."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import yaml

from offramp.actions.failure import BadInput, Problem
from strategy.advice import Advice, Described, advise, read_described
from strategy.advice.describe import is_feature
from strategy.policy import Policy

_SHAPES = "give YAML with `features:`, or one JSON object a line such as {“id”: “a”, “profile”: {“determinism”: “yes”}}"

_LINES = object()


@dataclass(frozen=True, slots=True)
class Row:
    """One described task with its name and where it stands in the file."""

    id: str
    row: int
    described: Described


def advise_on(text: str, policy: Policy, *, voice: str, as_of: datetime) -> list[Advice]:
    """An advice for each profile of a YAML, JSON or JSONL text, in its order.

    Raises:
        BadInput: the text holds no profile, or any name or value of any profile is wrong; all are named.
    """
    return [advise(row.described, policy, id=row.id, voice=voice, as_of=as_of) for row in read_profiles(text)]


def read_profiles(text: str) -> list[Row]:
    """The profiles of a text, all or none of them. Raises BadInput as `advise_on` does."""
    found: list[Row] = []
    problems: list[Problem] = []
    for number, item in _rows(text):
        try:
            name, profile = _named(number, item)
        except BadInput as bad:
            problems += bad.problems
            continue
        described, errors = read_described(profile)
        problems += [Problem(error=each.error, row=number, field=each.field, cure=each.cure) for each in errors]
        if described is not None:
            found.append(Row(name, number, described))
    if problems:
        raise BadInput(problems)
    return found


def _named(number: int, item: object) -> tuple[str, Mapping[str, Any]]:
    """A row's id and its profile: a feature document, {id, profile, …}, or a bare profile."""
    if not isinstance(item, Mapping):
        raise BadInput([Problem(error=f"{item!r:.60} is not a profile", row=number, cure=_SHAPES)])
    row: dict[str, Any] = {str(key): value for key, value in item.items()}
    if is_feature(row):
        return str(row.get("slug", f"row {number}")), row
    name = str(row.pop("id", f"row {number}"))
    if "profile" not in row:
        return name, row
    if not isinstance(row["profile"], Mapping):
        problem = Problem(error="is not a group of names", row=number, field="profile", cure=_SHAPES)
        raise BadInput([problem])
    return name, {str(key): value for key, value in row["profile"].items()}


def _rows(text: str) -> Sequence[tuple[int, object]]:
    """The rows of a text with their numbers: the line in JSONL, the place in a list."""
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise BadInput([Problem(error="the input is empty", cure=_SHAPES)])
    content = _content(text)
    if isinstance(content, Mapping):
        content = content.get("features", content.get("profiles", [content]))
    if content is _LINES:
        return _lines(text)
    if not isinstance(content, list) or not content:
        raise BadInput([Problem(error="the input holds no profile", cure=_SHAPES)])
    return list(enumerate(content, start=1))


def _content(text: str) -> object:
    """The whole text as one JSON or YAML document; `_LINES` where it is one JSON object a line."""
    try:
        return json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        if text.lstrip().startswith("{"):
            return _LINES
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as wrong:
        mark = getattr(wrong, "problem_mark", None)
        row = None if mark is None else mark.line + 1
        raise BadInput([Problem(error="is neither JSON nor YAML", row=row, cure=_SHAPES)]) from None


def _lines(text: str) -> Sequence[tuple[int, object]]:
    found: list[tuple[int, object]] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append((number, json.loads(line, parse_float=Decimal)))
        except (ValueError, RecursionError):
            problems.append(Problem(error="is not JSON", row=number, cure="write one JSON object a line"))
    if problems:
        raise BadInput(problems)
    return found
