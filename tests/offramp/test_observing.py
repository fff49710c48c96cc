"""What a monitoring system is given: metrics that the example dashboard names, and logs that a machine reads."""

import json
import logging
import re

import pytest
from sqlalchemy import Engine

from offramp.actions.jobs import run_due
from offramp.actions.schedule import standard_jobs
from offramp.policy import load_policy
from offramp.serve.logs import JsonLines
from tests.conftest import ROOT
from tests.offramp.live_server import AT, Live
from tests.offramp.spans import PROTOBUF, protobuf_body

DASHBOARD = ROOT / "deploy" / "grafana" / "offramp.json"


def test_the_example_dashboard_names_metrics_and_labels_that_exist(engine: Engine, live: Live) -> None:
    """Every metric and label of the Grafana example is one that /metrics gives once something has happened."""
    live.client.post("/v1/traces", content=protobuf_body([1], AT), headers=PROTOBUF)
    run_due(engine, standard_jobs(load_policy(), "UTC")[:1], owner="a", at=AT, starting=True)
    told = live.client.get("/metrics").text
    lines = re.findall(r"^(\w+)(\{.*\})? ", told, re.MULTILINE)
    given = {name: set(re.findall(r"(\w+)=", labels)) for name, labels in lines}
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    assert {name for expr in asked for name in re.findall(r"offramp_\w+", expr)} == set(given)
    for expr in asked:
        (name,) = re.findall(r"offramp_\w+", expr)
        by = re.search(r"by \(([^)]*)\)", expr)
        labels = {label.strip() for label in by[1].split(",")} if by else set()
        assert labels | set(re.findall(r"(\w+)!?[~=]+\"", expr)) <= given[name], expr


def test_a_log_line_is_one_json_object_without_what_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    """When, how grave, who, what; of an exception its kind alone."""
    log = logging.getLogger("offramp.test")
    try:
        int("the user's secret text")
    except ValueError:
        log.exception("%s\nfailed", "a job")
    (record,) = caplog.records
    line = JsonLines().format(record)
    told = json.loads(line)
    assert "\n" not in line
    assert (told["level"], told["logger"], told["message"]) == ("error", "offramp.test", "a job\nfailed")
    assert told["exception"] == "ValueError"
    assert "secret" not in line
