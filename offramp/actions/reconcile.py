"""Holds what was counted against what was billed, by provider and day, and says what would explain a difference."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from db.queries.bills import BilledDay, billed_days, last_billed_day, told_tokens
from db.queries.sources import sources_between
from db.session import Engine, Session, reading
from db.store.usage import hour_of
from db.tables import NOBODY
from offramp.actions.costing import CostedGroup, costed_groups, provider_of
from offramp.actions.differences import ProviderDay, Tokens, explanations, summed
from offramp.actions.failure import BadInput, Problem
from offramp.actions.tellings import Telling, tellings
from strategy.shown import exact

_EPOCH = date(1970, 1, 1)
_Key = tuple[str, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """A month: each provider and day, each provider's month with its explanations, who told of it, and the whole."""

    month: date
    days: tuple[ProviderDay, ...]
    providers: tuple[tuple[ProviderDay, tuple[str, ...]], ...]
    tellings: tuple[Telling, ...]
    total: ProviderDay

    def document(self) -> dict[str, Any]:
        """For `reconcile --json`."""
        return {
            "month": f"{self.month:%Y-%m}",
            "rows": [_document(row) for row in self.days],
            "providers": [{**_document(row), "explanations": list(words)} for row, words in self.providers],
            "sources": [telling.document() for telling in self.tellings],
            "total": _document(self.total),
        }


def reconcile(engine: Engine, *, at: datetime, month: str | None = None) -> Reconciliation:
    """One month of tracked and billed cost; by default that of the newest bill, else the present one.

    Raises:
        BadInput: the month is not written as 2026-11.
    """
    with reading(engine) as session:
        newest = last_billed_day(session)
        latest = at.date() if newest is None else _EPOCH + timedelta(days=newest)
        start = month_from(month) if month else latest.replace(day=1)
        end = (start + timedelta(days=32)).replace(day=1)
        groups, beside, nobody = _tracked(session, _midnight(start), _midnight(end))
        bills = billed_days(session, (start - _EPOCH).days, (end - _EPOCH).days)
        tokens = told_tokens(session, (start - _EPOCH).days, (end - _EPOCH).days)
    days = _days(
        groups, nobody, bills, {(name, _EPOCH + timedelta(days=day)): each for (name, day), each in tokens.items()}
    )
    whole = {name: [row for row in days if row.provider == name] for name in sorted({row.provider for row in days})}
    told = tellings(groups, beside, provider_of)
    return Reconciliation(
        month=start,
        days=tuple(days),
        providers=tuple(
            (_sum(name, rows, [rows]), explanations(rows, [each for each in told if each.provider == name], at.date()))
            for name, rows in whole.items()
        ),
        tellings=told,
        total=_sum("", days, whole.values()),
    )


def _tracked(session: Session, start: datetime, end: datetime) -> tuple[list[CostedGroup], ...]:
    """What was tracked by day and source: that of record, what stands beside it, and that of no feature.

    Features are told apart only where several sources may tell of one: the sums of ten thousand are read in no time.
    """
    by = {"day", "source"}
    if len(sources_between(session, hour_of(start), hour_of(end))) > 1:
        groups, beside = (
            costed_groups(session, start, end, by={*by, "feature"}, beside=rest) for rest in (False, True)
        )
        return groups, beside, [costed for costed in groups if not costed.group.feature]
    return costed_groups(session, start, end, by=by), [], costed_groups(session, start, end, by=by, features=(NOBODY,))


def month_from(text: str) -> date:
    """The first day of a month written as 2026-11.

    Raises:
        BadInput: it is no month.
    """
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise BadInput([Problem(error=f"{text!r} is no month", field="--month", cure="write 2026-11")]) from None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _days(
    groups: Sequence[CostedGroup],
    nobody: Sequence[CostedGroup],
    bills: Sequence[BilledDay],
    tokens: Mapping[_Key, Tokens],
) -> list[ProviderDay]:
    tracked, nobodys = _by_day(groups), _by_day(nobody)
    billed: dict[_Key, list[BilledDay]] = {}
    for bill in bills:
        billed.setdefault((bill.provider, _EPOCH + timedelta(days=bill.day)), []).append(bill)
    return [
        _day(key, tracked.get(key, ()), nobodys.get(key, ()), billed.get(key, ()), tokens.get(key))
        for key in sorted({*tracked, *billed, *tokens}, key=lambda key: (key[0], key[1]))
    ]


