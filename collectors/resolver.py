"""Which feature a span belongs to. No standard attribute says so, hence an ordered, configurable search.

The order; the first that answers wins:

1. an explicit key on the span: those of OFFRAMP_FEATURE_KEYS, then `feature`, `feature.name`, `app.feature`,
   `app.feature.name`, `llm.feature`;
2. a vendor's carrier on the span: Traceloop association, Langfuse trace metadata or a `feature:` tag, OpenInference
   metadata or a `feature:` tag, LiteLLM's spend_logs_metadata, the metadata of Vercel's SDK, LangSmith, Mastra,
   Genkit, Laminar and OpenRouter, LangSmith's `feature:` tag, MLflow's trace tag;
3. a match rule of a registered feature, on an attribute of the span;
4. 1 to 3 on the nearest ancestor that has one;
5. 1 to 3 on the resource, its own or else that of the nearest ancestor that has one;
6. a named unit of the span or of the nearest ancestor that has one: prompt, workflow, agent (somebody's name for a
   part, which frameworks write onto every call, so whatever is stated beats it);
7. `service.namespace/service.name` of the resource, or `service.name` alone; `unknown_service` counts as nothing;
8. None: unattributed, shown and never dropped.

A name is compared exactly, after control characters are removed and 100 characters kept.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from collectors.json_text import json_in
from collectors.names import FEATURE_LENGTH, clean_name
from strategy.profile import Feature
from strategy.spans import Claims

Value = str | bool | int | float | tuple[str, ...]
Attributes = Mapping[str, Value]

EXPLICIT = ("feature", "feature.name", "app.feature", "app.feature.name", "llm.feature")
_TAG_PREFIX = "feature:"
_MOST_REPR = 65_536
# LiteLLM writes Python's repr of a dictionary, which is not JSON.
_REPR_FEATURE = re.compile(r"""['"]feature['"]\s*:\s*(?:'([^'\n]{1,400})'|"([^"\n]{1,400})")""")


@dataclass(frozen=True, slots=True)
class Rule:
    """Traffic whose span or resource attribute equals this value belongs to the feature of this slug."""

    slug: str
    attribute: str
    equals: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverConfig:
    """What the search looks at. `rules` are tried in their order; the names of the four lists are attribute keys."""

    explicit: tuple[str, ...] = EXPLICIT
    rules: tuple[Rule, ...] = ()
    named_units: tuple[str, ...] = (
        "gen_ai.prompt.name",
        "gen_ai.workflow.name",
        "traceloop.workflow.name",
        "gen_ai.agent.name",
        "ai.telemetry.functionId",
    )
    service: bool = True
    on_spans: frozenset[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Note which attributes of a span can name a feature: most spans have none of them."""
        rules = (rule.attribute for rule in self.rules)
        object.__setattr__(self, "on_spans", frozenset((*self.explicit, *_CARRIERS, *rules, *self.named_units)))

    def attributes(self) -> frozenset[str]:
        """Every attribute key that the search may read."""
        return self.on_spans | {"service.name", "service.namespace"}


def resolver_for(features: Iterable[Feature], keys: tuple[str, ...] = ()) -> ResolverConfig:
    """The search with the match rules of these features, in their order, and `keys` as its first keys."""
    return ResolverConfig(
        explicit=(*keys, *(key for key in EXPLICIT if key not in keys)),
        rules=tuple(Rule(feature.slug, rule.attribute, rule.equals) for feature in features for rule in feature.match),
    )


def claims(config: ResolverConfig, attributes: Attributes, resource: Attributes) -> Claims:
    """Whom a span and its resource name, by every rule of the search that needs no other span."""
    return with_span(config, resource_claims(config, resource), attributes)


def resource_claims(config: ResolverConfig, resource: Attributes) -> Claims:
    """Whom a resource names: the same for every span of it."""
    return Claims(resource=_stated(config, resource), service=_service(resource) if config.service else None)


def with_span(config: ResolverConfig, given: Claims, attributes: Attributes) -> Claims:
    """The claims of a resource with those of a span of it."""
    if not attributes or config.on_spans.isdisjoint(attributes):
        return given
    return Claims(_stated(config, attributes), _unit(config, attributes), given.resource, given.service)


def resolve(chain: Iterable[Claims]) -> str | None:
    """The feature of the first span of `chain`, whose ancestors follow, nearest first; None where nobody claims it."""
    unit = resource = service = None
    for number, found in enumerate(chain):
        if found.stated:
            return found.stated
        resource = resource or found.resource
        if number == 0:
            service = found.service
        unit = unit or found.unit
    return resource or unit or service


def _stated(config: ResolverConfig, attributes: Attributes) -> str | None:
    return (
        _first_name(attributes, config.explicit)
        or _carried(attributes)
        or next((rule.slug for rule in config.rules if _shown(attributes.get(rule.attribute)) == rule.equals), None)
    )


def _unit(config: ResolverConfig, attributes: Attributes) -> str | None:
    # Gemini's command line numbers its prompts: each would be a feature of its own.
    numbered = "gen_ai.prompt.name" if attributes.get("gen_ai.agent.name") == "gemini-cli" else None
    return _first_name(attributes, (name for name in config.named_units if name != numbered))


def _first_name(attributes: Attributes, names: Iterable[str]) -> str | None:
    for name in names:
        # MLflow's values are JSON texts.
        if name in attributes and (found := _name(_unquoted(attributes[name]))):
            return found
    return None


def _carried(attributes: Attributes) -> str | None:
    if _CARRIERS.keys().isdisjoint(attributes):
        return None
    for key, read in _CARRIERS.items():
        value = attributes.get(key)
        if value is not None and (found := _name(read(value))):
            return found
    return None


def _service(resource: Attributes) -> str | None:
    name = _name(resource.get("service.name"))
    if not name or name == "unknown_service" or name.startswith("unknown_service:"):
        return None
    namespace = _name(resource.get("service.namespace"))
    return clean_name(f"{namespace}/{name}", FEATURE_LENGTH) if namespace else name


def _name(value: Value | None) -> str | None:
    if value is None:
        return None
    return clean_name(_shown(value) or "", FEATURE_LENGTH) or None


def _shown(value: Value | None) -> str | None:
    """A value as a rule's `equals` writes it: true and false in small letters, numbers in digits."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def _unquoted(value: Value) -> Value | None:
    if isinstance(value, str) and value.startswith('"'):
        parsed = json_in(value)
        return parsed if isinstance(parsed, str) else value
    return value


def _tagged(value: Value) -> Value | None:
    tags = value if isinstance(value, tuple) else json_in(value)
    if isinstance(value, str) and not isinstance(tags, list):
        # LangSmith joins them with commas.
        tags = [tag.strip() for tag in value[:_MOST_REPR].split(",")]
    if not isinstance(tags, tuple | list):
        return None
    found = (tag for tag in tags if isinstance(tag, str) and tag.startswith(_TAG_PREFIX))
    return next((tag.removeprefix(_TAG_PREFIX) for tag in found), None)


def _in_metadata(value: Value) -> Value | None:
    parsed = json_in(value)
    found = parsed.get("feature") if isinstance(parsed, dict) else None
    if isinstance(found, str):
        return found
    match = _REPR_FEATURE.search(value[:_MOST_REPR]) if isinstance(value, str) and parsed is None else None
    return (match[1] or match[2]) if match else None


_CARRIERS: dict[str, Callable[[Value], Value | None]] = {
    "traceloop.association.properties.feature": _unquoted,
    "langfuse.trace.metadata.feature": _unquoted,
    "langfuse.observation.metadata.feature": _unquoted,
    "langfuse.trace.tags": _tagged,
    "metadata": _in_metadata,
    "tag.tags": _tagged,
    "metadata.spend_logs_metadata": _in_metadata,
    "ai.telemetry.metadata.feature": _unquoted,
    "ai.settings.context.feature": _unquoted,
    "langsmith.metadata.feature": _unquoted,
    "langsmith.span.tags": _tagged,
    "mastra.metadata.feature": _unquoted,
    "mlflow.traceTag.feature": _unquoted,
    "genkit:metadata:feature": _unquoted,
    "lmnr.association.properties.metadata.feature": _unquoted,
    "trace.metadata.feature": _unquoted,
}
