"""Warehouses that nobody here has: the query, its bounds and its rows through their own dialects, up to the driver.

    python -m pytest tests/warehouses/dialects.py --warehouse trino://reader@host:443/catalog/schema

What the driver is handed is compared, and it hands back rows as these drivers do. Not part of the suite: each dialect
is installed in an environment of its own (`make warehouses`).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event, make_url

from collectors.pulls.config import PullSource
from collectors.pulls.puller import Window, pulled
from collectors.rejected import Rejected, SourceError
from collectors.warehouse import PULLER

_START, _END = datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)
_QUERY = """SELECT hour AS timestamp, feature, 'openai' AS provider, model, SUM(calls) AS calls,
SUM(input_tokens) AS input_tokens, SUM(output_tokens) AS output_tokens
FROM llm_hourly WHERE hour >= :start AND hour < :end GROUP BY hour, feature, model"""
_NAMES = ("timestamp", "feature", "provider", "model", "calls", "input_tokens", "output_tokens")
# Snowflake gives sums as decimals, Trino times without a zone, BigQuery with one.
_ROWS = [
    (
        datetime(2026, 11, 21, 9),  # noqa: DTZ001 (as the driver gives it)
        "triage",
        "openai",
        "gpt-5.6-luna",
        Decimal(3),
        Decimal(300),
        30,
    ),
    (datetime(2026, 11, 21, 10, tzinfo=UTC), "triage", "openai", "gpt-5.6-luna", 1, 100, 10),
]
_PLACES = {"bigquery": "%(start)s", "snowflake": "%(start)s", "trino": "?"}


class _Cursor:
    """A driver's cursor that answers every question but ours with a row that says nothing."""

    arraysize, rowcount, lastrowid, sfqid = 1, -1, None, "made-up"

    def __init__(self, told: list[tuple[str, Any]]) -> None:
        self._told = told
        self.description: list[tuple[Any, ...]] = []
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, statement: str, parameters: Any = (), **_: object) -> None:  # noqa: ANN401 (as drivers take them)
        self._told.append((statement, parameters))
        ours = "llm_hourly" in statement
        names = _NAMES if ours else ("nothing", "more")
        self._rows = list(_ROWS) if ours else [("1", "1")]
        self.description = [(name, None, None, None, None, None, None) for name in names]

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        some, self._rows = self._rows[:size], self._rows[size:]
        return some

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.fetchmany(len(self._rows))

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(iter(self.fetchmany()), None)

    def close(self) -> None:
        pass


class _Connection:
    """What the driver would have connected to."""

    def __init__(self, told: list[tuple[str, Any]]) -> None:
        self._told = told

    def cursor(self, *_: object, **__: object) -> _Cursor:
        return _Cursor(self._told)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever else a dialect asks of its driver)
        return lambda *_args, **_named: None


@pytest.fixture
def told() -> Iterator[list[tuple[str, Any]]]:
    """What drivers are handed, instead of a connection to anywhere."""
    statements: list[tuple[str, Any]] = []

    def connect(*_: object) -> _Connection:
        return _Connection(statements)

    event.listen(Engine, "do_connect", connect)
    yield statements
    event.remove(Engine, "do_connect", connect)


def test_a_driver_that_fails_in_its_own_way_is_a_failed_run(request: pytest.FixtureRequest) -> None:
    """Whatever its libraries raise where there is nobody to reach, the run says so, and shows no key."""
    url = (
        str(request.config.getoption("--warehouse"))
        .replace("user_supplied_client=True", "")
        .replace("host", "127.0.0.1")
    )
    source = PullSource(name="lake", kind="warehouse", query=_QUERY, secrets={"database": url})
    if not url.startswith("snowflake"):  # whose driver asks the network for a minute
        with pytest.raises(SourceError) as failure:
            list(pulled(PULLER, source, Window(_START, _END)))
        assert "secret" not in str(failure.value)


def test_the_query_goes_through_the_dialect(told: list[tuple[str, Any]], request: pytest.FixtureRequest) -> None:
    """As it was written, bounded by the day as the driver's own parameters; rows come back as calls."""
    url = str(request.config.getoption("--warehouse"))
    source = PullSource(name="lake", kind="warehouse", query=_QUERY, secrets={"database": url})
    found = [item for item in pulled(PULLER, source, Window(_START, _END)) if not isinstance(item, Rejected)]
    assert [(call.at.hour, call.feature, call.calls, call.input_tokens) for call in found] == [
        (9, "triage", 3, 300),
        (10, "triage", 1, 100),
    ]
    ((statement, parameters),) = [item for item in told if "llm_hourly" in item[0]]
    dialect = make_url(url).get_backend_name()
    place = _PLACES[dialect]
    assert statement == _QUERY.replace(":start", place).replace(":end", place.replace("start", "end"))
    given = list(parameters.values()) if isinstance(parameters, dict) else list(parameters)
    assert given == [_START.replace(tzinfo=None), _END.replace(tzinfo=None)]
