"""A feature that ended is judged and counted no more; its past stays, calls that still come are told, it comes back."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from db.queries.alerts import alert_moves, alerts
from db.queries.ended import discovered_names, ended_features
from db.queries.features import registered_slugs
from db.queries.reports import features_then
from db.queries.standing import day_changes, standing
from db.queries.verdicts import flips, latest_verdicts, verdict_of
from db.session import engine_for, reading, transaction
from db.store.usage import record_calls
from offramp.actions.alert_moves import snooze
from offramp.actions.alerts import list_alerts
from offramp.actions.end import end, resume
from offramp.actions.failure import BadInput
from offramp.actions.features import FeatureLine, list_features
from offramp.actions.ingest import resolver
from offramp.actions.register import register
from offramp.actions.rename import merge, rename
from offramp.actions.report_facts import week_facts
from offramp.actions.review import review
from offramp.actions.usage import usage
from offramp.cli.context import shared as options
from offramp.cli.main import app
from offramp.policy import load_policy
from reports.blind import blind_spots
from reports.blind_words import blind_sentences
from reports.weeks import week_of
from strategy.facts import Call
from tests.offramp.due_company import SLUG, due_company
from tests.offramp.test_review import BEFORE, FEATURE

ENDED = BEFORE + timedelta(days=1, hours=9)
LATER = ENDED + timedelta(days=2)
WHY = "The product no longer shows it."


@pytest.fixture
def company(engine: Engine) -> Engine:
    """A feature that was due and ended, with a rule for its traffic."""
    due_company(engine, cut=False)
    rule = {"attribute": "service.name", "equals": "reviews"}
    register(engine, [FEATURE | {"match": [rule]}], at=BEFORE, by="test")
    end(engine, SLUG, by="ann", why=WHY, at=ENDED)
    return engine


def listed(engine: Engine, *, ended: bool) -> list[FeatureLine]:
    """The features, as listed after the end."""
    return list_features(engine, ENDED, ended=ended)


def called(engine: Engine, hours: int) -> None:
    """One more call, so many hours after the end."""
    at = ENDED + timedelta(hours=hours)
    key = (9_000_000 + hours).to_bytes(16, "big")
    call = Call(key=key, at=at, feature=SLUG, provider="openai", model="gpt-5.6-luna", source="test", input_tokens=9)
    with transaction(engine) as session:
        record_calls(session, [call], at)


def test_an_ended_feature_is_judged_and_counted_no_more(company: Engine) -> None:
    """It is in no list, count, verdict or alert; its alert says why it closed."""
    assert review(company, load_policy(), as_of=BEFORE, now=LATER) == []
    assert listed(company, ended=False) == []
    with reading(company) as session:
        assert (registered_slugs(session), latest_verdicts(session), standing(session).features) == (set(), [], 0)
        assert (day_changes(session, []), discovered_names(session)) == ([], [])
        (alert,) = alerts(session)
        assert (alert.state, alert.decided_by, alert.note) == ("closed", "ann", f"The feature ended: {WHY}")


def test_its_past_stays(company: Engine) -> None:
    """Spend, verdict, flips and moves are there; `--all` lists it with who ended it, when and why."""
    (row,) = usage(company, by=("feature",)).rows
    assert (row.feature, row.calls > 0) == (SLUG, True)
    with reading(company) as session:
        assert verdict_of(session, SLUG) is not None
        assert len(flips(session, slug=SLUG)) == 1
        assert [move.move for move in alert_moves(session, SLUG)] == ["open", "close"]
        assert [each.slug for each in features_then(session, ENDED)] == [SLUG]
        assert features_then(session, LATER) == []
        assert [each.feature for each in latest_verdicts(session, as_of=ENDED)] == [SLUG]
    (line,) = listed(company, ended=True)
    told = line.document()
    assert (told["registered"], told["verdict"], told["strategy"]) == (False, None, FEATURE.get("strategy", "prompt"))
    assert told["ended"] == {"at": ENDED.isoformat(), "by": "ann", "why": WHY, "called_since": False}


def test_explain_and_replay_say_that_it_ended(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last verdict is not read as a living one, and a replay names whom it leaves out."""
    engine = engine_for(database_url)
    due_company(engine, cut=False)
    register(engine, [FEATURE], at=BEFORE, by="test")
    end(engine, SLUG, by="ann", why=WHY, at=ENDED)
    monkeypatch.setattr(options, "db", None)
    explained = CliRunner().invoke(app, ["--db", database_url, "explain", SLUG, "--json"])
    assert json.loads(explained.stdout)["feature"] == SLUG
    assert f"This is its last verdict: {SLUG} ended on {ENDED.date()} (ann: {WHY})" in explained.stderr
    replayed = CliRunner().invoke(app, ["--db", database_url, "replay", "--own", "--json"])
    assert json.loads(replayed.stdout)["ended"] == [SLUG]
    told = CliRunner().invoke(app, ["--db", database_url, "replay", "--own"])
    assert f"Left out, because they have ended: {SLUG}" in told.stderr


