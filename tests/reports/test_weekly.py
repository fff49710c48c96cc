"""The letter's value: what counts as a change, what is due, what is unknown, what cannot be seen."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from reports.render import render
from reports.slices import of_owner
from reports.stored import dumps, loads
from reports.value import Decision, PriceMove, WeeklyReport
from reports.weekly import weekly_report
from strategy.facts import Score
from tests.reports.sample import (
    DAY,
    WEEK,
    alert,
    busy,
    busy_facts,
    feature,
    flip,
    migration,
    quiet,
    quiet_facts,
    run,
    score,
    used,
    verdict,
    week_use,
)


def test_a_letter_is_read_back_as_it_was_kept() -> None:
    """Every field survives, and equal letters are equal texts."""
    for report in (busy(), quiet()):
        assert loads(dumps(report)) == report
        assert dumps(loads(dumps(report))) == dumps(report)


@pytest.mark.parametrize("text", ["{}", "[]", "nonsense", '{"week": "2026-W47"}'])
def test_what_is_no_letter_is_refused(text: str) -> None:
    """A text that was not written by `dumps` is an error, not half a letter."""
    with pytest.raises(ValueError, match=r"weekly report|Expecting value"):
        loads(text)


def test_the_total_saving_counts_each_due_feature_once() -> None:
    """It is the sum of the items; a due verdict whose alert is closed is not counted."""
    facts = busy_facts()
    assert busy().due.saving_usd_month == Decimal("4080.00")
    assert [item.feature for item in busy().due.items] == ["address-check", "ticket-triage"]
    fewer = weekly_report(replace(facts, alerts={"address-check": facts.alerts["address-check"]}))
    assert fewer.due.saving_usd_month == Decimal("812.40")


def test_an_unknown_saving_is_not_nothing() -> None:
    """It is counted beside the sum, and alone it makes the sum unknown."""
    facts = replace(busy_facts(), verdicts=(verdict("ticket-triage", "due", "embed"),))
    report = weekly_report(facts)
    assert (report.due.saving_usd_month, report.due.unknown) == (None, 1)
    text = render(report, "text")
    assert re_line(text, "DUE NOW").endswith("saving not known")
    assert re_line(text, "  Ticket triage   ").endswith("saving not known")


def re_line(text: str, start: str) -> str:
    """The first line that begins so."""
    return next(line for line in text.splitlines() if line.startswith(start))


def test_several_flips_are_told_as_one_way() -> None:
    """From the first state to the last, with the last cause, saying how often it moved."""
    first = flip("ticket-triage", "stay", "due/embed", "Volume grew.", saving=("0", "50"))
    last = flip("ticket-triage", "due/embed", "due/code", "The rules were written down.", saving=("50", "90"))
    report = weekly_report(replace(busy_facts(), flips=(first, replace(last, at=last.at + DAY))))
    (change,) = report.changes
    assert (change.before, change.after, change.flips) == (
        Decision(verdict="stay", target=None, code=None),
        Decision(verdict="due", target="code", code=None),
        2,
    )
    assert (change.saving_before_usd_month, change.saving_after_usd_month) == (Decimal(0), Decimal(90))
    assert change.cause_detail == "The rules were written down."
    assert "the last of 2 changes this week" in render(report, "text")


def test_a_date_that_passed_is_overdue_from_the_next_day() -> None:
    """Due by the week's last day is overdue at its end; due by the Monday after is not."""
    for due_by, late in ((WEEK.last_day, True), (WEEK.last_day + DAY, False)):
        report = weekly_report(
            replace(quiet_facts(), verdicts=(verdict("ticket-triage", "due", "embed", saving="5", due_by=due_by),))
        )
        assert report.due.items[0].overdue is late
        assert report.headline == ("Ticket triage is past its date" if late else "Nothing changed")
        assert report.quiet is not late


def test_a_date_that_passed_long_ago_is_no_news() -> None:
    """It stays in the sums of a quiet week."""
    old = verdict("ticket-triage", "due", "embed", saving="5", due_by=date(2026, 10, 1))
    report = weekly_report(replace(quiet_facts(), verdicts=(old,)))
    assert report.quiet
    assert "1 migration is due, worth $5.00 a month, 1 overdue" in render(report, "text")


def test_no_calls_cost_nothing_and_calls_without_a_price_cost_nobody_knows_what() -> None:
    """A feature that fell silent cost $0.00; one whose model has no price is not known, and neither is its change."""
    facts = replace(
        busy_facts(),
        use=week_use(used("new", 5, None, unpriced_calls=5), used("old", 0, None), sources={}),
        use_before=week_use(used("old", 7, "3"), sources={}),
    )
    new, old = sorted(weekly_report(facts).spend.rows, key=lambda row: row.feature or "")
    assert (new.cost_usd, new.cost_before_usd, new.change_usd) == (None, Decimal(0), None)
    assert (old.cost_usd, old.cost_before_usd, old.change_usd) == (Decimal(0), Decimal(3), Decimal(-3))
    text = render(weekly_report(facts), "text")
    assert "not known (no price in force)" in re_line(text, "  new")
    assert "$0.00" in re_line(text, "  old")


