"""Writing the price book: lines are appended, never changed.

A *change* is a line with a new `valid_from`; a *correction* is a line with the same `valid_from` as an earlier one,
which it supersedes. What was known before stays in the table and can be asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from db.store.turns import Turn, take_turn
from db.store.upsert import insert_new
from db.tables import ModelName, PriceRow, RetirementRow
from strategy.facts import Price, Retirement
from strategy.kinds import PriceKind

_HOUR = timedelta(hours=1)
_BY_THE_HOUR = {PriceKind.TRAINING_HOUR, PriceKind.GPU_HOUR}

_Key = tuple[str, str, int, str, datetime]
_Known = tuple[int, Decimal, datetime | None, bool]


def append_prices(  # noqa: PLR0913 (what a row says besides its price)
    session: Session,
    prices: Iterable[Price],
    *,
    recorded_at: datetime,
    recorded_by: str,
    source_version: str,
    reason: str,
    source_sha256: str = "",
    originals: Mapping[Price, tuple[str, str]] | None = None,
) -> int:
    """Append the lines that say something new; how many did. The same lines again write nothing.

    `originals` gives for lines that were agreed in another currency that currency, and the amount with its rate.

    Raises:
        ValueError: a price is negative, does not start on a whole UTC hour (the grain of the rollups), ends before
            it starts, or is given twice with different amounts.
    """
    told = {
        "recorded_at": recorded_at,
        "recorded_by": recorded_by,
        "source_version": source_version,
        "source_sha256": source_sha256,
        "reason": reason,
    }
    return _append(session, prices, told, originals or {})


def cancel_prices(
    session: Session, announced: Iterable[Price], *, recorded_at: datetime, recorded_by: str, reason: str
) -> int:
    """Take announced lines back, each by a later row that says so; how many were."""
    told = {"recorded_at": recorded_at, "recorded_by": recorded_by, "reason": reason}
    return _append(session, announced, told | {"status": "cancelled"})


def _append(
    session: Session,
    prices: Iterable[Price],
    told: dict[str, Any],
    originals: Mapping[Price, tuple[str, str]] | None = None,
) -> int:
    take_turn(session, Turn.PRICES)
    wanted: dict[_Key, Price] = {}
    for line in prices:
        _check(line)
        if wanted.setdefault(_key(line), line) != line:
            raise ValueError(f"{_said(line)} is given twice with different content: keep one of the two")
    known = _newest(session, sorted({line.model for line in wanted.values()}))
    cancelled = "status" in told
    rows = [
        _row(line, known.get(key))
        | {"status": "active" if line.valid_from <= told["recorded_at"] else "scheduled"}
        | dict(zip(("currency", "original"), (originals or {}).get(line, ("USD", "")), strict=True))
        | told
        for key, line in wanted.items()
        if key not in known or known[key][1:] != (line.usd_per_mtok, line.valid_to, cancelled)
    ]
    if rows:
        session.execute(insert(PriceRow), rows)
    return len(rows)


def record_retirements(session: Session, retirements: Sequence[Retirement], recorded_at: datetime) -> int:
    """Append the announced ends that are new; how many were."""
    rows = [
        {
            "model": item.model,
            "on": item.on,
            "replacement": item.replacement,
            "source": item.source,
            "recorded_at": recorded_at,
        }
        for item in retirements
    ]
    return len(insert_new(session, RetirementRow, rows, "model"))


def remember_names(session: Session, found: Mapping[tuple[str, str], str | None], at: datetime) -> None:
    """Keep what each (provider, name) means. A meaning once found stays; only an unknown one may be found later."""
    rows = [
        {"provider": provider, "name": name, "model": model, "recorded_at": at}
        for (provider, name), model in sorted(found.items())
    ]
    if not rows:
        return
    insert_new(session, ModelName, rows, "name")
    table = ModelName.__table__
    again = (
        update(ModelName)
        .where(table.c.provider == bindparam("p"), table.c.name == bindparam("n"), table.c.model.is_(None))
        .values(model=bindparam("m"), recorded_at=bindparam("t"))
    )
    values = [{"p": row["provider"], "n": row["name"], "m": row["model"], "t": at} for row in rows]
    session.connection().execute(again, values)


def _check(line: Price) -> None:
    for name, moment in (("valid_from", line.valid_from), ("valid_to", line.valid_to)):
        if moment is not None and moment.timestamp() % _HOUR.total_seconds():
            raise ValueError(
                f"{name} {moment.isoformat()} of {_said(line)} is not a whole hour: prices move on the hour"
            )
    if line.valid_to is not None and line.valid_to <= line.valid_from:
        raise ValueError(f"{_said(line)} ends before it starts: give a valid_to after valid_from")
    if line.usd_per_mtok < 0:
        raise ValueError(f"{_said(line)} is negative: give USD per million tokens, 0 or more")


def _said(line: Price) -> str:
    return f"the {line.kind} price of {line.model} from {line.valid_from.isoformat()}"


def _key(line: Price) -> _Key:
    return line.model, line.kind.value, line.tier_min_input_tokens, line.processing, line.valid_from


def _newest(session: Session, models: Sequence[str]) -> dict[_Key, _Known]:
    """The line recorded last, per key: its id, amount, end, and whether it is a cancellation."""
    query = (
        select(
            PriceRow.model,
            PriceRow.kind,
            PriceRow.tier_min_input_tokens,
            PriceRow.processing,
            PriceRow.valid_from,
            PriceRow.id,
            PriceRow.usd_per_mtok,
            PriceRow.valid_to,
            PriceRow.status,
        )
        .where(PriceRow.model.in_(models), PriceRow.status != "quarantined")
        .order_by(PriceRow.recorded_at, PriceRow.id)
    )
    return {
        (a, b, c, d, e): (row_id, amount, end, status == "cancelled")
        for a, b, c, d, e, row_id, amount, end, status in session.execute(query)
    }


def _row(line: Price, before: _Known | None) -> dict[str, Any]:
    return {
        "model": line.model,
        "kind": line.kind.value,
        "unit": "hour" if line.kind in _BY_THE_HOUR else "mtok",
        "usd_per_mtok": line.usd_per_mtok,
        "tier_min_input_tokens": line.tier_min_input_tokens,
        "processing": line.processing,
        "valid_from": line.valid_from,
        "valid_to": line.valid_to,
        "source": line.source,
        "supersedes_id": None if before is None else before[0],
    }
