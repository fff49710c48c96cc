"""What a sender's (provider, model) means: an id of the price book, or nothing.

A name is taken only where it says the id itself, a name the feed lists word for word, or either with a version
behind it (a date, -latest, -001, -v1:0). A mere prefix is not enough: a new model is never priced as an older
namesake, and what is not understood stays unpriced and visible.
"""

import re
from collections.abc import Iterator
from functools import cache

from collectors.price_feed import FeedModel, FeedProvider, feed_providers
from collectors.price_history import cited_models

# Searched when no provider is given: the makers of models, not the hosts and routers that resell them.
FIRST_PARTY = (
    "anthropic",
    "cohere",
    "deepseek",
    "google",
    "mistral",
    "moonshotai",
    "openai",
    "voyageai",
    "x-ai",
    "zai",
)

_VERSION = re.compile(
    r"(?:[-@](?:latest|default|\d{3,4}|\d{8}|\d{4}-\d{2}-\d{2}|\d{2}-\d{4}))?(?:-v\d+)?(?::\d+)?", re.ASCII
)
_COMPACT_DATE = re.compile(r"-(20\d{2})(\d{2})(\d{2})$", re.ASCII)
_REGION = re.compile(r"^(?:us-gov|us|eu|apac|au|jp|ca|global)\.")
_FINE_TUNE = re.compile(r"^ft:[^:]+")

# The words instrumentations, gateways and SDKs use for a provider, strongest first: azure.ai.openai is Azure.
_PROVIDER_WORDS = (
    ("azure", ("azure", "az", "azureopenai", "azurefoundry", "foundry")),
    ("aws", ("bedrock", "aws", "amazon")),
    ("google", ("google", "gcp", "vertex", "vertexai", "gemini", "googleai", "googlegeminiai")),
    ("openrouter", ("openrouter",)),
    ("together", ("together", "togetherai")),
    ("fireworks", ("fireworks",)),
    ("mistral", ("mistral", "mistralai")),
    ("x-ai", ("xai",)),
    ("moonshotai", ("moonshot", "moonshotai")),
    ("voyageai", ("voyage", "voyageai")),
    ("anthropic", ("anthropic", "claude")),
    ("cohere", ("cohere",)),
    ("deepseek", ("deepseek",)),
    ("groq", ("groq",)),
    ("openai", ("openai",)),
)
# A client that speaks somebody's protocol says nothing about who answered.
_PROTOCOL_WORDS = {"compatible", "like", "compat"}
# Nor does a framework that writes its own name for the provider's.
_FRAMEWORKS = {"strands-agents", "langchain", "llamaindex", "llama_index", "crewai", "microsoft.agent_framework"}
_GATEWAYS = {"", "litellm", *_FRAMEWORKS}
# Only Bedrock puts the maker's name and a point before a model's; Traceloop's spans leave that out.
_BEDROCK_MAKERS = ("amazon", "anthropic", "cohere", "meta", "mistral")
_BEDROCK_ID = re.compile(rf"^(?:[a-z-]+\.)?(?:{'|'.join(_BEDROCK_MAKERS)})\.", re.ASCII)


def provider_id(text: str) -> str | None:
    """The feed's provider for a sender's word for it; None where unknown.

    >>> provider_id("azure.ai.openai"), provider_id("gcp.vertex_ai"), provider_id("openai-compatible")
    ('azure', 'google', None)
    """
    plain = text.strip().lower()
    for known in (plain, plain.replace("_", "-")):
        if known in feed_providers():
            return known
    # LangChain4j's own name for it is the only one of two words.
    words = set(re.split(r"[^a-z0-9]+", plain.replace("open_ai", "openai")))
    if words & _PROTOCOL_WORDS:
        return None
    return next((found for found, used in _PROVIDER_WORDS if words & set(used)), None)


def resolve(provider: str, name: str) -> str | None:
    """The price book's id, `provider/model`, for a sender's provider and model; None where nobody claims the name.

    Without a provider, makers of models are asked, and only an answer that all of them agree on counts.
    """
    plain, maker = name.strip().lower(), provider_id(provider)
    for host, bare, exact in _readings(maker, plain):
        found = _find(host, bare, exact=exact)
        if found is not None:
            return f"{host}/{found}"
    if provider.strip().lower() not in _GATEWAYS:
        return None
    return resolve("aws", plain) if _BEDROCK_ID.match(plain) else _only_maker(plain)


def _only_maker(name: str) -> str | None:
    found = {host: model for host in FIRST_PARTY if (model := _find(host, name)) is not None}
    # Where a maker also hosts another's models, the other is the maker of what both claim.
    makers = [host for host in found if not found.keys() & set(feed_providers()[host].hosted)]
    return f"{makers[0]}/{found[makers[0]]}" if len(makers) == 1 else None


def _readings(maker: str | None, name: str) -> Iterator[tuple[str, str, bool]]:
    """The ways to read a name: (provider, name, whether only a word-for-word match counts)."""
    prefix, _, rest = name.partition("/")
    named = provider_id(prefix) if rest else None
    if maker is not None:
        yield maker, name, False
    if maker in {"aws", "google"} and rest:
        # An ARN, models/… and publishers/…/models/… end in the model's own name.
        yield maker, name.rsplit("/", 1)[-1], False
    if maker == "aws":
        for each in _BEDROCK_MAKERS:
            yield maker, f"{each}.{name}", False
    # OpenAI's client is everybody's client, so there the prefix of the name knows better.
    if named is not None and maker in {None, named, "openai"}:
        maker, name = named, rest
        yield maker, name, False
    if maker is not None:
        for host in feed_providers()[maker].hosted:
            yield host, name, True


def _find(host: str, name: str, *, exact: bool = False) -> str | None:
    tune = _FINE_TUNE.match(name)
    dashed = _COMPACT_DATE.sub(r"-\1-\2-\3", name)
    for form in dict.fromkeys([name, dashed, *([tune.group()] if tune else [])]):
        found = _find_form(_models(host), form, exact=exact)
        if found is not None:
            return found
    return None


def _find_form(models: tuple[FeedModel, ...], name: str, *, exact: bool) -> str | None:
    by_rank: dict[tuple[int, int], set[str]] = {}
    for model in models:
        if name == model.id.lower():
            return model.id
        rank = (2, 0) if name in model.names else (1, _stem_length(model, name)) if not exact else (0, 0)
        if rank > (1, 0):
            by_rank.setdefault(rank, set()).add(model.id)
    best = by_rank[max(by_rank)] if by_rank else set()
    return next(iter(best)) if len(best) == 1 else None


def _stem_length(model: FeedModel, name: str) -> int:
    """How much of the name is the model's own where only a version follows it; 0 where more follows."""
    if not model.claims(name):
        return 0
    local = _REGION.sub("", name)
    forms = {name, local, local.removeprefix("anthropic.")}
    return max(
        (
            len(stem)
            for stem in (text.rstrip("-@").removesuffix("-latest") for text in model.stems)
            for form in forms
            if form.startswith(stem) and _VERSION.fullmatch(form, len(stem))
        ),
        default=0,
    )


@cache
def _models(host: str) -> tuple[FeedModel, ...]:
    fed = feed_providers().get(host, FeedProvider(host, (), ())).models
    known = {model.id for model in fed}
    own = [name.partition("/")[2] for name in cited_models() if name.startswith(f"{host}/")]
    return (*(FeedModel(name, frozenset(), frozenset({name.lower()})) for name in own if name not in known), *fed)
