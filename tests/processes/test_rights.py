"""What each role of PostgreSQL may do: all that its process does, tried as that role with its password."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count

import psycopg
import pytest
from sqlalchemy import Engine, func, select

from db.migrate import upgrade
from db.roles import PROCESSES, make_roles
from db.session import make_engine, reading
from db.tables import HourTotal, Rollup
from offramp.actions.claim import claim
from offramp.actions.ingest import Sent
from offramp.actions.receive import receive
from offramp.actions.register import register
from offramp.actions.rematch import rematch
from offramp.actions.rename import merge, rename
from offramp.actions.usage import usage
from tests.collectors.otlp_bodies import RECEIVED, SIZED, Given, request
from tests.offramp.test_metrics_and_logs import DURATION, PROTOBUF, counted, log, point, send, spans, tell, told
from tests.processes.cluster import Cluster, cluster

SCORE = ("relevance", Decimal("0.5"), 1, "deepeval", "4.3")
As = Callable[[str], Engine]
_numbers = count()


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A server whose roles have passwords."""
    with cluster("-c fsync=off") as made:
        yield made


@pytest.fixture
def as_role(server: Cluster) -> Iterator[As]:
    """An engine on a migrated database of the test's own, for a role."""
    name = f"rights_{next(_numbers)}"
    owner = make_engine(server.create(name))
    upgrade(owner)
    make_roles(owner, {process: f"{process}'s" for process in PROCESSES})
    engines = {process: make_engine(server.url(name, f"offramp_{process}", f"{process}'s")) for process in PROCESSES}
    yield engines.__getitem__
    for engine in (owner, *engines.values()):
        engine.dispose()


def _figures(engine: Engine) -> dict[str | None, int]:
    return {row.feature: row.calls for row in usage(engine, by=("feature",)).rows}


def test_the_receiver_counts_all_that_arrives(as_role: As) -> None:
    """Spans and their late parents, evaluations before and after their calls, metrics that spans replace."""
    ingest = as_role("ingest")
    tell(ingest, log())
    spans(ingest, Given(number=2, parent=1))
    assert told(ingest) == [("bot", *SCORE)]
    spans(ingest, Given(number=1, attributes={"feature": "triage"}))
    assert told(ingest) == [("triage", *SCORE)]
    assert _figures(as_role("worker")) == {"triage": 1}
    send(ingest, point(DURATION, (3, 1.0), service={"service.name": "other"}))
    body = request([Given(number=7)], {"service.name": "other"}).SerializeToString()
    receive(ingest, None, Sent("traces", body, PROTOBUF), at=RECEIVED, late_window=timedelta(hours=24))
    assert set(counted(as_role("worker"))) == {"otlp"}


def test_the_pages_move_counts_from_one_name_to_another(as_role: As) -> None:
    """Rename, merge, claim and match: calls and scores arrive whole, what comes later too, and no total moves."""
    ingest, pages = as_role("ingest"), as_role("dashboard")
    spans(ingest, Given(number=2))
    tell(ingest, log())
    spans(ingest, Given(number=3, attributes={**SIZED, "feature": "Support"}))
    body = request([Given(number=4)]).SerializeToString()
    receive(ingest, None, Sent("traces", body, PROTOBUF), at=RECEIVED, late_window=None)
    send(ingest, point(DURATION, (3, 1.0), service={"service.name": "svc"}))
    assert _figures(pages) == {"bot": 1, "Support": 1, "svc": 3, None: 1}
    at = RECEIVED
    register(pages, [{"slug": "triage", "match": [{"attribute": "service.name", "equals": "svc"}]}], at=at, by="me")
    assert rename(pages, "bot", "helper", at=at, by="me").change == "renamed"
    assert merge(pages, "helper", "triage", at=at, by="me").scores == 1
    assert merge(pages, "Support", "triage", at=at, by="me").calls == 1
    assert claim(pages, "triage", rule=("service.name", "nobody"), past=True, at=at, by="me").moved is not None
    assert [item.calls for item in rematch(pages, at=at, by="me").moved] == [3]
    assert rename(pages, "triage", "desk", at=at, by="me").change == "renamed"
    spans(ingest, Given(number=5))
    assert _figures(pages) == {"desk": 7}
    with reading(pages) as session:
        sums = [session.scalar(select(func.sum(table.calls))) for table in (Rollup, HourTotal)]
    assert sums == [7, 7]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hour_total SET calls = 0",
        "DELETE FROM usage_ledger",
        "INSERT INTO usage_ledger VALUES (0, '')",
        "UPDATE eval_score SET evaluator = 'me'",
        "TRUNCATE rollup",
    ],
)
def test_who_may_move_counts_may_not_forget_them(as_role: As, statement: str) -> None:
    """The ledger and the totals of each hour stay out of the dashboard's reach."""
    with as_role("dashboard").connect() as connection, pytest.raises(Exception, match="permission denied") as caught:
        connection.exec_driver_sql(statement)
    assert isinstance(caught.value.__cause__, psycopg.errors.InsufficientPrivilege)
