"""What every pull collector promises, held against each of them: all calls, once, late ones too, and no silence."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from psycopg import sql
from sqlalchemy import Engine
from typer.testing import CliRunner

from collectors.pulls import fetch
from collectors.pulls.config import PullSource, read_sources
from collectors.rejected import SourceError
from db.queries.sources import runs
from db.session import make_engine, reading, transaction
from db.store.usage import record_calls
from offramp import clock, config
from offramp.actions.collect import Collected, chosen, collect, final_until
from offramp.actions.failure import BadInput
from offramp.actions.reconcile import reconcile
from offramp.actions.sources import ask_sources, source_findings
from offramp.actions.usage import UsageRow, usage
from offramp.cli.main import app
from strategy.facts import Call
from tests.collectors.pulls.langfuse_worlds import langfuse_new, langfuse_old
from tests.collectors.pulls.worlds import (
    KEY,
    Use,
    World,
    anthropic,
    http_world,
    litellm,
    litellm_daily,
    openai,
    sql_world,
)

_NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_KINDS = ("litellm", "litellm_daily", "langfuse", "langfuse old", "openai", "warehouse")
_HTTP = _KINDS[:-1]


def _world(kind: str, stack: ExitStack, folder: Path, warehouse: str) -> World:
    if kind == "warehouse":
        return stack.enter_context(sql_world(warehouse.format(folder=folder)))
    answers = {
        "litellm": litellm,
        "litellm_daily": litellm_daily,
        "langfuse": langfuse_new,
        "langfuse old": langfuse_old,
        "openai": openai,
    }
    return stack.enter_context(http_world(kind.split(maxsplit=1)[0], answers[kind], knows_errors=kind != "openai"))


@pytest.fixture(params=_KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Each kind of source in turn, with two features' calls of yesterday and today."""
    with ExitStack() as stack:
        found = _world(request.param, stack, tmp_path, request.config.getoption("--warehouse"))
        for number in range(30):
            at = _NOW - number * _HOUR - timedelta(minutes=7)
            feature = "triage" if number % 3 else "tags"
            found.uses.append(Use(id=f"u{number}", at=at, feature=feature, failed=number == 4))
        yield found


def test_a_warehouse_on_postgresql_is_added_up_there(
    engine: Engine, create_postgres: Callable[[str | None], str]
) -> None:
    """With bounds that have a time zone, through the driver that Offramp brings."""
    with sql_world(make_engine(create_postgres(None)).url.render_as_string(hide_password=False)) as world:
        for hour in range(1, 30):
            world.uses.append(Use(id=f"u{hour}", at=_NOW - hour * _HOUR, feature="triage"))
        for _ in range(2):
            assert _pull(engine, world).outcome == "ok"
            assert _counted(engine) == {"triage": (29, 23_200, 2_900, 1_740)}


def _pull(engine: Engine, world: World, now: datetime = _NOW) -> Collected:
    (done,) = collect(engine, [world.source], now=now)
    return done


def _counted(engine: Engine) -> dict[str | None, tuple[int, int, int | None, int]]:
    rows: tuple[UsageRow, ...] = usage(engine, by=("feature",)).rows
    return {row.feature: (row.calls, row.input_tokens, row.cached_input_tokens, row.output_tokens) for row in rows}


_EXPECTED = {"tags": (10, 8_000, 1_000, 600), "triage": (20, 16_000, 2_000, 1_200)}


def test_every_call_is_counted_once(engine: Engine, world: World) -> None:
    """Calls, tokens, cached tokens and features are right; a second pull changes nothing."""
    assert _pull(engine, world).outcome == "ok"
    assert _counted(engine) == _EXPECTED
    assert usage(engine).total.errors == (1 if world.knows_errors else 0)
    again = _pull(engine, world, _NOW + timedelta(minutes=20))
    assert (again.outcome, again.rejected_rows) == ("ok", 0)
    assert _counted(engine) == _EXPECTED


def test_late_and_restated_calls_are_taken(engine: Engine, world: World) -> None:
    """A call of yesterday that arrives today is counted by the next pull; one corrected replaces its old self."""
    _pull(engine, world)
    world.uses.append(Use(id="late", at=_NOW - timedelta(hours=20, minutes=1), feature="triage"))
    corrected = replace(world.uses[5], input_tokens=1_800)
    world.uses.remove(world.uses[5])
    world.uses.append(corrected)
    _pull(engine, world, _NOW + _HOUR)
    assert _counted(engine)["triage"] == (21, 17_800, 2_100, 1_260)


