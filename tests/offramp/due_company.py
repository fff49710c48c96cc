"""A company with one feature that is due for distilling, judged on the day before its model's price fell."""

from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from sqlalchemy import Engine

from db.session import make_engine, transaction
from db.store.prices import remember_names
from db.store.scores import record_scores
from db.store.usage import record_calls
from offramp.actions.alert_moves import claim
from offramp.actions.failure import BadInput
from offramp.actions.register import register
from offramp.actions.review import Reviewed, review
from offramp.policy import load_policy
from tests.offramp.test_review import BEFORE, FEATURE, LUNA, OLD, append_luna, evals, luna_prices, traffic

SLUG = "review-summary"


def due_company(engine: Engine, days: int = 0, *, cut: bool = True) -> None:
    """Register the feature with its traffic, prices and evals, and judge it: it is due, and its alert is active.

    Without `cut` the price never falls.
    """
    register(engine, [FEATURE], at=BEFORE, by="test")
    with transaction(engine) as session:
        lines = [line for line in luna_prices() if cut or line.valid_from == OLD]
        append_luna(session, lines)
        remember_names(session, {("openai", "gpt-5.6-luna"): LUNA}, OLD)
        record_calls(session, [call for call in traffic() if call.at < BEFORE + timedelta(days=1)], BEFORE)
        record_scores(session, evals())
    judge(engine, days)


def judge(engine: Engine, days: int = 0) -> Reviewed:
    """Review the feature so many days after the day on which it became due."""
    as_of = BEFORE + timedelta(days=days)
    (done,) = review(engine, load_policy(), as_of=as_of, now=as_of + timedelta(hours=1), slugs=[SLUG])
    return done


def claim_at_once(url: str, who: str, start: Barrier, told: Connection) -> None:
    """One person's claim, as near to the other's as two processes get; tells `won` or what they were told."""
    engine = make_engine(url)
    with engine.connect():
        start.wait()
    try:
        claim(engine, SLUG, by=who, due=BEFORE.date() + timedelta(days=30), at=BEFORE + timedelta(hours=9))
    except BadInput as refused:
        told.send(str(refused))
    else:
        told.send("won")
