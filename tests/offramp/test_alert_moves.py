"""People move alerts: each move is a row, illegal ones are refused, a no is respected until the facts outgrow it."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from typer.testing import CliRunner

from db.queries.alerts import AlertMove, alert_moves
from db.queries.features import features
from db.session import reading, transaction
from db.store.usage import record_calls
from db.tables import AlertMoveRow, AlertRow
from offramp.actions.alert_moves import claim, dismiss, reopen, snooze
from offramp.actions.alerts import alerts_document, list_alerts
from offramp.actions.failure import BadInput
from offramp.actions.finish import finish
from offramp.actions.register import register
from offramp.cli.context import shared
from offramp.cli.main import app
from offramp.policy import load_policy
from strategy.facts import Call
from tests.offramp.due_company import SLUG, claim_at_once, due_company, judge
from tests.offramp.forked import race
from tests.offramp.live_server import Live
from tests.offramp.test_review import BEFORE, FEATURE

NINE = BEFORE + timedelta(hours=9)
TODAY = BEFORE.date()
ROUNDS = 4
LATER = TODAY + timedelta(days=30)


@pytest.fixture
def company(engine: Engine) -> Engine:
    """A database with one active alert."""
    due_company(engine)
    return engine


def moves(engine: Engine) -> list[AlertMove]:
    """Every move of the feature's alerts."""
    with reading(engine) as session:
        return alert_moves(session, SLUG)


def more_traffic(engine: Engine, times: Decimal) -> None:
    """So many times the calls again, on each day before the review."""
    calls = [
        Call(
            key=(1_000_000 + day).to_bytes(16, "big"),
            at=BEFORE - timedelta(days=day, hours=12),
            feature=SLUG,
            provider="openai",
            model="gpt-5.6-luna",
            source="test",
            calls=int(100_000 * times),
            input_tokens=int(80_000_000 * times),
            output_tokens=int(6_000_000 * times),
            latency_ms=900.0,
        )
        for day in range(60)
    ]
    with transaction(engine) as session:
        record_calls(session, calls, BEFORE)


def test_a_claim_names_its_owner_and_freezes_the_evidence(company: Engine) -> None:
    """Who, by when, and the snapshot: a later verdict with other figures leaves all three as they are."""
    before = list_alerts(company)[0]
    claim(company, SLUG, by="ann", due=LATER, at=NINE, note="After the release.")
    more_traffic(company, Decimal(1))
    judge(company)
    (told,) = alerts_document(list_alerts(company))
    assert (told["state"], told["owner"], told["claim_due"]) == ("claimed", "ann", LATER.isoformat())
    assert (told["evidence"], told["saving_usd_month"]) == (before.evidence, f"{before.saving_usd_month:.2f}")
    assert told["note"] == f"To be done by {LATER}. After the release."
    (opened, claimed) = moves(company)
    assert (opened.by, opened.move, opened.from_state, opened.to_state) == ("the judge", "open", None, "active")
    assert (claimed.by, claimed.at, claimed.move, claimed.to_state) == ("ann", NINE, "claim", "claimed")


def test_an_illegal_move_is_refused_with_the_legal_ones(company: Engine) -> None:
    """Nothing is written; the refusal tells who holds it and what may be done."""
    claim(company, SLUG, by="ann", due=LATER, at=NINE)
    with pytest.raises(BadInput) as refused:
        snooze(company, SLUG, by="bob", at=NINE, until=LATER)
    (problem,) = refused.value.problems
    assert problem.error == f"{SLUG} is claimed by ann on {TODAY}, to be done by {LATER}: snooze is not possible"
    assert problem.cure == "legal now: dismiss, finish, reopen"
    assert len(moves(company)) == 2


def test_a_dismissed_alert_is_silent_on_the_same_facts(company: Engine) -> None:
    """It leaves the list, and stays out of it when the same facts, or a little more of them, are judged again."""
    dismiss(company, SLUG, by="ann", reason="no_capacity", note="Not this quarter.", at=NINE)
    judge(company)
    more_traffic(company, Decimal("0.2"))
    judge(company)
    assert list_alerts(company) == []
    (told,) = alerts_document(list_alerts(company, state="dismissed"))
    assert (told["reason"], told["note"], told["moved_by"]) == ("no_capacity", "Not this quarter.", "ann")


