"""Scores `offramp replay` against a clairvoyant, beside the baselines, on the public benchmark of the reading room.

    python benchmarks/judge_score.py --seeds 0,1,2 [--regimes base,boom,bust,dirty] [--n 60] [--shared ../shared]

Each portfolio is written as files, judged by the command line in both modes and again on inputs cut at two days (the
causality audit), and scored as acceptance/judge/README.md says. Prints one Markdown table, all regimes pooled.
"""

import argparse
import sys
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

BASELINES = ("never", "bandB", "bandC", "bandA_10k", "immediate", "payback6m", "ski")
COLUMNS = (
    "cost_ratio",
    "capture",
    "capture_feat",
    "false_fy",
    "precision",
    "missed",
    "flaps_fy",
    "breach_100",
    "delay",
)


def main() -> int:
    """Score, print, and say by the exit code whether a verdict knew the future."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--regimes", default="base,boom,bust,dirty")
    parser.add_argument("--n", type=int, default=60)
    parser.add_argument("--no-baselines", action="store_true")
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    asked = parser.parse_args()
    sys.path.insert(0, str(asked.shared / "acceptance" / "judge"))
    bench = {name: import_module(f"llmbench.{name}") for name in ("sim", "oracle", "harness", "io", "policies")}
    names = () if asked.no_baselines else BASELINES
    pools: dict[str, list[Any]] = {name: [] for name in (*names, "offramp")}
    violations = 0
    for regime in asked.regimes.split(","):
        for seed in map(int, asked.seeds.split(",")):
            features, book = bench["sim"].make_portfolio(seed, asked.n, regime)
            solved = [bench["oracle"].solve(each) for each in features]
            for name in names:
                pools[name] += bench["harness"].score(bench["policies"].BASELINES[name], features, solved)
            rows, bad = replayed(bench, features, book, solved)
            pools["offramp"] += rows
            violations += bad
            sys.stderr.write(f"{regime} {seed}: done, {bad} causality violations\n")
    print("| policy | " + " | ".join(COLUMNS) + " |")
    print("|---|" + "---|" * len(COLUMNS))
    for name, rows in pools.items():
        found = bench["harness"].summary(rows)
        print(f"| {name} | " + " | ".join(f"{float(found[key]):.3f}" for key in COLUMNS) + " |")
    print(f"\n{len(pools['offramp'])} features, causality violations: {violations}")
    return 1 if violations else 0


def replayed(bench: dict[str, Any], features: list[Any], book: Any, solved: list[Any]) -> tuple[list[Any], int]:  # noqa: ANN401 (the benchmark has no types)
    """Rows and causality violations of the command line on one portfolio."""
    command = f'"{sys.executable}" -m offramp replay {{dir}}'
    with tempfile.TemporaryDirectory() as work:
        acted, shadow, bad = bench["io"].run_cli(command, features, book, work)
    player = bench["io"].Replay
    rows = bench["harness"].score(partial(player, acted), features, solved, shadow=False)
    for row, feature in zip(rows, features, strict=True):
        row["flaps"] = bench["harness"].flaps(bench["harness"].drive(player(shadow), feature, "shadow")[3])
    return rows, bad


if __name__ == "__main__":
    sys.exit(main())