def _by_day(groups: Sequence[CostedGroup]) -> dict[_Key, list[CostedGroup]]:
    found: dict[_Key, list[CostedGroup]] = {}
    for costed in groups:
        found.setdefault((provider_of(costed), _EPOCH + timedelta(days=costed.group.day or 0)), []).append(costed)
    return found


def _day(
    key: _Key,
    tracked: Sequence[CostedGroup],
    nobody: Sequence[CostedGroup],
    billed: Sequence[BilledDay],
    told: Tokens | None,
) -> ProviderDay:
    costs = [costed.cost_usd for costed in tracked if costed.cost_usd is not None]
    reported = [costed.group.reported_cost_usd for costed in tracked if costed.group.reported_calls]
    charged = [bill.amount_usd for bill in billed if bill.category == "usage"]
    return ProviderDay(
        provider=key[0],
        day=key[1],
        calls=sum(costed.group.calls for costed in tracked),
        tracked_usd=sum(costs, Decimal(0)) if costs else None,
        compared_usd=sum(costs, Decimal(0)) if costs and billed else None,
        unattributed_usd=sum((costed.cost_usd or Decimal(0) for costed in nobody), Decimal(0)),
        reported_usd=sum(reported, Decimal(0)) if reported else None,
        billed_usd=sum(charged, Decimal(0)) if billed else None,
        other_billed_usd=sum((bill.amount_usd for bill in billed if bill.category != "usage"), Decimal(0)),
        unpriced_calls=sum(costed.unpriced_calls for costed in tracked),
        calls_without_tokens=sum(costed.group.calls_without_tokens for costed in tracked),
        tokens=summed([(costed.group.input_tokens, costed.group.output_tokens) for costed in tracked]),
        told_tokens=told,
    )


def _compared(rows: Sequence[ProviderDay]) -> Decimal | None:
    """What was tracked of one provider in the time that its bills speak of; None without a bill."""
    billed = [row.day for row in rows if row.billed_usd is not None and row.day is not None]
    if not billed:
        return None
    within = [row for row in rows if len(billed) == 1 or (row.day is not None and billed[0] <= row.day <= billed[-1])]
    return sum((row.tracked_usd or Decimal(0) for row in within), Decimal(0))


def _sum(provider: str, rows: Sequence[ProviderDay], providers: Iterable[Sequence[ProviderDay]]) -> ProviderDay:
    def known(name: str) -> Decimal | None:
        values = [value for row in rows if (value := getattr(row, name)) is not None]
        return sum(values, Decimal(0)) if values else None

    told = [row for row in rows if row.told_tokens is not None]
    compared = [found for each in providers if (found := _compared(each)) is not None]
    return ProviderDay(
        provider=provider,
        day=None,
        calls=sum(row.calls for row in rows),
        tracked_usd=known("tracked_usd"),
        compared_usd=sum(compared, Decimal(0)) if compared else None,
        unattributed_usd=known("unattributed_usd") or Decimal(0),
        reported_usd=known("reported_usd"),
        billed_usd=known("billed_usd"),
        other_billed_usd=known("other_billed_usd") or Decimal(0),
        unpriced_calls=sum(row.unpriced_calls for row in rows),
        calls_without_tokens=sum(row.calls_without_tokens for row in rows),
        tokens=summed([row.tokens for row in told or rows]),
        told_tokens=summed([row.told_tokens or (0, 0) for row in told]) if told else None,
    )


def _document(row: ProviderDay) -> dict[str, Any]:
    def money(value: Decimal | None) -> str | None:
        return None if value is None else exact(value)

    return {
        "provider": row.provider or None,
        "day": row.day.isoformat() if row.day else None,
        "calls": row.calls,
        "tracked_usd": money(row.tracked_usd),
        "compared_usd": money(row.compared_usd),
        "reported_usd": money(row.reported_usd),
        "billed_usd": money(row.billed_usd),
        "other_billed_usd": money(row.other_billed_usd),
        "difference_usd": money(row.difference_usd),
        "coverage": None if row.coverage is None else float(row.coverage),
        "unattributed_usd": money(row.unattributed_usd),
        "unpriced_calls": row.unpriced_calls,
        "calls_without_tokens": row.calls_without_tokens,
        "input_tokens": row.tokens[0],
        "output_tokens": row.tokens[1],
        "told_input_tokens": row.told_tokens[0] if row.told_tokens else None,
        "told_output_tokens": row.told_tokens[1] if row.told_tokens else None,
    }