def test_a_dismissed_alert_reopens_when_its_saving_doubles(company: Engine) -> None:
    """The judge takes it up again, and the move names the decision it takes back."""
    dismiss(company, SLUG, by="ann", reason="not_worth_it", note="Too small.", at=NINE)
    was = list_alerts(company, state="dismissed")[0].saving_usd_month
    more_traffic(company, Decimal(2))
    judge(company)
    (told,) = alerts_document(list_alerts(company))
    _, dismissed, reopened = moves(company)
    assert (told["state"], told["reason"]) == ("active", None)
    assert was is not None
    assert Decimal(told["saving_usd_month"]) > 2 * was
    assert (reopened.by, reopened.answers_id, reopened.from_state) == ("the judge", dismissed.id, "dismissed")
    assert reopened.why.endswith(f"it was ${was:,.2f} when it was dismissed.")


def test_a_dismissed_alert_survives_a_flip_there_and_back(company: Engine) -> None:
    """Silent when the judge changes its mind, and silent when it changes it back."""
    dismiss(company, SLUG, by="ann", reason="other", note="We know.", at=NINE)
    cheap = {**FEATURE, "costs": {"distill": {**FEATURE["costs"]["distill"], "monthly_usd": "3400"}}}  # type: ignore[index]  # a document
    register(company, [cheap], at=NINE, by="test")
    assert judge(company).document["verdict"] != "due"
    register(company, [FEATURE], at=NINE, by="test")
    assert judge(company).document["verdict"] == "due"
    assert list_alerts(company) == []
    assert [alert.state for alert in list_alerts(company, state="all")] == ["dismissed"]


def test_another_migration_takes_the_place_of_a_dismissed_one(company: Engine) -> None:
    """No to distilling is not no to everything: the old alert closes, the new one follows it."""
    dismiss(company, SLUG, by="ann", reason="other", note="We know.", at=NINE)
    with transaction(company) as session:
        row = session.scalars(select(AlertRow)).one()
        row.target = "embed"
    judge_again(company)
    old, new = sorted(list_alerts(company, state="all"), key=lambda alert: alert.id)
    assert (old.state, new.state, new.target) == ("closed", "active", "distill")
    with reading(company) as session:
        assert session.scalars(select(AlertRow.follows_id).where(AlertRow.id == new.id)).one() == old.id


def judge_again(engine: Engine) -> None:
    """A flip away from due and back."""
    costly = {**FEATURE, "costs": {"distill": {"monthly_usd": "3400", "usd_per_call": "0"}}}
    for document in (costly, FEATURE):
        register(engine, [document], at=NINE, by="test")
        judge(engine)


def test_a_snoozed_alert_wakes_on_its_day(engine: Engine) -> None:
    """Not a day before; the calendar is who woke it, and a review without news suffices."""
    due_company(engine, days=-2)
    snooze(engine, SLUG, by="ann", at=NINE - timedelta(days=2), until=TODAY)
    judge(engine, days=-1)
    assert [alert.state for alert in list_alerts(engine)] == ["snoozed"]
    judge(engine)
    woken = moves(engine)[-1]
    assert (woken.by, woken.move, woken.at, woken.to_state) == ("the calendar", "wake", BEFORE, "active")
    assert [alert.snoozed_until for alert in list_alerts(engine)] == [None]


def test_a_snoozed_alert_wakes_at_its_saving(company: Engine) -> None:
    """Once it saves as much as was asked for; a saving it has already is no reason to wait."""
    have = list_alerts(company)[0].saving_usd_month
    assert have is not None
    with pytest.raises(BadInput, match="is no reason to wait"):
        snooze(company, SLUG, by="ann", at=NINE, saving_at_least=have)
    snooze(company, SLUG, by="ann", at=NINE, saving_at_least=have + 1000)
    more_traffic(company, Decimal(1))
    judge(company)
    (told,) = alerts_document(list_alerts(company))
    assert (told["state"], told["snoozed_until_saving_usd_month"]) == ("active", None)
    assert moves(company)[-1].why.endswith(f"it was to wait for ${have + 1000:,.2f}.")


def test_the_judge_closes_what_is_claimed_with_its_cause(company: Engine) -> None:
    """The price cut makes the migration pointless: whoever works on it is told why."""
    claim(company, SLUG, by="ann", due=LATER, at=NINE)
    judge(company, days=1)
    (told,) = alerts_document(list_alerts(company, state="all"))
    assert (told["state"], told["moved_by"]) == ("closed", "the judge")
    assert "fell from $1.00 to $0.20" in told["note"]
    with pytest.raises(BadInput, match="no move is left: the judge opens another"):
        reopen(company, SLUG, by="ann", at=NINE)


