"""What to look at twice before a feature is registered: a name that is taken or nearly so, a model without a price."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db.queries.features import feature_names
from db.queries.prices import book_models
from db.session import Engine, reading
from offramp.actions.failure import Problem

_ALIKE = 0.85
_SHOWN = 3
_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The registered features' slugs with their names, and every model that has a price."""

    names: tuple[tuple[str, str | None], ...]
    models: frozenset[str]


def known(engine: Engine) -> Known:
    """What there is to be mistaken for."""
    with reading(engine) as session:
        return Known(names=tuple(feature_names(session)), models=frozenset(book_models(session)))


def cautions(profile: Mapping[str, Any], there: Known, *, editing: bool = False) -> list[Problem]:
    """What a person should look at; none of it stops a feature from being registered, but for a slug that is taken.

    >>> there = Known(names=(("ticket-triage", "Ticket triage"),), models=frozenset({"openai/gpt-6-luna"}))
    >>> [each.error for each in cautions({"slug": "ticket_triages", "model": "openai/gpt-6-lunar"}, there)]
    ['looks like ticket-triage (Ticket triage)', 'no price is known for openai/gpt-6-lunar']
    """
    return [*([] if editing else _names(profile, there)), *_model(profile, there)]


def _names(profile: Mapping[str, Any], there: Known) -> list[Problem]:
    slug, name = str(profile.get("slug") or ""), str(profile.get("name") or "")
    if any(slug == other for other, _ in there.names):
        cure = "open the one that is there and edit it, or choose another slug"
        return [Problem(error=f"{slug} is registered already", field="slug", cure=cure)]
    mine = {_bare(text) for text in (slug, name) if _bare(text)}
    near = [
        f"{other} ({called})" if called else other
        for other, called in there.names
        if any(_alike(text, _bare(theirs)) for text in mine for theirs in (other, called or "") if theirs)
    ]
    if not near:
        return []
    cure = "if it is the same thing, edit that one: two entries split one feature's traffic"
    return [Problem(error=f"looks like {', '.join(near[:_SHOWN])}", field="slug", cure=cure)]


def _model(profile: Mapping[str, Any], there: Known) -> list[Problem]:
    model = str(profile.get("model") or "").strip()
    if not model or model in there.models:
        return []
    near = difflib.get_close_matches(model, there.models, _SHOWN, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "see `offramp prices` for the names in the book"
    cure = f"{hint} Its calls would be counted and shown as unpriced"
    return [Problem(error=f"no price is known for {model}", field="model", cure=cure)]


def _bare(text: str) -> str:
    return _LETTERS.sub("", text.casefold())


def _alike(one: str, other: str) -> bool:
    """Whether two bare names differ by a typing error; most pairs are told apart by their length alone."""
    if not other or min(len(one), len(other)) < _ALIKE * max(len(one), len(other)):
        return False
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE
