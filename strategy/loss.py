"""The loss that a saving's range hides: a saving never goes below nothing, but a high cost may exceed today's."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from strategy.money import ZERO


def loss_usd_month(document: Mapping[str, Any]) -> Decimal:
    """How much more a month the target costs at its 90th percentile than today at its 10th; 0 where it costs no more.

    Also 0 where either is unknown, and for a tuned or cheaper prompt, whose range no verdict holds.

    >>> money = {"low": {"monthly_usd": {"prompt": "100.00"}}, "high": {"monthly_usd": {"distill": "130.00"}}}
    >>> loss_usd_month({"now": "prompt", "target": "distill:own", "money": money})
    Decimal('30.00')
    """
    now, target = document.get("now"), (document.get("target") or "").partition(":")[0]
    least, most = ((document["money"].get(side) or {}).get("monthly_usd") or {} for side in ("low", "high"))
    present, then = least.get(now), most.get(target)
    if target == now or present is None or then is None:
        return ZERO
    return max(ZERO, Decimal(then) - Decimal(present))
