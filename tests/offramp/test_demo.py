"""The demo company: every verdict it promises is what the judge says of its files, with true dates and causes."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete
from typer.testing import CliRunner

from db.migrate import upgrade
from db.queries.verdicts import Flip, flips, latest_verdicts
from db.session import Engine, make_engine, reading, transaction
from db.tables import JobSlot
from offramp.actions.alerts import list_alerts
from offramp.actions.features import list_features
from offramp.actions.ledger import ledger_document, list_ledger
from offramp.actions.price_refresh import waiting_now
from offramp.actions.prices import prices_of
from offramp.actions.reconcile import reconcile
from offramp.actions.register import register
from offramp.actions.report import load_report, weeks
from offramp.actions.usage import usage
from offramp.cli.context import shared
from offramp.cli.main import app
from offramp.demo.build import NotTheDemo, build
from offramp.demo.company import DAYS, load_company
from offramp.demo.traffic import rows
from offramp.policy import load_policy

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = NOW.date()
START = TODAY - timedelta(days=DAYS)
CUT = datetime(2026, 7, 30, tzinfo=UTC)
SHORT = 28

PROMISED = {
    "address-check": ("due", None, "code"),
    "complaint-sorting": ("watch", "needs_eval", "embed"),
    "gift-concierge": ("stay", None, None),
    "invoice-fields": ("blocked", "retired", "prompt"),
    "listing-translation": ("stay", None, None),
    "order-questions": ("stay", None, None),
    "question-routing": ("blocked", "no_baseline", "embed"),
    "returns-intake": ("due", None, "hybrid"),
    "review-digest": ("due", None, "distill:own"),
    "review-spam": ("due", None, "embed"),
    "room-stylist": ("watch", "cold_start", None),
    "size-advisor": ("watch", "approaching", "embed"),
    "subject-lines": ("due", None, "prompt"),
    "ticket-triage": ("due", None, "embed"),
}


@pytest.fixture
def demo(demo_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A copy of the built demo, to read or to change."""
    shutil.copy(demo_template, tmp_path / "demo.db")
    engine = make_engine(f"sqlite:///{tmp_path / 'demo.db'}")
    yield engine
    engine.dispose()


def test_every_feature_ends_with_the_verdict_it_stands_for(demo: Engine) -> None:
    """Due for each strategy, stay, three kinds of watch, two kinds of blocked: none of them forced."""
    with reading(demo) as session:
        found = {item.feature: (item.verdict, item.code, item.target) for item in latest_verdicts(session)}
    assert found == PROMISED


def test_the_price_cut_closed_the_alert_it_made_pointless(demo: Engine) -> None:
    """Distilling the translations was due until the model cost a fifth; the alert names the cut as what closed it."""
    (opened, closed) = _flips(demo, "listing-translation")
    (alert,) = [alert for alert in list_alerts(demo, state="all") if alert.feature == "listing-translation"]
    told = "openai/gpt-5.6-luna input fell from $1.00 to $0.20 per Mtok on 2026-07-30."
    assert (opened.to_verdict, opened.to_target) == ("due", "distill:own")
    assert (closed.at, closed.to_verdict, closed.cause, closed.cause_detail) == (CUT, "stay", "price_change", told)
    assert (alert.state, alert.opened_at, alert.closed_at, alert.closed_cause) == ("closed", opened.at, CUT, told)


def test_each_alert_has_its_date_and_what_brought_it(demo: Engine) -> None:
    """Open alerts are the due features; each tells since when and why."""
    known = {alert.feature: (alert.opened_at.date(), alert.target, alert.due_by) for alert in list_alerts(demo)}
    causes = {slug: _flips(demo, slug)[-1].cause for slug in known}
    assert known == {
        "address-check": (date(2026, 6, 22), "code", None),
        "returns-intake": (date(2026, 9, 7), "hybrid", None),
        "review-digest": (date(2026, 8, 17), "distill:own", None),
        "subject-lines": (date(2026, 11, 15), "prompt", date(2027, 1, 14)),
        "ticket-triage": (date(2026, 8, 31), "embed", None),
    }
    assert causes == {
        "address-check": "volume",
        "returns-intake": "volume",
        "review-digest": "evidence",
        "subject-lines": "evidence",
        "ticket-triage": "evidence",
    }


