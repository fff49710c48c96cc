"""What a price would do: the past figures a correction moves, and what other prices would mean. Saves nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from db.queries.features import features
from db.queries.prices import book_models, price_lines
from db.queries.proposals import Proposal
from db.session import Engine, reading
from offramp.actions.costing import costed_groups
from offramp.actions.failure import BadInput, Problem
from offramp.actions.own_prices import with_discounts
from offramp.actions.prices import book_id
from offramp.actions.snapshots import snapshots
from strategy.facts import Price, Snapshot
from strategy.judge import judge
from strategy.kinds import PriceKind
from strategy.policy import Policy
from strategy.prices import overlaid, taken_back
from strategy.shown import money
from strategy.verdict import Verdict, document

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One day's cost of one feature before and after; None where it is not priced."""

    feature: str | None
    day: date
    before_usd: Decimal | None
    after_usd: Decimal | None


def moved_by(engine: Engine, proposal: Proposal, now: datetime) -> tuple[Moved, ...]:
    """The past figures that a yes would move, by feature and day, own discounts taken off; none for the future."""
    line = proposal.line
    hour = now.replace(minute=0, second=0, microsecond=0)
    if line is None or proposal.change in {"cancelled", "removed"} or line.valid_from >= hour:
        return ()
    with reading(engine) as session:
        lines = price_lines(session, [line.model])
        by = {"feature", "day"}
        start = line.valid_from
        before = costed_groups(session, start, hour, by=by, lines=lines)
        after = costed_groups(session, start, hour, by=by, lines=_laid_over(lines, with_discounts(session, line)))
    costs: dict[tuple[str, int], list[list[Decimal]]] = {}
    for place, groups in enumerate((before, after)):
        for costed in groups:
            if costed.group.model == line.model and costed.cost_usd is not None:
                key = (costed.group.feature or "", costed.group.day or 0)
                costs.setdefault(key, [[], []])[place].append(costed.cost_usd)
    told = [
        Moved(
            feature=feature or None,
            day=_EPOCH + timedelta(days=day),
            before_usd=sum(old, Decimal(0)) if old else None,
            after_usd=sum(new, Decimal(0)) if new else None,
        )
        for (feature, day), (old, new) in sorted(costs.items())
    ]
    return tuple(each for each in told if each.before_usd != each.after_usd)


