"""Hand-made facts of one busy and one quiet week. `python -m tests.reports.sample` writes their letters anew."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from db.queries.ledger import LedgerSpan, Migration
from db.queries.reports import AlertThen, FeatureThen
from db.queries.sources import RunRecord
from db.queries.verdicts import Flip, StoredVerdict
from reports.facts import Used, WeekFacts, WeekUse
from reports.render import Format, render
from reports.value import PriceMove, Unpriced, WeekCost, WeeklyReport
from reports.weekly import weekly_report
from reports.weeks import IsoWeek
from strategy.facts import Score
from strategy.ledger import Effects

LETTERS = Path(__file__).parent / "letters"
ENDINGS: dict[Format, str] = {"text": "txt", "md": "md", "html": "html", "json": "json"}
WEEK = IsoWeek(date(2026, 11, 16))
DAY = timedelta(days=1)


def feature(slug: str, name: str | None, owner: str | None = None, strategy: str = "prompt") -> FeatureThen:
    """A registered feature."""
    return FeatureThen(slug=slug, name=name, owner=owner, strategy=strategy, model=None)


def verdict(
    slug: str, outcome: str, target: str | None = None, *, saving: str | None = None, **more: object
) -> StoredVerdict:
    """A stored verdict; `more` may hold a reason, what was said then, code, due_by, due_by_reason, bands."""
    reason, code, due_by = more.get("reason"), more.get("code"), more.get("due_by")
    return StoredVerdict(
        feature=slug,
        as_of=WEEK.start + 2 * DAY,
        verdict=outcome,
        code=str(code) if code else None,
        now="prompt",
        target=target,
        saving_usd_month=None if saving is None else Decimal(saving),
        due_by=due_by if isinstance(due_by, date) else None,
        snapshot_sha="sha256:0",
        document=json.dumps(
            {"reasons": [reason, *_said(more)] if reason else []}
            | {key: more[key] for key in ("due_by_reason", "bands") if key in more}
        ),
    )


def _said(more: dict[str, object]) -> list[str]:
    """The sentences of a verdict that follow its headline."""
    said = more.get("said")
    return [str(sentence) for sentence in said] if isinstance(said, tuple) else []


def flip(slug: str, before: str | None, after: str, cause: str, *, saving: tuple[str | None, str | None]) -> Flip:
    """A flip on the Wednesday; decisions are written `verdict/target/code`."""
    old = [*((before or "").split("/")), "", ""]
    new = [*after.split("/"), "", ""]
    return Flip(
        feature=slug,
        at=WEEK.start + 2 * DAY,
        from_verdict=old[0] or None,
        from_target=old[1] or None,
        from_code=old[2] or None,
        to_verdict=new[0],
        to_target=new[1] or None,
        to_code=new[2] or None,
        cause="price_change",
        cause_detail=cause,
        saving_before_usd_month=None if saving[0] is None else Decimal(saving[0]),
        saving_after_usd_month=None if saving[1] is None else Decimal(saving[1]),
    )


def alert(opened_at: datetime, state: str = "active", claim_due: date | None = None) -> AlertThen:
    """An alert as it stood at the week's end."""
    return AlertThen(opened_at=opened_at, state=state, moved_by="ana", claim_due=claim_due)


def score(slug: str, at: datetime, value: str = "0.9") -> Score:
    """A score of what the feature runs on today."""
    return Score(key=slug.encode(), feature=slug, metric="accuracy", score=Decimal(value), n=500, at=at)


def span(strategy_usd: str) -> LedgerSpan:
    """A measured week in which only the strategy moved the cost."""
    zero = Decimal(0)
    effects = Effects(volume_usd=zero, price_usd=zero, strategy_usd=Decimal(strategy_usd))
    start = WEEK.monday - 14 * DAY
    return LedgerSpan(
        number=1, start=start, end=start + 7 * DAY, calls=700, usage_usd=Decimal(5), effects=effects, unmeasured=None
    )


def migration(slug: str, name: str, finished_at: datetime, promised: str, *spans: LedgerSpan) -> Migration:
    """A finished migration from prompt to embed."""
    return Migration(
        id=1,
        alert_id=1,
        feature_id=1,
        feature=slug,
        name=name,
        owner=None,
        strategy="embed",
        now="prompt",
        target="embed",
        state="finished",
        finished_at=finished_at,
        promised_usd_month=Decimal(promised),
        running_before_usd_month=Decimal(0),
        running_after_usd_month=Decimal(0),
        verdict_id=1,
        spans=spans,
    )


