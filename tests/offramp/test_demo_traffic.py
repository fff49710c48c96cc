"""The demo company's files: the same on every platform, shaped like real traffic, and in the formats people use."""

import csv
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import mean, pstdev, quantiles

import duckdb
import pytest
import yaml

from offramp.demo import traffic
from offramp.demo.company import DAYS, Stream, load_company
from offramp.demo.files import write_company
from offramp.demo.traffic import Row, level, rows, scores
from strategy.parse import parse_feature

END = date(2026, 11, 22)
START = END - timedelta(days=DAYS)
EVERY_DAY = [START + timedelta(days=number) for number in range(DAYS)]
LAST_HOUR = datetime(2026, 11, 21, 23, tzinfo=UTC)
TRACE_DAYS = 14


@pytest.fixture(scope="module")
def half_year() -> list[Row]:
    """All traffic of the company over its 26 weeks."""
    return list(rows(load_company().streams, START, EVERY_DAY))


def test_every_feature_of_the_company_can_be_registered() -> None:
    """Fourteen documents, none with a wrong field."""
    company = load_company()
    wrong = {document["slug"]: parse_feature(document)[1] for document in company.documents}
    assert len(company.slugs) == 14
    assert not [error for errors in wrong.values() for error in errors]


def test_traffic_is_the_same_on_every_platform() -> None:
    """Every row of a half year of one feature, hashed: no platform and no Python version may move a call."""
    stream = Stream(
        feature="x",
        file="app",
        provider="openai",
        model="gpt-5.6-luna",
        calls_per_day=5_000,
        grows_to=9_000,
        trend="accelerating",
        sway=0.3,
        gust=1.0,
        input_tokens=777,
        cached_share=0.3,
        output_tokens=111,
        error_rate=0.01,
    )
    made = list(rows([stream], START, EVERY_DAY))
    lines = (
        f"{r.at} {r.calls} {r.input_tokens} {r.cached_input_tokens} {r.output_tokens} {r.latency_ms}" for r in made
    )
    assert len(made) == 4550
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == (
        "07673cc84ee3ccbd9e8b9c6574f5a566c956a74277e8de60dba89bd0c319549e"
    )


def test_a_day_is_the_same_whenever_it_is_written(half_year: list[Row]) -> None:
    """Writing one day later gives what writing all of them gave: topping up adds nothing twice."""
    day = START + timedelta(days=99)
    assert list(rows(load_company().streams, START, [day])) == [row for row in half_year if row.at.date() == day]


def test_rows_are_in_order_and_hold_whole_calls(half_year: list[Row]) -> None:
    """Times rise, every row has calls, cached tokens are a part of the input, a failed call carries no tokens."""
    assert all(before.at <= after.at for before, after in pairwise(half_year))
    assert all(row.calls > 0 and row.cached_input_tokens <= row.input_tokens for row in half_year)
    assert all(row.error == (row.latency_ms is None) and row.error <= (row.input_tokens == 0) for row in half_year)
    assert sum(row.calls for row in half_year if row.error) > 100_000


def test_hours_and_days_are_spread_as_in_the_traces(half_year: list[Row]) -> None:
    """Peak hour, spread of days and largest day of two weeks lie within the quartiles that the traces have."""
    peaks, spreads, largest = zip(*_shapes(half_year), strict=True)
    assert 2.5 < quantiles(peaks, n=4)[1] < 6.4
    assert 0.19 < quantiles(spreads, n=4)[1] < 0.44
    assert 1.3 < quantiles(largest, n=4)[1] < 1.9


def _shapes(half_year: list[Row]) -> Iterator[tuple[float, float, float]]:
    for stream in load_company().streams:
        hours: Counter[int] = Counter()
        for row in half_year:
            number = (row.at.date() - START).days - 28
            if row.stream is stream and not row.error and 0 <= number < TRACE_DAYS:
                hours[number * 24 + row.at.hour] += row.calls
        if len(hours) < 330:
            continue
        days = [sum(hours[day * 24 + hour] for hour in range(24)) for day in range(TRACE_DAYS)]
        yield max(hours.values()) * 24 / mean(days), pstdev(days) / mean(days), max(days) / mean(days)


