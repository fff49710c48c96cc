"""A finished migration is measured against what was frozen: the strategy's own part, and whether the promise came."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, update
from typer.testing import CliRunner

from db.queries.alerts import alert_moves
from db.queries.features import features
from db.session import reading, transaction
from db.store.prices import append_prices, remember_names
from db.store.scores import record_scores
from db.store.usage import record_calls
from db.tables import AlertRow
from offramp.actions.alert_moves import claim
from offramp.actions.finish import finish
from offramp.actions.ledger import factors, ledger_document, list_ledger
from offramp.actions.measure import Measured, measure
from offramp.actions.register import register
from offramp.cli.context import shared
from offramp.cli.main import app
from offramp.policy import load_policy
from strategy.facts import Call, Price, Score
from strategy.kinds import PriceKind
from tests.offramp.due_company import SLUG, due_company
from tests.offramp.test_review import BEFORE, LUNA, OLD

NINE = BEFORE + timedelta(hours=9)
FIRST = BEFORE + timedelta(days=1)
# Four weeks and the two days that late data gets.
MONTH = FIRST + timedelta(days=31)


def traffic(engine: Engine, model: str, days: range, calls: int = 100_000) -> None:
    """The baseline's tokens a call, on this model, for days counted from the one after it was finished."""
    found = [
        Call(
            key=(10**9 + 1_000 * calls + day).to_bytes(16, "big"),
            at=FIRST + timedelta(days=day, hours=12),
            feature=SLUG,
            provider="openai",
            model=model,
            source="test",
            calls=calls,
            input_tokens=800 * calls,
            output_tokens=60 * calls,
            latency_ms=90.0,
        )
        for day in days
    ]
    with transaction(engine) as session:
        record_calls(session, found, BEFORE)


def finished(engine: Engine, *, cut: bool) -> None:
    """A company that distilled on 29 July; with the price cut of the 30th, or without."""
    due_company(engine, cut=cut)
    claim(engine, SLUG, by="ann", due=BEFORE.date(), at=NINE)
    finish(engine, load_policy(), SLUG, by="ann", at=NINE)


def measured(engine: Engine, at: datetime) -> Measured:
    """What the job does at an instant."""
    return measure(engine, load_policy(), at)


def test_a_migration_that_keeps_its_promise_succeeds(engine: Engine) -> None:
    """$3,480 for calls became $1,500 for own weights: four weeks of it, and the promise is kept to the cent."""
    finished(engine, cut=False)
    traffic(engine, "larkspur/own", range(35))
    assert measured(engine, MONTH) == Measured(spans=4, moved=(SLUG,))
    (told,) = ledger_document(list_ledger(engine))
    assert {name: told[name] for name in list(told)[:12]} == {
        "feature": SLUG,
        "from": "prompt",
        "to": "distill",
        "finished_at": "2026-07-29T09:00:00Z",
        "promised_usd_month": "1980.00",
        "realised_usd_month": "1980.00",
        "volume_effect_usd": "0.00",
        "price_effect_usd": "0.00",
        "strategy_effect_usd": "-1848.00",
        "total_usd": "-1848.00",
        "state": "succeeded",
        "owner": "catalogue",
    }
    with reading(engine) as session:
        move = alert_moves(session, SLUG)[-1]
    assert (move.by, move.why) == ("the measurement", "$1,980.00 a month came of $1,980.00 promised.")
    assert factors(list_ledger(engine), load_policy()) == {"distill": (Decimal("1.00"), 1)}


def test_measuring_again_adds_nothing_and_a_month_follows(engine: Engine) -> None:
    """A span is measured once its days are over and late data had its time; never twice."""
    finished(engine, cut=False)
    traffic(engine, "larkspur/own", range(70))
    assert measured(engine, FIRST + timedelta(days=8)).spans == 0
    assert measured(engine, FIRST + timedelta(days=9)) == Measured(spans=1, moved=())
    assert measured(engine, MONTH).spans == 3
    before = ledger_document(list_ledger(engine))
    assert measured(engine, MONTH) == Measured(spans=0, moved=())
    assert ledger_document(list_ledger(engine)) == before
    assert measured(engine, MONTH + timedelta(days=30)) == Measured(spans=1, moved=())
    (told,) = ledger_document(list_ledger(engine))
    assert (told["measured_days"], told["spans"][-1]["strategy_effect_usd"]) == (58, "-1980.00")


def test_a_price_cut_is_no_merit_of_the_migration(engine: Engine) -> None:
    """The old model fell to a fifth the day after: the calls would cost $696 now, so the migration lost money."""
    finished(engine, cut=True)
    traffic(engine, "larkspur/own", range(28), calls=200_000)
    assert measured(engine, MONTH).moved == (SLUG,)
    (told,) = ledger_document(list_ledger(engine))
    # Twice the calls: +$3,248 at the old price; -$5,196.80 by the cut; 28 days of $1,500 less what remains of calls.
    assert (told["volume_effect_usd"], told["price_effect_usd"]) == ("3248.00", "-5196.80")
    assert (told["strategy_effect_usd"], told["total_usd"]) == ("100.80", "-1848.00")
    assert (told["realised_usd_month"], told["state"]) == ("-108.00", "failed")
    with reading(engine) as session:
        why = alert_moves(session, SLUG)[-1].why
    hint = f"To roll back, send its calls to prompt on {LUNA} again and register `strategy: prompt`."
    assert why == f"-$108.00 a month came of $1,980.00 promised. {hint}"


