"""Bills beside what was counted: replaced whole, never added, and a difference that is explained."""

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import Engine

from db.session import transaction
from db.store.prices import append_prices, remember_names
from db.store.usage import record_calls
from offramp.actions.differences import ProviderDay, explanations
from offramp.actions.failure import BadInput
from offramp.actions.focus_export import COLUMNS, focus_month
from offramp.actions.load import load_file
from offramp.actions.load_options import LoadOptions
from offramp.actions.reconcile import reconcile
from offramp.actions.usage import usage
from strategy.facts import Call, Price
from strategy.kinds import PriceKind

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
START = datetime(2026, 11, 1, 12, tzinfo=UTC)


def counted(
    engine: Engine,
    days: int,
    *,
    source: str = "otlp",
    provider: str = "openai",
    model: str = "m",
    feature: str | None = "triage",
) -> None:
    """One million input tokens at $2 on each of the first days of November."""
    line = Price(
        model="openai/m", kind=PriceKind.INPUT, usd_per_mtok=Decimal(2), valid_from=START.replace(year=2020), source="t"
    )
    calls = [
        Call(
            key=sha256(f"{provider}{source}{model}{feature}{day}".encode()).digest()[:16],
            at=START + timedelta(days=day),
            feature=feature,
            provider=provider,
            model=model,
            source=source,
            calls=10,
            input_tokens=1_000_000,
            output_tokens=0,
        )
        for day in range(days)
    ]
    with transaction(engine) as session:
        append_prices(session, [line], recorded_at=AT, recorded_by="test", source_version="", reason="")
        remember_names(session, {(provider, "m"): "openai/m"}, AT)
        record_calls(session, calls, AT)


def invoice(folder: Path, *rows: str) -> Path:
    """An invoice as CSV."""
    path = folder / "invoice.csv"
    path.write_text("\n".join(["provider,day,amount_usd,project", *rows]), encoding="utf-8")
    return path


def said(engine: Engine) -> str:
    """What explains openai's month."""
    ((_, words),) = reconcile(engine, at=AT).providers
    return "; ".join(words)


def test_tracked_stands_beside_billed_by_provider_and_day(engine: Engine, tmp_path: Path) -> None:
    """Coverage is the tracked share of the bill; unattributed is said; the bill is added to nothing."""
    counted(engine, 2)
    counted(engine, 1, feature=None)
    load_file(engine, invoice(tmp_path, "OpenAI,2026-11-01,5.00,a", "openai,2026-11-02,2.00,a"), at=AT)
    found = reconcile(engine, at=AT)
    assert [(row.day, row.tracked_usd, row.billed_usd, row.coverage) for row in found.days] == [
        (date(2026, 11, 1), Decimal(4), Decimal(5), Decimal("0.8")),
        (date(2026, 11, 2), Decimal(2), Decimal(2), Decimal(1)),
    ]
    assert (found.days[0].unattributed_usd, found.total.difference_usd) == (Decimal(2), Decimal(1))
    document = found.document()
    assert json.loads(json.dumps(document))["total"]["coverage"] == 0.8571
    table = usage(engine, by=("day",)).document()
    assert [row["billed_cost_usd"] for row in table["rows"]] == ["5", "2"]
    assert (table["total"]["billed_cost_usd"], table["total"]["cost_usd"]) == ("7", "6")
    assert usage(engine).rows[0].billed_cost_usd is None


def test_a_bill_again_changes_nothing_and_a_corrected_one_replaces(engine: Engine, tmp_path: Path) -> None:
    """By provider, day and project; a dry run writes nothing."""
    path = invoice(tmp_path, "openai,2026-11-01,5.00,a", "openai,2026-11-01,1.00,b")
    dry = load_file(engine, path, at=AT, options=LoadOptions(dry_run=True))
    assert reconcile(engine, at=AT).total.billed_usd is None
    first, again = load_file(engine, path, at=AT), load_file(engine, path, at=AT)
    assert [(item.accepted, item.duplicates) for item in (dry, first, again)] == [(2, 0), (2, 0), (0, 2)]
    invoice(tmp_path, "openai,2026-11-01,4.50,a", "openai,yesterday,1,")
    corrected = load_file(engine, path, at=AT)
    assert (corrected.accepted, corrected.rejected[0].field) == (1, "day")
    assert reconcile(engine, at=AT).total.billed_usd == Decimal("5.5")


def test_a_steady_share_of_the_list_price_is_a_discount(engine: Engine, tmp_path: Path) -> None:
    """Ten per cent off on every day."""
    counted(engine, 5)
    load_file(engine, invoice(tmp_path, *(f"openai,2026-11-0{day},1.80," for day in range(1, 6))), at=AT)
    assert said(engine) == (
        "every day is billed at 0.900 of what was computed: a discount of 10.0 %, which `offramp prices own` can hold"
    )


