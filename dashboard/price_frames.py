"""What the Prices page shows as rows: the time line, what happened, what waits, what would be. Knows no Streamlit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

import pandas as pd

from dashboard import wording
from db.queries.prices import PriceChange
from db.queries.proposals import Proposal
from db.queries.verdicts import Flip
from offramp.actions.price_news import PriceNews
from strategy.facts import Retirement
from strategy.hours import said
from strategy.kinds import PriceKind
from strategy.money import rate

RISES, FALLS, RETIRES = "price rises", "price falls", "retires"
EVENTS: dict[str, str] = {
    "price_changed": "Price changed",
    "price_will_change": "Price will change",
    "schedule_cancelled": "Announcement taken back",
    "model_retires": "Model retires",
    "model_released": "Model released",
    "alias_repointed": "Alias points elsewhere",
    "correction": "Correction",
}
CHANGES: dict[str, str] = {
    "new": "new price",
    "changed": "price changed",
    "back_dated": "correction of the past",
    "scheduled": "announced",
    "cancelled": "announcement taken back",
}
_MANY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A model's prices that move at an instant, or its retirement."""

    at: datetime
    model: str
    what: str
    text: str


def moments(changes: Sequence[PriceChange], retirements: Sequence[Retirement]) -> list[Moment]:
    """The price changes, one for each model and instant, and the retirements, the soonest first."""
    moves: dict[tuple[datetime, str], list[PriceChange]] = {}
    for change in changes:
        if change.old is not None:
            moves.setdefault((change.valid_from, change.model), []).append(change)
    found = [
        Moment(at=at, model=model, what=_direction(same), text=f"{', '.join(_steps(same))} per Mtok")
        for (at, model), same in moves.items()
    ]
    found += [
        Moment(
            at=datetime.combine(item.on, time(), UTC),
            model=item.model,
            what=RETIRES,
            text="stops answering" + (f"; its vendor names {item.replacement}" if item.replacement else ""),
        )
        for item in retirements
    ]
    return sorted(found, key=lambda moment: (moment.at, moment.model))


def ahead(found: Sequence[Moment], now: datetime) -> list[Moment]:
    """What is still to come."""
    return [moment for moment in found if moment.at > now]


def time_line(found: Sequence[Moment]) -> pd.DataFrame:
    """One row per moment, for drawing."""
    rows = [
        {"at": pd.Timestamp(each.at.replace(tzinfo=None)), "model": each.model, "what": each.what, "text": each.text}
        for each in found
    ]
    return pd.DataFrame(rows, columns=["at", "model", "what", "text"])


def ahead_table(coming: Sequence[Moment], now: datetime) -> pd.DataFrame:
    """What is to come, in words."""
    rows = [
        {
            "When": wording.short_day(each.at.date()),
            "In": wording.plural((each.at.date() - now.date()).days, "day"),
            "Model": each.model,
            "What": each.text if each.what == RETIRES else f"{each.what}: {each.text}",
        }
        for each in coming
    ]
    return pd.DataFrame(rows, columns=["When", "In", "Model", "What"])


def _direction(same: Sequence[PriceChange]) -> str:
    plainest = min(same, key=_order)
    return RISES if plainest.new > (plainest.old or 0) else FALLS


def _steps(same: Sequence[PriceChange]) -> list[str]:
    return [
        f"{each.kind.replace('_', ' ')} ${rate(each.old or Decimal(0))} to ${rate(each.new)}"
        for each in sorted(same, key=_order)
    ]


def _order(change: PriceChange) -> int:
    return list(PriceKind).index(change.kind)


def news_table(news: Sequence[PriceNews]) -> pd.DataFrame:
    """What happened, newest first, with the features it is about and the verdicts it moved."""
    return pd.DataFrame(
        [
            {
                "When": wording.short_day(each.event.at.date()),
                "What": EVENTS.get(each.event.kind, wording.words(each.event.kind)),
                "Detail": each.event.detail,
                "Features": named(each.features),
                "Verdicts moved": "; ".join(flip_words(flip) for flip in each.flips) or "none",
            }
            for each in news
        ],
        columns=["When", "What", "Detail", "Features", "Verdicts moved"],
    )


