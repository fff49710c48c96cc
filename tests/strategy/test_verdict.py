"""The document has the contract's keys, all of them, and the laws that hold for every verdict."""

import json
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from strategy.caveats import caveats
from strategy.judge import judge
from strategy.kinds import CauseKind, PriceKind
from strategy.verdict import Cause, document
from tests.strategy.made import DISTILL_COSTS, LUNA, POLICY, PRICES, feature, mix, proven, snapshot
from tests.strategy.test_judge import DUE, HELD

KEYS = [
    *("feature", "as_of", "verdict", "code", "now", "target", "cause", "gates", "matrix", "money", "quality", "bands"),
    *("flip_points", "due_by", "due_by_reason", "start_by", "missing", "wanted", "reasons", "prices", "snapshot"),
]


def test_every_verdict_has_every_key() -> None:
    """Also where nothing is known; and it is plain JSON."""
    for of in (*DUE.values(), *(held for held, _, _ in HELD.values()), snapshot(prices=())):
        told = document(judge(of, POLICY))
        assert list(told) == KEYS
        assert json.loads(json.dumps(told)) == told
        assert told["cause"] is None


def test_the_document_shows_money_as_text_and_calls_as_numbers() -> None:
    """The contract's example, for the embedding of a hundred thousand labels a day."""
    verdict = replace(judge(DUE["embed"], POLICY), cause=Cause(kind=CauseKind.VOLUME, detail="It rose.", event_id=17))
    told = json.loads(json.dumps(document(verdict)))
    assert told["cause"] == {"kind": "volume", "detail": "It rose.", "event_id": 17}
    assert told["money"]["monthly_usd"] == {
        "code": "0.00",
        "embed": "198.00",
        "distill": "1848.17",
        "hybrid": None,
        "prompt": "3480.00",
    }
    assert told["money"]["one_off_usd"]["embed"] == "6000.00"
    assert told["money"]["saving_usd_month"] == "3282.00"
    assert told["money"]["payback_days"] == 55
    assert list(told["money"]["low"]) == ["monthly_usd", "one_off_usd", "saving_usd_month", "payback_days"]
    assert (told["money"]["low"]["saving_usd_month"], told["money"]["high"]["saving_usd_month"]) == (
        "2432.00",
        "3392.00",
    )
    assert told["quality"]["candidate"] == {
        "score": 0.93,
        "n": 4000,
        "evaluator": "judge",
        "evaluator_version": "2",
        "at": "2026-07-01T00:00:00Z",
    }
    assert (told["quality"]["passes"], told["quality"]["lower_bound"]) == (True, 0.923)
    assert told["bands"]["seed001"] == "prompt"
    assert [line["model"] for line in told["prices"]] == [LUNA, LUNA, "openai/text-embedding-3-small"]
    assert told["gates"][1] == {
        "gate": "classification",
        "answer": "yes",
        "value": True,
        "source": "declared",
        "because": "the output is one of a known set, and there are 1,200 labelled examples",
    }
    one_off = next(flip for flip in told["flip_points"] if flip["input"] == "one_off_usd")
    assert one_off["now"] == "6000.00"
    assert told["matrix"][7]["value"] == "0.00116"


def test_the_sentences_say_what_a_product_manager_asks() -> None:
    """What to do, why, for how much, how well proven, how sure, and what would change it."""
    said = judge(DUE["embed"], POLICY)
    even = said.breakeven_calls_per_day or 0
    assert said.reasons == (
        "Move Ticket triage from prompt to embed: saves $3,282.00 a month, pays back in 55 days.",
        "Embed suits the task: the output is one of a known set, and there are 1,200 labelled examples.",
        "Tell us the change frequency: if it is high, no move fits and pays, and it should stay on prompt.",
        "Today it costs $3,480.00 a month at 100,000 calls a day.",
        "On embed it would cost $198.00 a month ($88.00 to $1,048.00), and $6,000.00 once ($2,000.00 to $20,500.00).",
        (
            "Scored on 4,000 items, embed's accuracy is at least 0.923 with 95 % confidence, "
            "which reaches the 0.900 required."
        ),
        f"How sure: {said.confidence:.0%} that it repays its cost at the required quality.",
        (
            "By volume alone seed 001 says prompt, seed 002 leaves it open; "
            f"the break-even at {even:,} calls a day settles it."
        ),
        f"At {even - 1:,} calls a day or fewer it would only be watched.",
    )


def test_the_caveats_of_a_due_move_are_how_sure_it_is_and_what_undoes_it() -> None:
    """What is told short is told with these sentences of its verdict, and no other."""
    said = judge(DUE["embed"], POLICY)
    undone = tuple(reason for reason in said.reasons if ", which is too little for its one-off cost" in reason)
    assert caveats(said.reasons) == (
        f"How sure: {said.confidence:.0%} that it repays its cost at the required quality.",
        *undone,
    )


@settings(max_examples=12)
@given(
    calls=st.integers(100, 5_000_000),
    cents=st.integers(1, 10_000),
    tokens=st.tuples(st.integers(1, 20_000), st.integers(1, 5_000)),
    target=st.sampled_from(["distill", "embed"]),
)
def test_a_cheaper_present_never_raises_a_saving_and_no_saving_is_above_the_spend(
    calls: int, cents: int, tokens: tuple[int, int], target: str
) -> None:
    """For two prices of today's model, all else equal, towards a target that runs on another."""
    of = DUE["embed"] if target == "embed" else snapshot(feature(costs=DISTILL_COSTS), scores=proven("distill"))

    def saving(factor: Decimal) -> Decimal:
        lines = tuple(replace(line, usd_per_mtok=factor) if line.model == LUNA else line for line in PRICES)
        usage = snapshot(of.feature, calls=calls, carries=(mix(calls * 28, tokens=tokens),)).usage
        verdict = judge(replace(of, prices=lines, usage=usage), POLICY)
        for figures in (verdict.money.base, verdict.money.low, verdict.money.high):
            spend = dict(figures.monthly_usd)[verdict.now]
            assert spend is not None
            assert figures.saving_usd_month is None or 0 <= figures.saving_usd_month <= spend
        low, base, high = (
            each.saving_usd_month for each in (verdict.money.low, verdict.money.base, verdict.money.high)
        )
        assert low is None or base is None or high is None or low <= base <= high
        return verdict.saving_usd_month or Decimal(0)

    dear = Decimal(cents) / 100
    assert saving(dear / 2) <= saving(dear)
    assert PriceKind.INPUT in {line.kind for line in PRICES}
