"""Who told of a provider's calls: what each source counted, and what it said beside the source of record."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from offramp.actions.costing import CostedGroup
from strategy.shown import exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One source's calls of a provider.

    `calls` and `cost_usd` are in the figures. `beside_calls` and `beside_usd` are not: of the features and days that
    they belong to, other sources are the record, and counted `record_calls`. `shared_calls` are counted ones of
    features and days of which another source is counted, too. A cost of None is unknown.
    """

    provider: str
    source: str
    calls: int
    cost_usd: Decimal | None
    shared_calls: int
    beside_calls: int
    beside_usd: Decimal | None
    record_calls: int

    def document(self) -> dict[str, Any]:
        """For `reconcile --json`."""
        return {
            "provider": self.provider,
            "source": self.source,
            "calls": self.calls,
            "tracked_usd": None if self.cost_usd is None else exact(self.cost_usd),
            "beside_calls": self.beside_calls,
            "beside_usd": None if self.beside_usd is None else exact(self.beside_usd),
            "record_calls": self.record_calls,
        }


def tellings(
    record: Sequence[CostedGroup], beside: Sequence[CostedGroup], provider_of: Callable[[CostedGroup], str]
) -> tuple[Telling, ...]:
    """One line per provider and source, of groups by feature, day and source."""
    counted, left = _by_source(record, provider_of), _by_source(beside, provider_of)
    calls: defaultdict[tuple[Any, ...], int] = defaultdict(int)
    tellers: defaultdict[tuple[Any, ...], set[str]] = defaultdict(set)
    for costed in record:
        place = (provider_of(costed), *_feature_day(costed))
        calls[place] += costed.group.calls
        tellers[place[1:]].add(costed.group.source or "")
    return tuple(
        Telling(
            provider=provider,
            source=source,
            calls=_calls(counted.get((provider, source), ())),
            cost_usd=_cost(counted.get((provider, source), ())),
            shared_calls=_calls(
                [each for each in counted.get((provider, source), ()) if len(tellers[_feature_day(each)]) > 1]
            ),
            beside_calls=_calls(left.get((provider, source), ())),
            beside_usd=_cost(left.get((provider, source), ())),
            record_calls=sum(
                calls.get((provider, *place), 0)
                for place in {_feature_day(each) for each in left.get((provider, source), ())}
            ),
        )
        for provider, source in sorted({*counted, *left})
    )


def _feature_day(costed: CostedGroup) -> tuple[str, int]:
    return costed.group.feature or "", costed.group.day or 0


def _by_source(
    groups: Sequence[CostedGroup], provider_of: Callable[[CostedGroup], str]
) -> Mapping[tuple[str, str], list[CostedGroup]]:
    found: dict[tuple[str, str], list[CostedGroup]] = {}
    for costed in groups:
        found.setdefault((provider_of(costed), costed.group.source or ""), []).append(costed)
    return found


def _calls(groups: Sequence[CostedGroup]) -> int:
    return sum(costed.group.calls for costed in groups)


def _cost(groups: Sequence[CostedGroup]) -> Decimal | None:
    costs = [costed.cost_usd for costed in groups if costed.cost_usd is not None]
    return sum(costs, Decimal(0)) if costs else None