@pytest.mark.parametrize(
    ("billed", "words"),
    [
        ("5.00", "$3.00 is explained by nothing counted here: most likely calls that are not sent here"),
        ("1.50", "$0.50 more was computed than billed"),
        ("-3.00", "the bill gives $3.00 back: a correction of earlier days"),
        ("2.01", ""),
    ],
)
def test_a_difference_without_a_known_cause_is_not_passed_over(
    engine: Engine, tmp_path: Path, billed: str, words: str
) -> None:
    """Where nothing else explains it, that is said with its size; a percent is chance."""
    counted(engine, 1)
    load_file(engine, invoice(tmp_path, f"openai,2026-11-01,{billed},"), at=AT)
    assert said(engine).startswith(words) if words else said(engine) == ""
    assert (reconcile(engine, at=AT).total.coverage is None) == billed.startswith("-")


_UNEXPLAINED = (
    "$40.00 is explained by nothing counted here: most likely calls that are not sent here"
    " (another application, a notebook, a key that nobody named)"
)


@pytest.mark.parametrize(
    ("days", "more", "words"),
    [
        (4, (), f"{_UNEXPLAINED}; 1 day after the newest bill of 2026-11-03: tracked, $2.00"),
        (
            3,
            ("openai,2026-11-09,1,",),
            f"1 day was billed ($1.00) on which no call was counted: 2026-11-09; {_UNEXPLAINED}",
        ),
    ],
)
def test_what_explains_a_little_hides_no_large_difference(
    engine: Engine, tmp_path: Path, days: int, more: tuple[str, ...], words: str
) -> None:
    """Neither days that no bill speaks of yet nor a day without calls explain what other days are billed too much."""
    counted(engine, days)
    bills = [f"openai,2026-11-0{day},{amount}," for day, amount in ((1, 22), (2, 2), (3, 22))]
    load_file(engine, invoice(tmp_path, *bills, *more), at=AT)
    assert said(engine) == words


def test_where_all_tokens_were_tracked_no_call_is_missing() -> None:
    """The provider's own report rules it out: what is left is a price."""
    day = ProviderDay(
        provider="openai", day=date(2026, 11, 1), calls=10, tracked_usd=Decimal(2), compared_usd=Decimal(2),
        unattributed_usd=Decimal(0), reported_usd=None, billed_usd=Decimal(5), other_billed_usd=Decimal(0),
        unpriced_calls=0, calls_without_tokens=0, tokens=(100, 20), told_tokens=(100, 20),
    )  # fmt: skip # many fields
    assert explanations([day], [], AT.date())[-1] == (
        "$3.00 is explained by nothing counted here, though its tokens were tracked:"
        " most likely a price (`offramp prices own`), or what is charged beside tokens"
    )
    less = replace(day, tokens=(99, 20))
    assert "most likely calls that are not sent here" in explanations([less], [], AT.date())[-1]


def test_what_is_missing_late_or_unpriced_is_named(engine: Engine, tmp_path: Path) -> None:
    """With days and amounts."""
    counted(engine, 3)
    counted(engine, 1, model="nobody-knows")
    load_file(engine, invoice(tmp_path, "openai,2026-11-01,9,", "openai,2026-11-02,2,", "openai,2026-10-31,1,"), at=AT)
    words = said(engine)
    assert "10 calls have no price in the book" in words
    assert "1 day after the newest bill of 2026-11-02: tracked, $2.00" in words
    load_file(engine, invoice(tmp_path, "openai,2026-11-09,3.50,"), at=AT)
    assert "1 day was billed ($3.50) on which no call was counted: 2026-11-09" in said(engine)
    assert "1 day was tracked and not billed: 2026-11-03" in said(engine)


def test_focus_is_taken_for_models_only_and_replaced_by_period(engine: Engine, tmp_path: Path, shared: Path) -> None:
    """The provider is the price book's word; a newer export of an account's month replaces the older whole."""
    whole = shared / "samples/focus/focus_1.0_sample.csv"
    first = load_file(engine, whole, at=AT)
    assert (first.kind, first.rejected_rows) == ("focus", 0)
    found = reconcile(engine, at=AT)
    assert found.month == date(2024, 9, 1)
    assert {row.provider for row in found.days} == {"azure"}
    assert load_file(engine, whole, at=AT).accepted == 0
    packed = tmp_path / "focus.parquet"
    query = f"copy (from read_csv('{whole}', all_varchar=true) where ServiceCategory like 'AI%' limit 3) to '{packed}' (format parquet)"  # noqa: E501 (our own file)
    duckdb.sql(query)
    assert load_file(engine, packed, at=AT).accepted == 3
    assert reconcile(engine, at=AT).total.billed_usd == Decimal("-0.161897561")


