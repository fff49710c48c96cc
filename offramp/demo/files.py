"""The demo company's files, as a gateway, a warehouse and an application would leave them in a folder.

The rows are the same on every platform; the bytes of a compressed file also depend on the compressor's version.
"""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import yaml

from offramp.demo.company import Company
from offramp.demo.traffic import Row, Scored, rows, scores

_COLUMNS = (
    "timestamp",
    "feature",
    "provider",
    "model",
    "calls",
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "latency_ms",
    "error",
)
Record = dict[str, str | int | None]


def write_company(folder: Path, company: Company, start: date, first: date, until: datetime) -> list[Path]:
    """Write what happened from the day `first` to the hour that `until` falls in; `start` is the demo's first day.

    Returns the files: features.yaml, then calls in three formats, then evals.jsonl.
    """
    days = [first + timedelta(days=number) for number in range((until.date() - first).days + 1)]
    parts: dict[str, list[Record]] = {name: [] for name in _WRITERS}
    for row in rows(company.streams, start, days):
        if row.at <= until:
            parts[row.stream.file].append(_call(row))
    written = [folder / "features.yaml"]
    written[0].write_text(yaml.safe_dump({"features": list(company.documents)}, sort_keys=False), encoding="utf-8")
    for name, (suffix, write) in _WRITERS.items():
        if parts[name]:
            written.append(folder / f"calls-{name}-{first}{suffix}")
            write(written[-1], parts[name])
    runs = [_eval(scored) for scored in scores(company.evals, start, days) if scored.at <= until]
    if runs:
        written.append(folder / f"evals-{first}.jsonl")
        _write_jsonl(written[-1], runs)
    return written


def _call(row: Row) -> Record:
    stream = row.stream
    values: Sequence[str | int | None] = (
        _rfc3339(row.at),
        stream.feature,
        stream.provider,
        stream.model_on(row.at.date()),
        row.calls,
        row.input_tokens,
        row.cached_input_tokens,
        row.output_tokens,
        row.reasoning_tokens,
        row.latency_ms,
        1 if row.error else 0,
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _eval(scored: Scored) -> Record:
    plan = scored.plan
    return {
        "feature": plan.feature,
        "metric": plan.metric,
        "score": f"{scored.score / 10_000:.4f}",
        "n": plan.n,
        "timestamp": _rfc3339(scored.at),
        "strategy": plan.strategy,
        "evaluator": plan.evaluator,
        "evaluator_version": plan.evaluator_version,
        "run_id": f"{plan.feature}-{plan.strategy}-{scored.at:%Y%m%d}",
        "scale_min": "0",
        "scale_max": "1",
    }


def _rfc3339(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _csv_bytes(records: Iterable[Record]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode()


def _write_csv_gz(path: Path, records: Sequence[Record]) -> None:
    path.write_bytes(gzip.compress(_csv_bytes(records), compresslevel=6, mtime=0))


def _write_jsonl(path: Path, records: Sequence[Record]) -> None:
    lines = (json.dumps({key: value for key, value in record.items() if value is not None}) for record in records)
    path.write_bytes("".join(line + "\n" for line in lines).encode())


def _write_parquet(path: Path, records: Sequence[Record]) -> None:
    plain = path.with_suffix(".csv")
    plain.write_bytes(_csv_bytes(records))
    with duckdb.connect() as connection:
        connection.read_csv(str(plain)).write_parquet(str(path))
    plain.unlink()


_WRITERS: dict[str, tuple[str, Callable[[Path, Sequence[Record]], None]]] = {
    "gateway": (".csv.gz", _write_csv_gz),
    "warehouse": (".parquet", _write_parquet),
    "app": (".jsonl", _write_jsonl),
}
