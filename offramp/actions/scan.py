"""Scans call logs without anybody's database: what each feature costs, what its traffic says, what to look at first.

The files are loaded through the same reader as everybody's, into a database that lives as long as the scan, and judged
by the same judge, the task left unknown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from collectors.files import detect_kind
from db.session import Engine, reading
from offramp.actions.answer_lengths import answer_lengths
from offramp.actions.failure import BadInput, Problem
from offramp.actions.load import load_file
from offramp.actions.load_options import LoadOptions
from offramp.actions.loaded import Loaded
from offramp.actions.passing import passing_database
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.snapshots import snapshots_of
from offramp.actions.usage import UsageRow, UsageTable, midnight, usage
from reports.scan_value import Day, Hint, Lengths, ModelUse, Scan, Seen
from reports.words import count
from strategy.facts import Snapshot
from strategy.judge import judge, outcome_of
from strategy.policy import Policy
from strategy.profile import Feature, TaskProfile
from strategy.shown import exact
from strategy.verdict import Verdict, document
from strategy.volume import volume_of

Progress = Callable[[str], None]

# Nine of ten answers this short look like labels; half of them this long look like text.
_LABEL_TOKENS = 20
_TEXT_TOKENS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A scan, the usage it rests on, and what became of each file."""

    scan: Scan
    usage: UsageTable
    loaded: tuple[Loaded, ...]

    def documents(self) -> list[dict[str, Any]]:
        """For `--json`: a verdict per feature with its `usage` and `traffic`, costliest first.

        Unattributed traffic stands last; its `feature` and `verdict` are null.
        """
        counted = {row.feature: row.document() for row in self.usage.rows}
        return [
            ({"feature": None, "verdict": None} if seen.verdict is None else document(seen.verdict))
            | {"usage": counted[seen.feature], "traffic": _traffic(seen)}
            for seen in self.scan.rows
        ]


@dataclass(frozen=True, slots=True)
class _Judged:
    verdict: Verdict
    growth: Decimal | None
    hint: Hint | None


def scan_files(
    paths: Sequence[Path],
    policy: Policy,
    *,
    now: datetime,
    set_columns: Mapping[str, str] | None = None,
    renamed: Mapping[str, str] | None = None,
    progress: Progress = lambda _: None,
) -> Scanned:
    """Load the calls of these files and judge every feature they name, as of the day after their last call.

    Raises:
        BadInput: a file cannot be read, or none holds a call that can be counted.
    """
    with passing_database() as engine:
        options = LoadOptions(set_columns=set_columns or {}, renamed=renamed or {})
        loaded = tuple(_load(engine, path, now, options, progress) for path in paths)
        progress("finding prices")
        fill_book(engine, now)
        resolve_names(engine, now)
        table = usage(engine)
        if not table.rows:
            raise BadInput([_nothing_counted(each) for each in loaded])
        progress("measuring answers")
        calls = [path for path in paths if detect_kind(path, renamed=renamed) == "calls"]
        lengths = answer_lengths(calls, now, set_columns, renamed)
        as_of = min(midnight((table.end - timedelta(microseconds=1)).date() + timedelta(days=1)), midnight(now.date()))
        judged = _judge(engine, policy, table, lengths, as_of, progress)
        return Scanned(scan=_scan(engine, table, judged, lengths, loaded, as_of), usage=table, loaded=loaded)


def _load(engine: Engine, path: Path, now: datetime, options: LoadOptions, progress: Progress) -> Loaded:
    progress(f"reading {path.name}")
    told = replace(options, progress=lambda rows: progress(f"{path.name}: {rows:,} rows"))
    return load_file(engine, path, at=now, options=told)


def _nothing_counted(loaded: Loaded) -> Problem:
    """Why a file gave no call: what is wrong with its first rejected row, or that it holds something else."""
    if not loaded.rejected:
        return Problem(error="holds no calls", field=loaded.path.name, cure="scan a call log (docs/collect.md)")
    first = loaded.rejected[0]
    error = f"none of its {count(loaded.rejected_rows, 'row')} can be counted: {first.field} {first.error}"
    return Problem(error=error, row=first.row, field=loaded.path.name, cure=first.cure)


def _judge(
    engine: Engine,
    policy: Policy,
    table: UsageTable,
    lengths: Mapping[str | None, Lengths],
    as_of: datetime,
    progress: Progress,
) -> dict[str | None, _Judged]:
    """Every feature judged by its traffic alone: what it runs on is taken for a prompt, its task for unknown."""
    means = {row.feature: _mean_output(row) for row in table.rows}
    features = [Feature(slug=row.feature) for row in table.rows if row.feature is not None]
    with reading(engine) as session:
        frozen = snapshots_of(session, features, policy, as_of)
    found: dict[str | None, _Judged] = {}
    for number, snapshot in enumerate(frozen, start=1):
        progress(f"judging {number:,} of {len(frozen):,}")
        slug = snapshot.feature.slug
        growth = volume_of(snapshot.usage, as_of.date(), policy).growth
        found[slug] = _Judged(
            judge(snapshot, policy), growth, _hint(snapshot, lengths.get(slug), means.get(slug), policy)
        )
    return found