def test_what_is_final_is_not_read_again(engine: Engine, world: World) -> None:
    """Only the look-back is read again; --since reads further back on request."""
    assert _pull(engine, world).final_until == datetime(2026, 11, 19, tzinfo=UTC)
    assert final_until(engine, [world.source]) == {"source": datetime(2026, 11, 19, tzinfo=UTC)}
    later = _NOW + timedelta(days=5)
    world.uses.append(Use(id="old", at=_NOW - timedelta(hours=3, minutes=3), feature="triage"))
    done = _pull(engine, world, later)
    assert done.start == datetime(2026, 11, 19, tzinfo=UTC)
    done = _pull(engine, world, later + timedelta(days=5))
    assert done.start == datetime(2026, 11, 24, tzinfo=UTC)
    (since,) = collect(engine, [world.source], now=later, since=_NOW - timedelta(days=1))
    assert since.start == datetime(2026, 11, 21, tzinfo=UTC)
    assert _counted(engine)["triage"][0] == 21


def test_a_source_under_another_name_is_not_counted_again(engine: Engine, world: World) -> None:
    """A new source is not read while one of its kind has left the file, until it is said to tell of other calls."""
    old = replace(world.source, name="old", beside=frozenset({"old", "gone"}))
    new = replace(world.source, name="new", beside=frozenset({"new"}))
    assert [done.outcome for done in collect(engine, [old], now=_NOW)] == ["ok"]
    (refused,) = collect(engine, [new], now=_NOW)
    assert (refused.outcome, refused.error) == (
        "failed",
        "it is new, and old, of the same kind, is no longer in the sources file",
    )
    assert "name it old again" in str(refused.cure)
    assert _counted(engine) == _EXPECTED
    (beside,) = collect(engine, [replace(new, beside=frozenset({"old", "new"}))], now=_NOW)
    (known,) = collect(engine, [new], now=_NOW)
    (other,) = collect(engine, [replace(new, name="other", separate=True)], now=_NOW)
    assert [beside.outcome, known.outcome, other.outcome] == ["ok", "ok", "ok"]
    assert _counted(engine)["tags"][0] == 3 * _EXPECTED["tags"][0]


