"""What could explain that a bill and the counted cost differ: each cause with its size, none of them proven."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from offramp.actions.tellings import Telling
from reports.words import count

# A price that is a constant share of the list on every day is a discount (or a markup), not chance.
_SAME_SHARE = Decimal("0.02")
_LEAST_DAYS = 3
_NOTEWORTHY = Decimal("0.01")
_CENT = Decimal("0.01")
# Input and output.
Tokens = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDay:
    """What was counted and what was billed of a provider on a UTC day (None: over all days).

    `compared_usd` is what of `tracked_usd` the bill can speak of: of a sum the days from the first to the last billed
    one of each provider, or all where but one day was billed, for that may be the bill of a month.

    `tracked_usd` is computed from tokens and prices, `billed_usd` is the charge for usage; credits, taxes and the
    like are `other_billed_usd`. None is unknown: nothing could be priced, or no bill speaks of it.
    `tokens` are what was tracked, `told_tokens` what the provider's own usage report says of the day; of a sum both
    are of the days of which it says something.
    """

    provider: str
    day: date | None
    calls: int
    tracked_usd: Decimal | None
    compared_usd: Decimal | None
    unattributed_usd: Decimal
    reported_usd: Decimal | None
    billed_usd: Decimal | None
    other_billed_usd: Decimal
    unpriced_calls: int
    calls_without_tokens: int
    tokens: Tokens = (0, 0)
    told_tokens: Tokens | None = None

    @property
    def difference_usd(self) -> Decimal | None:
        """Billed less what was tracked of the same time; None where no bill speaks of it."""
        return None if self.billed_usd is None else self.billed_usd - (self.compared_usd or Decimal(0))

    @property
    def coverage(self) -> Decimal | None:
        """The share of the bill that was tracked, to four digits; None without a charge."""
        if self.billed_usd is None or self.billed_usd <= 0:
            return None
        return round((self.compared_usd or Decimal(0)) / self.billed_usd, 4)


def explanations(rows: Sequence[ProviderDay], told: Sequence[Telling], today: date) -> tuple[str, ...]:
    """Sentences on one provider's days, the likeliest first; `told` is who told of its calls."""
    tokens, sources = _of_its_tokens(rows), [*_counted_twice(told), *_beside(told)]
    billed = [row for row in rows if row.billed_usd is not None]
    if not billed:
        none = "no bill speaks of this provider: load one with `offramp load --kind invoice FILE`"
        return (none, *tokens, *sources) if rows else tuple(sources)
    if len(billed) == 1 and _unbilled(rows):
        found = [*tokens, *_unknown_cost(rows), *_of_a_month(billed[0]), *sources]
    else:
        enough = [*sources, *_holes(rows, billed), *_share(billed)]
        found = [*tokens, *_unknown_cost(rows), *_silent(billed), *enough]
        # A few calls without a price explain a few dollars; what came after a bill, nothing of its days.
        if not enough and not _many_unknown(rows):
            found += _unexplained([row for row in billed if row.calls], all_tracked=_all_tracked(rows))
        found += _later(rows, billed, today)
    other = sum((row.other_billed_usd for row in rows), Decimal(0))
    if other:
        found.append(f"${other:,.2f} of credits, taxes, purchases and adjustments stand beside the charge for usage")
    return tuple(found)


def _of_its_tokens(rows: Sequence[ProviderDay]) -> list[str]:
    days = [row for row in rows if row.told_tokens and any(row.told_tokens)]
    if not days:
        return []
    told, tracked = (summed([row.told_tokens or (0, 0) for row in days]), summed([row.tokens for row in days]))
    shares = [
        f"{mine / its:.1%} of {its:,} {kind} tokens"
        for mine, its, kind in zip(tracked, told, ("input", "output"), strict=True)
        if its
    ]
    return [f"its own usage report tells of {count(len(days), 'day')}: {' and '.join(shares)} were tracked"]


def summed(tokens: Sequence[Tokens]) -> Tokens:
    """Input and output tokens, each added up."""
    return sum(each[0] for each in tokens), sum(each[1] for each in tokens)


def _counted_twice(told: Sequence[Telling]) -> list[str]:
    shared = [telling for telling in told if telling.shared_calls]
    if len(shared) < 2:  # noqa: PLR2004 (two sources are more than one)
        return []
    names = ", ".join(f"{telling.source} {telling.shared_calls:,}" for telling in shared)
    what = f"more than one source is counted for the same features and days ({names} calls)"
    return [f"{what}: where they see the same calls, say which counts with `offramp features record SLUG SOURCE`"]


def _beside(told: Sequence[Telling]) -> list[str]:
    """What a source saw where another one is the record, where that is not the same."""
    found = []
    for telling in told:
        seen, counted = telling.beside_calls, telling.record_calls
        if abs(seen - counted) > _NOTEWORTHY * max(seen, counted):
            more = f"{abs(seen - counted):,} {'more' if seen > counted else 'fewer'}"
            words = f"{telling.source} tells of {count(seen, 'call')}"
            words += f" where the sources of record counted {counted:,}: {more}"
            found.append(f"{words}, which are in no figure" if seen > counted else words)
    return found


