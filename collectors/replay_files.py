"""The folder that `offramp replay` reads: meta.json and five CSV files, to one `History`; a bad row is named.

Files: features.csv, strategies.csv, history.csv, evals.csv, pricebook.csv. Their states `prompt_cheap` and
`prompt_tuned` are our options `prompt:cheaper_model` and `prompt:tuned`.
"""

import csv
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar, cast

from collectors.csv_rows import csv_rows
from collectors.raw_rows import opened
from collectors.rejected import Rejected, SourceError
from strategy.decide import BASELINE
from strategy.history import Evaluated, History, Past, PriceStep, Reported, Way
from strategy.npv import Stakes
from strategy.paired import Paired
from strategy.replay import Said
from strategy.terms import PRIORS

OPTION_OF = {"prompt_cheap": "prompt:cheaper_model", "prompt_tuned": "prompt:tuned"}
STATE_OF = {option: state for state, option in OPTION_OF.items()}
KNOWN = (BASELINE, *PRIORS)
VERDICTS = "verdicts.csv"
_COLUMNS = ("feature_id", "day", "verdict", "target", "confidence")
_MODES = ("acted", "shadow")
_LAST_DAY = 100_000
_T = TypeVar("_T")


class _Wrong(Exception):  # noqa: N818 (one cell that cannot be taken; told with its file and row)
    def __init__(self, field: str, error: str, cure: str) -> None:
        super().__init__(f"{field} {error}")
        self.field, self.error, self.cure = field, error, cure


class BadRowError(SourceError):
    """A row of a named file that cannot be used: nothing is replayed on half of a history."""

    def __init__(self, file: str, row: int, field: str, error: str, cure: str) -> None:
        super().__init__(f"{file} row {row}: {field} {error}", cure=cure)
        self.row, self.field = row, field


def read_history(folder: Path) -> History:
    """The history in a folder; SourceError where it cannot be read, BadRowError naming file, row, field and cure."""
    until, acted, start = _meta(folder / "meta.json")
    ways: dict[str, dict[str, Way]] = defaultdict(dict)
    for feature, way in _read(folder / "strategies.csv", _way):
        ways[feature][way.option] = way
    reports = _grouped(_read(folder / "history.csv", _report))
    evals = _grouped(_read(folder / "evals.csv", _eval))
    pasts = [
        Past(
            feature=feature,
            launched=launched,
            kind=kind,
            stakes=stakes,
            ways=ways.get(feature, {}),
            reports=tuple(reports.get(feature, ())),
            evals=tuple(evals.get(feature, ())),
        )
        for feature, launched, kind, stakes in _read(folder / "features.csv", _feature)
    ]
    prices = tuple(_read(folder / "pricebook.csv", _price))
    return History(until=until, acted=acted, start=start, pasts=tuple(pasts), prices=prices)


def write_verdicts(folder: Path, said: Iterable[Said]) -> int:
    """Write verdicts.csv, sorted by feature and day; the number of its rows."""
    rows = sorted(said, key=lambda each: (each.feature, each.day))
    with (folder / VERDICTS).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for each in rows:
            target = "" if each.target is None else STATE_OF.get(each.target, each.target)
            writer.writerow((each.feature, each.day, each.outcome.upper(), target, each.confidence))
    return len(rows)


def _meta(path: Path) -> tuple[int, bool, str]:
    with opened(path) as file:
        try:
            meta = json.loads(file.read())
        except ValueError:
            raise SourceError("meta.json is not JSON", cure="export it again") from None
    if not isinstance(meta, dict):
        raise SourceError("meta.json is not a JSON object", cure='write {"mode": "shadow", "until": 365}')
    until, mode = meta.get("until"), meta.get("mode", "shadow")
    if not isinstance(until, int) or isinstance(until, bool) or not 0 <= until <= _LAST_DAY:
        raise SourceError("meta.json: until is not a day", cure="write the first day that is not judged, such as 365")
    if mode not in _MODES:
        raise SourceError("meta.json: mode is unknown", cure="write one of: " + ", ".join(_MODES))
    start = str(meta.get("initial", "prompt"))
    return until, mode == "acted", OPTION_OF.get(start, start)


