"""Our cited history is right where the feed is not."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from collectors.model_names import resolve
from collectors.price_feed import UNDATED_FROM, feed_prices
from collectors.price_history import book_prices, book_version, cited_models, cited_prices, published_prices
from collectors.releases import first_day
from collectors.retirements import retirements
from strategy.hours import hours_of, in_hours
from strategy.kinds import PriceKind
from strategy.prices import PriceBook
from tests.collectors.price_cases import known_changes


@pytest.fixture(scope="module")
def book() -> PriceBook:
    """The whole book, read once."""
    return PriceBook(tuple(book_prices()))


def _usd(book: PriceBook, model: str, kind: PriceKind, at: datetime, tier: int = 0) -> Decimal | None:
    line = book.in_force(model, kind, at, tier=tier)
    return line.usd_per_mtok if line else None


def test_every_curated_change_is_answered_right(book: PriceBook, shared: Path) -> None:
    """One hour before each known change the old price stands, at its instant the new one."""
    cases = known_changes(shared)
    wrong = [
        (case, model, asked, told)
        for case in cases
        for asked, at in ((case.old, case.at - timedelta(hours=1)), (case.new, case.at))
        for model in [resolve(case.provider, case.name) or "unresolved"]
        if (told := _usd(book, model, case.kind, at)) != asked
    ]
    assert wrong == []
    assert len(cases) == 88


def test_every_cited_line_is_in_the_book(book: PriceBook) -> None:
    """Our own facts win: at the start of each cited line the book gives its amount, one hour before the one before."""
    cited = cited_prices()
    starts = [max(line.valid_from, first_day(line.model).at) for line in cited]
    told = [
        book.in_force(line.model, line.kind, at, processing=line.processing)
        for line, at in zip(cited, starts, strict=True)
    ]
    assert [line and line.usd_per_mtok for line in told] == [line.usd_per_mtok for line in cited]
    later = [line for line in cited if line.valid_from > UNDATED_FROM]
    before = [
        book.in_force(line.model, line.kind, line.valid_from - timedelta(hours=1), processing=line.processing)
        for line in later
    ]
    assert all(old is None or old.usd_per_mtok != line.usd_per_mtok for old, line in zip(before, later, strict=True))
    assert len(cited_models()) == 53


def test_cited_lines_name_their_source() -> None:
    """Every cited line carries a source and a grade, and starts on a whole hour."""
    for line in cited_prices():
        assert line.source[-9:] in {"(grade A)", "(grade B)", "(grade C)"}
        assert len(line.source) > 20
        assert (line.valid_from.minute, line.valid_from.second) == (0, 0)


@pytest.mark.parametrize(
    ("at", "usd_in", "usd_out"),
    [
        (datetime(2025, 2, 8, 15, tzinfo=UTC), "0.14", "0.28"),
        (datetime(2025, 2, 8, 16, tzinfo=UTC), "0.27", "1.1"),
        (datetime(2025, 9, 5, 15, tzinfo=UTC), "0.27", "1.1"),
        (datetime(2025, 9, 5, 16, tzinfo=UTC), "0.56", "1.68"),
        (datetime(2025, 9, 29, tzinfo=UTC), "0.28", "0.42"),
        (datetime(2026, 4, 25, tzinfo=UTC), "0.14", "0.28"),
    ],
)
def test_deepseek_moves_at_its_hour(book: PriceBook, at: datetime, usd_in: str, usd_out: str) -> None:
    """DeepSeek's prices change at 16:00 UTC, not at a midnight."""
    assert _usd(book, "deepseek/deepseek-chat", PriceKind.INPUT, at) == Decimal(usd_in)
    assert _usd(book, "deepseek/deepseek-chat", PriceKind.OUTPUT, at) == Decimal(usd_out)


def test_the_feed_s_rounded_day_does_not_double_a_change(book: PriceBook) -> None:
    """The feed dates DeepSeek's August change a day late; the book has it once, at its hour, cached input too."""
    model = "deepseek/deepseek-v4-pro"
    lines = [line for line in book.lines if (line.model, line.processing) == (model, "standard")]
    assert sorted((line.kind.value, line.valid_from.isoformat()) for line in lines) == [
        ("cached_input", "2026-04-26T00:00:00+00:00"),
        ("cached_input", "2026-08-16T16:00:00+00:00"),
        ("input", "2026-04-24T00:00:00+00:00"),
        ("input", "2026-04-26T00:00:00+00:00"),
        ("input", "2026-08-16T16:00:00+00:00"),
        ("output", "2026-04-24T00:00:00+00:00"),
        ("output", "2026-04-26T00:00:00+00:00"),
        ("output", "2026-08-16T16:00:00+00:00"),
    ]