@pytest.mark.parametrize(("version", "score", "state"), [("1", "0.89", "failed"), ("2", "0.89", "finished")])
def test_a_score_below_the_gate_fails_it_at_once(engine: Engine, version: str, score: str, state: str) -> None:
    """0.93 less the margin of 0.03 must hold by the evaluator of the baseline; another is held to the floor of 0.85."""
    finished(engine, cut=False)
    with transaction(engine) as session:
        row = Score(
            key=b"after".ljust(16),
            feature=SLUG,
            metric="accuracy",
            score=Decimal(score),
            n=400,
            at=NINE + timedelta(days=3),
            strategy="distill",
            evaluator="judge",
            evaluator_version=version,
        )
        record_scores(session, [row])
    measured(engine, FIRST + timedelta(days=4))
    (told,) = ledger_document(list_ledger(engine))
    assert (told["state"], told["realised_usd_month"]) == (state, None)
    with reading(engine) as session:
        why = alert_moves(session, SLUG)[-1].why
    assert why.startswith("accuracy is 0.890, and the least is 0.900. To roll back") is (state == "failed")


def test_a_failed_migration_may_yet_succeed_and_a_succeeded_one_fail(engine: Engine) -> None:
    """The newest month decides after the first four weeks."""
    finished(engine, cut=False)
    traffic(engine, "larkspur/own", range(28), calls=1_000)
    traffic(engine, "gpt-5.6-luna", range(28), calls=99_000)
    traffic(engine, "larkspur/own", range(28, 58))
    traffic(engine, "gpt-5.6-luna", range(58, 88))
    states = []
    for days in (0, 30, 60):
        measured(engine, MONTH + timedelta(days=days))
        states.append(list_ledger(engine)[0].state)
    assert states == ["failed", "succeeded", "failed"]


def test_what_cannot_be_priced_is_not_measured(engine: Engine) -> None:
    """A hosted model without a price: nothing is guessed, the span says why, and the migration is not settled."""
    due_company(engine)
    with transaction(engine) as session:
        session.execute(update(AlertRow).values(target="embed"))
    finish(engine, load_policy(), SLUG, by="ann", at=NINE)
    traffic(engine, "nobody/knows", range(7))
    assert measured(engine, MONTH) == Measured(spans=4, moved=())
    spans = ledger_document(list_ledger(engine))[0]["spans"]
    assert [span["unmeasured"] for span in spans] == [
        "700,000 of 700,000 calls without a price",
        *3 * ["no traffic was seen"],
    ]
    assert {span["total_usd"] for span in spans} == {None}


def test_an_embedding_is_measured_by_its_own_calls(engine: Engine) -> None:
    """$0.02 per Mtok of 800 tokens a call, against $3,480 a month."""
    due_company(engine, cut=False)
    with transaction(engine) as session:
        session.execute(update(AlertRow).values(target="embed"))
        small = "openai/text-embedding-3-small"
        line = Price(model=small, kind=PriceKind.INPUT, usd_per_mtok=Decimal("0.02"), valid_from=OLD, source="x")
        free = Price(model=small, kind=PriceKind.OUTPUT, usd_per_mtok=Decimal(0), valid_from=OLD, source="x")
        append_prices(session, [line, free], recorded_at=OLD, recorded_by="t", source_version="2", reason="test")
        remember_names(session, {("openai", "text-embedding-3-small"): small}, OLD)
    finish(engine, load_policy(), SLUG, by="ann", at=NINE, model=small)
    traffic(engine, "text-embedding-3-small", range(28))
    measured(engine, MONTH)
    (told,) = ledger_document(list_ledger(engine))
    assert (told["volume_effect_usd"], told["price_effect_usd"]) == ("0.00", "0.00")
    assert told["spans"][0]["usage_usd"] == "11.20"
    assert told["strategy_effect_usd"] == f"{4 * Decimal('11.20') - 28 * 116:.2f}"
    with reading(engine) as session:
        assert features(session, [SLUG])[0].model == small


def test_a_feature_that_moved_on_is_measured_no_further(engine: Engine) -> None:
    """Rolled back by its owner, it stays as it was measured until then."""
    finished(engine, cut=False)
    register(engine, [{"slug": SLUG, "strategy": "prompt"}], at=NINE + timedelta(days=5), by="ann")
    assert measured(engine, MONTH) == Measured(spans=0, moved=())


def test_the_command_line_tells_the_ledger(engine: Engine, database_url: str) -> None:
    """Empty it says how to begin; then promised, realised and effects."""

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["--db", database_url, "ledger", *words])
        shared.db = None
        assert done.exit_code == 0
        return done.stdout

    assert run().startswith("No migration is finished yet.")
    finished(engine, cut=False)
    traffic(engine, "larkspur/own", range(28))
    measured(engine, MONTH)
    assert "$1,980.00" in run()
    assert '"strategy_effect_usd": "-1848.00"' in run("--json")
