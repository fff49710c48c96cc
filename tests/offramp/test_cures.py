"""The cures of what nobody claims and what has no price: exact, once, and only for whom they are."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from db.session import transaction
from db.store.usage import record_calls
from offramp.actions.actors import Actor, NotAllowed, Role
from offramp.actions.claim import claim
from offramp.actions.export import feature_documents
from offramp.actions.failure import BadInput
from offramp.actions.ingest import Sent
from offramp.actions.price_cures import name_model, set_own_price
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.receive import receive
from offramp.actions.register import register
from offramp.actions.usage import usage
from strategy.facts import Call
from strategy.kinds import PriceKind
from tests.collectors.otlp_bodies import RECEIVED, Given, request
from tests.offramp.spans import PROTOBUF

_ADMIN = Actor(name="ada", role=Role.ADMIN)
_OWNER = Actor(name="olga", role=Role.OWNER, names=frozenset({"search"}))
_VIEWER = Actor(name="vera", role=Role.VIEWER)
_RULE = ("deployment.environment.name", "shop")
_USD = {PriceKind.INPUT: Decimal(2), PriceKind.OUTPUT: Decimal(10)}


def _call(number: int, feature: str | None, model: str = "made-up") -> Call:
    return Call(
        key=number.to_bytes(16),
        at=RECEIVED - timedelta(hours=2),
        feature=feature,
        provider="openai",
        model=model,
        source="otlp",
        input_tokens=1_000_000,
        output_tokens=100_000,
    )


def _count(engine: Engine, *calls: Call) -> None:
    with transaction(engine) as session:
        record_calls(session, calls, RECEIVED)


def _calls(engine: Engine) -> dict[str | None, int]:
    return {row.feature: row.calls for row in usage(engine, by=("feature",)).rows}


def test_a_rule_claims_what_comes_and_on_request_what_came(engine: Engine) -> None:
    """The past moves once; what nobody claims later stays nobody's, what the rule claims does not."""
    register(engine, [{"slug": "shop", "owner": "search"}], at=RECEIVED, by="test")
    _count(engine, _call(1, None), _call(2, None), _call(3, "shop"))
    for turn in (1, 2):
        done = claim(engine, "shop", rule=_RULE, past=True, at=RECEIVED, by=_ADMIN)
        assert (done.rule, done.moved.calls if done.moved else None) == ((True, 2) if turn == 1 else (False, None))
    assert _calls(engine) == {"shop": 3}
    body = request([Given(number=9)], {_RULE[0]: _RULE[1]}).SerializeToString()
    receive(engine, None, Sent("traces", body, PROTOBUF["content-type"]), at=RECEIVED, late_window=None)
    _count(engine, _call(4, None))
    assert _calls(engine) == {"shop": 4, None: 1}
    (document,) = feature_documents(engine, ["shop"])
    assert document["match"] == [{"attribute": _RULE[0], "equals": _RULE[1]}]


def test_who_may_claim_is_asked_in_the_action(engine: Engine) -> None:
    """An owner writes rules of their own features; what was counted moves for an admin alone."""
    register(engine, [{"slug": "shop", "owner": "search"}, {"slug": "bot", "owner": "x"}], at=RECEIVED, by="test")
    _count(engine, _call(1, None))
    assert claim(engine, "shop", rule=_RULE, past=False, at=RECEIVED, by=_OWNER).rule
    refused = [("shop", _RULE, True, _OWNER), ("bot", _RULE, False, _OWNER), ("shop", _RULE, False, _VIEWER)]
    for slug, rule, past, by in refused:
        with pytest.raises(NotAllowed):
            claim(engine, slug, rule=rule, past=past, at=RECEIVED, by=by)
    assert _calls(engine) == {None: 1}
    for slug, wrong in (("none", _RULE), ("shop", ("", "x")), ("shop", ("a" * 300, "x")), ("shop", None)):
        with pytest.raises(BadInput):
            claim(engine, slug, rule=wrong, past=False, at=RECEIVED, by=_ADMIN)


def test_a_price_of_ones_own_prices_what_was_counted(engine: Engine) -> None:
    """From its day on, to the cent; without a price, a day before it, or for an owner, nothing is written."""
    _count(engine, _call(1, "bot"))
    resolve_names(engine, RECEIVED)
    assert usage(engine).total.unpriced_calls == 1
    for wrong in ({}, {PriceKind.INPUT: Decimal("nan")}, {PriceKind.INPUT: Decimal(-1)}):
        with pytest.raises(BadInput):
            set_own_price(engine, ("openai", "made-up"), wrong, date(2026, 11, 1), at=RECEIVED, by=_ADMIN)
    for by in (_OWNER, _VIEWER):
        with pytest.raises(NotAllowed):
            set_own_price(engine, ("openai", "made-up"), _USD, date(2026, 11, 1), at=RECEIVED, by=by)
    set_own_price(engine, ("openai", "made-up"), _USD, date(2026, 11, 23), at=RECEIVED, by=_ADMIN)
    assert usage(engine).total.unpriced_calls == 1
    for _ in range(2):
        model = set_own_price(engine, ("openai", "made-up"), _USD, date(2026, 11, 1), at=RECEIVED, by=_ADMIN)
        assert model == "openai/made-up"
    assert (usage(engine).total.unpriced_calls, usage(engine).total.cost_usd) == (0, Decimal("3.00"))


def test_a_name_is_a_model_of_the_book(engine: Engine) -> None:
    """Said once it stays; what the book does not hold, or what is understood already, is refused."""
    fill_book(engine, RECEIVED)
    _count(engine, _call(1, "bot", "our-luna"), _call(2, "bot", "gpt-5.6-luna"))
    resolve_names(engine, RECEIVED)
    for name, model in (("our-luna", "openai/none"), ("gpt-5.6-luna", "openai/gpt-5.6-sol")):
        with pytest.raises(BadInput):
            name_model(engine, "openai", name, model, at=RECEIVED, by=_ADMIN)
    with pytest.raises(NotAllowed):
        name_model(engine, "openai", "our-luna", "openai/gpt-5.6-luna", at=RECEIVED, by=_OWNER)
    for _ in range(2):
        name_model(engine, "openai", "our-luna", "openai/gpt-5.6-luna", at=RECEIVED, by=_ADMIN)
    costs = {row.model: row.cost_usd for row in usage(engine, by=("model",)).rows}
    assert costs["our-luna"] == costs["gpt-5.6-luna"]
    assert usage(engine).total.unpriced_calls == 0