def test_two_collectors_at_once_count_once(engine: Engine, world: World) -> None:
    """However they overlap, each day holds what the source says."""
    threads = [Thread(target=_pull, args=(engine, world)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _counted(engine) == _EXPECTED


def test_a_source_that_answers_can_be_tested(world: World) -> None:
    """One request, nothing stored."""
    (finding,) = ask_sources([world.source], _NOW)
    assert (finding.check, finding.ok) == ("source source", True)


@pytest.mark.parametrize("world", _HTTP, indirect=True)
def test_a_source_that_is_busy_is_waited_for(engine: Engine, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """429 and 5xx are asked again; the figures are whole."""
    monkeypatch.setattr(fetch, "_FIRST_PAUSE", 0.01)
    world.troubles += [429, 503, 500]
    assert _pull(engine, world).outcome == "ok"
    assert _counted(engine) == _EXPECTED


@pytest.mark.parametrize("world", _HTTP, indirect=True)
@pytest.mark.parametrize(("trouble", "words"), [(401, "refused the key"), (400, "answered 400")])
def test_a_failed_pull_leaves_the_last_good_figures(engine: Engine, world: World, trouble: int, words: str) -> None:
    """It is recorded as failed with its cure, never shows the key, and the next pull goes on."""
    _pull(engine, world)
    world.troubles += [trouble]
    done = _pull(engine, world, _NOW + _HOUR)
    assert done.outcome == "failed"
    assert words in str(done.error)
    assert done.cure
    assert KEY not in repr((done, world.source))
    with reading(engine) as session:
        assert [run.outcome for run in runs(session)] == ["failed", "ok"]
        assert runs(session)[0].message == f"{done.error}; {done.cure}"
    assert _counted(engine) == _EXPECTED
    assert _pull(engine, world, _NOW + 2 * _HOUR).outcome == "ok"


@pytest.mark.parametrize("world", _HTTP, indirect=True)
def test_an_answer_of_another_kind_is_a_failure(engine: Engine, world: World) -> None:
    """A page that is not the API is not taken for a day without calls."""
    world.broken = True
    assert "answered without" in str(_pull(engine, world).error)
    (finding,) = ask_sources([world.source], _NOW)
    assert (finding.ok, bool(finding.cure)) == (False, True)


@pytest.mark.parametrize("world", ["litellm", "langfuse", "langfuse old"], indirect=True)
def test_many_pages_are_read_to_the_end(engine: Engine, world: World) -> None:
    """2,300 calls within a minute, and a window beyond LiteLLM's cap, arrive whole."""
    world.uses.clear()
    count = 12_000 if world.source.kind == "litellm" else 2_300
    world.uses.extend(
        Use(id=f"m{n}", at=_NOW - timedelta(seconds=600 - n * 590 / count), feature="triage") for n in range(count)
    )
    assert _pull(engine, world).calls == count
    assert _counted(engine)["triage"][0] == count


@pytest.mark.parametrize("world", ["openai"], indirect=True)
def test_traffic_of_unmapped_projects_is_left_to_its_own_source(engine: Engine, world: World) -> None:
    """The provider's figures of other projects are the same calls that applications report."""
    world.uses.append(Use(id="other", at=_NOW - _HOUR, feature="somebody"))
    assert _pull(engine, world).outcome == "ok"
    assert set(_counted(engine)) == {"triage", "tags"}


def test_daily_sums_need_tags(engine: Engine) -> None:
    """Without them every request would count for each of its tags; a mean latency comes along."""
    with http_world("litellm_daily", litellm_daily) as world:
        world.uses.append(Use(id="a", at=_NOW - _HOUR, feature="triage"))
        assert _pull(engine, world).outcome == "ok"
        assert usage(engine).total.latency_p50_ms == pytest.approx(400, rel=0.1)
        world.source = replace(world.source, features={})
        failed = _pull(engine, world, _NOW + _HOUR)
        assert (failed.outcome, "feature:triage" in str(failed.cure)) == ("failed", True)
        assert world.asked


def test_what_openai_charged_is_held_against_what_was_counted(engine: Engine) -> None:
    """Costs come page by page, as numbers or text, to the cent; a day that is restated replaces its old self."""
    with http_world("openai", openai) as world:
        world.source = replace(world.source, features={})
        world.charges |= {"2026-11-19": "1.10", "2026-11-20": "2.20", "2026-11-21": "0.06"}
        assert (_pull(engine, world).bills, _counted(engine)) == (6, {})
        world.charges["2026-11-21"] = "0.10"
        _pull(engine, world, _NOW + _HOUR)
        assert all("usage" not in path or "bucket_width=1d" in path for path in world.asked)
    found = reconcile(engine, at=_NOW).document()
    assert [(row["provider"], row["day"], row["billed_usd"]) for row in found["rows"]] == [
        ("openai", "2026-11-19", "2.2"),
        ("openai", "2026-11-20", "4.4"),
        ("openai", "2026-11-21", "0.2"),
    ]


def test_openais_own_usage_is_held_against_what_was_tracked(engine: Engine) -> None:
    """All projects' tokens, of chats and embeddings, though only named ones are counted as calls."""
    with http_world("openai", openai) as world:
        world.charges["2026-11-22"] = "1.00"
        world.uses += [Use(id="a", at=_NOW - _HOUR, feature="triage"), Use(id="b", at=_NOW - _HOUR, feature="other")]
        assert _pull(engine, world).outcome == "ok"
        _pull(engine, world, _NOW + _HOUR)
        ((row, words),) = reconcile(engine, at=_NOW).providers
    assert (_counted(engine), row.tokens, row.told_tokens) == ({"triage": (1, 800, 100, 60)}, (800, 60), (1600, 120))
    assert words[0].endswith("50.0% of 1,600 input tokens and 50.0% of 120 output tokens were tracked")


def test_anthropic_bills_in_cents(engine: Engine) -> None:
    """Cents as text are a hundredth in dollars; what is no number is a failed run, not a day without cost."""
    with http_world("anthropic", anthropic) as world:
        world.charges |= {"2026-11-20": "123.78912"}
        assert _pull(engine, world).bills == 1
        (row,) = reconcile(engine, at=_NOW).document()["rows"]
        assert row["billed_usd"] == "1.2378912"
        world.charges["2026-11-21"] = "a lot"
        assert _pull(engine, world, _NOW + _HOUR).outcome == "failed"


def test_anthropics_own_usage_is_held_against_what_was_tracked(engine: Engine) -> None:
    """All four kinds of its input are one; tokens are no charge, and pulled again or restated they replace."""
    call = Call(key=b"a" * 16, at=_NOW - 2 * _HOUR, feature="triage", provider="anthropic", model="m", source="otlp")
    with transaction(engine) as session:
        record_calls(session, [call._replace(input_tokens=900, output_tokens=20)], _NOW)
    with http_world("anthropic", anthropic) as world:
        world.used["2026-11-22"] = {
            "uncached_input_tokens": 500,
            "cache_read_input_tokens": 400,
            "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 40},
            "output_tokens": 20,
        }
        assert [_pull(engine, world, at).outcome for at in (_NOW, _NOW + _HOUR)] == ["ok", "ok"]
        found = reconcile(engine, at=_NOW, month="2026-11")
        assert (found.total.billed_usd, found.total.tokens, found.total.told_tokens) == (None, (900, 20), (1000, 20))
        world.charges["2026-11-22"] = "100"
        world.used["2026-11-22"]["uncached_input_tokens"] = 400
        assert _pull(engine, world, _NOW + 2 * _HOUR).outcome == "ok"
        ((row, words),) = reconcile(engine, at=_NOW).providers
        assert (row.billed_usd, row.told_tokens) == (Decimal(1), (900, 20))
        assert words[0] == (
            "its own usage report tells of 1 day: "
            "100.0% of 900 input tokens and 100.0% of 20 output tokens were tracked"
        )
        world.used["2026-11-22"]["output_tokens"] = "many"
        assert _pull(engine, world, _NOW + 3 * _HOUR).outcome == "failed"


@pytest.mark.parametrize("world", ["warehouse"], indirect=True)
def test_a_bad_row_is_rejected_and_the_rest_counts(engine: Engine, world: World) -> None:
    """The row is named with its day and cure: rows begin with 1 on each."""
    world.uses.append(Use(id="bad", at=_NOW - _HOUR, feature="triage", input_tokens=-5))
    done = _pull(engine, world)
    (bad,) = done.rejected
    assert (done.outcome, done.rejected_rows, bad.field) == ("partial", 1, "input_tokens")
    assert bad.sentence().startswith(f"2026-11-22, row {bad.row}, input_tokens: ")
    error = {"error": bad.error, "day": "2026-11-22", "row": bad.row, "field": bad.field, "cure": bad.cure}
    assert done.document()["errors"] == [error]
    assert _counted(engine) == _EXPECTED


def _told(world: World, query: str) -> None:
    world.source = replace(world.source, query=query)


@pytest.mark.parametrize("world", ["warehouse"], indirect=True)
def test_rows_of_another_form_take_nothing_away(engine: Engine, world: World) -> None:
    """A column that is called otherwise since yesterday fails the run, though failed calls need no tokens."""
    _pull(engine, world, _NOW - _HOUR)
    before, good, final = _counted(engine), world.source.query, final_until(engine, [world.source])
    _told(world, good.replace("AS output_tokens", "AS out_tokens").replace("AS input_tokens", "AS in_tokens"))
    done = _pull(engine, world)
    assert (done.outcome, done.error, done.calls) == ("failed", "29 rows refused, no day taken", 0)
    assert "its query" in str(done.cure)
    assert _counted(engine) == before
    assert final_until(engine, [world.source]) == final
    _told(world, good)
    assert _pull(engine, world).outcome == "ok"
    assert _counted(engine) == _EXPECTED


@pytest.mark.parametrize("world", ["warehouse"], indirect=True)
def test_days_without_calls_do_not_make_refused_ones_final(engine: Engine, world: World) -> None:
    """Mended weeks later, the days whose rows were refused are read, though quiet days came after them."""
    good = world.source.query
    wrong = good.replace("AS output_tokens", "AS out_tokens").replace("AS input_tokens", "AS in_tokens")
    _told(world, wrong.replace("failed AS error", "0 AS error"))
    for days in (1, 9):
        assert _pull(engine, world, _NOW + timedelta(days=days)).outcome == "failed"
        assert final_until(engine, [world.source])["source"] < _NOW - timedelta(days=3)
    _told(world, good)
    assert _pull(engine, world, _NOW + timedelta(days=20)).outcome == "ok"
    assert _counted(engine) == _EXPECTED


@pytest.mark.parametrize("world", ["warehouse"], indirect=True)
def test_a_day_of_wrong_rows_is_left_as_it_was(engine: Engine, world: World) -> None:
    """The other days are read, and the run says of how many that is so."""
    _pull(engine, world)
    yesterday = f"{_NOW - timedelta(days=1):%Y-%m-%d}"
    wrong = f"CASE WHEN ended < '{yesterday} 23:59:59' THEN -1 ELSE SUM(input_tokens) END"
    _told(world, world.source.query.replace("SUM(input_tokens)", wrong))
    done = _pull(engine, world)
    assert (done.outcome, done.kept_days, done.document()["kept_days"]) == ("partial", 1, 1)
    assert _counted(engine) == _EXPECTED
    with reading(engine) as session:
        told = runs(session)[0].message
    assert told == f"{done.rejected_rows} rows rejected, 1 day left as counted before"


def test_a_warehouse_of_daily_sums_has_dates(engine: Engine, create_postgres: Callable[[str | None], str]) -> None:
    """A typed date is its UTC day."""
    with sql_world(make_engine(create_postgres(None)).url.render_as_string(hide_password=False)) as world:
        for n in range(1, 15):
            world.uses.append(Use(id=f"d{n}", at=_NOW - n * _HOUR, feature="triage"))
        _told(world, world.source.query.replace("ended AS", "ended::date AS").replace("BY ended,", "BY ended::date,"))
        assert _pull(engine, world).calls == 14
        days = usage(engine, by=("day",)).rows
    assert [(str(row.day), row.calls) for row in days] == [("2026-11-21", 4), ("2026-11-22", 10)]


def test_a_warehouse_of_another_zone_loses_no_hour(
    engine: Engine, create_postgres: Callable[[str | None], str]
) -> None:
    """Bounds, times without a zone and days are of UTC, whatever zone its server has."""
    url = make_engine(create_postgres(None)).url
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as admin:
        zone = sql.SQL("ALTER DATABASE {} SET timezone = 'Europe/Berlin'")
        admin.execute(zone.format(sql.Identifier(url.database or "")))
    with sql_world(url.render_as_string(hide_password=False)) as world:
        for n in range(1, 31):
            world.uses.append(Use(id=f"d{n}", at=_NOW - n * _HOUR, feature="triage"))
        assert (_pull(engine, world).calls, _counted(engine)["triage"][0]) == (30, 30)
        of_day = "date_trunc('day', ended AT TIME ZONE 'UTC')"  # with a zone, as a warehouse would keep it
        _told(world, world.source.query.replace("ended AS", f"{of_day} AS").replace("BY ended,", f"BY {of_day},"))
        assert (_pull(engine, world).calls, _counted(engine)["triage"][0]) == (30, 30)


@pytest.mark.parametrize("world", ["warehouse"], indirect=True)
def test_a_call_outside_of_what_was_asked_is_told(engine: Engine, world: World) -> None:
    """Hours of another zone would be in no window at all: they are refused, and what was counted stands."""
    _pull(engine, world)
    _told(world, world.source.query.replace("ended AS", "'2026-10-01T00:00:00Z' AS"))
    done = _pull(engine, world)
    assert (done.outcome, done.error, _counted(engine)) == ("failed", "30 rows refused, no day taken", _EXPECTED)
    assert "is outside what was asked for; bound it by >= :start and < :end" in done.rejected[0].sentence()


@pytest.mark.parametrize("hour", ["%Y-%m-%d", "%Y-%m-%d %H:00:00", "%Y-%m-%dT%H:00:00Z", "%Y-%m-%d %H:00:00.000000"])
def test_a_warehouse_in_sqlite_may_write_its_hours_in_any_way(engine: Engine, tmp_path: Path, hour: str) -> None:
    """The hour at midnight belongs to the day that it begins, and the hours of today are read today."""
    lake = f"sqlite:///{tmp_path / 'lake.db'}"
    zone = {"d": "|| 'T00:00:00Z'", "Z": ""}.get(hour[-1], "|| ' UTC'")
    query = f"SELECT hour {zone} AS timestamp, 'm' AS model, 1 AS input_tokens, 1 AS output_tokens FROM hours"  # noqa: S608 (a test's own words)
    with make_engine(lake).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE hours (hour TEXT)")
        for n in range(1, 61):
            connection.exec_driver_sql("INSERT INTO hours VALUES (?)", ((_NOW - n * _HOUR).strftime(hour),))
    query += " WHERE hour >= :start AND hour < :end"
    source = PullSource(name="lake", kind="warehouse", query=query, secrets={"database": lake})
    (done,) = collect(engine, [source], now=_NOW)
    assert (done.outcome, done.calls) == ("ok", 60)


@pytest.mark.parametrize("world", ["warehouse"], indirect=True)
def test_calls_that_a_source_tells_of_no_more_are_told(engine: Engine, world: World) -> None:
    """A table that is being rebuilt is empty: its days are replaced, and the run says how many calls went."""
    _pull(engine, world)
    good = world.source.query
    _told(world, good.replace("WHERE", "WHERE 1 = 0 AND"))
    done = _pull(engine, world)
    assert (done.outcome, done.calls, done.fewer, done.document()["fewer"]) == ("ok", 0, 30, 30)
    with reading(engine) as session:
        assert runs(session)[0].message == "30 calls fewer than were counted of these days before"
    _told(world, good)
    assert (_pull(engine, world).fewer, _counted(engine)) == (0, _EXPECTED)


@pytest.mark.parametrize("world", ["warehouse"], indirect=True)
@pytest.mark.parametrize("name", ["timestamp", "model"])
def test_a_query_without_a_column_is_told_before_it_is_pulled(world: World, name: str) -> None:
    """Also where the last hour has no row: "Test connection" says which, and what to write."""
    query = world.source.query.replace("model, failed AS", "model AS model, failed AS")
    query = query.replace(f"AS {name}", "AS other").replace("WHERE", "WHERE 1 = 0 AND")
    (found,) = ask_sources([replace(world.source, query=query)], _NOW)
    assert (found.ok, found.detail) == (False, f"the query has no column {name}")
    assert f"AS {name}" in str(found.cure)


def test_a_warehouse_that_cannot_be_reached_is_told_apart_from_its_query() -> None:
    """The cure speaks of the host and the user, and shows no password."""
    secrets = {"database": f"postgresql+psycopg://u:{KEY}@127.0.0.1:1/d"}
    source = PullSource(name="lake", kind="warehouse", query="SELECT :start, :end", secrets=secrets)
    (found,) = ask_sources([source], _NOW)
    assert "host, port, user" in str(found.cure)
    assert KEY not in f"{found.detail} {found.cure}"


def test_a_warehouse_on_postgresql_is_read(engine: Engine, create_postgres: object) -> None:
    """The same promises hold where the lake is PostgreSQL, whose times have their own type."""
    assert callable(create_postgres)
    url = str(create_postgres(None)).replace("postgresql://", "postgresql+psycopg://", 1)
    with sql_world(url) as world:
        world.uses.append(Use(id="a", at=_NOW - _HOUR, feature="triage"))
        assert _pull(engine, world).outcome == "ok"
        assert _counted(engine) == {"triage": (1, 800, 100, 60)}
        broken = replace(world.source, query="SELECT nothing FROM nowhere WHERE :start < :end")
        (failed,) = collect(engine, [broken], now=_NOW)
        assert "nowhere" in str(failed.error)


def test_a_warehouse_without_its_driver_says_so(engine: Engine) -> None:
    """What is missing is named; the URL, and the password in it, is not repeated."""
    for dialect, words in (
        ("nosuch", "the driver of a nosuch URL is not installed"),
        ("oracle+cx_oracle", "no module cx_Oracle"),
    ):
        secrets = {"database": f"{dialect}://u:{KEY}@h/d"}
        (done,) = collect(engine, [PullSource(name="lake", kind="warehouse", query="", secrets=secrets)], now=_NOW)
        assert (done.outcome, words in str(done.error)) == ("failed", True)
        assert KEY not in f"{done.error} {done.cure}"


@pytest.mark.parametrize("key", ["sk-“quoted”", "sk-\nover-two-lines"])
def test_a_key_that_cannot_be_sent_stops_only_its_source(engine: Engine, key: str) -> None:
    """Whoever copied it wrongly is told so; the source after it is read, and the key is not shown."""
    with http_world("litellm", litellm) as world:
        world.uses.append(Use(id="a", at=_NOW - _HOUR, feature="triage"))
        wrong = replace(world.source, name="wrong", secrets={"key": key})
        failed, read = collect(engine, [wrong, world.source], now=_NOW)
    assert (failed.outcome, failed.error, read.outcome, read.calls) == ("failed", "the key cannot be sent", "ok", 1)
    assert "copy it again" in str(failed.cure)
    assert key not in f"{failed.error} {failed.cure}"


def test_a_line_end_behind_a_key_is_not_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From a variable as from a file; nothing but spaces is no key."""
    (tmp_path / "key").write_text("sk-1\n")
    monkeypatch.setenv("A_KEY", "sk-1\r\n")
    monkeypatch.setenv("NO_KEY", " \n")
    assert (config.secret("env", "A_KEY"), config.secret("file", str(tmp_path / "key"))) == ("sk-1", "sk-1")
    assert config.secret("env", "NO_KEY") is None


def test_a_server_without_tls_is_told_apart_from_one_that_is_down() -> None:
    """Asked by https:// what speaks http://, once: the cure speaks of the url."""
    with http_world("litellm", litellm) as world:
        (found,) = ask_sources([replace(world.source, url=world.source.url.replace("http:", "https:"))], _NOW)
    assert (found.detail, found.cure) == (
        "127.0.0.1 does not speak TLS there",
        "check the port, and whether the url begins with http://",
    )


def test_a_certificate_that_nobody_vouches_for_is_told(tmp_path: Path) -> None:
    """No key is sent to a server that anybody may be; one whose authority the source names is asked."""
    place, asked = _signed_by_itself(tmp_path / "own.pem"), list[str]()

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(503)
            self.end_headers()

    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(place)
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        server.socket = own.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        url = f"https://127.0.0.1:{server.server_address[1]}"
        source = PullSource(name="a", kind="litellm", url=url, allow_private=True, secrets={"key": KEY})
        (unknown,) = ask_sources([source], _NOW)
        assert asked == []
        (known,) = ask_sources([replace(source, ca_file=str(place))], _NOW)
        (lost,) = ask_sources([replace(source, ca_file=str(tmp_path / "none.pem"))], _NOW)
        server.shutdown()
    assert unknown.detail == "the certificate of 127.0.0.1 is not trusted (self-signed certificate)"
    assert "`ca_file` of this source" in str(unknown.cure)
    assert (known.detail, len(asked)) == ("127.0.0.1 answered 503", 1)
    assert (lost.detail, lost.cure) == (
        f"ca_file {tmp_path / 'none.pem'} cannot be read or holds no certificate",
        "name a file of certificates in PEM that Offramp may read",
    )


def _signed_by_itself(place: Path) -> Path:
    """A key and a certificate of 127.0.0.1 that it signed, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    place.write_bytes(secret + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return place


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (302, b"", "answered 302, which sends to another page"),
        (200, b"\n<!doctype html><title>Sign in</title>", "sent a page for people"),
    ],
)
def test_a_sign_in_page_before_a_source_is_told(status: int, body: bytes, words: str) -> None:
    """Sent on to it, or shown it: no redirect is followed with a key, and the cure names the sign-in."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Location", "https://sso.example.com/?secret=1")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        source = PullSource(name="a", kind="litellm", url=url, allow_private=True, secrets={"key": KEY})
        (found,) = ask_sources([source], _NOW)
        server.shutdown()
    assert (found.ok, found.detail) == (False, f"127.0.0.1 {words}")
    assert "sign-in" in str(found.cure)


def test_a_source_that_goes_on_limiting_is_not_called_down(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """429 to the last try: the cure speaks of the limit, and the next run goes on."""
    monkeypatch.setattr(fetch, "_FIRST_PAUSE", 0.001)
    with http_world("litellm", litellm) as world:
        world.troubles += [429] * 20
        done = _pull(engine, world)
    assert (done.outcome, done.cure) == ("failed", "it limits how often it is asked; the next run goes on")


def test_a_source_that_asks_for_an_hour_is_left_alone(engine: Engine) -> None:
    """A Retry-After beyond a minute ends the run after one question, and the cure says how long."""
    with http_world("litellm", litellm) as world:
        world.troubles, world.retry_after = [429] * 20, "3600"
        done = _pull(engine, world)
    assert (done.error, len(world.asked)) == ("127.0.0.1 answered 429", 1)
    assert done.cure == "it asks to be left alone for 3,600 seconds; the next run goes on"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sources: {", "not YAML"),
        ("source: []", "no list"),
        ("sources: [x]", "source 1 is no mapping"),
        ("sources: [{name: 'A b'}]", "name is missing"),
        ("sources: [{name: a, kind: x}]", "no kind 'x'"),
        ("sources: [{name: a, kind: openai, kye: 1}]", "no field 'kye'"),
        ("sources: [{name: a, kind: openai, key: sk-123}]", "names no secret"),
        ("sources: [{name: a, kind: litellm, key: {env: K}, url: 'ftp://x'}]", "url is missing"),
        ("sources: [{name: a, kind: openai, key: {env: K}, look_back_days: 0}]", "look_back_days"),
        ("sources: [{name: a, kind: openai, key: {env: K}, features: [a]}]", "features is no mapping"),
        ("sources: [{name: a, kind: openai, key: {env: K}, lower_is_better: x}]", "lower_is_better is no list"),
        ("sources: [{name: a, kind: litellm_daily, key: {env: K}}]", "url is missing"),
        ("sources: [{name: a, kind: warehouse, database: {env: K}, query: SELECT 1}]", "bound it"),
        ("sources: [{name: a, kind: openai, key: {env: K}}, {name: a, kind: openai, key: {env: K}}]", "two sources"),
    ],
)
def test_a_wrong_file_names_source_and_field(text: str, words: str) -> None:
    """Nothing is guessed: the message names the source, the field and what to write."""
    with pytest.raises(SourceError, match=words):
        read_sources(text.encode(), lambda _where, name: KEY if name == "K" else None)


def test_each_source_knows_those_beside_it() -> None:
    """By their file; `separate` is off where it is not said."""
    text = b"sources: [{name: a, kind: openai, key: {env: K}}, {name: b, kind: openai, key: {env: K}, separate: true}]"
    found = read_sources(text, lambda _where, _name: KEY)
    assert [source.beside for source in found] == [frozenset({"a", "b"})] * 2
    assert [source.separate for source in found] == [False, True]


def test_a_secret_that_is_not_there_fails_its_own_source_alone(engine: Engine) -> None:
    """A run of it fails with the cure, and the others are read."""
    text = b"sources: [{name: a, kind: openai, key: {env: NONE}}, {name: b, kind: openai, key: {file: /none}}]"
    missing = read_sources(text, lambda _where, _name: None)
    with http_world("litellm", litellm) as world:
        world.uses.append(Use(id="a", at=_NOW - _HOUR, feature="triage"))
        done = collect(engine, [*missing, world.source], now=_NOW)
    assert [(item.outcome, item.error, item.cure) for item in done] == [
        ("failed", "key: variable NONE is not set or empty", "set it where Offramp runs"),
        ("failed", "key: file /none cannot be read or is empty", "set it where Offramp runs"),
        ("ok", None, None),
    ]
    assert usage(engine).total.calls == 1


def test_a_server_within_the_network_needs_a_word(engine: Engine) -> None:
    """Private addresses are asked only where the source says so."""
    source = PullSource(name="in", kind="litellm", url="http://127.0.0.1:9", secrets={"key": KEY})
    (done,) = collect(engine, [source], now=_NOW)
    assert "not a public address" in str(done.error)
    assert "allow_private" in str(done.cure)


def test_the_command(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file it says what to do; with one it pulls, tests, and ends with 3 where a source failed."""
    run = CliRunner().invoke
    monkeypatch.delenv("OFFRAMP_SOURCES", raising=False)
    assert "OFFRAMP_SOURCES" in run(app, ["--db", database_url, "collect"]).stdout
    file = tmp_path / "sources.yaml"
    monkeypatch.setenv("OFFRAMP_SOURCES", str(file))
    monkeypatch.setenv("GATEWAY_KEY", KEY)
    assert run(app, ["--db", database_url, "collect"]).exit_code == 2
    with http_world("litellm", litellm) as world:
        world.uses.append(Use(id="a", at=clock.now() - 2 * _HOUR, feature="triage"))
        told = f"name: gw, kind: litellm, url: '{world.source.url}', allow_private: true, key: {{env: GATEWAY_KEY}}"
        file.write_text(f"sources: [{{{told}}}]")
        assert run(app, ["--db", database_url, "collect", "--check"]).exit_code == 0
        done = run(app, ["--db", database_url, "collect", "gw"])
        assert (done.exit_code, "gw: 1 call " in done.stdout) == (0, True)
        assert run(app, ["--db", database_url, "collect", "other"]).exit_code == 2
        world.troubles += [401]
        assert run(app, ["--db", database_url, "collect", "--json"]).exit_code == 3


def test_the_doctor_asks_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None, a wrong file and a source that is away are three different findings."""
    monkeypatch.delenv("OFFRAMP_SOURCES", raising=False)
    assert [finding.detail for finding in source_findings(_NOW)] == ["0 to pull from"]
    file = tmp_path / "sources.yaml"
    file.write_text("sources: [{name: lake, kind: warehouse, database: {env: LAKE}, query: 'SELECT :start, :end'}]")
    monkeypatch.setenv("OFFRAMP_SOURCES", str(file))
    monkeypatch.delenv("LAKE", raising=False)
    _, wrong = source_findings(_NOW)
    assert (wrong.ok, wrong.detail) == (False, "database: variable LAKE is not set or empty")
    monkeypatch.setenv("LAKE", f"sqlite:///{tmp_path / 'none' / 'lake.db'}")
    told = source_findings(_NOW)
    assert [(finding.check, finding.ok) for finding in told] == [("sources", True), ("source lake", False)]


def test_sources_are_chosen_by_name() -> None:
    """All where none is named; a wrong name tells the right ones."""
    sources = [PullSource(name=name, kind="litellm") for name in ("a", "b")]
    assert chosen(sources, []) == sources
    assert chosen(sources, ["b"]) == [sources[1]]
    with pytest.raises(BadInput, match="use a, b"):
        chosen(sources, ["c"])
