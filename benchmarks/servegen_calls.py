"""Turns the ServeGen traces into files that `offramp register` and `offramp load` read: one client is one feature.

    python benchmarks/servegen_calls.py SOURCE OUT --end 2026-11-22 [--scale 100] [--weeks 4] [--clients 40]

What is real: each client's requests per hour and its mean tokens (ServeGen, Alibaba, Apache-2.0; Xiang et al., arXiv
2505.09999). What is ours, and said here once:

- scale: one call stands for `--scale` requests; the remainder is carried on from hour to hour, so a client's calls
  are exactly its requests // scale
- dates: the trace (14 days; 1 day for the reasoning model) is laid end to end over the `--weeks` before `--end`
- models: the trace's size classes are given a model with a price (`_MODELS`)
- clients without token lengths (90 of 421) are left out and counted
- clients whose answers have 20 tokens or fewer on average are taken for classifiers with 1,500 labels, a measured
  baseline and a measured classifier; all other profiles stay unknown
"""

import argparse
import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

_MODELS = {
    "m-large": ("anthropic", "claude-sonnet-5"),
    "m-mid": ("openai", "gpt-5.6-terra"),
    "m-small": ("openai", "gpt-5.6-luna"),
    "deepseek-r1": ("openai", "gpt-5.6-sol"),
}
_TRACE_HOURS = {"language": 14 * 24, "reason": 24}
_LABEL_TOKENS = 20
_COLUMNS = ("timestamp", "feature", "provider", "model", "calls", "input_tokens", "output_tokens")
_CLASSIFIER = {
    "task": {
        "determinism": "mostly",
        "input_space": "open",
        "output_space": "label",
        "latency_budget_ms": 2000,
        "error_cost": "medium",
        "labelled_examples": 1500,
        "examples_diverse": True,
        "days_to_production": 60,
        "change_frequency": "low",
    },
    "quality": {"metric": "accuracy", "floor": "0.88", "margin": "0.02"},
}


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of one client as the trace has it; token means are per request."""

    index: int
    requests: int
    mean_input: Decimal
    mean_output: Decimal


@dataclass(frozen=True, slots=True)
class Client:
    """One anonymous tenant of the trace."""

    category: str
    model: str
    number: str
    mean_output: Decimal
    hours: tuple[Hour, ...]

    @property
    def slug(self) -> str:
        """The feature it becomes."""
        return f"servegen-{self.model}-{self.number}"

    @property
    def labels(self) -> bool:
        """Whether its answers are as short as a label."""
        return self.mean_output <= _LABEL_TOKENS


def read_clients(source: Path, most: int | None) -> tuple[list[Client], int]:
    """The clients with token lengths, busiest first, and how many were left out for having none."""
    with (source / "servegen_clients.csv").open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: -int(row["requests_total"]))
    known = [row for row in rows if row["mean_input"] and row["mean_output"] and row["model"] in _MODELS]
    wanted = {(row["model"], row["client_id"]): row for row in known[:most]}
    hours: dict[tuple[str, str], list[Hour]] = defaultdict(list)
    with gzip.open(source / "servegen_hourly.csv.gz", "rt", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = (row["model"], row["client_id"])
            if key in wanted:
                means = Decimal(row["mean_input_tokens"]), Decimal(row["mean_output_tokens"])
                hours[key].append(Hour(int(row["hour_index"]), int(row["requests"]), *means))
    clients = [
        Client(row["category"], *key, Decimal(row["mean_output"]), tuple(sorted(hours[key], key=lambda h: h.index)))
        for key, row in wanted.items()
    ]
    return clients, len(rows) - len(known)


def calls(client: Client, end: date, weeks: int, scale: int) -> Iterable[dict[str, Any]]:
    """The client's rows before `end`, oldest first; the remainder of the scaling is carried from row to row."""
    start = datetime(end.year, end.month, end.day, tzinfo=UTC) - timedelta(weeks=weeks)
    span = _TRACE_HOURS[client.category]
    provider, model = _MODELS[client.model]
    carried = 0
    for lap in range(weeks * 7 * 24 // span):
        for hour in client.hours:
            count, carried = divmod(hour.requests + carried, scale)
            if count:
                at = start + timedelta(hours=lap * span + hour.index)
                tokens = [int(count * mean) for mean in (hour.mean_input, hour.mean_output)]
                values = (f"{at:%Y-%m-%dT%H:%M:%SZ}", client.slug, provider, model, count, *tokens)
                yield dict(zip(_COLUMNS, values, strict=True))


def feature(client: Client) -> Mapping[str, Any]:
    """The client as a feature file has it."""
    name = f"ServeGen client {client.number} of {client.model}"
    model = "/".join(_MODELS[client.model])
    return {"slug": client.slug, "name": name, "owner": "servegen", "strategy": "prompt", "model": model} | (
        _CLASSIFIER if client.labels else {}
    )


def evals(client: Client, end: date) -> Iterable[Mapping[str, Any]]:
    """A baseline and a classifier's score, ten days old, for a client that looks like a classifier."""
    at = f"{end - timedelta(days=10)}T06:00:00Z"
    for strategy, score in (("prompt", "0.9000"), ("embed", "0.9150")) if client.labels else ():
        yield {"feature": client.slug, "metric": "accuracy", "score": score, "n": 2000, "timestamp": at} | {
            "strategy": strategy,
            "evaluator": "made-up",
            "evaluator_version": "1",
            "scale_min": 0,
            "scale_max": 1,
        }


def write(source: Path, out: Path, end: date, *, weeks: int, scale: int, most: int | None) -> dict[str, int]:
    """Write features.yaml, calls.csv.gz and evals.jsonl; returns what was written and left out."""
    clients, left_out = read_clients(source, most)
    out.mkdir(parents=True, exist_ok=True)
    (out / "features.yaml").write_text(yaml.safe_dump({"features": [dict(feature(client)) for client in clients]}))
    total = 0
    with gzip.open(out / "calls.csv.gz", "wt", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        for client in clients:
            for row in calls(client, end, weeks, scale):
                writer.writerow(row)
                total += 1
    lines = [json.dumps(run) for client in clients for run in evals(client, end)]
    (out / "evals.jsonl").write_text("".join(line + "\n" for line in lines))
    return {"clients": len(clients), "left_out_without_tokens": left_out, "rows": total, "evals": len(lines)} | {
        "scale": scale
    }


def main() -> None:
    """Read the command line, write the files, print what was done."""
    parser = argparse.ArgumentParser(description="ServeGen traces to Offramp's call files.")
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--end", type=date.fromisoformat, required=True, help="the day after the last one")
    parser.add_argument("--scale", type=int, default=100, help="requests of the trace to one call")
    parser.add_argument("--weeks", type=int, default=4, help="an even number: the trace has two weeks")
    parser.add_argument("--clients", type=int, default=None, help="only the busiest")
    given = parser.parse_args()
    print(
        json.dumps(write(given.source, given.out, given.end, weeks=given.weeks, scale=given.scale, most=given.clients))
    )


if __name__ == "__main__":
    main()