def test_reopening_takes_a_decision_back(company: Engine) -> None:
    """A no is taken back and a claim given back; the move says which decision it answers."""
    dismiss(company, SLUG, by="ann", reason="other", note="No.", at=NINE)
    reopen(company, SLUG, by="bob", at=NINE)
    claim(company, SLUG, by="ann", due=LATER, at=NINE)
    reopen(company, SLUG, by="ann", at=NINE, note="On leave.")
    (told,) = alerts_document(list_alerts(company))
    assert (told["state"], told["owner"], told["claim_due"]) == ("active", "catalogue", None)
    found = moves(company)
    assert [(move.move, move.answers_id) for move in found] == [
        ("open", None),
        ("dismiss", None),
        ("reopen", found[1].id),
        ("claim", None),
        ("reopen", found[3].id),
    ]
    assert found[-1].why == "Given back. On leave."


def test_what_the_judge_no_longer_asks_for_is_not_taken_up(company: Engine) -> None:
    """A dismissed migration that is not due any more stays dismissed."""
    dismiss(company, SLUG, by="ann", reason="other", note="No.", at=NINE)
    judge(company, days=1)
    with pytest.raises(BadInput, match=f"no longer asks {SLUG} to move from prompt to distill"):
        reopen(company, SLUG, by="ann", at=NINE)


def test_finishing_moves_the_feature_to_the_target(company: Engine) -> None:
    """The strategy is the target's from now on, its model is left to traffic, and it was judged again."""
    done = finish(company, load_policy(), SLUG, by="ann", at=NINE, note="Live everywhere.")
    with reading(company) as session:
        (head,) = features(session, [SLUG])
    assert (done.state, done.why) == ("finished", "Moved from prompt to distill. Live everywhere.")
    assert (head.strategy, head.model, head.document["strategy"]) == ("distill", None, "distill")
    assert list_alerts(company) == []
    assert [alert.state for alert in list_alerts(company, state="finished")] == ["finished"]
    with pytest.raises(BadInput, match="it is being measured"):
        dismiss(company, SLUG, by="ann", reason="other", note="No.", at=NINE)


@pytest.mark.parametrize(
    ("reason", "note", "field"), [("tired", "x", "reason"), ("other", "  ", "note"), ("other", "x" * 2001, "note")]
)
def test_a_no_needs_a_reason_of_the_list_and_a_note(company: Engine, reason: str, note: str, field: str) -> None:
    """Else nothing is written, and the field is named."""
    with pytest.raises(BadInput) as refused:
        dismiss(company, SLUG, by="ann", reason=reason, note=note, at=NINE)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert len(moves(company)) == 1


def test_days_and_names_are_checked(company: Engine) -> None:
    """A past day, neither or both conditions, no name, no alert, no feature: each is refused by name."""
    past = TODAY - timedelta(days=1)
    with pytest.raises(BadInput, match="is past"):
        claim(company, SLUG, by="ann", due=past, at=NINE)
    with pytest.raises(BadInput, match="either until when or until which saving"):
        snooze(company, SLUG, by="ann", at=NINE)
    with pytest.raises(BadInput, match="by: has 0 characters"):
        claim(company, SLUG, by=" ", due=LATER, at=NINE)
    with pytest.raises(BadInput, match="no feature 'nobody'"):
        claim(company, "nobody", by="ann", due=LATER, at=NINE)
    register(company, [{"slug": "quiet"}], at=NINE, by="test")
    with pytest.raises(BadInput, match="quiet has no alert"):
        claim(company, "quiet", by="ann", due=LATER, at=NINE)


def test_two_people_claim_at_once(company: Engine, database_url: str) -> None:
    """In processes of their own: one wins, the other is told who did, and one claim is stored; four times over."""
    for _ in range(ROUNDS):
        told = race(claim_at_once, database_url, ("ann", "bob"))
        assert sorted(answer == "won" for answer in told.values()) == [False, True]
        (winner,) = [who for who, answer in told.items() if answer == "won"]
        (lost,) = [answer for answer in told.values() if answer != "won"]
        assert f"{SLUG} is claimed by {winner} on {TODAY}, to be done by {LATER}: claim is not possible" in lost
        assert list_alerts(company)[0].owner == winner
        reopen(company, SLUG, by=winner, at=NINE)
    with reading(company) as session:
        claims = session.scalar(select(func.count(AlertMoveRow.id)).where(AlertMoveRow.move == "claim"))
    assert claims == ROUNDS