def test_what_still_calls_it_is_told(company: Engine) -> None:
    """A call of a later hour puts it back into the list and the letter, as ended; its match rule still knows it."""
    called(company, 0)
    assert listed(company, ended=False) == []
    called(company, 30)
    register(company, [{"slug": "another"}], at=BEFORE, by="test")
    (line,) = [each for each in listed(company, ended=False) if each.slug == SLUG]
    assert (line.ended is not None and line.ended.called, line.registered) == (True, False)
    facts = week_facts(company, week_of(LATER), LATER)
    assert f"{SLUG} (ended, " in " ".join(blind_sentences(blind_spots(facts), LATER.year))
    assert [(rule.slug, rule.equals) for rule in resolver(company).rules] == [(SLUG, "reviews")]
    rule = {"attribute": "service.name", "equals": "reviews"}
    register(company, [{"slug": "zz-reviews", "match": [rule]}], at=LATER, by="test")
    assert [rule.slug for rule in resolver(company).rules] == ["zz-reviews", SLUG]


def test_a_letter_blames_nobody_for_calls_before_the_end(company: Engine) -> None:
    """In the week of its end it is no feature that nobody registered."""
    spots = blind_spots(week_facts(company, week_of(LATER), LATER))
    assert spots.unregistered == ()


def test_an_end_is_taken_back(company: Engine) -> None:
    """It is judged again at once, its alert opens anew, and both sayings are kept."""
    resume(company, load_policy(), SLUG, by="ben", why="It came back.", at=LATER)
    with reading(company) as session:
        assert (registered_slugs(session), ended_features(session)) == ({SLUG}, {})
        assert list(ended_features(session, LATER)) == [SLUG]
    (alert,) = list_alerts(company)
    assert (alert.state, alert.opened_at) == ("active", LATER)
    end(company, SLUG, by="ann", why="For good.", at=LATER + timedelta(days=1))
    with reading(company) as session:
        assert [(gone.by, gone.why) for gone in ended_features(session).values()] == [("ann", "For good.")]


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda engine: end(engine, SLUG, by="x", why="y", at=LATER), id="end"),
        pytest.param(lambda engine: register(engine, [FEATURE], at=LATER, by="x"), id="register"),
        pytest.param(lambda engine: rename(engine, SLUG, "other", at=LATER, by="x"), id="rename"),
        pytest.param(lambda engine: rename(engine, "other", SLUG, at=LATER, by="x"), id="rename-to"),
        pytest.param(lambda engine: merge(engine, SLUG, "other", at=LATER, by="x"), id="merge"),
        pytest.param(
            lambda engine: snooze(engine, SLUG, by="x", at=LATER, until=LATER.date()),
            id="snooze",
        ),
        pytest.param(
            lambda engine: review(engine, load_policy(), as_of=LATER, now=LATER, slugs=[SLUG]),
            id="review",
        ),
    ],
)
def test_what_ended_is_refused_with_who_ended_it(company: Engine, write: Callable[[Engine], object]) -> None:
    """Nothing changes a feature that ended unawares; the cure is the command that takes the end back."""
    with pytest.raises(BadInput, match=f"{SLUG} ended on {ENDED.date()} .ann: {WHY[:-1]}") as refused:
        write(company)
    assert f"offramp features resume {SLUG}" in str(refused.value)


def test_an_end_needs_a_feature_that_runs_a_name_and_a_reason(engine: Engine) -> None:
    """Nobody, no reason, no such feature, and one that never ended: each is refused and nothing is written."""
    register(engine, [FEATURE], at=BEFORE, by="test")
    for by, why, slug, told in (
        ("", WHY, SLUG, "by"),
        ("ann", " ", SLUG, "why"),
        ("ann", WHY, "other", "is registered"),
    ):
        with pytest.raises(BadInput, match=told):
            end(engine, slug, by=by, why=why, at=ENDED)
    with pytest.raises(BadInput, match="has not ended"):
        resume(engine, load_policy(), SLUG, by="ann", why=WHY, at=ENDED)
    with reading(engine) as session:
        assert (registered_slugs(session), ended_features(session)) == ({SLUG}, {})