def test_the_rows_that_are_folded_still_add_up() -> None:
    """Beyond the biggest movers one row holds the rest of the sum."""
    now = week_use(*(used(f"f{number:02}", 1, str(number)) for number in range(20)), sources={})
    before = week_use(*(used(f"f{number:02}", 1, "1") for number in range(20)), sources={})
    report = weekly_report(replace(busy_facts(), use=now, use_before=before))
    text = render(report, "text")
    assert len(report.spend.rows) == 20
    # 19 + … + 12 are shown, 11 + … + 0 are folded.
    assert re_line(text, "  12 more").split() == ["12", "more", "$66.00", "+$54.00"]
    assert re_line(text, "  Total").split() == ["Total", "$190.00", "+$170.00"]


def test_evals_are_held_against_what_runs_today() -> None:
    """A score of another strategy is no baseline; one of a variant of today's strategy is; 90 days are not old yet."""
    end = WEEK.end
    facts = replace(
        busy_facts(),
        features=tuple(feature(slug, None) for slug in ("candidate", "fresh", "none", "old", "tuned")),
        scores=(
            replace(score("candidate", end - DAY), strategy="embed"),
            score("fresh", end - 90 * DAY),
            score("old", end - 91 * DAY),
            replace(score("tuned", end - DAY), strategy="prompt:tuned"),
        ),
    )
    blind = weekly_report(facts).blind_spots
    assert blind.without_baseline == ("candidate", "none")
    assert [(item.feature, item.at) for item in blind.old_evals] == [("old", end - 91 * DAY)]


@pytest.mark.parametrize(
    ("has_prices", "age", "found"),
    [
        pytest.param(False, None, "none", id="no-prices"),
        pytest.param(True, timedelta(days=30), None, id="thirty-days"),
        pytest.param(True, timedelta(days=30, seconds=1), "stale", id="older"),
        pytest.param(True, None, None, id="read-later"),
    ],
)
def test_the_price_book_is_old_after_a_month(has_prices: bool, age: timedelta | None, found: str | None) -> None:  # noqa: FBT001 (a row of the table above)
    """Prices that were read only after the week are new; none at all is said."""
    at = None if age is None else WEEK.end - age
    blind = weekly_report(replace(quiet_facts(), has_prices=has_prices, price_book_at=at)).blind_spots
    assert (blind.price_book, blind.price_book_at) == (found, at if found == "stale" else None)


def test_a_source_that_recovered_is_no_blind_spot_and_a_refused_row_is() -> None:
    """The last run speaks for a source, but what a run refused stays missing."""
    runs = (
        run("a", 1, "failed", message="boom"),
        run("a", 2, "ok"),
        run("b", 1, "partial", rejected=2),
        run("b", 2, "ok"),
        run("c", 1, "ok"),
        run("c", 2, "failed", message="no route"),
    )
    report = weekly_report(replace(quiet_facts(), runs=runs))
    found = [(item.source, item.kind, item.message) for item in report.blind_spots.sources]
    assert found == [("b", "partial", "2 records refused"), ("c", "failed", "no route")]
    assert report.headline == "2 sources had trouble, no verdict changed"


def test_what_nobody_registered_is_named_with_its_calls() -> None:
    """The largest first; while nothing at all is registered one sentence says so instead."""
    assert [item.feature for item in busy().blind_spots.unregistered] == ["spring-banner"]
    nobody = weekly_report(replace(busy_facts(), features=()))
    assert nobody.blind_spots.none_registered
    assert "No feature was registered by the end of this week" in render(nobody, "text")
    assert "registered by nobody" not in render(nobody, "text")


def _named(report: WeeklyReport) -> str:
    return report.headline