def used(slug: str | None, calls: int, cost: str | None, **more: int) -> Used:
    """A week's usage of one feature."""
    return Used(feature=slug, calls=calls, cost_usd=None if cost is None else Decimal(cost), **more)


def week_use(*rows: Used, sources: dict[str, int]) -> WeekUse:
    """A week's usage; its total is the sum of the rows."""
    costs = [row.cost_usd for row in rows if row.cost_usd is not None]
    total = Used(
        feature=None,
        calls=sum(row.calls for row in rows),
        cost_usd=sum(costs, Decimal(0)) if costs else None,
        unpriced_calls=sum(row.unpriced_calls for row in rows),
        calls_without_tokens=sum(row.calls_without_tokens for row in rows),
    )
    return WeekUse(rows=rows, total=total, sources=sources)


def busy_facts() -> WeekFacts:
    """A week with something in every section."""
    features = (
        feature("address-check", "Delivery address check", "checkout"),
        feature("gift-concierge", "Gift concierge", "marketing"),
        feature("review-digest", "Review digest", "product-pages"),
        feature("size-advice", "Size advice"),
        feature("ticket-triage", "Ticket triage", "support-platform"),
    )
    return WeekFacts(
        week=WEEK,
        cutoff=WEEK.end,
        complete=True,
        features=features,
        verdicts=(
            verdict(
                "address-check",
                "due",
                "code",
                saving="812.40",
                due_by=date(2026, 11, 19),
                reason="Move Delivery address check from prompt to code: saves $812.40 a month, pays back in 96 days.",
            ),
            verdict("gift-concierge", "stay"),
            verdict("review-digest", "stay"),
            verdict("size-advice", "blocked", "embed", code="no_baseline"),
            verdict(
                "ticket-triage",
                "due",
                "embed",
                saving="3267.60",
                due_by=date(2027, 1, 14),
                due_by_reason="openai/gpt-5.6-luna stops answering on 2027-01-14.",
                bands={
                    "seed000": "high",
                    "seed001": "prompt",
                    "seed002": "distill",
                    "breakeven": {"calls_per_day": 18_250},
                },
                reason="Move Ticket triage from prompt to embed: saves $3,267.60 a month, pays back in 56 days.",
                said=(
                    "Today it costs $3,480.00 a month at 100,000 calls a day.",
                    "How sure: 81% that it repays its cost at the required quality.",
                    (
                        "Mind the announced price: from 2027-01-01 on it saves only $498.00 a month, "
                        "which is too little for its one-off cost."
                    ),
                ),
            ),
        ),
        flips=(
            flip(
                "review-digest",
                "due/distill:own",
                "stay",
                "The output price of anthropic/claude-sonnet-5 fell from $15.00 to $9.00 per million tokens.",
                saving=("2140.00", "0"),
            ),
            flip(
                "size-advice",
                "stay",
                "blocked/embed/no_baseline",
                "Volume grew from 9,100 to 14,800 calls a day.",
                saving=("0", None),
            ),
            flip(
                "ticket-triage",
                "watch/embed/needs_eval",
                "due/embed",
                "embed scored 0.921 on 2,400 items, its lower bound 0.911 is above the floor.",
                saving=("3190.12", "3267.60"),
            ),
            flip("gift-concierge", None, "stay", "First judgement.", saving=(None, None)),
        ),
        alerts={
            "address-check": alert(datetime(2026, 10, 5, tzinfo=UTC)),
            "ticket-triage": alert(WEEK.start + 2 * DAY, "claimed", date(2026, 12, 4)),
        },
        first_judged_at=datetime(2026, 10, 5, tzinfo=UTC),
        use=week_use(
            used("address-check", 410_000, "263.512"),
            used("review-digest", 350_000, "1540.75"),
            used("size-advice", 103_000, "388.2"),
            used("ticket-triage", 190_000, "812.004"),
            used("gift-concierge", 11_000, None, unpriced_calls=11_000),
            used("spring-banner", 4_000, "0.0031"),
            used(None, 56_000, "91.4", calls_without_tokens=900),
            sources={"gateway": 1_000_000, "otlp": 124_000},
        ),
        use_before=week_use(
            used("address-check", 400_000, "257.1"),
            used("review-digest", 340_000, "2495.2"),
            used("size-advice", 64_000, "241"),
            used("ticket-triage", 188_000, "803.1"),
            used("gift-concierge", 9_000, "77.7"),
            used(None, 51_000, "90"),
            sources={"gateway": 950_000, "otlp": 98_000, "warehouse": 4_000},
        ),
        unpriced=(Unpriced(provider="anthropic", model="claude-opus-5-5", calls=11_000),),
        scores=(
            score("address-check", WEEK.end - 20 * DAY),
            score("gift-concierge", datetime(2026, 7, 2, tzinfo=UTC)),
            score("review-digest", WEEK.end - 30 * DAY),
            score("ticket-triage", WEEK.end - 40 * DAY, "0.95"),
            score("ticket-triage", WEEK.end - 4 * DAY),
        ),
        prices_changed=(
            PriceMove(
                model="anthropic/claude-sonnet-5",
                kind="output",
                old_usd_per_mtok=Decimal(15),
                new_usd_per_mtok=Decimal(9),
                valid_from=WEEK.start + DAY,
                features=("review-digest", "size-advice"),
            ),
        ),
        prices_announced=(
            PriceMove(
                model="google/gemini-3.7-flash",
                kind="cached_input",
                old_usd_per_mtok=Decimal("0.0375"),
                new_usd_per_mtok=Decimal("0.075"),
                valid_from=datetime(2027, 1, 1, tzinfo=UTC),
            ),
        ),
        runs=(
            run("file calls.csv", 1, "partial", rejected=12, message="12 rows rejected"),
            run("langfuse", 1, "failed", message="401 from the API: the key is no longer valid"),
            run("langfuse", 3, "ok"),
            run("litellm", 4, "failed", message="connection refused"),
        ),
        has_prices=True,
        price_book_at=WEEK.end - 40 * DAY,
        history=(
            WeekCost(week="2026-W45", cost_usd=Decimal("3901.77")),
            WeekCost(week="2026-W46", cost_usd=Decimal("3964.1")),
            WeekCost(week="2026-W47", cost_usd=Decimal("3095.8691"), not_priced=11_900),
        ),
        migrations=(
            migration("size-advice", "Size advice", WEEK.start - 14 * DAY, "300.00", span("-70.00")),
            migration("gift-concierge", "Gift concierge", WEEK.start + 3 * DAY, "120.00"),
        ),
        heard={"gateway": WEEK.end, "otlp": WEEK.end - timedelta(hours=27)},
    )


