"""Registers or updates features: the form, the command line and HTTP all come through here."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from db.queries.features import features, former_names
from db.session import Engine, Session
from db.store.features import Saved, save_feature
from offramp.actions.actors import Actor, By, acting, may_write_feature, name_of
from offramp.actions.ended import not_ended
from offramp.actions.export import flat
from offramp.actions.failure import BadInput, Problem
from strategy.parse import feature_document, parse_feature
from strategy.profile import Feature

# So many slugs of a large file are named where it is kept who registered it.
_NAMED = 20
_ALL_TO_ONE = "else all of this traffic would count for one of them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What registering one feature changed: created, updated or unchanged, and the fields that moved."""

    slug: str
    change: str
    fields: tuple[str, ...]

    def document(self) -> dict[str, object]:
        """For `--json`."""
        return {"slug": self.slug, "change": self.change, "fields": list(self.fields)}


def canonical(document: Mapping[str, Any]) -> str:
    """The one text of a document: sorted keys, no spaces."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_yaml(text: str) -> list[dict[str, Any]]:
    """The feature documents of a YAML text with a top-level `features` list.

    Raises:
        BadInput: it is not YAML, or has no such list.
    """
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        raise BadInput([Problem(error="is not YAML", row=line, cure="check the indentation on that line")]) from None
    rows = content.get("features") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        problem_ = Problem(error="has no list of features", cure="start the file with `features:` and `- slug: …`")
        raise BadInput([problem_])
    return rows


def register(
    engine: Engine, documents: Sequence[Mapping[str, Any]], *, at: datetime, by: By, form_token: str | None = None
) -> list[Registered]:
    """Register the features of these documents, all or none of them.

    Raises:
        NotAllowed: one of them is another's, or would be given to another.
        BadInput: any field of any document is wrong; every wrong field is named.
    """
    parsed = _parse_all(documents)
    slugs = [feature.slug for feature in parsed]
    with acting(engine, by, "register", ", ".join(slugs[:_NAMED]), at) as session:
        if isinstance(by, Actor):
            owners = {head.slug: head.owner for head in features(session, slugs)}
            for feature in parsed:
                may_write_feature(by, feature.slug, [owners.get(feature.slug), feature.owner])
        _not_former(session, parsed)
        not_ended(session, slugs)
        _no_rule_twice(session, parsed)
        return [
            _changed(
                save_feature(
                    session, feature, canonical(feature_document(feature)), at=at, by=name_of(by), form_token=form_token
                ),
                feature,
            )
            for feature in parsed
        ]


def _not_former(session: Session, parsed: Sequence[Feature]) -> None:
    names = former_names(session)
    problems = [
        Problem(
            error=f"{feature.slug} is called {names[feature.slug]} since it was renamed or merged",
            row=row,
            field="slug",
            cure=f"register {names[feature.slug]}, whose its traffic is",
        )
        for row, feature in enumerate(parsed, start=1)
        if feature.slug in names
    ]
    if problems:
        raise BadInput(problems)


def _no_rule_twice(session: Session, parsed: Sequence[Feature]) -> None:
    """BadInput where two features would claim the same traffic: all of it would count for one of them, unseen."""
    if not any(feature.match for feature in parsed):
        return
    now = {feature.slug for feature in parsed}
    claimed = {
        (rule["attribute"], str(rule["equals"])): head.slug
        for head in features(session)
        if head.slug not in now
        for rule in head.document.get("match", ())
    }
    problems = []
    for row, feature in enumerate(parsed, start=1):
        for rule in dict.fromkeys(feature.match):
            other = claimed.setdefault((rule.attribute, rule.equals), feature.slug)
            if other != feature.slug:
                error = f"{rule.attribute} = {rule.equals} is a rule of {other} already"
                problems.append(Problem(error=error, row=row, field="match", cure=f"leave it to one; {_ALL_TO_ONE}"))
    if problems:
        raise BadInput(problems)


def _parse_all(documents: Sequence[Mapping[str, Any]]) -> list[Feature]:
    problems: list[Problem] = []
    parsed: list[Feature] = []
    for row, document in enumerate(documents, start=1):
        feature, errors = parse_feature(document)
        problems += [Problem(error=item.error, row=row, field=item.field, cure=item.cure) for item in errors]
        if feature is not None and feature.slug in {other.slug for other in parsed}:
            problems.append(Problem(error=f"{feature.slug} stands twice", row=row, field="slug", cure="keep one"))
        if feature is not None:
            parsed.append(feature)
    if problems:
        raise BadInput(problems)
    return parsed


def _changed(saved: Saved, feature: Feature) -> Registered:
    before = json.loads(saved.before) if saved.before else {}
    after = feature_document(feature)
    moved = () if saved.change == "unchanged" else _moved(before, after)
    return Registered(slug=saved.slug, change=saved.change, fields=moved)


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    flat_before, flat_after = flat(before), flat(after)
    names = flat_before.keys() | flat_after.keys()
    return tuple(sorted(name for name in names if flat_before.get(name) != flat_after.get(name)))