def test_focus_is_read_as_clouds_write_its_times(engine: Engine, tmp_path: Path) -> None:
    """Azure leaves the seconds out and begins with a byte order mark, BigQuery writes UTC, AWS milliseconds."""
    path = tmp_path / "focus.csv"
    head = "BilledCost,BillingAccountId,BillingPeriodStart,ChargePeriodStart,ProviderName,ServiceCategory"
    rows = [
        f"1,a,{period},{day},{name},AI and Machine Learning"
        for name, period, day in (
            ("Microsoft", "2026-11-01T00:00Z", "2026-11-02T00:00Z"),
            ("Google Cloud", "2026-11-01 07:00:00 UTC", "2026-11-03 07:00:00 UTC"),
            ("AWS", "2026-11-01T00:00:00.000Z", "2026-11-04T13:00:00.000Z"),
        )
    ]
    path.write_text("\n".join([head, *rows]), encoding="utf-8-sig")
    assert load_file(engine, path, at=AT).rejected == ()
    found = {(row.provider, row.day.day, row.billed_usd) for row in reconcile(engine, at=AT).days if row.day}
    assert found == {("azure", 2, Decimal(1)), ("google", 3, Decimal(1)), ("aws", 4, Decimal(1))}


def test_a_bill_of_one_day_is_that_of_its_month(engine: Engine, tmp_path: Path) -> None:
    """Its day says nothing then: neither that no call was counted on it, nor that the others came after it."""
    counted(engine, 3)
    load_file(engine, invoice(tmp_path, "openai,2026-11-30,6.00,"), at=AT)
    total = reconcile(engine, at=AT).total
    assert (total.compared_usd, total.difference_usd, total.coverage) == (Decimal(6), Decimal(0), Decimal(1))
    assert said(engine) == (
        "one day was billed, 2026-11-30 ($6.00): it is held against all days, as the bill of a month"
    )


def test_azure_is_paid_for_openais_models(engine: Engine, tmp_path: Path) -> None:
    """Their price is OpenAI's; the calls stand beside Azure's bill, and the FOCUS export names Azure, too."""
    counted(engine, 1)
    counted(engine, 2, provider="azure.ai.openai")
    load_file(engine, invoice(tmp_path, "openai,2026-11-01,2,", "azure,2026-11-01,2,", "azure,2026-11-02,2,"), at=AT)
    found = reconcile(engine, at=AT)
    assert [(whole.provider, whole.calls, whole.coverage) for whole, _ in found.providers] == [
        ("azure", 20, Decimal(1)),
        ("openai", 10, Decimal(1)),
    ]
    assert {words for _, words in found.providers} == {()}
    rows = focus_month(engine, at=AT).rows
    names = [(row["ProviderName"], row["SkuId"], row["x_Calls"]) for row in rows]
    assert names == [("azure", "openai/m", 10), ("openai", "openai/m", 10), ("azure", "openai/m", 10)]


def test_of_a_cloud_that_also_makes_models_the_category_decides(engine: Engine, tmp_path: Path) -> None:
    """Google's machines and disks are no models; what OpenAI charges is, whatever it calls it."""
    path = tmp_path / "focus.csv"
    head = "BilledCost,BillingPeriodStart,ChargePeriodStart,ProviderName,ServiceCategory"
    kinds = ("Google Cloud,Compute", "Google,Storage", "Google Cloud,AI and Machine Learning", "OpenAI,Other")
    path.write_text("\n".join([head, *(f"{2**n},2026-11-01,2026-11-02,{kind}" for n, kind in enumerate(kinds))]))
    assert load_file(engine, path, at=AT).accepted == 2
    found = {row.provider: row.billed_usd for row in reconcile(engine, at=AT).days}
    assert found == {"google": Decimal(4), "openai": Decimal(8)}


def test_an_invoice_that_names_another_currency_is_refused(engine: Engine, tmp_path: Path) -> None:
    """Though its column is called amount_usd; and a day in another form says how to write it."""
    path = tmp_path / "invoice.csv"
    lines = "openai,2026-11-01,5,EUR\nopenai,2026-11-01,3,usd\nopenai,11/02/2026,1,"
    path.write_text(f"provider,day,amount_usd,currency\n{lines}\n")
    loaded = load_file(engine, path, at=AT)
    assert [(item.row, item.field, item.error) for item in loaded.rejected] == [
        (1, "currency", "is 'EUR'"),
        (3, "day", "is '11/02/2026'"),
    ]
    assert loaded.rejected[1].cure == "write the day as 2026-11-21"
    assert reconcile(engine, at=AT).total.billed_usd == 3