def test_the_headline_names_what_mattered_most() -> None:
    """Decisions before dates before prices; a week before the first judgement says so."""
    facts, still = busy_facts(), quiet_facts()
    due = flip("ticket-triage", "stay", "due/embed", "", saving=("0", "10.5"))
    two = (due, replace(due, feature="size-advice"))
    price = PriceMove(
        model="m",
        kind="input",
        old_usd_per_mtok=None,
        new_usd_per_mtok=Decimal(1),
        valid_from=datetime(2026, 11, 17, tzinfo=UTC),
    )
    first = replace(due, from_verdict=None, to_verdict="stay", to_target=None)
    watch = replace(due, to_verdict="watch", to_code="needs_eval")
    said = [
        _named(weekly_report(made))
        for made in (
            replace(facts, flips=two),
            replace(facts, flips=(replace(due, from_verdict="due", to_verdict="stay"),)),
            replace(facts, flips=(first,)),
            replace(facts, flips=(watch,)),
            replace(still, prices_changed=(price,)),
            replace(still, verdicts=()),
        )
    ]
    assert said == [
        "2 features became due, $21.00 a month in all",
        "Ticket triage is no longer due",
        "1 feature judged for the first time, none is due",
        "1 verdict changed, nothing became due",
        "1 price changed, no verdict did",
        "Nothing has been judged yet",
    ]


def test_a_week_before_the_first_judgement_says_when_it_was() -> None:
    """So that nobody takes silence for good news."""
    report = weekly_report(replace(quiet_facts(), verdicts=(), first_judged_at=datetime(2026, 11, 29, tzinfo=UTC)))
    assert "No feature was judged by the end of this week, the first was on 29 November;" in render(report, "text")
    assert not report.quiet


def test_a_running_week_is_told_so_far_and_not_held_against_a_whole_one() -> None:
    """No change of spend, no silent source."""
    report = weekly_report(replace(busy_facts(), complete=False, cutoff=WEEK.start + 3 * DAY))
    text = render(report, "text")
    assert text.splitlines()[0].startswith("Offramp 2026-W47 (16 to 22 November 2026): So far: Ticket triage")
    assert "the week before" in text
    assert "less than" not in text
    assert "fell silent" not in text
    assert [row.feature for row in report.spend.rows][:2] == ["review-digest", "ticket-triage"]


def test_a_claim_is_told_with_its_promise_and_late_when_it_passed() -> None:
    """Who took it until when; a promise that passed is overdue though the date of the verdict is far."""
    for due, late in ((WEEK.last_day + DAY, False), (WEEK.last_day, True)):
        facts = replace(busy_facts(), alerts={"ticket-triage": alert(WEEK.start, "claimed", due)})
        (item,) = weekly_report(facts).due.items
        assert (item.overdue, item.claim_overdue, item.claimed_by, item.claim_due) == (late, late, "ana", due)
        text = " ".join(render(weekly_report(facts), "text").split())
        assert f"claimed by ana for {due.day} November{', OVERDUE' if late else ''} · due by 14 January 2027" in text


def _drifts(*made: Score, floor: str | None = None) -> list[tuple[str, Decimal | None]]:
    one = feature("ticket-triage", "Ticket triage", "support")
    facts = replace(
        quiet_facts(), features=(replace(one, floor=None if floor is None else Decimal(floor)),), scores=made
    )
    return [(drift.kind, drift.before) for drift in weekly_report(facts).drifts]


def test_quality_that_moved_is_told_and_noise_is_not() -> None:
    """Two standard errors of 500 answers at 0.9 are 0.038; below its floor is told however small the move."""
    old, new = WEEK.start - 30 * DAY, WEEK.start + DAY
    before = score("ticket-triage", old, "0.90")
    assert _drifts(before, score("ticket-triage", new, "0.87")) == []
    assert _drifts(before, score("ticket-triage", new, "0.85")) == [("worse", Decimal("0.90"))]
    assert _drifts(before, score("ticket-triage", new, "0.95")) == [("better", Decimal("0.90"))]
    assert _drifts(before, score("ticket-triage", new, "0.89"), floor="0.895") == [("below_floor", Decimal("0.90"))]
    assert _drifts(before) == []
    assert _drifts(score("ticket-triage", new, "0.2")) == []


def test_scores_of_two_evaluators_are_never_compared() -> None:
    """Another version of the evaluator starts a new line: it is told, without a before."""
    before = score("ticket-triage", WEEK.start - DAY, "0.95")
    after = replace(score("ticket-triage", WEEK.start + DAY, "0.50"), evaluator="judge", evaluator_version="2")
    assert _drifts(before, after) == [("new_evaluator", None)]


def test_a_scale_without_counts_is_measured_by_its_hundredth() -> None:
    """Stars from 1 to 5, lower or higher: a move within 0.04 is nobody's news; a metric may be better when lower."""
    stars = replace(score("ticket-triage", WEEK.start - DAY, "4.0"), n=None, scale_min=Decimal(1), scale_max=Decimal(5))
    for value, told in (("4.04", []), ("4.05", [("better", Decimal("4.0"))])):
        assert _drifts(stars, replace(stars, score=Decimal(value), at=WEEK.start)) == told
    errors = replace(stars, higher_is_better=False)
    assert _drifts(errors, replace(errors, score=Decimal("4.5"), at=WEEK.start)) == [("worse", Decimal("4.0"))]


