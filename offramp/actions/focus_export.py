"""Our spend per feature as FOCUS 1.2 rows, so that tools for cloud costs can read what models cost beside the rest.

https://focus.finops.org/focus-specification/v1-2/: every mandatory column, and those conditional ones that apply. One
row is a UTC day, feature, provider and model. The four costs are one: computed from tokens and the prices in force,
own discounts included; no invoice is shared out. What no price is known of has no row, for a cost may not be empty.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from db.queries.features import FeatureHead, features
from db.session import Engine, reading
from offramp.actions.costing import CostedGroup, costed_groups, provider_of
from offramp.actions.export import safe_cell
from offramp.actions.reconcile import month_from
from offramp.actions.usage import midnight
from strategy.shown import exact

COLUMNS = (
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "SkuId",
    "SubAccountId",
    "SubAccountName",
    "Tags",
    "x_Calls",
    "x_InputTokens",
    "x_CachedInputTokens",
    "x_OutputTokens",
)
_ACCOUNT, _ACCOUNT_NAME = "offramp", "Offramp, computed per feature"
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FocusMonth:
    """A month's rows by FOCUS column, their sum, and the calls that have no row: those without a price or tokens."""

    month: date
    rows: tuple[dict[str, object], ...]
    total_usd: Decimal
    unpriced_calls: int
    calls_without_tokens: int


def focus_month(engine: Engine, *, at: datetime, month: str | None = None) -> FocusMonth:
    """The month (by default the present one) as FOCUS rows, in the order of day, feature, provider and model.

    Raises:
        BadInput: the month is not written as 2026-11.
    """
    start = month_from(month) if month else at.date().replace(day=1)
    end = (start + timedelta(days=32)).replace(day=1)
    with reading(engine) as session:
        groups = costed_groups(session, midnight(start), midnight(end), by={"feature", "day"})
        heads = {head.slug: head for head in features(session, ended=True)}
    found: dict[tuple[int, str, str, str], list[CostedGroup]] = {}
    for costed in groups:
        group = costed.group
        if costed.cost_usd is not None:
            key = (group.day or 0, group.feature or "", provider_of(costed), group.model or group.name)
            found.setdefault(key, []).append(costed)
    return FocusMonth(
        month=start,
        rows=tuple(_row(key, found[key], (start, end), heads.get(key[1])) for key in sorted(found)),
        total_usd=sum((cost for members in found.values() for cost in _costs(members)), Decimal(0)),
        unpriced_calls=sum(costed.unpriced_calls for costed in groups),
        calls_without_tokens=sum(costed.group.calls_without_tokens for costed in groups),
    )


def _costs(members: Sequence[CostedGroup]) -> list[Decimal]:
    return [costed.cost_usd for costed in members if costed.cost_usd is not None]


def _row(
    key: tuple[int, str, str, str],
    members: Sequence[CostedGroup],
    month: tuple[date, date],
    head: FeatureHead | None,
) -> dict[str, object]:
    number, feature, provider, model = key
    day = _EPOCH + timedelta(days=number)
    cost = exact(sum(_costs(members), Decimal(0)))
    calls, tokens_in, cached, tokens_out = (
        sum(getattr(costed.group, name) for costed in members)
        for name in ("calls_with_tokens", "input_tokens", "cached_input_tokens", "output_tokens")
    )
    owner = {} if head is None or head.owner is None else {"owner": head.owner}
    strategy = {} if head is None else {"strategy": head.strategy}
    tags = {"feature": feature, **owner, **strategy} if feature else {}
    values: dict[str, object] = {
        **dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), cost),
        "BillingAccountId": _ACCOUNT,
        "BillingAccountName": _ACCOUNT_NAME,
        "BillingCurrency": "USD",
        "BillingPeriodStart": _instant(month[0]),
        "BillingPeriodEnd": _instant(month[1]),
        "ChargeCategory": "Usage",
        "ChargeDescription": f"{model}: {calls} call{'' if calls == 1 else 's'}",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": _instant(day),
        "ChargePeriodEnd": _instant(day + timedelta(days=1)),
        **dict.fromkeys(("ConsumedQuantity", "PricingQuantity"), tokens_in + tokens_out),
        **dict.fromkeys(("ConsumedUnit", "PricingUnit"), "Tokens"),
        **dict.fromkeys(("InvoiceIssuerName", "ProviderName", "PublisherName", "ServiceName"), provider),
        "PricingCategory": "Standard",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceSubcategory": "Generative AI",
        "SkuId": model,
        "SubAccountId": feature,
        "SubAccountName": (head.name if head else None) or feature,
        "Tags": json.dumps(tags, sort_keys=True, ensure_ascii=False),
        "x_Calls": calls,
        "x_InputTokens": tokens_in,
        "x_CachedInputTokens": cached,
        "x_OutputTokens": tokens_out,
    }
    return {name: safe_cell(values.get(name, "")) for name in COLUMNS}


def _instant(day: date) -> str:
    return f"{datetime(day.year, day.month, day.day, tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}"