def _grouped(pairs: Iterable[tuple[str, _T]]) -> dict[str, list[_T]]:
    found: dict[str, list[_T]] = defaultdict(list)
    for name, value in pairs:
        found[name].append(value)
    return found


def _read(path: Path, take: Callable[[Mapping[str, str]], _T]) -> Iterator[_T]:
    """Each row of a file as a value; BadRowError at the first that cannot be taken."""
    for row in csv_rows(path):
        if isinstance(row, Rejected):
            raise BadRowError(path.name, row.row, row.field, row.error, row.cure)
        try:
            yield take(cast("Mapping[str, str]", row.cells))
        except _Wrong as wrong:
            raise BadRowError(path.name, row.number, wrong.field, wrong.error, wrong.cure) from None


def _feature(row: Mapping[str, str]) -> tuple[str, int, str, Stakes]:
    stakes = Stakes(_number(row, "err_cost", "0"), _number(row, "margin"))
    return _text(row, "feature_id"), _day(row, "launch_day"), row.get("task", ""), stakes


def _way(row: Mapping[str, str]) -> tuple[str, Way]:
    retraining = _number(row, "retrain_cost", "0") * _number(row, "retrain_per_year", "0")
    way = Way(
        option=_option(row),
        eligible=_flag(row, "eligible"),
        model=_text(row, "model"),
        tokens_in=_number(row, "tok_in"),
        tokens_out=_number(row, "tok_out"),
        call_share=_number(row, "call_share", "1"),
        usd_per_call=_number(row, "fixed_per_call", "0"),
        one_off_usd=_number(row, "mig_cost_est"),
        lead_days=_day(row, "lead_days"),
        usd_per_year=_number(row, "maint_per_year", "0") + retraining,
    )
    return _text(row, "feature_id"), way


def _report(row: Mapping[str, str]) -> tuple[str, Reported]:
    calls = None if not row.get("calls", "").strip() else _number(row, "calls")
    return _text(row, "feature_id"), Reported(day=_day(row, "day"), as_of=_day(row, "as_of"), calls=calls)


def _eval(row: Mapping[str, str]) -> tuple[str, Evaluated]:
    counts = Paired(*(_day(row, name) for name in ("both_ok", "base_only", "cand_only", "both_bad")))
    if counts.n == 0 or (row.get("n", "").strip() and _day(row, "n") != counts.n):
        raise _Wrong("n", f"is not the sum of the four counts, {counts.n}", "export the eval again")
    return _text(row, "feature_id"), Evaluated(day=_day(row, "day"), option=_option(row), paired=counts)


def _price(row: Mapping[str, str]) -> PriceStep:
    return PriceStep(
        model=_text(row, "model"),
        day=_day(row, "effective_day"),
        usd_per_mtok_in=_number(row, "usd_per_mtok_in"),
        usd_per_mtok_out=_number(row, "usd_per_mtok_out"),
    )


def _option(row: Mapping[str, str]) -> str:
    state = _text(row, "strategy")
    option = OPTION_OF.get(state, state)
    if option not in KNOWN:
        raise _Wrong("strategy", "is unknown", "use one of: " + ", ".join(STATE_OF.get(each, each) for each in KNOWN))
    return option


def _text(row: Mapping[str, str], field: str) -> str:
    value = row.get(field, "").strip()
    if not value:
        raise _Wrong(field, "is missing", "fill it in")
    return value


def _number(row: Mapping[str, str], field: str, absent: str = "") -> float:
    text = row.get(field, "").strip() or absent
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise _Wrong(field, "is not a number from 0", "write a plain number such as 0.02")
    return value


def _day(row: Mapping[str, str], field: str) -> int:
    value = _number(row, field)
    if value != int(value):
        raise _Wrong(field, "is not a whole number", "write a whole number such as 42")
    return int(value)


def _flag(row: Mapping[str, str], field: str) -> bool:
    word = _text(row, field).lower()
    if word not in {"true", "false", "1", "0"}:
        raise _Wrong(field, "is neither True nor False", "write True or False")
    return word in {"true", "1"}