def test_quality_that_fell_is_no_quiet_week() -> None:
    """With nothing else to tell, it is the headline."""
    made = (score("ticket-triage", WEEK.start - DAY, "0.95"), score("ticket-triage", WEEK.start + DAY, "0.5"))
    report = weekly_report(replace(quiet_facts(), scores=made))
    assert (report.headline, report.quiet) == ("Ticket triage: quality fell, no verdict changed", False)


def test_an_owners_letter_holds_what_is_theirs() -> None:
    """Their features, decisions, spend and prices, with sums of their own; nothing of anybody else."""
    facts = busy_facts()
    mine = weekly_report(of_owner(facts, "product-pages"))
    assert mine.owner == "product-pages"
    assert [change.feature for change in mine.changes] == ["review-digest"]
    assert [row.feature for row in mine.spend.rows] == ["review-digest"]
    assert mine.spend.total.cost_usd == Decimal("1540.75")
    assert [move.model for move in mine.prices_changed] == ["anthropic/claude-sonnet-5"]
    assert (mine.due.items, mine.prices_announced, mine.blind_spots.sources) == ((), (), ())
    assert "for product-pages" in render(mine, "text").splitlines()[0]
    assert of_owner(facts, None) is facts


def test_the_owners_letters_add_up_to_the_whole() -> None:
    """Every due decision and every dollar of a registered feature is in exactly one owner's letter."""
    facts = busy_facts()
    whole = weekly_report(facts)
    owners = {found.owner for found in facts.features if found.owner}
    nobody = [row for row in whole.spend.rows if row.owner is None]
    letters = [weekly_report(of_owner(facts, owner)) for owner in sorted(owners)]
    costs = [letter.spend.total.cost_usd or Decimal(0) for letter in letters] + [
        row.cost_usd or Decimal(0) for row in nobody
    ]
    assert sum(costs, Decimal(0)) == whole.spend.total.cost_usd
    assert sorted(item.feature for letter in letters for item in letter.due.items) == [
        "address-check",
        "ticket-triage",
    ]


def test_savings_are_told_as_promised_and_as_realised() -> None:
    """Seventy dollars in a week are three hundred a month; what is not measured yet is unknown and in no sum."""
    report = busy()
    assert [(each.feature, each.realised_usd_month, each.days) for each in report.realised] == [
        ("size-advice", Decimal("300.00"), 7),
        ("gift-concierge", None, 0),
    ]
    text = render(report, "text")
    assert re_line(text, "SAVINGS REALISED").endswith("$300.00 a month")
    assert re_line(text, "  Total of what is measured").split()[-2:] == ["$300.00", "$300.00"]
    assert re_line(text, "  Gift concierge             embed, 19 November").endswith("not measured yet")


def test_a_migration_finished_within_the_week_is_told() -> None:
    """With what was promised of it; in a week without other news it is the headline, and the week before is silent."""
    text = " ".join(render(busy(), "text").split())
    told = "Gift concierge: from prompt to embed, live since 19 November; promised: $120.00 a month"
    assert f"FINISHED THIS WEEK - {told} DUE NOW" in text
    one = migration("gift-concierge", "Gift concierge", WEEK.end - DAY, "120.00")
    finished = weekly_report(replace(quiet_facts(), migrations=(one,)))
    assert (finished.headline, finished.quiet) == ("Gift concierge now runs on embed, no verdict changed", False)
    two = weekly_report(replace(quiet_facts(), migrations=(one, replace(one, feature="size-advice"))))
    assert two.headline == "2 migrations were finished, no verdict changed"
    before = weekly_report(replace(quiet_facts(), migrations=(replace(one, finished_at=WEEK.start - DAY),)))
    assert (before.headline, before.quiet) == ("Nothing changed", True)


def test_a_due_move_is_told_with_how_sure_it_is_and_what_undoes_it() -> None:
    """The caveats of its verdict follow its headline, and survive the archive; other sentences stay on its page."""
    (due,) = (item for item in busy().due.items if item.feature == "ticket-triage")
    assert due.caveats == (
        "How sure: 81% that it repays its cost at the required quality.",
        (
            "Mind the announced price: from 2027-01-01 on it saves only $498.00 a month, "
            "which is too little for its one-off cost."
        ),
    )
    text = " ".join(render(busy(), "text").split())
    assert "pays back in 56 days. How sure: 81% that it repays its cost at the required quality. Mind the" in text


def test_a_migration_of_long_ago_is_no_news() -> None:
    """After a quarter it is left to the ledger."""
    old = migration("size-advice", "Size advice", WEEK.end - 92 * DAY, "300")
    assert weekly_report(replace(busy_facts(), migrations=(old,))).realised == ()
