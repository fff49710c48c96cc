"""Alerts, their moves and the ledger as frames, for drawing only. Knows no Streamlit."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard import wording
from dashboard.palette import strategy_of
from db.queries.alerts import AlertMove
from db.queries.ledger import Migration
from offramp.actions.ledger import measured, realised
from strategy.ledger import Effects


def move_table(moves: Sequence[AlertMove]) -> pd.DataFrame:
    """Every move of a feature's alerts, newest first; one that took another back says which."""
    told = {move.id: move for move in moves}
    return pd.DataFrame(
        [
            {
                "When": pd.Timestamp(move.at.replace(tzinfo=None)),
                "Who": move.by,
                "Move": f"{wording.words(move.move)} ({wording.option(move.now)} to {wording.option(move.target)})",
                "State": move.to_state,
                "Why": _why(move, told),
            }
            for move in reversed(moves)
        ],
        columns=["When", "Who", "Move", "State", "Why"],
    )


def _why(move: AlertMove, told: Mapping[int, AlertMove]) -> str:
    reason = f"{wording.words(move.reason)}: " if move.reason else ""
    old = told.get(move.answers_id or 0)
    answered = f" (takes back: {old.move} by {old.by}, {wording.short_day(old.at.date())})" if old else ""
    return f"{reason}{move.why}{answered}"


def ledger_table(found: Sequence[Migration]) -> pd.DataFrame:
    """One row per finished migration: promised and realised, USD a month, and where it stands."""
    rows = []
    for each in found:
        got = realised(each)
        rows.append(
            {
                "Feature": each.name or each.feature,
                "From": [strategy_of(each.now)],
                "To": [wording.OF_ONE_STRATEGY.get(each.target) or strategy_of(each.target)],
                "State": each.state,
                "Promised": None if each.promised_usd_month is None else float(each.promised_usd_month),
                "Realised": None if got is None else float(got),
                "Measured": wording.plural(sum(span.days for span in each.spans if span.effects), "day"),
                "Finished": pd.Timestamp(each.finished_at.replace(tzinfo=None)),
                "Owner": each.owner or wording.UNKNOWN,
            }
        )
    return pd.DataFrame(rows)


def effect_rows(found: Sequence[Migration]) -> pd.DataFrame:
    """The three effects of each migration over all its measured days, one row each."""
    rows: list[dict[str, Any]] = []
    for each in found:
        known = measured(each)
        if known is not None:
            rows += [{"feature": each.name or each.feature, **part} for part in _parts(known[0])]
    return pd.DataFrame(rows, columns=["feature", "effect", "usd", "text", "label"])


def _parts(effects: Effects) -> list[dict[str, Any]]:
    named = (("volume", effects.volume_usd), ("price", effects.price_usd), ("strategy", effects.strategy_usd))
    return [
        {"effect": name, "usd": float(amount), "text": wording.usd(amount), "label": f"{name} {wording.usd(amount)}"}
        for name, amount in named
    ]


def ledger_csv(found: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The ledger as a file: the figures of `offramp ledger --json`, exact cents as text."""
    names = (
        *("feature", "from", "to", "finished_at", "promised_usd_month", "realised_usd_month", "volume_effect_usd"),
        *("price_effect_usd", "strategy_effect_usd", "total_usd", "state", "owner"),
    )
    return pd.DataFrame([{name: _cell(name, row[name]) for name in names} for row in found], columns=names)


def _cell(name: str, value: object) -> str:
    """An amount as it is, for it may be negative; words so that no spreadsheet runs them."""
    text = "" if value is None else str(value)
    return text if name.endswith(("_usd", "_usd_month")) else wording.cell(text)