def test_a_bill_in_another_currency_is_refused(engine: Engine, tmp_path: Path) -> None:
    """Amounts are never converted; a credit stands beside the charge."""
    path = tmp_path / "focus.csv"
    head = "BilledCost,BillingCurrency,BillingPeriodStart,ChargePeriodStart,ChargeCategory,ProviderName,ServiceCategory"
    row = "{},{},2026-11-01,2026-11-01T00:00:00Z,{},OpenAI,AI and Machine Learning"
    path.write_text(
        "\n".join([head, row.format(5, "USD", "Usage"), row.format(-2, "USD", "Credit"), row.format(9, "EUR", "Usage")])
    )
    loaded = load_file(engine, path, at=AT)
    assert [(item.row, item.field) for item in loaded.rejected] == [(3, "billingcurrency")]
    total = reconcile(engine, at=AT).total
    assert (total.billed_usd, total.other_billed_usd) == (Decimal(5), Decimal(-2))


def test_coverage_is_of_the_time_that_the_bills_speak_of(engine: Engine, tmp_path: Path) -> None:
    """Days after the newest bill and providers without one are tracked, and no part of what was billed."""
    counted(engine, 5)
    load_file(engine, invoice(tmp_path, "openai,2026-11-01,2,", "openai,2026-11-03,4,"), at=AT)
    total = reconcile(engine, at=AT).total
    assert (total.tracked_usd, total.compared_usd, total.coverage) == (Decimal(10), Decimal(6), Decimal(1))
    assert total.difference_usd == 0


def test_a_month_is_a_month(engine: Engine) -> None:
    """Anything else says how to write one."""
    with pytest.raises(BadInput, match="write 2026-11"):
        reconcile(engine, at=AT, month="November")


def test_what_stands_beside_the_record_is_shown(engine: Engine, tmp_path: Path) -> None:
    """A gateway that saw more adds nothing, and the difference is named; two senders of one day are warned of."""
    counted(engine, 2)
    counted(engine, 3, source="litellm")
    load_file(engine, invoice(tmp_path, *(f"openai,2026-11-0{day},2.00," for day in range(1, 4))), at=AT)
    found = reconcile(engine, at=AT)
    assert (found.total.tracked_usd, found.total.coverage) == (Decimal(6), Decimal(1))
    told = {item.source: (item.calls, item.cost_usd, item.beside_calls, item.beside_usd) for item in found.tellings}
    assert told == {"litellm": (10, Decimal(2), 20, Decimal(4)), "otlp": (20, Decimal(4), 0, None)}
    assert said(engine) == ""
    counted(engine, 1, source="litellm", model="other")
    assert "litellm tells of 30 calls where the sources of record counted 20: 10 more, which are in no" in said(engine)
    counted(engine, 1, source="api")
    assert "counted for the same features and days (api 10, otlp 10 calls)" in said(engine)


def test_our_own_spend_round_trips_as_focus(engine: Engine, tmp_path: Path) -> None:
    """Exported and taken as a bill it is what reconcile tracks, by provider and day; a cost nobody knows has no row."""
    counted(engine, 2)
    counted(engine, 1, feature=None)
    counted(engine, 1, feature="=triage", source="api")
    counted(engine, 1, model="nobody-knows")
    month = focus_month(engine, at=AT)
    tracked = reconcile(engine, at=AT).total.tracked_usd
    assert (month.total_usd, len(month.rows), month.unpriced_calls) == (tracked, 4, 10)
    path = tmp_path / "focus.csv"
    with path.open("w", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(month.rows)
    loaded = load_file(engine, path, at=AT)
    assert (loaded.kind, loaded.accepted, loaded.rejected_rows) == ("focus", 4, 0)
    found = reconcile(engine, at=AT)
    assert [(row.tracked_usd, row.billed_usd) for row in found.days] == [
        (Decimal(6), Decimal(6)),
        (Decimal(2), Decimal(2)),
    ]
    first, _, named, _ = month.rows
    assert (first["SubAccountId"], first["Tags"], named["SubAccountId"]) == ("", "{}", "triage")
    assert json.loads(str(named["Tags"])) == {"feature": "triage"}
    assert (named["ChargePeriodStart"], named["BillingPeriodEnd"]) == ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")
    assert [row["SubAccountId"] for row in month.rows][1] == "'=triage"