def _mean_output(row: UsageRow) -> Decimal | None:
    """Output tokens a call, where they are told."""
    counted = row.calls - row.calls_without_tokens
    return Decimal(row.output_tokens) / counted if counted > 0 else None


def _looks_like(lengths: Lengths | None, mean: Decimal | None) -> str | None:
    """What the answers look like; where a row of the log sums several calls, only a high mean tells anything."""
    if lengths is None:
        return "free" if mean is not None and mean >= _TEXT_TOKENS else None
    if lengths.p90 <= _LABEL_TOKENS:
        return "label"
    return "free" if lengths.p50 >= _TEXT_TOKENS else None


def _hint(snapshot: Snapshot, lengths: Lengths | None, mean: Decimal | None, policy: Policy) -> Hint | None:
    """The outcome if the output is what the length of the answers suggests; None where it suggests nothing.

    No rule is taken to give it: length speaks neither for nor against one, and code would win for being free alone.
    """
    output_space = _looks_like(lengths, mean)
    if output_space is None:
        return None
    feature = replace(snapshot.feature, task=TaskProfile(output_space=output_space, determinism="no"))
    outcome, code, target = outcome_of(replace(snapshot, feature=feature), policy)
    return Hint(output_space=output_space, outcome=outcome, code=code, target=target)


def _scan(
    engine: Engine,
    table: UsageTable,
    judged: Mapping[str | None, _Judged],
    lengths: Mapping[str | None, Lengths],
    loaded: Sequence[Loaded],
    as_of: datetime,
) -> Scan:
    models = _by_feature(usage(engine, by=("feature", "model")))
    days = _by_feature(usage(engine, by=("feature", "day")))
    every = usage(engine, by=("day",)).rows
    rows = [
        _seen(row, models[row.feature], days[row.feature], lengths.get(row.feature), judged.get(row.feature))
        for row in table.rows
    ]
    return Scan(
        files=tuple(each.path.name for each in loaded),
        first=table.start.date(),
        last=(table.end - timedelta(microseconds=1)).date(),
        as_of=as_of,
        rows=tuple(sorted(rows, key=_costliest)),
        total=_seen(table.total, (), every, None, None),
        rejected_rows=sum(each.rejected_rows for each in loaded),
        duplicates=sum(each.duplicates for each in loaded),
    )


def _by_feature(table: UsageTable) -> dict[str | None, list[UsageRow]]:
    found: dict[str | None, list[UsageRow]] = {}
    for row in table.rows:
        found.setdefault(row.feature, []).append(row)
    return found


def _seen(
    row: UsageRow,
    models: Sequence[UsageRow],
    days: Sequence[UsageRow],
    lengths: Lengths | None,
    judged: _Judged | None,
) -> Seen:
    uses = [ModelUse(provider=m.provider, name=m.model or "", calls=m.calls, cost_usd=m.cost_usd) for m in models]
    return Seen(
        feature=row.feature,
        calls=row.calls,
        errors=row.errors,
        input_tokens=row.input_tokens,
        cached_input_tokens=row.cached_input_tokens,
        output_tokens=row.output_tokens,
        cost_usd=row.cost_usd,
        reported_cost_usd=row.reported_cost_usd,
        unpriced_calls=row.unpriced_calls,
        calls_without_tokens=row.calls_without_tokens,
        latency_p50_ms=row.latency_p50_ms,
        latency_p95_ms=row.latency_p95_ms,
        models=tuple(sorted(uses, key=lambda use: (-use.calls, use.name))),
        days=tuple(Day(day=each.day, calls=each.calls) for each in days if each.day is not None),
        growth=None if judged is None else judged.growth,
        lengths=lengths,
        hint=None if judged is None else judged.hint,
        verdict=None if judged is None else judged.verdict,
    )


def _costliest(seen: Seen) -> tuple[bool, Decimal, int, str]:
    """Unattributed last; among features the costliest first, those without a price after all that have one."""
    cost = Decimal(1) if seen.cost_usd is None else -seen.cost_usd
    return seen.feature is None, cost, -seen.calls, seen.feature or ""


def _traffic(seen: Seen) -> dict[str, Any]:
    """What the traffic says beyond the counts, for `--json`."""
    lengths = seen.lengths
    return {
        "days": [{"day": each.day.isoformat(), "calls": each.calls} for each in seen.days],
        "growth": None if seen.growth is None else float(round(seen.growth, 3)),
        "models": [
            {
                "provider": use.provider,
                "model": use.name,
                "calls": use.calls,
                "cost_usd": None if use.cost_usd is None else exact(use.cost_usd),
            }
            for use in seen.models
        ],
        "output_tokens_p50": None if lengths is None else lengths.p50,
        "output_tokens_p90": None if lengths is None else lengths.p90,
        "hint": None
        if seen.hint is None
        else {
            "output_space": seen.hint.output_space,
            "verdict": seen.hint.outcome.value,
            "code": seen.hint.code,
            "target": seen.hint.target,
        },
        "look_first": seen.look_first,
    }