def named(slugs: Sequence[str]) -> str:
    """Features by name, the first few of many.

    >>> named(["a", "b"]), named(["a", "b", "c", "d", "e"])
    ('a, b', 'a, b, c and 2 more')
    """
    if len(slugs) <= _MANY:
        return ", ".join(slugs)
    return f"{', '.join(slugs[: _MANY - 1])} and {len(slugs) - _MANY + 1} more"


def flip_words(flip: Flip) -> str:
    """One flip with its money: which feature went from what to what, and what a month cost before and after."""
    money = ""
    if flip.before_usd_month is not None and flip.after_usd_month is not None:
        money = f" ({wording.usd(flip.before_usd_month)} → {wording.usd(flip.after_usd_month)} a month)"
    before = outcome(flip.from_verdict, flip.from_target)
    return f"{flip.feature}: {before} → {outcome(flip.to_verdict, flip.to_target)}{money}"


def outcome(verdict: str | None, target: str | None) -> str:
    """A verdict with where it points.

    >>> outcome("due", "distill:own"), outcome("stay", None)
    ('due to distill · own', 'stay')
    """
    way = f" to {wording.option(target)}" if target else ""
    return f"{verdict or wording.UNKNOWN}{way}"


def proposed_lines(found: Sequence[Proposal]) -> list[str]:
    """What a group of proposals says of its model, a line for each price."""
    return [_proposed(each) for each in found]


def _proposed(each: Proposal) -> str:
    kind = wording.words(each.kind.value)
    tier = f" for requests above {each.tier_min_input_tokens:,} tokens" if each.tier_min_input_tokens else ""
    processing = f" ({said(each.processing)})" if said(each.processing) else ""
    if each.new is None:
        return f"{kind}{tier}{processing}: stays {_usd(each.old)} (${rate(each.old or Decimal(0))} was announced)"
    return f"{kind}{tier}{processing}: {_usd(each.old)} → {_usd(each.new)} per Mtok"


def _usd(amount: Decimal | None) -> str:
    return "none" if amount is None else f"${rate(amount)}"


def flips_told(document: Mapping[str, Any]) -> list[str]:
    """The verdicts of a what-if that would flip, in words."""
    return [
        f"{row['feature']}: {outcome(row['now']['verdict'], row['now']['target'])}"
        f" → {outcome(row['then']['verdict'], row['then']['target'])}"
        for row in document["features"]
        if row["flips"]
    ]


def what_if_table(document: Mapping[str, Any]) -> pd.DataFrame:
    """The features whose cost or verdict would be another, flips first."""
    moved = [row for row in document["features"] if row["flips"] or row["now_usd_month"] != row["then_usd_month"]]
    return pd.DataFrame(
        [
            {
                "Feature": row["feature"],
                "Now, a month": wording.usd(_decimal(row["now_usd_month"])),
                "Then, a month": wording.usd(_decimal(row["then_usd_month"])),
                "Verdict now": outcome(row["now"]["verdict"], row["now"]["target"]),
                "Verdict then": outcome(row["then"]["verdict"], row["then"]["target"]) if row["flips"] else "the same",
            }
            for row in sorted(moved, key=lambda row: (not row["flips"], row["feature"]))
        ],
        columns=["Feature", "Now, a month", "Then, a month", "Verdict now", "Verdict then"],
    )


def usd_text(text: str | None) -> str:
    """Money of a document as a person reads it.

    >>> usd_text("3480.00"), usd_text(None)
    ('$3,480.00', 'unknown')
    """
    return wording.usd(_decimal(text))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def decided_table(found: Sequence[Proposal]) -> pd.DataFrame:
    """What people decided, newest first: what, who, why."""
    return pd.DataFrame(
        [
            {
                "When": wording.short_day(each.decided_at.date()) if each.decided_at else "",
                "Model": each.model,
                "What": _proposed(each),
                "Decision": each.status,
                "Who": each.decided_by or wording.UNKNOWN,
                "Why": each.decided_why or "",
            }
            for each in found
        ],
        columns=["When", "Model", "What", "Decision", "Who", "Why"],
    )
