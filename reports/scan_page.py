"""The page of a scan: one file of HTML that asks nothing of anybody, with every name escaped."""

from dataclasses import dataclass
from decimal import Decimal

from reports.lines import one_line
from reports.render import html_template
from reports.scan_chart import Chart, calls_chart
from reports.scan_value import Scan, Seen
from reports.scan_words import (
    Fact,
    cost_words,
    facts,
    headline,
    hint_words,
    lead,
    look_first,
    said,
    unattributed_words,
)
from reports.shares import adding_up
from reports.words import count, known, period, strategy
from strategy.kinds import Strategy
from strategy.verdict import Verdict

# The rest stand in the table: nobody reads the argument of the hundredth costliest feature in a browser.
_MOST_ARGUED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the overview; `share` is of the total cost in per cent, `anchor` leads to its argument."""

    name: str
    anchor: str
    said: str
    tone: str
    calls: str
    cost: str
    share: float
    first: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one strategy would cost; `share` is of the dearest in per cent."""

    strategy: str
    monthly: str
    once: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One feature with what its traffic says and the judge's whole argument."""

    row: Row
    headline: str
    hint: str
    facts: tuple[Fact, ...]
    chart: Chart
    reasons: tuple[str, ...]
    prices: tuple[Price, ...]
    gates: tuple[tuple[str, str, str], ...]
    missing: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything that the template writes."""

    title: str
    period: str
    source: str
    lead: tuple[str, ...]
    rejected: str
    chart: Chart
    rows: tuple[Row, ...]
    total: Row
    unattributed: str
    entries: tuple[Entry, ...]
    unargued: str


def scan_page(scan: Scan) -> str:
    """The whole page as HTML, the same bytes for the same scan."""
    return html_template("scan.html").render(page=_page(scan)).rstrip() + "\n"


def _page(scan: Scan) -> Page:
    shown = adding_up([row.cost_usd for row in scan.rows])
    rows = [_row(row, cost, scan.total, place) for place, (row, cost) in enumerate(zip(scan.rows, shown, strict=True))]
    argued = list(zip(scan.rows, rows, strict=True))[: min(_MOST_ARGUED, len(scan.features))]
    more = len(scan.features) - len(argued)
    lost = next((row for row in scan.rows if row.feature is None), None)
    rejected = count(scan.rejected_rows, "row was", "rows were")
    return Page(
        title=headline(scan),
        period=period(scan.first, scan.last),
        source=one_line(", ".join(scan.files)),
        lead=lead(scan),
        rejected=f"{rejected} rejected and not counted." if scan.rejected_rows else "",
        chart=calls_chart(scan.total.days, scan.first, scan.last),
        rows=tuple(rows),
        total=_row(scan.total, scan.total.cost_usd, scan.total, None),
        unattributed="" if lost is None else unattributed_words(lost),
        entries=tuple(_entry(seen, row, seen.verdict, scan) for seen, row in argued if seen.verdict is not None),
        unargued=f"{count(more, 'feature')} with a smaller bill stand in the table only." if more else "",
    )


def _row(seen: Seen, shown: Decimal | None, total: Seen, place: int | None) -> Row:
    verdict = seen.verdict
    share = seen.cost_usd / total.cost_usd * 100 if seen.cost_usd and total.cost_usd else Decimal(0)
    is_total = place is None
    return Row(
        name="Total" if is_total else "Unattributed" if seen.feature is None else one_line(seen.feature),
        anchor=f"f{place}" if verdict is not None and place is not None and place < _MOST_ARGUED else "",
        said="" if is_total else said(verdict),
        tone=str(verdict.outcome) if verdict is not None else "none",
        calls=f"{seen.calls:,}",
        cost=cost_words(seen, shown),
        share=float(round(share, 1)),
        first="" if is_total else look_first(seen),
    )


def _entry(seen: Seen, row: Row, verdict: Verdict, scan: Scan) -> Entry:
    return Entry(
        row=row,
        headline=verdict.headline,
        hint=hint_words(seen),
        facts=facts(seen),
        chart=calls_chart(seen.days, scan.first, scan.last),
        reasons=verdict.reasons[1:],
        prices=_prices(verdict),
        gates=tuple((each.gate.value, each.answer.value, each.because) for each in verdict.gates),
        missing=tuple(_asked(each) for each in verdict.missing),
    )


def _prices(verdict: Verdict) -> tuple[Price, ...]:
    """What each strategy would cost a month and once, in the order of the strategies."""
    base = verdict.money.base
    monthly, once = dict(base.monthly_usd), dict(base.one_off_usd)
    most = max((amount for amount in monthly.values() if amount is not None), default=Decimal(0))
    if not most:
        return ()
    return tuple(
        Price(
            strategy=f"{strategy(each)} (today)" if each is verdict.now else strategy(each),
            monthly=known(monthly.get(each)),
            once="nothing" if each is verdict.now else known(once.get(each)),
            share=float(round((monthly.get(each) or Decimal(0)) / most * 100, 1)),
        )
        for each in Strategy
    )


def _asked(missing: str) -> tuple[str, str]:
    """What is missing as its name and its sentence."""
    name, _, sentence = missing.partition(": ")
    return name, sentence
