"""The YAML that names the sources to pull from. It holds no secret: each is named by variable or file.

```yaml
sources:
  - {name: gateway, kind: litellm, url: https://litellm.example.com, key: {env: LITELLM_MASTER_KEY}}
  - name: traces
    kind: langfuse
    url: https://langfuse.example.com
    public_key: {env: LANGFUSE_PUBLIC_KEY}
    secret_key: {file: /run/secrets/langfuse}
  - {name: openai, kind: openai, key: {env: OPENAI_ADMIN_KEY}, features: {proj_abc: ticket-triage}}
  - {name: anthropic, kind: anthropic, key: {env: ANTHROPIC_ADMIN_KEY}}
  - name: lake
    kind: warehouse
    database: {env: WAREHOUSE_URL}
    query: SELECT hour AS timestamp, feature, provider, model, calls, input_tokens, output_tokens
      FROM llm_hourly WHERE hour >= :start AND hour < :end
```
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import yaml

from collectors.rejected import SourceError
from strategy.record import PULLED

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,49}")
_SECRETS: Mapping[str, tuple[str, ...]] = {
    "litellm": ("key",),
    "litellm_daily": ("key",),
    "langfuse": ("public_key", "secret_key"),
    "openai": ("key",),
    "anthropic": ("key",),
    "warehouse": ("database",),
}
_URLS = {"openai": "https://api.openai.com", "anthropic": "https://api.anthropic.com"}
_OPTIONAL = {
    "name", "kind", "url", "look_back_days", "features", "allow_private", "query", "lower_is_better", "separate",
    "ca_file",
}  # fmt: skip # many short names a line
_MOST_DAYS = 400

SecretOf = Callable[[str, str], str | None]
"""The secret that (`env` or `file`, its name) names; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSource:
    """One source. Each pull reads the last `look_back_days` again: what lies before them is final.

    `lower_is_better` names the scores of which less is better: no source says so itself.

    What fails is tried again until there were so many `attempts`. `missing` says which secret is not there: that keeps
    this source from being read, and no other. `beside` names all sources of its file. One that is `separate` tells of
    other calls than a source of its kind that has left the file. `ca_file` holds certificates of authorities (PEM) that
    are trusted beside the public ones.
    """

    name: str
    kind: str
    url: str = ""
    look_back_days: int = 3
    features: Mapping[str, str] = field(default_factory=dict)
    allow_private: bool = False
    attempts: int = 6
    query: str = ""
    lower_is_better: frozenset[str] = frozenset()
    missing: str = ""
    beside: frozenset[str] | None = None
    separate: bool = False
    ca_file: str = ""
    # Never shown: a source may end up in a message or a log.
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def label(self) -> str:
        """What its calls and runs are filed under; no file and no sender is called so."""
        return f"{PULLED}{self.name}"


