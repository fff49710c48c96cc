"""Real traffic end to end: ServeGen clients become features; load, review and alerts run through and figures add up."""

import csv
import gzip
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from db.migrate import upgrade
from db.session import Engine, make_engine
from offramp.actions.alerts import list_alerts
from offramp.actions.features import list_features
from offramp.actions.load import load_file
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.register import read_yaml, register
from offramp.actions.review import Reviewed, review
from offramp.actions.usage import usage
from offramp.policy import load_policy
from tests.conftest import SHARED

PROGRAM = Path(__file__).resolve().parents[2] / "benchmarks" / "servegen_calls.py"
CLIENTS = 24
SCALE = 100
LAPS = 2
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass(frozen=True)
class Walked:
    """The trace's files, and the database after load and review."""

    folder: Path
    engine: Engine
    reviewed: list[Reviewed]
    again: int


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """The busiest clients: made into files, registered, loaded twice, reviewed."""
    folder = tmp_path_factory.mktemp("servegen")
    source = SHARED / "data" / "servegen"
    options = ["--end", "2026-11-22", "--scale", str(SCALE), "--weeks", "4", "--clients", str(CLIENTS)]
    done = subprocess.run(
        [sys.executable, PROGRAM, source, folder, *options], check=True, capture_output=True, text=True
    )
    assert '"left_out_without_tokens": 90' in done.stdout
    engine = make_engine(f"sqlite:///{folder / 'offramp.db'}")
    upgrade(engine)
    register(engine, read_yaml((folder / "features.yaml").read_text()), at=NOW, by="test")
    fill_book(engine, NOW)
    load_file(engine, folder / "evals.jsonl", at=NOW)
    load_file(engine, folder / "calls.csv.gz", at=NOW)
    again = load_file(engine, folder / "calls.csv.gz", at=NOW).accepted
    resolve_names(engine, NOW)
    yield Walked(folder, engine, review(engine, load_policy(), as_of=NOW, now=NOW), again)
    engine.dispose()


@pytest.mark.needs_shared
def test_calls_are_the_scaled_requests_and_tokens_the_files(walked: Walked, shared: Path) -> None:
    """Per client: all its requests over the scale, exactly, and every token of the file."""
    requests: Counter[str] = Counter()
    with gzip.open(shared / "data" / "servegen" / "servegen_hourly.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            requests[f"servegen-{row['model']}-{row['client_id']}"] += int(row["requests"])
    tokens: dict[str, tuple[int, int]] = {}
    with gzip.open(walked.folder / "calls.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            given, answered = tokens.get(row["feature"], (0, 0))
            tokens[row["feature"]] = (given + int(row["input_tokens"]), answered + int(row["output_tokens"]))
    table = usage(walked.engine, by={"feature"})
    counted = {str(row.feature): row for row in table.rows}
    assert len(counted) == CLIENTS
    assert walked.again == 0
    assert {slug: row.calls for slug, row in counted.items()} == {
        slug: requests[slug] * LAPS // SCALE for slug in counted
    }
    assert {slug: (row.input_tokens, row.output_tokens) for slug, row in counted.items()} == tokens
    assert table.total.calls == sum(row.calls for row in table.rows) > 10_000_000
    assert table.total.unpriced_calls == table.total.calls_without_tokens == 0
    assert table.total.cost_usd == sum((row.cost_usd or Decimal(0) for row in table.rows), Decimal(0)) > 10_000


@pytest.mark.needs_shared
def test_every_client_is_judged_and_each_due_one_alerts(walked: Walked) -> None:
    """Alerts are the due verdicts with their savings; a saving is never above the spend."""
    verdicts = {item.slug: item.document for item in walked.reviewed}
    due = {slug: document for slug, document in verdicts.items() if document["verdict"] == "due"}
    alerts = {alert.feature: alert for alert in list_alerts(walked.engine)}
    documents = yaml.safe_load((walked.folder / "features.yaml").read_text())["features"]
    classifiers = {item["slug"] for item in documents if "task" in item}
    assert len(verdicts) == CLIENTS
    assert alerts.keys() == due.keys() <= classifiers
    assert due.keys() == {"servegen-m-mid-30", "servegen-m-mid-66"}
    # It spends $822: the next smaller model, once an eval allows it, saves $740 of that for $600; embed asks $6,000.
    cheaper = verdicts["servegen-m-mid-101"]
    assert (cheaper["verdict"], cheaper["code"], cheaper["target"]) == ("watch", "needs_eval", "prompt:cheaper_model")
    for slug, document in due.items():
        saving, spend = Decimal(document["money"]["saving_usd_month"]), document["money"]["monthly_usd"]["prompt"]
        assert (document["target"], alerts[slug].saving_usd_month) == ("embed", saving)
        assert 0 < saving <= Decimal(spend)
    assert {line.slug for line in list_features(walked.engine, NOW) if line.registered} == verdicts.keys()
