"""Bills to billed lines: an invoice (docs/collect.md), or a FOCUS export of version 1.0 and later.

Of FOCUS only what could be models is taken: the category "AI and Machine Learning", and whatever a maker of models that
sells nothing else charges. BilledCost counts. A row has no id, so an account's billing period is replaced whole by a
newer export.
Literal NULL is nothing, times without a zone are UTC (handed-out samples hold both).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from collectors.layouts.cells import as_utc
from collectors.model_names import FIRST_PARTY, provider_id
from collectors.names import MODEL_LENGTH
from collectors.occurrences import Occurrences
from collectors.raw_rows import RawRow
from collectors.rejected import Rejected
from collectors.row_values import Row, WrongField, cell, number_cell, shown, text_cell, time_cell
from strategy.facts import Billed

INVOICE_COLUMNS = ("provider", "day", "amount_usd", "project", "currency")
FOCUS_COLUMNS = (
    "billedcost",
    "billingcurrency",
    "billingaccountid",
    "billingperiodstart",
    "chargeperiodstart",
    "chargecategory",
    "serviceprovidername",
    "providername",
    "publishername",
    "servicecategory",
    "subaccountid",
    "subaccountname",
)
_AI = "ai and machine learning"
# Google makes models and sells everything else too: of its bills the category decides.
_ONLY_MODELS = frozenset(FIRST_PARTY) - {"google"}
_HOSTS = {"microsoft": "azure", "amazon web services": "aws", "google cloud": "google"}
_CATEGORIES = {"usage", "credit", "tax", "purchase", "adjustment"}
_MOST_USD = Decimal(10**9)


def parse_invoice(row: Row, number: int, occurrences: Occurrences) -> Billed | Rejected:  # noqa: ARG001 (every row parser's shape)
    """The line in row `number` of an invoice."""
    try:
        _in_dollars(row, "currency")
        provider = _provider(text_cell(row, "provider", MODEL_LENGTH))
        day = _day(row, "day")
        project = text_cell(row, "project", MODEL_LENGTH)
        return Billed(
            slot=f"invoice|{provider}|{day}|{project or ''}",
            provider=provider,
            day=day,
            amount_usd=_amount(row, "amount_usd"),
            project=project,
        )
    except WrongField as wrong:
        return Rejected(number, wrong.field, wrong.error, wrong.cure)


def parse_focus(row: Row, number: int, occurrences: Occurrences) -> Billed | Rejected:  # noqa: ARG001 (every row parser's shape)
    """The line in row `number` of a FOCUS export."""
    try:
        _in_dollars(row, "billingcurrency")
        category = (text_cell(row, "chargecategory", MODEL_LENGTH) or "usage").lower()
        account = text_cell(row, "billingaccountid", MODEL_LENGTH)
        period = _day(row, "billingperiodstart") if cell(row, "billingperiodstart") is not None else None
        return Billed(
            slot=f"focus|{account or ''}|{period or ''}",
            provider=_provider(_provider_name(row)),
            day=_day(row, "chargeperiodstart"),
            amount_usd=_amount(row, "billedcost"),
            project=text_cell(row, "subaccountname", MODEL_LENGTH) or text_cell(row, "subaccountid", MODEL_LENGTH),
            category=category if category in _CATEGORIES else "adjustment",
            source="focus",
        )
    except WrongField as wrong:
        return Rejected(number, wrong.field, wrong.error, wrong.cure)


def ai_rows(rows: Iterator[RawRow | Rejected]) -> Iterator[RawRow | Rejected]:
    """The rows of a FOCUS export that could be charges for models, with names in small letters and without NULL."""
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        cells = {name.lower(): None if value == "NULL" else value for name, value in row.cells.items()}
        maker = provider_id(str(_provider_name(cells) or ""))
        if str(cells.get("servicecategory")).lower() == _AI or maker in _ONLY_MODELS:
            yield RawRow(row.number, cells)


def _provider_name(row: Row) -> str | None:
    names = ("serviceprovidername", "providername", "publishername")
    return next((text for name in names if (text := text_cell(row, name, MODEL_LENGTH))), None)


def _provider(name: str | None) -> str:
    if name is None:
        raise WrongField("provider", "is missing", "name who billed, such as openai")
    return _HOSTS.get(name.lower()) or provider_id(name) or name.lower()


def _in_dollars(row: Row, field: str) -> None:
    currency = text_cell(row, field, MODEL_LENGTH)
    if currency is not None and currency.upper() != "USD":
        raise WrongField(field, f"is {shown(currency)}", "export the bill in USD: amounts are never converted")


def _amount(row: Row, field: str) -> Decimal:
    amount = number_cell(row, field)
    if amount is None:
        raise WrongField(field, "is missing", "write US dollars as a plain number such as 12.34")
    if abs(amount) > _MOST_USD:
        raise WrongField(field, f"is {amount}", "write US dollars within a billion")
    return amount


def _day(row: Row, field: str) -> date:
    value = cell(row, field)
    if isinstance(value, datetime):
        return value.astimezone(UTC).date() if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        pass
    try:
        return time_cell({field: as_utc(value)}, field, None).date()
    except WrongField as wrong:
        raise WrongField(field, wrong.error, "write the day as 2026-11-21") from None