def read_sources(raw: bytes, secret_of: SecretOf) -> tuple[PullSource, ...]:
    """The sources of a YAML file.

    Raises:
        SourceError: it is no such file; the message names the source and the field.
    """
    try:
        content = yaml.load(raw, Loader=yaml.BaseLoader)  # noqa: S506 (BaseLoader builds only text, lists and dicts)
    except (yaml.YAMLError, UnicodeDecodeError):
        raise SourceError("the sources file is not YAML", cure="check its indentation") from None
    entries = content.get("sources") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise SourceError("the sources file has no list `sources`", cure="start it with `sources:`")
    found = tuple(_source(number, entry, secret_of) for number, entry in enumerate(entries, start=1))
    names = [source.name for source in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SourceError(f"two sources are named {twice!r}", cure="give each a name of its own")
    return tuple(replace(source, beside=frozenset(names)) for source in found)


def _source(number: int, entry: Any, secret_of: SecretOf) -> PullSource:  # noqa: ANN401 (any YAML value)
    if not isinstance(entry, dict):
        raise SourceError(f"source {number} is no mapping", cure="write name, kind and what that kind needs")
    name, kind = str(entry.get("name", "")), str(entry.get("kind", ""))
    if not _NAME.fullmatch(name):
        raise SourceError(f"source {number}: name is missing or wrong", cure="use small letters, digits, . _ -")
    if kind not in _SECRETS:
        raise SourceError(f"source {name}: no kind {kind!r}", cure=f"use one of {', '.join(_SECRETS)}")
    unknown = sorted(set(entry) - _OPTIONAL - set(_SECRETS[kind]))
    if unknown:
        raise SourceError(f"source {name}: no field {unknown[0]!r} for {kind}", cure="see docs/collect.md")
    places = _secret_places(name, kind, entry)
    secrets = {wanted: secret_of(*place) or "" for wanted, place in places.items()}
    query = str(entry.get("query", ""))
    if kind == "warehouse" and not (":start" in query and ":end" in query):
        raise SourceError(f"source {name}: query is missing or reads all of time", cure="bound it by :start and :end")
    return PullSource(
        name=name,
        kind=kind,
        url=_url(name, kind, entry),
        look_back_days=_days(name, entry.get("look_back_days", "3")),
        features=_features(name, entry.get("features", {})),
        allow_private=_yes(entry.get("allow_private")),
        separate=_yes(entry.get("separate")),
        ca_file=str(entry.get("ca_file", "")),
        query=query,
        lower_is_better=_scores(name, entry.get("lower_is_better", [])),
        missing=_missing(places, secrets),
        secrets=secrets,
    )


def _yes(given: object) -> bool:
    return str(given).lower() in {"true", "yes", "1"}


def usable(source: PullSource) -> None:
    """Let pass a source whose secrets are there.

    Raises:
        SourceError: one is not; the message names it.
    """
    if source.missing:
        raise SourceError(source.missing, cure="set it where Offramp runs")


def _secret_places(name: str, kind: str, entry: dict[str, Any]) -> dict[str, tuple[str, str]]:
    found = {}
    for wanted in _SECRETS[kind]:
        named = entry.get(wanted)
        if not isinstance(named, dict) or len(named) != 1 or not set(named) <= {"env", "file"}:
            cure = f"write {wanted}: {{env: NAME}} or {{file: PATH}}; the secret itself does not belong here"
            raise SourceError(f"source {name}: {wanted} names no secret", cure=cure)
        ((where, place),) = named.items()
        found[wanted] = where, str(place)
    return found


def _missing(places: Mapping[str, tuple[str, str]], secrets: Mapping[str, str]) -> str:
    for wanted, (where, place) in places.items():
        if not secrets[wanted]:
            words = (
                f"variable {place} is not set or empty"
                if where == "env"
                else f"file {place} cannot be read or is empty"
            )
            return f"{wanted}: {words}"
    return ""


def _url(name: str, kind: str, entry: dict[str, Any]) -> str:
    if kind == "warehouse":
        return ""
    url = str(entry.get("url", _URLS.get(kind, "")))
    try:
        parts = urlsplit(url)
        plain = parts.scheme in {"http", "https"} and parts.hostname and not parts.username and not parts.query
    except ValueError:
        plain = False
    if not plain:
        raise SourceError(f"source {name}: url is missing or no plain http(s) URL", cure="such as https://host")
    return url.rstrip("/")


def _days(name: str, text: object) -> int:
    days = int(text) if isinstance(text, str) and text.isdecimal() and len(text) <= len(str(_MOST_DAYS)) else 0
    if not 1 <= days <= _MOST_DAYS:
        raise SourceError(f"source {name}: look_back_days is wrong", cure=f"write 1 to {_MOST_DAYS}")
    return days


def _features(name: str, given: object) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(feature, str) for feature in given.values()):
        raise SourceError(f"source {name}: features is no mapping", cure="write features: {project_id: slug}")
    return {str(group): feature for group, feature in given.items()}


def _scores(name: str, given: object) -> frozenset[str]:
    if not isinstance(given, list) or not all(isinstance(score, str) for score in given):
        raise SourceError(f"source {name}: lower_is_better is no list", cure="write lower_is_better: [hallucination]")
    return frozenset(given)
