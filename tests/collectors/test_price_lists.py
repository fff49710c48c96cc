"""Price lists are read by what they are; what cannot be an amount is refused by row, and nothing is guessed."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from collectors.price_lists import installed_list, installed_sha256, read_price_list, sourced
from collectors.rejected import SourceError
from strategy.kinds import PriceKind


def test_a_csv_gives_a_price_a_row_or_a_model_a_row() -> None:
    """Both shapes, dates and instants, tiers and processing; the form is told by the content, not by the name."""
    rows = (
        b"\xef\xbb\xbfprovider,model,kind,usd_per_mtok,valid_from,tier_min_input_tokens,processing,source\n"
        b"openai,gpt-5.6-luna,input,0.30,2026-12-01,,,a page\n"
        b"openai,gpt-5.6-luna,output,1.5,2026-12-01T16:00:00+00:00,200000,batch,\n"
    )
    found = read_price_list(rows, "x.json")
    assert (found.form, found.whole, found.refused) == ("csv", False, ())
    first, second = sourced(found)
    assert (first.price.model, first.price.usd_per_mtok, first.price.source) == (
        "openai/gpt-5.6-luna",
        Decimal("0.3"),
        "a page",
    )
    assert second.price.valid_from == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert (second.price.tier_min_input_tokens, second.price.processing) == (200_000, "batch")
    assert second.price.source.startswith("csv list x.json (")
    assert (first.declared, second.declared) == (True, True)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("m,colour,1,", "kind"),
        ("m,input,,", "usd_per_mtok"),
        ("m,input,nan,", "usd_per_mtok"),
        ("m,input,1e300,", "usd_per_mtok"),
        ("m,input,1,2026-13-01", "valid_from"),
        ("m,input,1,2026-12-01T10:30:00Z", "valid_from"),
        (",input,1,", "model"),
    ],
)
def test_a_wrong_row_is_refused_with_its_field(row: str, field: str) -> None:
    """Row, field and cure; the row beside it is read."""
    text = f"model,kind,usd_per_mtok,valid_from\n{row}\nacme/good,input,1,\n"
    found = read_price_list(text.encode(), "x.csv")
    assert [(bad.row, bad.field) for bad in found.refused] == [(1, field)]
    assert [line.price.model for line in found.prices] == ["acme/good"]


def test_litellm_s_names_are_sizes_and_ways_of_processing() -> None:
    """Per token to per Mtok, exactly; of two keys of one model its own name speaks."""
    entries = {
        "gemini/gemini-2.5-pro": {
            "litellm_provider": "gemini",
            "input_cost_per_token": 1.25e-06,
            "input_cost_per_token_above_200k_tokens": 2.5e-06,
            "output_cost_per_token_batches": 5e-06,
        },
        "gemini-2.5-pro-001": {"litellm_provider": "gemini", "input_cost_per_token": 9e-06},
    }
    found = read_price_list(json.dumps(entries).encode(), "prices.json")
    told = {
        (line.price.kind, line.price.tier_min_input_tokens, line.price.processing): line.price.usd_per_mtok
        for line in found.prices
        if line.price.model == "google/gemini-2.5-pro"
    }
    assert told == {
        (PriceKind.INPUT, 0, "standard"): Decimal("1.25"),
        (PriceKind.INPUT, 200_000, "standard"): Decimal("2.5"),
        (PriceKind.OUTPUT, 0, "batch"): Decimal(5),
    }


def test_the_installed_list_is_the_book_itself() -> None:
    """Its name is the hash of its versions, and it tells every provider whole."""
    found = installed_list()
    assert (found.sha256, found.form, found.whole) == (installed_sha256(), "package", True)
    assert len(found.prices) > 7_000


def test_a_list_without_a_price_is_none() -> None:
    """A header alone is refused, with the cure."""
    with pytest.raises(SourceError, match="holds no price"):
        read_price_list(b"model,input\n", "x.csv")
