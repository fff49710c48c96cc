"""The demo company as values, read from company.yaml: what is registered, and how each feature's traffic behaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

WEEKS = 26
DAYS = WEEKS * 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Days on which traffic is `times` its level; `day` counts from the first day of the demo."""

    day: int
    days: int
    times: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What a stream called until its model was released."""

    model: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One feature's calls to one model. Tokens and latency are means per call, shares are from 0 to 1.

    The level moves from `calls_per_day` to `grows_to` over the demo along `trend`; `sway` is the spread of
    days, `gust` how far hours stray (1: as the traced clients do), `weekend` a Saturday's share of a weekday.
    """

    feature: str | None
    file: str
    provider: str
    model: str
    calls_per_day: float
    grows_to: float
    trend: str = "linear"
    starts: int = 0
    ends: int = 100_000
    weekend: float = 0.8
    sway: float = 0.1
    gust: float = 0.5
    input_tokens: int = 0
    cached_share: float = 0.0
    output_tokens: int = 0
    reasoning_share: float = 0.0
    latency_ms: int = 1000
    error_rate: float = 0.0
    bursts: tuple[Burst, ...] = ()
    before: Before | None = None

    def model_on(self, day: date) -> str:
        """The model it calls on a day: nobody calls what is not yet sold."""
        return self.model if self.before is None or day >= self.before.until else self.before.model


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalPlan:
    """Scores of one strategy from day `day` on, every `every` days (0: once); ten-thousandths, `wobble` either way."""

    feature: str
    metric: str
    strategy: str
    score: int
    n: int
    day: int
    every: int = 0
    wobble: int = 0
    evaluator: str = "promptfoo"
    evaluator_version: str = "0.123.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMove:
    """What somebody does with a feature's alert on day `day`, at nine; the other fields are those of the move.

    `due_day` and `until_day` are days of the demo, too.
    """

    feature: str
    day: int
    move: str
    by: str
    note: str | None = None
    due_day: int | None = None
    until_day: int | None = None
    reason: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Feature documents as `offramp register` reads them, what drives their traffic and evals, what people do."""

    documents: tuple[dict[str, Any], ...]
    streams: tuple[Stream, ...]
    evals: tuple[EvalPlan, ...]
    moves: tuple[PlannedMove, ...]

    @property
    def slugs(self) -> frozenset[str]:
        """The registered features."""
        return frozenset(str(document["slug"]) for document in self.documents)

    def launched(self, number: int) -> list[dict[str, Any]]:
        """The documents of the features that have traffic by the demo's day `number`."""
        begun = {stream.feature for stream in self.streams if stream.starts <= number}
        return [document for document in self.documents if document["slug"] in begun]


@cache
def load_company() -> Company:
    """The company that ships with the package."""
    text = files("offramp.demo").joinpath("company.yaml").read_text(encoding="utf-8")
    raw = yaml.safe_load(text)
    documents = tuple({key: value for key, value in item.items() if key != "demo"} for item in raw["features"])
    streams = [
        _stream(item["slug"], given) for item in raw["features"] for given in item.get("demo", {}).get("traffic", ())
    ]
    streams += [_stream(given.get("feature"), given) for given in raw["unregistered"]]
    evals = tuple(
        EvalPlan(feature=item["slug"], metric=item["quality"]["metric"], **plan)
        for item in raw["features"]
        for plan in item.get("demo", {}).get("evals", ())
    )
    moves = tuple(
        PlannedMove(feature=item["slug"], **move)
        for item in raw["features"]
        for move in item.get("demo", {}).get("moves", ())
    )
    return Company(documents=documents, streams=tuple(streams), evals=evals, moves=moves)


def _stream(feature: str | None, given: Mapping[str, Any]) -> Stream:
    plain = {key: value for key, value in given.items() if key not in {"bursts", "feature", "before"}}
    plain.setdefault("grows_to", plain["calls_per_day"])
    bursts = tuple(Burst(**burst) for burst in given.get("bursts", ()))
    before = Before(**given["before"]) if "before" in given else None
    return Stream(feature=feature, bursts=bursts, before=before, **plain)