@pytest.mark.parametrize(
    ("model", "day", "hours", "usd_in"),
    [
        ("deepseek/deepseek-chat", "2025-05-01", "16:30-00:30", "0.135"),
        ("deepseek/deepseek-chat", "2025-10-01", "16:30-00:30", "0.28"),
        ("deepseek/deepseek-v4-flash", "2026-05-15", "Mon-Fri 01:00-04:00,06:00-10:00", "0.14"),
        ("deepseek/deepseek-v4-flash", "2026-09-01", "Mon-Fri 01:00-04:00,06:00-10:00", "0.44"),
        ("deepseek/deepseek-v4-flash", "2026-11-20", "Mon-Fri 01:00-04:00,06:00-10:00", "0.3"),
        ("deepseek/deepseek-v4-pro", "2026-11-20", "Mon-Fri 01:00-04:00,06:00-10:00", "1.32"),
    ],
)
def test_some_hours_have_a_price_of_their_own(book: PriceBook, model: str, day: str, hours: str, usd_in: str) -> None:
    """DeepSeek's night discount of 2025 and its peak hours since August 2026; before and after, the price of any hour.

    The feed prices v4-flash at 02:00 UTC on 2026-05-15 as if the peak hours had been there always (genai-prices#582).
    """
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    line = book.in_force(model, PriceKind.INPUT, at, processing=in_hours("standard", hours))
    assert line is not None
    assert line.usd_per_mtok == Decimal(usd_in)


@pytest.mark.parametrize(
    ("model", "kind", "day", "usd"),
    [
        ("openai/gpt-4o-mini", PriceKind.TRAINING, "2026-04-30", None),
        ("openai/gpt-4o-mini", PriceKind.TRAINING, "2026-11-22", "3"),
        ("openai/gpt-4o-mini", PriceKind.TRAINING, "2027-01-06", None),
        ("openai/gpt-4.1-nano", PriceKind.TRAINING, "2026-10-23", None),
        ("openai/o4-mini", PriceKind.TRAINING_HOUR, "2026-11-22", "100"),
        ("together/fine-tuning:Qwen3.5-9B LoRA", PriceKind.TRAINING, "2026-09-10", "0.48"),
        ("together/fine-tuning:Qwen3.5-9B LoRA", PriceKind.TRAINING, "2026-09-11", "0.34"),
        ("fireworks/fine-tuning:SFT under 16B", PriceKind.TRAINING, "2026-11-22", "0"),
        ("runpod/gpu:h100", PriceKind.GPU_HOUR, "2026-11-22", "2.89"),
        ("runpod/gpu:h100", PriceKind.GPU_HOUR, "2025-12-31", None),
    ],
)
def test_training_and_gpu_hours_have_their_time(
    book: PriceBook, model: str, kind: PriceKind, day: str, usd: str | None
) -> None:
    """Known from when it was read, ended where its vendor ends it; before and after, unknown and never 0."""
    told = _usd(book, model, kind, datetime.fromisoformat(day).replace(tzinfo=UTC))
    assert told == (None if usd is None else Decimal(usd))


def test_a_training_price_of_ours_leaves_the_feed_s_token_prices_alone(book: PriceBook) -> None:
    """gpt-4o-mini keeps its tokens' prices, batch too, though all we tell of it ourselves is training."""
    at = datetime(2026, 11, 22, tzinfo=UTC)
    assert _usd(book, "openai/gpt-4o-mini", PriceKind.OUTPUT, at) == Decimal("0.6")
    batch = book.in_force("openai/gpt-4o-mini", PriceKind.OUTPUT, at, processing="batch")
    assert batch is not None
    assert batch.usd_per_mtok == Decimal("0.3")


def test_the_feed_s_own_hours_are_read() -> None:
    """Windows of one price are one line, from the dated price that they stand behind."""
    found = {
        (line.processing, line.valid_from.date().isoformat(), line.usd_per_mtok)
        for line in feed_prices()
        if line.model == "deepseek/deepseek-v4-flash" and line.kind is PriceKind.INPUT and hours_of(line.processing)
    }
    assert found == {("standard@01:00-04:00,06:00-10:00", "2026-09-10", Decimal("0.3"))}
    cited = {line.processing for line in book_prices() if line.model == "deepseek/deepseek-v4-flash"}
    assert cited == {"standard", "standard@Mon-Fri 01:00-04:00,06:00-10:00"}