def run(source: str, on: int, outcome: str, *, rejected: int = 0, message: str = "") -> RunRecord:
    """A run on a day of the week, 0 is its Monday."""
    return RunRecord(
        source=source,
        started_at=WEEK.start + on * DAY,
        finished_at=WEEK.start + on * DAY,
        outcome=outcome,
        accepted=100,
        duplicates=0,
        rejected=rejected,
        message=message,
    )


def quiet_facts() -> WeekFacts:
    """The same company in a week in which nothing changed."""
    use = week_use(
        used("address-check", 410_000, "263.512"),
        used("ticket-triage", 190_000, "812.004"),
        sources={"gateway": 600_000},
    )
    return replace(
        busy_facts(),
        flips=(),
        use=use,
        use_before=use,
        unpriced=(),
        verdicts=tuple(replace(made, due_by=None) for made in busy_facts().verdicts),
        prices_changed=(),
        prices_announced=(),
        runs=(),
        migrations=(),
        heard={},
        scores=tuple(made for made in busy_facts().scores if made.score == Decimal("0.9")),
        price_book_at=WEEK.end - DAY,
    )


def busy() -> WeeklyReport:
    """The letter of the busy week."""
    return weekly_report(busy_facts())


def quiet() -> WeeklyReport:
    """The letter of the quiet week."""
    return weekly_report(quiet_facts())


if __name__ == "__main__":
    LETTERS.mkdir(exist_ok=True)
    for name, report in (("busy", busy()), ("quiet", quiet())):
        for form, ending in ENDINGS.items():
            (LETTERS / f"{name}.{ending}").write_text(render(report, form), encoding="utf-8", newline="\n")
