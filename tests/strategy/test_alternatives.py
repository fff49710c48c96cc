"""The honest alternatives: what they cost by the traffic and the price book, and that a migration must beat them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from strategy.alternatives import siblings
from strategy.facts import Price, Retirement, Snapshot, TokenMix
from strategy.kinds import PriceKind
from strategy.verdict import Verdict
from tests.strategy.made import FREE_TEXT, LABELS, POLICY, PRICES, feature, mix, price, proven, score, snapshot
from tests.strategy.test_judge import told, verdict

TERRA, LITTLE = "openai/gpt-5.6-terra", "openai/gpt-5.6-luna"
BOOK = (
    *PRICES,
    price(TERRA, PriceKind.INPUT, "2"),
    price(TERRA, PriceKind.OUTPUT, "12"),
    price(TERRA, PriceKind.CACHED_INPUT, "0.2"),
)
CUT = datetime(2026, 8, 15, tzinfo=UTC)


def on_terra(
    *,
    scores: tuple[object, ...] = (),
    book: tuple[Price, ...] = BOOK,
    tokens: tuple[int, int] = (2000, 60),
    **more: object,
) -> Snapshot:
    """20,000 calls a day on gpt-5.6-terra, whose cheaper sibling is gpt-5.6-luna."""
    carries = more.pop("carries", (mix(560_000, TERRA, tokens=tokens),))
    return snapshot(at=CUT, calls=20_000, carries=carries, prices=book, scores=scores, **more)  # type: ignore[arg-type]  # test values


def option(of: Snapshot) -> Verdict:
    """The verdict."""
    return verdict(of)


def test_a_sibling_is_the_next_smaller_model_of_the_vendor() -> None:
    """And nothing where none is named."""
    assert siblings([TERRA, "openai/gpt-6-luna"], POLICY) == {LITTLE}


def test_a_cheaper_model_that_passed_is_due_and_one_that_was_not_scored_is_to_be() -> None:
    """$2,832 a month on terra, $283.20 on luna with the same tokens: worth an eval, and with it worth the move."""
    plain = on_terra(scores=(score("prompt", "0.92"),), book=tuple(p for p in BOOK if p.kind != "cached_input"))
    assert told(plain) == ("watch", "needs_eval", "prompt:cheaper_model")
    said = verdict(replace(plain, scores=proven("prompt:cheaper_model")))
    assert (said.outcome, said.target) == ("due", "prompt:cheaper_model")
    assert said.saving_usd_month == Decimal("2548.80")
    bad = replace(plain, scores=(score("prompt", "0.92"), score("prompt:cheaper_model", "0.7")))
    assert told(bad) == ("stay", None, None)
    dying = (Retirement(model=LITTLE, on=date(2027, 3, 1)),)
    assert told(replace(plain, retirements=dying)) == ("stay", None, None)


def test_caching_is_claimed_where_prompts_are_long_and_nothing_is_cached_yet() -> None:
    """Half of 2,000 tokens from the cache at a tenth: $1,080 less a month. Short or cached prompts claim none."""
    tuned = verdict(on_terra(scores=(score("prompt", "0.92"),)))
    assert (tuned.outcome, tuned.target, tuned.saving_usd_month) == ("due", "prompt:tuned", Decimal(1080))
    short = on_terra(scores=(score("prompt", "0.92"),), tokens=(1000, 60))
    assert told(short)[2] == "prompt:cheaper_model"
    cached = on_terra(scores=(score("prompt", "0.92"),), carries=(mix(560_000, TERRA, tokens=(2000, 60), cached=500),))
    assert told(cached)[2] == "prompt:cheaper_model"


def test_batch_prices_are_claimed_where_an_answer_may_take_a_day() -> None:
    """Half price, where the book has one."""
    day = feature(replace(FREE_TEXT, latency_budget_ms=86_400_000))
    halves = tuple(
        replace(line, processing="batch", usd_per_mtok=line.usd_per_mtok / 2) for line in BOOK if line.model == TERRA
    )
    scores = (score("prompt", "0.92"),)
    batched = verdict(on_terra(scores=scores, of=day, book=(*BOOK, *halves)))
    assert (batched.target, batched.saving_usd_month) == ("prompt:tuned", Decimal(2832) - 876)
    without = verdict(on_terra(scores=scores, of=day))
    assert without.saving_usd_month == Decimal(1080)


@pytest.mark.parametrize(("name", "share"), [("shorter_prompt_share", "0.2"), ("response_cache_share", "0.2")])
def test_what_was_measured_of_prompts_and_repeats_may_be_set(name: str, share: str) -> None:
    """The two shares are nothing until somebody sets them."""
    short = on_terra(scores=(score("prompt", "0.92"),), tokens=(1000, 60))
    given = replace(short, constants=tuple((key, share if key == name else value) for key, value in short.constants))
    assert told(short)[2] == "prompt:cheaper_model"
    assert told(given)[2] == "prompt:tuned"


def test_a_migration_is_due_only_where_it_beats_the_best_alternative() -> None:
    """Embedding saves more than caching; with the cheaper model proven as well, that is the better way."""
    labels = feature(LABELS)
    both = verdict(on_terra(scores=proven("embed"), of=labels))
    assert (both.outcome, both.target) == ("due", "embed")
    cheap = verdict(on_terra(scores=(*proven("embed"), score("prompt:cheaper_model", "0.93")), of=labels))
    assert (cheap.outcome, cheap.target) == ("due", "prompt:cheaper_model")


def test_a_small_certain_gain_waits_for_a_large_open_question() -> None:
    """With embedding unproven but worth far more than caching, the eval is asked for first."""
    dear = on_terra(scores=(score("prompt", "0.92"),), of=feature(LABELS), tokens=(1100, 400))
    assert told(dear) == ("watch", "needs_eval", "embed")


def test_traffic_that_cannot_be_priced_has_no_alternative() -> None:
    """Half unpriced: no cost, no claim. A part without a price among many: the sibling's cost is not known."""
    part = TokenMix(
        model=None,
        tier=0,
        processing="standard",
        calls=20_000,
        input_tokens=40_000_000,
        cached_input_tokens=0,
        cache_write_tokens=0,
        output_tokens=1_000_000,
    )
    mostly = on_terra(scores=(score("prompt", "0.92"),), carries=(mix(540_000, TERRA, tokens=(2000, 60)), part))
    assert told(mostly)[0] == "stay"