def _unknown_cost(rows: Sequence[ProviderDay]) -> list[str]:
    unpriced, bare = sum(row.unpriced_calls for row in rows), sum(row.calls_without_tokens for row in rows)
    found = []
    if unpriced:
        found.append(
            f"{count(unpriced, 'call has', 'calls have')} no price in the book:"
            " `offramp usage --by model` names the models"
        )
    if bare:
        found.append(f"{count(bare, 'call')} came without tokens, cost unknown: ask the sender to include usage")
    return found


def _many_unknown(rows: Sequence[ProviderDay]) -> bool:
    unknown = sum(row.unpriced_calls + row.calls_without_tokens for row in rows)
    return unknown > _NOTEWORTHY * sum(row.calls for row in rows)


def _silent(billed: Sequence[ProviderDay]) -> list[str]:
    silent = [row for row in billed if row.calls == 0 and (row.billed_usd or 0) >= _CENT]
    if not silent:
        return []
    cost = sum((row.billed_usd or Decimal(0) for row in silent), Decimal(0))
    days = count(len(silent), "day was", "days were")
    return [f"{days} billed (${cost:,.2f}) on which no call was counted: {_named(silent)}"]


def _of_a_month(billed: ProviderDay) -> list[str]:
    cost = billed.billed_usd or Decimal(0)
    return [f"one day was billed, {billed.day} (${cost:,.2f}): it is held against all days, as the bill of a month"]


def _holes(rows: Sequence[ProviderDay], billed: Sequence[ProviderDay]) -> list[str]:
    holes = [row for row in _unbilled(rows) if row.day is not None and row.day < _newest(billed)]
    return [f"{count(len(holes), 'day was', 'days were')} tracked and not billed: {_named(holes)}"] if holes else []


def _later(rows: Sequence[ProviderDay], billed: Sequence[ProviderDay], today: date) -> list[str]:
    last = _newest(billed)
    late = [row for row in _unbilled(rows) if row.day is not None and row.day > last]
    cost = sum((row.tracked_usd or Decimal(0) for row in late), Decimal(0))
    if cost < _CENT:
        return []
    final = " (bills of the last days are still being written)" if (today - last).days <= 7 else ""  # noqa: PLR2004 (a week: what vendors take to settle)
    return [f"{count(len(late), 'day')} after the newest bill of {last}: tracked, ${cost:,.2f}{final}"]


def _unbilled(rows: Sequence[ProviderDay]) -> list[ProviderDay]:
    return [row for row in rows if row.billed_usd is None and row.tracked_usd]


def _newest(billed: Sequence[ProviderDay]) -> date:
    return max(row.day for row in billed if row.day is not None)


def _share(billed: Sequence[ProviderDay]) -> list[str]:
    both = [row for row in billed if row.tracked_usd and row.billed_usd]
    if len(both) < _LEAST_DAYS:
        return []
    shares = sorted((row.billed_usd or Decimal(0)) / (row.tracked_usd or Decimal(1)) for row in both)
    middle = shares[len(shares) // 2]
    steady = shares[0] > 0 and shares[-1] - shares[0] <= _SAME_SHARE * middle
    if steady and abs(middle - 1) > _NOTEWORTHY:
        word = "discount" if middle < 1 else "markup"
        percent = abs(1 - middle) * 100
        price = f"every day is billed at {middle:.3f} of what was computed"
        return [f"{price}: a {word} of {percent:.1f} %, which `offramp prices own` can hold"]
    whole = sum((row.billed_usd or Decimal(0) for row in both), Decimal(0))
    counted = sum((row.tracked_usd or Decimal(0) for row in both), Decimal(0))
    if not steady and abs(whole - counted) <= _NOTEWORTHY * whole:
        return ["the days differ and their sum agrees: the bill's days are not UTC days, or calls came late"]
    return []


def _all_tracked(rows: Sequence[ProviderDay]) -> bool:
    """Whether the provider's own report tells of no more tokens than were tracked."""
    days = [row for row in rows if row.told_tokens and any(row.told_tokens)]
    pairs = [(row.tokens, row.told_tokens or (0, 0)) for row in days]
    return bool(days) and all(
        sum(mine[kind] for mine, _ in pairs) >= sum(its[kind] for _, its in pairs) for kind in (0, 1)
    )


def _unexplained(billed: Sequence[ProviderDay], *, all_tracked: bool) -> list[str]:
    """What is left to look at where nothing that is known here explains the difference."""
    whole = sum((row.billed_usd or Decimal(0) for row in billed), Decimal(0))
    rest = sum((row.difference_usd or Decimal(0) for row in billed), Decimal(0))
    if abs(rest) <= max(_NOTEWORTHY * whole, _CENT):
        return []
    if rest > 0 and all_tracked:
        told = f"${rest:,.2f} is explained by nothing counted here, though its tokens were tracked"
        return [f"{told}: most likely a price (`offramp prices own`), or what is charged beside tokens"]
    if rest > 0:
        who = "another application, a notebook, a key that nobody named"
        return [f"${rest:,.2f} is explained by nothing counted here: most likely calls that are not sent here ({who})"]
    if whole < 0:
        return [f"the bill gives ${-whole:,.2f} back: a correction of earlier days, which no call explains"]
    return [
        f"${-rest:,.2f} more was computed than billed: a discount (`offramp prices own`), or another account's calls"
    ]


def _named(rows: Sequence[ProviderDay]) -> str:
    days = [f"{row.day}" for row in rows]
    return ", ".join(days[:5]) + (f" and {len(days) - 5} more" if len(days) > 5 else "")  # noqa: PLR2004 (as many as one reads)