def test_gusts_follow_the_measured_distribution() -> None:
    """Of 100,000 hours 2.1 % are above three times their due, as in the traces, and the mean is 1."""
    chance = Random("gusts")  # noqa: S311 (seeded and repeatable is the point)
    drawn = [traffic._gust(chance.random()) * traffic._GUST_MEAN for _ in range(100_000)]  # noqa: SLF001 (the figure is the point)
    assert mean(drawn) == pytest.approx(1.1, abs=0.01)
    assert sum(value > 3 for value in drawn) / len(drawn) == pytest.approx(0.027, abs=0.007)


def test_a_level_starts_grows_and_then_stays() -> None:
    """Nothing before the launch, the two declared levels at its ends, and no growth beyond the demo."""
    stream = Stream(
        feature="x",
        file="app",
        provider="openai",
        model="m",
        calls_per_day=100,
        grows_to=900,
        starts=80,
        trend="linear",
    )
    assert [level(stream, day) for day in (0, 79, 80, DAYS - 1, DAYS + 300)] == [0, 0, 100, 900, 900]
    cubic = Stream(
        feature="x", file="app", provider="openai", model="m", calls_per_day=100, grows_to=900, trend="accelerating"
    )
    assert level(cubic, 90) < 250
    assert level(cubic, DAYS - 1) == 900


def test_evals_run_on_their_days_only() -> None:
    """A plan with an interval repeats from its first day; scores stay within their wobble."""
    plans = load_company().evals
    runs = list(scores(plans, START, EVERY_DAY))
    triage = [run for run in runs if run.plan.feature == "ticket-triage" and run.plan.strategy == "prompt"]
    assert [(run.at.date() - START).days for run in triage] == [5, 33, 61, 89, 117, 145, 173]
    assert all(abs(run.score - run.plan.score) <= run.plan.wobble for run in runs)
    assert not [run for run in runs if run.plan.feature in {"question-routing", "room-stylist"}]


def test_files_hold_every_call_and_token(half_year: list[Row], tmp_path: Path) -> None:
    """Compressed CSV, Parquet and JSON lines together carry what was generated, to the token."""
    paths = write_company(tmp_path, load_company(), START, START, LAST_HOUR)
    names = [path.name for path in paths]
    assert names == [
        "features.yaml",
        f"calls-gateway-{START}.csv.gz",
        f"calls-warehouse-{START}.parquet",
        f"calls-app-{START}.jsonl",
        f"evals-{START}.jsonl",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    with gzip.open(paths[1], "rt", encoding="utf-8") as file:
        read = [
            (int(row["calls"]), int(row["input_tokens"]), int(row["output_tokens"])) for row in csv.DictReader(file)
        ]
    with duckdb.connect() as connection:
        found = connection.read_parquet(str(paths[2])).select("calls, input_tokens, output_tokens").fetchall()
    read += [(calls, given, answered) for calls, given, answered in found]
    for line in paths[3].read_text().splitlines():
        row = json.loads(line)
        read.append((row["calls"], row["input_tokens"], row["output_tokens"]))
    expected = [(row.calls, row.input_tokens, row.output_tokens) for row in half_year]
    assert [sum(column) for column in zip(*read, strict=True)] == [
        sum(column) for column in zip(*expected, strict=True)
    ]
    assert len(read) == len(expected)
    assert [item["slug"] for item in yaml.safe_load(paths[0].read_text())["features"]] == [
        document["slug"] for document in load_company().documents
    ]


def test_files_end_at_the_present_hour(tmp_path: Path) -> None:
    """Of a day that is not over only the hours begun are written, and no evaluation that is still to come."""
    until = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)
    paths = write_company(tmp_path, load_company(), START, until.date(), until)
    with gzip.open(paths[1], "rt", encoding="utf-8") as file:
        hours = {row["timestamp"] for row in csv.DictReader(file)}
    assert [path.name for path in paths if "evals" in path.name] == []
    assert (min(hours), max(hours)) == ("2026-11-21T00:00:00Z", "2026-11-21T05:00:00Z")


def test_some_traffic_is_nobodys_and_some_has_no_price() -> None:
    """Blind spots are part of the demo: unattributed calls, a feature nobody registered, a model without a price."""
    company = load_company()
    assert [stream.model for stream in company.streams if stream.feature is None] == ["gpt-5.6-luna"]
    assert {stream.feature for stream in company.streams} - company.slugs == {None, "store-chat"}
    assert [stream.feature for stream in company.streams if stream.provider == "vllm"] == ["gift-concierge"]
