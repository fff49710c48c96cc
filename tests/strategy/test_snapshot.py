"""A stored snapshot gives the same verdict, byte for byte, whatever the order of its facts."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategy.facts import Retirement, Snapshot
from strategy.judge import judge
from strategy.kinds import Strategy
from strategy.profile import CostOverride, MatchRule
from strategy.snapshot import canonical, digest, dumps, loads
from strategy.verdict import document
from tests.strategy.made import LUNA, POLICY, feature, mix, proven, snapshot
from tests.strategy.test_judge import DUE, HELD

FULL = snapshot(
    feature(
        owner="support",
        costs=((Strategy.DISTILL, CostOverride(one_off_usd=Decimal("2000.10"))),),
        match=(MatchRule(attribute="service.name", equals="support-api"),),
    ),
    carries=(mix(28, None), mix(2_800_000), mix(28, tier=200_000)),
    scores=proven("distill"),
    retirements=(Retirement(model=LUNA, on=date(2027, 1, 14)), Retirement(model="b/c", on=date(2026, 12, 1))),
    latency=1240.5,
)


@pytest.mark.parametrize("name", [*DUE, *HELD])
def test_a_verdict_recomputed_from_its_stored_snapshot_has_the_same_bytes(name: str) -> None:
    """Through text and back, every strategy and every reason to wait."""
    of = (DUE | {why: held for why, (held, _, _) in HELD.items()})[name]
    again = loads(dumps(of))
    assert json.dumps(document(judge(again, POLICY))) == json.dumps(document(judge(of, POLICY)))


def test_nothing_is_lost_on_the_way() -> None:
    """Decimals keep their places, times their zone, unknown stays unknown."""
    text = dumps(FULL)
    assert loads(text) == canonical(FULL)
    assert dumps(loads(text)) == text
    assert judge(FULL, POLICY).snapshot == digest(text)


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_leaves_no_trace(random: Random) -> None:
    """Shuffled prices, scores, days, mix, retirements and constants give the same text and verdict."""

    def shuffled(rows: tuple[object, ...]) -> tuple[object, ...]:
        mixed = list(rows)
        random.shuffle(mixed)
        return tuple(mixed)

    usage = replace(FULL.usage, days=shuffled(FULL.usage.days), mix=shuffled(FULL.usage.mix))  # type: ignore[arg-type]  # rows keep their type
    changes = {name: shuffled(getattr(FULL, name)) for name in ("scores", "prices", "retirements", "constants")}
    other: Snapshot = replace(FULL, usage=usage, **changes)  # type: ignore[arg-type]  # rows keep their type
    assert dumps(other) == dumps(FULL)
    assert document(judge(other, POLICY)) == document(judge(FULL, POLICY))


def test_a_constant_in_the_snapshot_wins_over_the_policy() -> None:
    """A verdict of last year is recomputed with last year's numbers."""
    dear = replace(FULL, constants=(("engineer_day_usd", "2000"),))
    assert dict(judge(dear, POLICY).money.base.one_off_usd)[Strategy.CODE] == 6000
    assert dict(judge(FULL, POLICY).money.base.one_off_usd)[Strategy.CODE] == 1800


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"as_of": 1}'])
def test_other_text_is_refused(text: str) -> None:
    """Not a snapshot: an error, no half-read facts."""
    with pytest.raises((ValueError, TypeError, KeyError)):
        loads(text)