def test_people_have_decided_on_some(demo: Engine) -> None:
    """One claimed, one snoozed, one dismissed with its reason, one finished and proven."""
    found = {alert.feature: alert for alert in list_alerts(demo, state="all")}
    assert {slug: alert.state for slug, alert in found.items() if alert.decided_by != "the judge"} == {
        "ticket-triage": "claimed",
        "review-digest": "snoozed",
        "review-spam": "dismissed",
        "order-questions": "succeeded",
    }
    assert (found["ticket-triage"].owner, found["review-spam"].reason) == ("Irena Kowal", "planned_retirement")
    (told,) = ledger_document(list_ledger(demo))
    assert (told["feature"], told["state"], len(told["spans"])) == ("order-questions", "succeeded", 6)
    amounts = [Decimal(told[f"{name}_effect_usd"]) for name in ("volume", "price", "strategy")]
    assert sum(amounts) == Decimal(told["total_usd"])
    assert Decimal(told["realised_usd_month"]) >= Decimal(told["promised_usd_month"])


def test_a_model_that_ends_blocks_what_runs_on_it(demo: Engine) -> None:
    """From half a year before its last day on, with the day."""
    flip = _flips(demo, "invoice-fields")[-1]
    told = "openai/gpt-4o-mini stops answering on 2027-01-14."
    assert (flip.at.date(), flip.cause, flip.cause_detail) == (date(2026, 7, 20), "model_retires", told)
    with reading(demo) as session:
        (verdict,) = [item for item in latest_verdicts(session) if item.feature == "invoice-fields"]
    assert verdict.due_by == date(2027, 1, 14)


def test_nothing_flaps(demo: Engine) -> None:
    """A calm company: no feature changes its verdict more than four times in half a year."""
    counts = {slug: len(_flips(demo, slug)) for slug in PROMISED}
    assert max(counts.values()) <= 4
    assert sum(counts.values()) == 31


def test_every_call_of_the_company_is_counted_once(demo: Engine) -> None:
    """Calls and tokens by feature are those the generator made; unattributed and unpriced traffic has its own row."""
    days = [START + timedelta(days=number) for number in range(DAYS + 1)]
    made = [row for row in rows(load_company().streams, START, days) if row.at <= NOW]
    table = usage(demo, by={"feature"})
    counted = {row.feature: (row.calls, row.errors, row.input_tokens, row.output_tokens) for row in table.rows}
    for slug in {*PROMISED, "store-chat", None}:
        own = [row for row in made if row.stream.feature == slug]
        calls, errors = sum(row.calls for row in own), sum(row.calls for row in own if row.error)
        tokens = sum(row.input_tokens for row in own), sum(row.output_tokens for row in own)
        assert counted.pop(slug) == (calls, errors, *tokens)
    assert not counted
    unpriced = sum(row.calls for row in made if row.stream.provider == "vllm")
    assert table.total.unpriced_calls == unpriced > 0
    assert table.total.cost_usd is not None
    assert table.total.cost_usd > Decimal(80_000)
    assert table.end.date() == TODAY


def test_a_feature_that_nobody_registered_is_found(demo: Engine) -> None:
    """It stands in the list with its calls, without owner or verdict."""
    (found,) = [line for line in list_features(demo, NOW) if not line.registered]
    assert (found.slug, found.owner, found.verdict) == ("store-chat", None, None)
    assert found.calls_28d > 10_000


def test_bills_stand_beside_what_was_tracked(demo: Engine) -> None:
    """Two days behind: a discount, a bill that agrees, and one of which a part was never sent here."""
    found = reconcile(demo, at=NOW)
    assert max(row.day for row in found.days if row.billed_usd and row.day) == NOW.date() - timedelta(days=3)
    told = {row.provider: (row.coverage, words[0] if words else "") for row, words in found.providers}
    assert told["anthropic"][1].startswith("every day is billed at 0.970 of what was computed: a discount of 3.0 %")
    assert told["google"][0] == 1
    assert Decimal("0.9") < (told["openai"][0] or 0) < Decimal("0.97")
    assert "most likely calls that are not sent here" in told["openai"][1]
    assert told["vllm"][0] is None