def test_http_moves_alerts_as_the_command_line_does(company: Engine, live: Live) -> None:
    """The same options as JSON; a refusal is 400 with the legal moves, a wrong field is named."""
    path = f"/api/alerts/{SLUG}"
    assert live.client.post(f"{path}/claim", json={"by": "ann", "due": "2027-01-15"}).json() == {
        "feature": SLUG,
        "move": "claim",
        "state": "claimed",
        "by": "ann",
        "why": "To be done by 2027-01-15.",
    }
    refused = live.client.post(f"{path}/claim", json={"by": "bob", "due": "2027-01-15"})
    assert (refused.status_code, refused.json()["cure"]) == (400, "legal now: dismiss, finish, reopen")
    wrong: tuple[tuple[str, object, str | None], ...] = (
        ("fly", {"by": "ann"}, "move"),
        ("reopen", [], None),
        ("reopen", {"by": "ann", "why": "x"}, "why"),
        ("dismiss", {"by": "ann", "reason": "other"}, "note"),
        ("dismiss", {"by": 7, "reason": "other", "note": "x"}, "by"),
        ("claim", {"by": "ann", "due": "soon"}, "due"),
        ("snooze", {"by": "ann", "saving_at_least": "NaN"}, "saving_at_least"),
    )
    for move, body, field in wrong:
        answer = live.client.post(f"{path}/{move}", json=body)
        assert (answer.status_code, answer.json()["field"]) == (400, field), move
    right: tuple[tuple[str, dict[str, str | None]], ...] = (
        ("reopen", {"by": "ann"}),
        ("snooze", {"by": "ann", "saving_at_least": "90000", "until": None}),
        ("dismiss", {"by": "ann", "reason": "other", "note": "No."}),
        ("reopen", {"by": "ann", "note": "Yes."}),
        ("finish", {"by": "ann", "model": "larkspur/small"}),
    )
    for move, options in right:
        assert live.client.post(f"{path}/{move}", json=options).status_code == 200, move
    assert [alert.state for alert in list_alerts(company, state="all")] == ["finished"]


def run(url: str, *words: str) -> tuple[int, str, str]:
    """The command line on this database."""
    done = CliRunner().invoke(app, ["--db", url, "alerts", *words])
    shared.db = None
    return done.exit_code, done.stdout, done.stderr


def test_the_command_line_moves_alerts(company: Engine, database_url: str) -> None:
    """Claim, refuse with 2 and the legal moves, give back, dismiss, reopen; a wrong day is named."""
    far = date(2200, 1, 1).isoformat()
    assert run(database_url, "claim", SLUG, "--by", "ann", "--due", far)[:2] == (
        0,
        f"{SLUG} is claimed: To be done by {far}.\n",
    )
    code, _, error = run(database_url, "claim", SLUG, "--by", "bob", "--due", far)
    assert code == 2
    assert "legal now: dismiss, finish, reopen" in " ".join(error.split())
    assert run(database_url, "reopen", SLUG, "--by", "ann")[0] == 0
    assert run(database_url, "snooze", SLUG, "--until", "soon")[0] == 2
    assert run(database_url, "dismiss", SLUG, "--by", "ann", "--reason", "tired", "--note", "x")[0] == 2
    assert run(database_url, "dismiss", SLUG, "--by", "ann", "--reason", "no_capacity", "--note", "Later.")[0] == 0
    assert "No alerts." in run(database_url)[1]
    assert '"state": "dismissed"' in run(database_url, "--state", "all", "--json")[1]
    assert run(database_url, "reopen", SLUG, "--by", "ann", "--json")[0] == 0
    assert len(list_alerts(company)) == 1


def test_no_alert_is_no_fault(tmp_path: Path) -> None:
    """A database without alerts says so and ends with 0."""
    (tmp_path / "empty.db").touch()
    code, out, _ = run(f"sqlite:///{tmp_path / 'empty.db'}")
    assert (code, out.startswith("No alerts.")) == (0, True)