def test_a_discount_on_a_wrong_price_is_left_out(book: PriceBook) -> None:
    """The feed's cache and tier prices stand only while its input price agrees with the cited one."""
    before, after = datetime(2024, 9, 30, tzinfo=UTC), datetime(2024, 10, 1, tzinfo=UTC)
    assert _usd(book, "google/gemini-1.5-pro", PriceKind.INPUT, before, tier=128_000) == Decimal("3.5")
    assert _usd(book, "google/gemini-1.5-pro", PriceKind.INPUT, after, tier=128_000) == Decimal("2.5")
    assert _usd(book, "deepseek/deepseek-chat", PriceKind.CACHED_INPUT, datetime(2026, 5, 1, tzinfo=UTC)) is None
    assert _usd(book, "openai/gpt-5.6-luna", PriceKind.CACHED_INPUT, datetime(2026, 7, 29, tzinfo=UTC)) == Decimal(
        "0.1"
    )


def test_an_alias_is_not_its_versions(book: PriceBook) -> None:
    """mistral-large-latest moved to Large 3; mistral-large-2411 stays what it was."""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    alias, version = resolve("mistral", "mistral-large-latest"), resolve("mistral", "mistral-large-2411")
    assert (alias, version) == ("mistral/mistral-large-latest", "mistral/mistral-large")
    assert _usd(book, "mistral/mistral-large-latest", PriceKind.INPUT, now) == Decimal("0.5")
    assert _usd(book, "mistral/mistral-large", PriceKind.INPUT, now) == Decimal(2)


def test_the_version_tells_the_feed_and_our_own_facts() -> None:
    """Either moving makes the book fill again."""
    assert book_version().startswith("genai-prices 0.2.")
    assert len(book_version().partition(" + own ")[2]) == 12


def test_retirements_are_of_models_in_the_book(book: PriceBook) -> None:
    """Every announced end, and every named replacement, is an id of the book."""
    known = {line.model for line in book.lines}
    found = retirements()
    assert [item for item in found if item.model not in known] == []
    assert {item.replacement for item in found if item.replacement} == {"openai/gpt-6-luna"}
    ends = {item.model: item.on for item in found}
    assert len(ends) == len(found)
    assert ends["openai/gpt-4o-mini"] == ends["openai/ft:gpt-4o-mini"] == date(2027, 1, 14)
    assert ends["openai/gpt-5"] == ends["openai/o3"] == date(2026, 12, 11)


@pytest.mark.parametrize(
    ("model", "day"),
    [
        ("openai/o3", "2025-04-16"),
        ("openrouter/openai/o3", "2025-04-16"),
        ("openai/gpt-4o-mini", "2024-07-18"),
        ("anthropic/claude-sonnet-4-5", "2025-09-29"),
        ("deepseek/deepseek-reasoner", "2025-01-20"),
    ],
)
def test_no_price_before_a_model_existed(book: PriceBook, model: str, day: str) -> None:
    """From its release on a model has a price; a second before it has none, and the source says why."""
    release = datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert first_day(model).at == release
    assert book.in_force(model, PriceKind.INPUT, release - timedelta(seconds=1)) is None
    line = book.in_force(model, PriceKind.INPUT, release)
    assert line is not None
    assert f"not sold before {day}" in line.source


def test_no_line_of_the_book_is_older_than_its_model(book: PriceBook) -> None:
    """Every line starts at the release or at a bound with its grade; the feed's open past is nowhere left."""
    assert [line for line in book.lines if line.valid_from == UNDATED_FROM] == []
    assert first_day("nobody/heard-of").at == datetime(2022, 11, 30, tzinfo=UTC)
    assert first_day("google/some-model").words.endswith("(grade D)")


def test_a_cited_price_is_known_when_it_was_published() -> None:
    """On the day of its announcement, else when it took effect, else when it was read; the feed's lines say nothing."""
    known = {
        (line.price.model, line.price.kind, line.price.valid_from.date().isoformat()): line.known_at
        for line in published_prices()
        if (line.price.tier_min_input_tokens, line.price.processing) == (0, "standard")
    }
    input_, day = PriceKind.INPUT, "2026-07-30"
    assert known["openai/gpt-5.6-luna", input_, day] == datetime(2026, 7, 30, tzinfo=UTC)
    assert known["openai/gpt-3.5-turbo", input_, "2024-02-16"] == datetime(2024, 1, 25, tzinfo=UTC)
    assert known["google/gemini-3.7-flash", input_, "2027-01-01"] == datetime(2026, 11, 21, tzinfo=UTC)
    assert known["openai/o3", input_, "2025-04-16"] == datetime(2025, 4, 16, tzinfo=UTC)
    assert known["openai/gpt-5.6-luna", PriceKind.CACHED_INPUT, day] is None