def test_the_letters_of_four_weeks_are_there(demo: Engine) -> None:
    """The last one has something to tell."""
    kept = weeks(demo)
    letter = load_report(demo, kept[0])
    assert kept == ["2026-W46", "2026-W45", "2026-W44", "2026-W43"]
    assert letter is not None
    assert "Newsletter subject lines should now move to prompt" in letter.headline
    assert {change.feature for change in letter.changes} == {"room-stylist", "subject-lines"}


def test_starting_again_the_same_day_changes_nothing(demo: Engine) -> None:
    """The second start is at once."""
    before = usage(demo, by={"feature"})
    later = NOW + timedelta(hours=5)
    built = build(demo, load_policy(), today=TODAY, now=later)
    assert (built.start, built.days, built.reviews) == (START, 0, 0)
    assert usage(demo, by={"feature"}) == before


def test_a_demo_of_yesterday_gets_the_day_it_lacks(demo: Engine) -> None:
    """The half day it had is counted once; what somebody registered or changed meanwhile stays."""
    tomorrow = NOW + timedelta(days=1)
    mine = {"slug": "mine", "owner": "me"}, {"slug": "gift-concierge", "owner": "me"}
    register(demo, mine, at=NOW, by="me")
    built = build(demo, load_policy(), today=tomorrow.date(), now=tomorrow)
    days = [START + timedelta(days=number) for number in range(DAYS + 2)]
    made = sum(row.calls for row in rows(load_company().streams, START, days) if row.at <= tomorrow)
    assert (built.start, built.days, built.reviews) == (START, 1, 1)
    assert usage(demo, by=()).total.calls == made
    owned = {line.slug for line in list_features(demo, tomorrow) if line.owner == "me"}
    assert owned == {"mine", "gift-concierge"}


def test_a_build_that_was_killed_is_taken_up_again(engine: Engine) -> None:
    """Without its mark a build is done once more, on both engines: no figure, verdict or flip is doubled."""
    policy = load_policy()
    first = build(engine, policy, today=TODAY, now=NOW, days=SHORT)
    told, counted = _flips(engine), usage(engine, by={"feature", "model"})
    with transaction(engine) as session:
        session.execute(delete(JobSlot))
    again = build(engine, policy, today=TODAY, now=NOW, days=SHORT)
    assert first == again
    assert first.days == SHORT
    assert _flips(engine) == told
    assert {flip.feature for flip in told} == PROMISED.keys() - {"room-stylist"}
    assert usage(engine, by={"feature", "model"}) == counted


def test_a_database_of_somebody_else_is_refused(sqlite_url: str) -> None:
    """Nothing is written; the command ends with 2 and says what to do."""
    engine = make_engine(sqlite_url)
    upgrade(engine)
    register(engine, [{"slug": "real-feature"}], at=NOW, by="test")
    with pytest.raises(NotTheDemo, match="real-feature"):
        build(engine, load_policy(), today=TODAY, now=NOW)
    done = CliRunner().invoke(app, ["--db", sqlite_url, "demo", "--no-serve"])
    shared.db = None
    assert done.exit_code == 2
    assert "real-feature" in done.stderr
    assert "offramp demo --db" in done.stderr
    assert [line.slug for line in list_features(engine, NOW)] == ["real-feature"]
    engine.dispose()


def _flips(engine: Engine, slug: str | None = None) -> list[Flip]:
    with reading(engine) as session:
        return flips(session, slug=slug)


def test_a_price_list_with_a_slip_waits_for_whoever_looks(demo: Engine) -> None:
    """The reseller's prices that are ten times too high are quarantined, a stale one is open, and no cost moved."""
    waits = {(each.model, each.status, each.change) for each in waiting_now(demo)}
    assert waits == {
        ("anthropic/claude-haiku-4-5", "quarantined", "changed"),
        ("mistral/mistral-large-4", "open", "changed"),
    }
    haiku = prices_of(demo, "anthropic/claude-haiku-4-5", NOW)["prices"]
    assert {line["kind"]: line["usd_per_mtok"] for line in haiku if line["kind"] in ("input", "output")} == {
        "input": "1.00",
        "output": "5.00",
    }