def effect_document(moved: Sequence[Moved]) -> dict[str, Any]:
    """The moved figures as JSON: which days of which features, and by how many dollars in all."""
    difference = sum(((each.after_usd or Decimal(0)) - (each.before_usd or Decimal(0)) for each in moved), Decimal(0))
    return {
        "moved_usd": money(difference),
        "figures": [
            {
                "feature": each.feature,
                "day": each.day.isoformat(),
                "before_usd": money(each.before_usd),
                "after_usd": money(each.after_usd),
            }
            for each in moved
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfs:
    """The verdicts as they are and as they would be, by feature."""

    pairs: tuple[tuple[Verdict, Verdict], ...]

    def document(self) -> dict[str, Any]:
        """For `prices what-if --json`: what a month of all features costs, and each that would change."""
        before, after = (
            zip(*[(document(old), document(new)) for old, new in self.pairs], strict=True) if self.pairs else ((), ())
        )
        return {
            "now_usd_month": _portfolio(before),
            "then_usd_month": _portfolio(after),
            "features": [
                {
                    "feature": old["feature"],
                    "now_usd_month": _monthly(old),
                    "then_usd_month": _monthly(new),
                    "flips": _decided(old) != _decided(new),
                    "now": {"verdict": old["verdict"], "code": old["code"], "target": old["target"]},
                    "then": {"verdict": new["verdict"], "code": new["code"], "target": new["target"]},
                }
                for old, new in zip(before, after, strict=True)
            ],
        }


def what_if(engine: Engine, policy: Policy, prices: Mapping[str, str], *, as_of: datetime) -> WhatIfs:
    """Judge every feature with other prices: `{"openai/gpt-5.6-luna": "0.10:0.60"}`, input:output.

    They are judged as if they had held for as long as an alert needs (`persist_days`): what they come to, if they stay.

    Raises:
        BadInput: a model is not in the book, or a price is no amount.
    """
    with reading(engine) as session:
        ids = book_models(session)
        asked = [line for model, text in prices.items() for line in _asked(model, text, ids, _held(as_of, policy))]
        frozen = snapshots(session, features(session), policy, as_of)
    return WhatIfs(pairs=tuple((judge(each, policy), judge(_supposed(each, asked), policy)) for each in frozen))


def if_accepted(
    engine: Engine,
    policy: Policy,
    groups: Sequence[Sequence[Proposal]],
    *,
    as_of: datetime,
    touched: Collection[str] | None = None,
) -> tuple[WhatIfs, ...]:
    """For each group of proposals the verdicts as they are and as they would be once it is accepted, saving nothing.

    Of all features, or of those named as `touched`: a price moves no other.

    Own discounts are taken off a proposed price, as they will be once it is accepted; it is judged as if it had held
    for as long as an alert needs. A verdict that the group's models do not touch stands in both places as it is.
    """
    with reading(engine) as session:
        frozen = snapshots(session, features(session, touched), policy, as_of)
        lines = {each.id: with_discounts(session, each.line) for group in groups for each in group if each.line}
    now = [judge(each, policy) for each in frozen]
    return tuple(
        WhatIfs(
            pairs=tuple((old, _then(each, old, group, lines, policy)) for each, old in zip(frozen, now, strict=True))
        )
        for group in groups
    )


def _then(
    snapshot: Snapshot, now: Verdict, group: Sequence[Proposal], new: Mapping[int, Sequence[Price]], policy: Policy
) -> Verdict:
    if not {each.model for each in group} & {line.model for line in snapshot.prices}:
        return now
    lines = snapshot.prices
    for each in group:
        if each.line is None or each.change == "removed":
            continue
        if each.change == "cancelled":
            lines = taken_back(lines, each.line)
        else:
            lines = _laid_over(lines, [_as_held(line, snapshot.as_of, policy) for line in new[each.id]])
    return judge(_as_known(snapshot, lines, {each.model for each in group}), policy)


def _held(as_of: datetime, policy: Policy) -> datetime:
    return as_of.astimezone(UTC) - timedelta(days=int(policy.number("persist_days")))


def _as_held(line: Price, as_of: datetime, policy: Policy) -> Price:
    """The line, in force long enough to open an alert unless it is announced for later."""
    return line if line.valid_from > as_of else replace(line, valid_from=min(line.valid_from, _held(as_of, policy)))


def _laid_over(lines: Sequence[Price], new: Sequence[Price]) -> tuple[Price, ...]:
    for line in new:
        lines = overlaid(lines, line)
    return tuple(lines)


def _asked(model: str, text: str, ids: list[str], as_of: datetime) -> list[Price]:
    known = book_id(model, ids)
    if known not in ids:
        raise BadInput(
            [Problem(error=f"no model {model!r} in the book", field="MODEL", cure="see `offramp prices MODEL`")]
        )
    amounts = text.split(":")
    kinds = (PriceKind.INPUT, PriceKind.OUTPUT)
    if len(amounts) > len(kinds) or not all(_is_amount(amount) for amount in amounts):
        cure = "write MODEL=0.20 or MODEL=0.20:1.20, in USD per million tokens"
        raise BadInput([Problem(error=f"{text!r} is no price", field="PRICE", cure=cure)])
    return [
        Price(model=known, kind=kind, usd_per_mtok=Decimal(amount), valid_from=as_of, source="what if")
        for kind, amount in zip(kinds, amounts, strict=False)
    ]


def _is_amount(text: str) -> bool:
    return text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdecimal()


def _supposed(snapshot: Snapshot, asked: Sequence[Price]) -> Snapshot:
    """The snapshot with the asked prices; what the same series was to cost since they began, or later, is left out."""
    lines = snapshot.prices
    for new in asked:
        kept = tuple(line for line in lines if not (_same(line, new) and line.valid_from > new.valid_from))
        lines = overlaid(kept, new)
    return _as_known(snapshot, lines, {new.model for new in asked})


def _as_known(snapshot: Snapshot, lines: tuple[Price, ...], models: Collection[str]) -> Snapshot:
    """The snapshot with other prices, as if those of these models had been known of old."""
    return replace(snapshot, prices=lines, formerly=tuple(was for was in snapshot.formerly if was.model not in models))


def _same(line: Price, new: Price) -> bool:
    return (line.model, line.kind) == (new.model, new.kind)


def _decided(told: Mapping[str, Any]) -> tuple[Any, ...]:
    return told["verdict"], told["code"], told["target"]


def _monthly(told: Mapping[str, Any]) -> str | None:
    found: str | None = told["money"]["monthly_usd"].get(told["now"])
    return found


def _portfolio(told: Sequence[Mapping[str, Any]]) -> str:
    return str(sum((Decimal(usd) for each in told if (usd := _monthly(each)) is not None), Decimal("0.00")))
