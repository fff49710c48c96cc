"""Gives the past to the match rules: traffic that was filed under the name that a rule now claims."""

from dataclasses import dataclass
from datetime import datetime

from collectors.resolver import resolver_for
from db.queries.ended import discovered_names
from db.queries.features import features
from db.session import Engine, reading
from offramp.actions.failure import BadInput, Problem
from offramp.actions.rename import Renamed, merge
from offramp.config import feature_keys
from strategy.parse import parse_feature


@dataclass(frozen=True, slots=True, kw_only=True)
class Rematched:
    """What became the features' of their rules, and the rules whose attribute the past does not know."""

    moved: tuple[Renamed, ...]
    unknowable: tuple[tuple[str, str], ...]


def rematch(engine: Engine, slug: str | None = None, *, at: datetime, by: str, dry_run: bool = False) -> Rematched:
    """Merge each discovered name that a rule of this feature (or of any) claims into that feature.

    The past keeps names, no attributes: a rule about a service, a prompt, a workflow, an agent or a feature key finds
    what was filed under that name; of any other attribute nothing was kept.

    Raises:
        BadInput: the feature is not registered.
    """
    with reading(engine) as session:
        heads = features(session)
        registered = {head.slug for head in heads}
        seen = discovered_names(session)
    if slug is not None and slug not in registered:
        raise BadInput([Problem(error=f"no feature {slug!r}", field="slug", cure="see `offramp features`")])
    search = resolver_for((), feature_keys())
    named_by = {"service.name", *search.explicit, *search.named_units}
    claims: dict[str, str] = {}
    unknowable = []
    for head in heads:
        feature, _ = parse_feature(head.document)
        for rule in feature.match if feature is not None and slug in {None, head.slug} else ():
            if rule.attribute not in named_by:
                unknowable.append((head.slug, rule.attribute))
                continue
            for name in seen:
                if name == rule.equals or (rule.attribute == "service.name" and name.endswith(f"/{rule.equals}")):
                    claims.setdefault(name, head.slug)
    moved = tuple(merge(engine, name, into, at=at, by=by, dry_run=dry_run) for name, into in sorted(claims.items()))
    return Rematched(moved=moved, unknowable=tuple(unknowable))
