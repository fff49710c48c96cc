"""What is coming: growth towards the break-even, a model's last day, an announced price."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from strategy.announced import Decided
from strategy.case import case_of
from strategy.core import find
from strategy.cost import models_needed
from strategy.deadline import Deadline, deadline
from strategy.facts import Price, Retirement
from strategy.kinds import Code, Outcome, PriceKind, Strategy
from strategy.profile import CostOverride
from strategy.retiring import once_ended
from strategy.verdict import document
from tests.strategy.made import (
    CHEAP,
    CUT,
    EMBEDDER,
    FREE_TEXT,
    LUNA,
    POLICY,
    PRICES,
    feature,
    mix,
    price,
    proven,
    snapshot,
)
from tests.strategy.test_judge import DISTILLABLE, told, verdict


def test_growth_towards_the_break_even_is_watched() -> None:
    """At 71,574 calls a day it pays: 55,000 is near, 20,000 doubling a month is on its way, 20,000 flat is not."""
    near = snapshot(DISTILLABLE, calls=[55_000] * 40, scores=proven("distill"))
    assert told(near) == ("watch", "approaching", "distill")
    rising = snapshot(DISTILLABLE, calls=[10_000] * 28 + [20_000] * 28, scores=proven("distill"))
    assert told(rising) == ("watch", "approaching", "distill")
    assert told(snapshot(DISTILLABLE, calls=20_000, scores=proven("distill")))[0] == "stay"
    falling = snapshot(DISTILLABLE, calls=[90_000] * 28 + [65_000] * 28, scores=proven("distill"))
    assert told(falling)[0] == "stay"
    assert verdict(near).headline == "Ticket triage is growing towards distill: it is not worth moving yet."


def test_a_retiring_model_sets_a_date() -> None:
    """A feature that would stay cannot; one that is due has its date; a far or small one is left alone."""
    soon = (Retirement(model=LUNA, on=date(2026, 10, 1), replacement="openai/gpt-6-luna"),)
    stays = verdict(snapshot(at=CUT, retirements=soon))
    assert (stays.outcome, stays.code, stays.target) == (Outcome.BLOCKED, Code.RETIRED, "prompt")
    assert (stays.due_by, stays.start_by) == (date(2026, 10, 1), date(2026, 9, 30))
    assert stays.headline == (
        "Ticket triage cannot stay as it is: openai/gpt-5.6-luna stops answering on 2026-10-01; "
        "its vendor names openai/gpt-6-luna in its place."
    )
    unnamed = (replace(soon[0], replacement=None),)
    due = verdict(snapshot(DISTILLABLE, scores=proven("distill"), retirements=unnamed))
    assert (due.outcome, due.due_by, due.start_by) == (Outcome.DUE, date(2026, 10, 1), date(2026, 8, 26))
    assert any(line.startswith("openai/gpt-5.6-luna stops answering") for line in due.reasons)
    far = (Retirement(model=LUNA, on=date(2028, 1, 11)),)
    assert verdict(snapshot(at=CUT, retirements=far)).due_by is None
    traces = (mix(99), mix(1, "openai/old"))
    old = (Retirement(model="openai/old", on=date(2026, 10, 1)),)
    assert verdict(snapshot(at=CUT, carries=traces, retirements=old)).due_by is None


def test_a_declared_model_counts_where_traffic_names_none() -> None:
    """Traffic tells which model; without it the owner does."""
    own = (Retirement(model=LUNA, on=date(2026, 10, 1)),)
    silent = snapshot(
        feature(model=LUNA, costs=((Strategy.PROMPT, CostOverride(usd_per_call=Decimal("0.0001"))),)), at=CUT
    )
    said = verdict(replace(silent, usage=replace(silent.usage, mix=()), retirements=own))
    assert said.due_by == date(2026, 10, 1)
    assert dict(said.money.base.monthly_usd)[Strategy.PROMPT] == 300


def test_an_announced_rise_is_due_before_it_comes() -> None:
    """Not worth it today, worth it from the day an announced price takes effect: due by that day."""
    rise = datetime(2027, 1, 1, tzinfo=UTC)
    book = (
        *(replace(line, valid_to=rise) if line.model == LUNA and line.valid_to is None else line for line in PRICES),
        price(LUNA, PriceKind.INPUT, "1.00", rise),
        price(LUNA, PriceKind.OUTPUT, "6.00", rise),
    )
    today = datetime(2026, 11, 21, tzinfo=UTC)
    said = verdict(snapshot(DISTILLABLE, at=today, scores=proven("distill"), prices=book))
    assert (said.outcome, said.target, said.due_by) == (Outcome.DUE, "distill", date(2027, 1, 1))
    assert said.saving_usd_month == 0
    assert said.headline == (
        "Move Ticket triage from prompt to distill by 2027-01-01: "
        "from then on an announced price makes it worth $1,980.00 a month."
    )
    early = datetime(2026, 7, 31, tzinfo=UTC)
    waits = snapshot(feature(FREE_TEXT), at=early, calls=1000, prices=book)
    assert (verdict(waits).outcome, verdict(waits).due_by) == (Outcome.STAY, None)
    beyond = snapshot(DISTILLABLE, at=datetime(2026, 7, 1, tzinfo=UTC), scores=proven("distill"), calls=50, prices=book)
    assert verdict(beyond).due_by is None


def test_the_day_by_which_to_act_says_why() -> None:
    """An announced price by its move, a retirement by its model; the sooner of both; none where nothing forces it."""
    today = datetime(2026, 11, 21, tzinfo=UTC)
    rise, end = datetime(2027, 1, 1, tzinfo=UTC), Retirement(model=LUNA, on=date(2027, 2, 1), replacement=CHEAP)
    book = (
        *(replace(line, valid_to=rise) if line.model == LUNA and line.valid_to is None else line for line in PRICES),
        price(LUNA, PriceKind.INPUT, "1.00", rise),
        price(LUNA, PriceKind.OUTPUT, "6.00", rise),
        price(EMBEDDER, PriceKind.INPUT, "0.90", rise),
        price("a/new", PriceKind.INPUT, "7", rise),
    )
    rises = verdict(snapshot(DISTILLABLE, at=today, scores=proven("distill"), prices=book))
    why = "openai/gpt-5.6-luna input will rise from $0.20 to $1.00 per Mtok on 2027-01-01."
    assert (rises.due_by, rises.due_by_reason) == (date(2027, 1, 1), why)
    assert document(rises)["due_by_reason"] == why
    both = verdict(snapshot(DISTILLABLE, at=today, scores=proven("distill"), prices=book, retirements=(end,)))
    ends = "openai/gpt-5.6-luna stops answering on {}; its vendor names openai/gpt-6-luna in its place."
    sooner = replace(end, on=date(2026, 12, 31))
    first = verdict(snapshot(DISTILLABLE, at=today, scores=proven("distill"), prices=book, retirements=(sooner,)))
    assert (first.due_by, first.due_by_reason) == (sooner.on, ends.format("2026-12-31"))
    assert both.due_by_reason in {why, ends.format("2027-02-01")}
    plain = verdict(snapshot(DISTILLABLE, scores=proven("distill")))
    assert (plain.due_by, plain.due_by_reason) == (None, None)


def test_a_day_on_which_a_price_only_ends_is_told_as_such() -> None:
    """The lines of the day name no other price than before: the day alone is told."""
    rise = datetime(2027, 1, 1, tzinfo=UTC)
    of = snapshot(DISTILLABLE, at=datetime(2026, 11, 21, tzinfo=UTC))
    case = case_of(of, POLICY, rise)
    said = deadline(Decided(case=case, finding=find(case), from_day=rise.date()))
    assert said == Deadline(by=rise.date(), why="An announced price takes effect on 2027-01-01.")


def announced(*steps: tuple[datetime, str, str]) -> tuple[Price, ...]:
    """Today's luna prices, and input and output from each announced day on."""
    lines = [price(LUNA, PriceKind.INPUT, "1.00"), price(LUNA, PriceKind.OUTPUT, "6.00")]
    for at, low, high in steps:
        lines = [replace(line, valid_to=at) if line.valid_to is None else line for line in lines]
        lines += [price(LUNA, PriceKind.INPUT, low, at), price(LUNA, PriceKind.OUTPUT, high, at)]
    return (*(line for line in PRICES if line.model != LUNA), *lines)


TODAY = datetime(2026, 11, 21, tzinfo=UTC)
RISE, LATER = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)


def test_a_move_that_an_announced_cut_undoes_is_due_only_if_it_is_repaid_by_then() -> None:
    """Too soon: nothing is due, and it says what is worth it today and until when. Later: due, as sure as that is."""
    early, late = RISE, datetime(2027, 5, 1, tzinfo=UTC)
    of = snapshot(DISTILLABLE, at=TODAY, scores=proven("distill"), prices=announced((early, "0.20", "1.20")))
    cut = verdict(of)
    assert (cut.outcome, cut.target, cut.due_by, cut.confidence) == (Outcome.STAY, None, None, None)
    assert (
        "By today's prices distill would save $1,980.00 a month, but from 2027-01-01 on it saves nothing: "
        "its $5,300.00 would most likely not be repaid by then." in cut.reasons
    )
    later = verdict(replace(of, prices=announced((late, "0.20", "1.20"))))
    assert (later.outcome, later.target) == (Outcome.DUE, "distill")
    assert (
        "Mind the announced price: from 2027-05-01 on it saves nothing, which is too little for its one-off cost; "
        "by then it has most likely been repaid." in later.reasons
    )
    sure = verdict(replace(of, prices=announced()))
    assert Decimal("0.5") < (later.confidence or 0) <= (sure.confidence or 0)
    assert not any("Mind" in line or "By today's prices" in line for line in sure.reasons)


def test_a_rise_that_is_taken_back_makes_nothing_due() -> None:
    """Worth it between two announced dates and not after them: stay. Twice up: due by the first."""
    low = tuple(
        replace(line, usd_per_mtok=line.usd_per_mtok / 5) if line.model == LUNA and line.valid_from < RISE else line
        for line in announced((RISE, "1.00", "6.00"), (LATER, "0.20", "1.20"))
    )
    assert told(snapshot(DISTILLABLE, at=TODAY, scores=proven("distill"), prices=low))[0] == "stay"
    twice = tuple(
        replace(line, usd_per_mtok=line.usd_per_mtok / 5) if line.model == LUNA and line.valid_from < RISE else line
        for line in announced((RISE, "1.00", "6.00"), (LATER, "1.50", "9.00"))
    )
    said = verdict(snapshot(DISTILLABLE, at=TODAY, scores=proven("distill"), prices=twice))
    assert (said.outcome, said.due_by) == (Outcome.DUE, date(2027, 1, 1))


def test_an_announced_rise_waits_while_a_team_rests() -> None:
    """Within 45 days of a move a rise to come opens nothing."""
    low = tuple(
        replace(line, usd_per_mtok=line.usd_per_mtok / 5) if line.model == LUNA and line.valid_from < RISE else line
        for line in announced((RISE, "1.00", "6.00"))
    )
    resting = snapshot(DISTILLABLE, at=TODAY, scores=proven("distill"), prices=low)
    assert told(resting)[0] == "due"
    assert told(replace(resting, moved=date(2026, 11, 1)))[0] == "stay"


ENDS = date(2027, 1, 14)
SUCCESSOR = "openai/gpt-6.1-sol"
DEAR = (price(SUCCESSOR, PriceKind.INPUT, "1.25"), price(SUCCESSOR, PriceKind.OUTPUT, "10.00"))
ENDING = (Retirement(model=LUNA, on=ENDS, replacement=SUCCESSOR),)


def test_at_a_retirement_the_calls_are_judged_on_what_its_vendor_names() -> None:
    """Staying costs $696 a month today and $4,800 on the successor: what is not worth it yet is due by then."""
    of = snapshot(DISTILLABLE, at=TODAY, scores=proven("distill"), prices=(*PRICES, *DEAR), retirements=ENDING)
    said = verdict(of)
    assert (said.outcome, said.target, said.due_by) == (Outcome.DUE, "distill", ENDS)
    assert said.start_by == ENDS - timedelta(days=36)
    assert said.headline == (
        "Move Ticket triage from prompt to distill by 2027-01-14: openai/gpt-5.6-luna ends then, "
        "and on openai/gpt-6.1-sol it is worth $3,300.00 a month."
    )
    assert "On openai/gpt-6.1-sol the same calls would cost $4,800.00 a month." in said.reasons
    assert told(replace(of, retirements=()))[0] == "stay"
    unproven = verdict(replace(of, scores=()))
    assert (unproven.outcome, unproven.code, unproven.due_by) == (Outcome.BLOCKED, Code.RETIRED, ENDS)


def test_a_successor_without_a_price_decides_nothing_and_says_so() -> None:
    """Blocked as before: what staying would cost from then on is not known."""
    said = verdict(snapshot(DISTILLABLE, at=TODAY, scores=proven("distill"), retirements=ENDING))
    assert (said.outcome, said.code, said.due_by) == (Outcome.BLOCKED, Code.RETIRED, ENDS)
    assert "What openai/gpt-6.1-sol would cost is not known." in said.reasons
    nobody = (Retirement(model=LUNA, on=ENDS),)
    silent = verdict(snapshot(DISTILLABLE, at=TODAY, scores=proven("distill"), retirements=nobody))
    assert (silent.code, any("the same calls" in line for line in silent.reasons)) == (Code.RETIRED, False)


def test_beside_a_cheap_successor_a_move_that_is_not_repaid_in_time_is_not_due() -> None:
    """Worth it at today's price only: what is asked for is the successor, and the other is said."""
    of = snapshot(
        DISTILLABLE,
        at=TODAY,
        scores=proven("distill"),
        prices=announced(),
        retirements=(Retirement(model=LUNA, on=ENDS, replacement=CHEAP),),
    )
    said = verdict(of)
    assert (said.outcome, said.code, said.target, said.due_by) == (Outcome.BLOCKED, Code.RETIRED, "prompt", ENDS)
    assert (
        "By today's prices distill would save $1,980.00 a month, but from 2027-01-14 on, beside openai/gpt-6-luna, "
        "it saves nothing: its $5,300.00 would most likely not be repaid by then." in said.reasons
    )


def test_a_model_that_was_left_forces_nothing() -> None:
    """After a move the traffic of the weeks before speaks of the former strategy, unless that prompts a model too."""
    left = snapshot(feature(strategy=Strategy.EMBED), at=TODAY, retirements=ENDING)
    assert verdict(left).due_by == ENDS
    moved = replace(left, moved=TODAY.date() - timedelta(days=3))
    assert (verdict(moved).code, verdict(moved).due_by) != (Code.RETIRED, ENDS)
    assert verdict(moved).due_by is None
    assert verdict(replace(moved, moved=TODAY.date() - timedelta(days=60))).due_by == ENDS
    prompting = replace(moved, feature=feature(strategy=Strategy.HYBRID))
    assert verdict(prompting).due_by == ENDS


def test_a_fine_tune_dies_with_its_base() -> None:
    """Only the base's end is recorded, and the hosted student has its date by it; its own earlier end goes first."""
    tuned = feature(FREE_TEXT, strategy=Strategy.DISTILL)
    base = Retirement(model="openai/gpt-4o-mini", on=ENDS, replacement=CHEAP)
    book = (
        *PRICES,
        price("openai/ft:gpt-4o-mini", PriceKind.INPUT, "0.30"),
        price("openai/ft:gpt-4o-mini", PriceKind.OUTPUT, "1.20"),
    )
    of = snapshot(tuned, at=TODAY, carries=(mix(2_800_000, "openai/ft:gpt-4o-mini"),), prices=book, retirements=(base,))
    said = verdict(of)
    assert said.due_by == ENDS
    assert any(line.startswith("openai/gpt-4o-mini stops answering on 2027-01-14") for line in said.reasons)
    sooner = Retirement(model="openai/ft:gpt-4o-mini", on=date(2026, 12, 31))
    assert verdict(replace(of, retirements=(base, sooner))).due_by == date(2026, 12, 31)
    assert "openai/gpt-4o-mini" in models_needed(feature(model="openai/ft:gpt-4o-mini"), POLICY)


def test_a_target_whose_price_ends_is_told() -> None:
    """From the day on which its model has no price any more nobody knows what it costs: not due, and it says so."""
    labels = feature(replace(FREE_TEXT, output_space="label"))
    ends = tuple(replace(line, valid_to=RISE) if line.model == EMBEDDER else line for line in announced())
    said = verdict(snapshot(labels, at=TODAY, scores=proven("embed"), prices=ends))
    assert (said.outcome, said.target) == (Outcome.WATCH, "distill:own")
    assert any("but from 2027-01-01 on no price of embed is known: its $6,000.00" in line for line in said.reasons)
    far = tuple(
        replace(line, valid_to=datetime(2027, 5, 1, tzinfo=UTC)) if line.model == EMBEDDER else line
        for line in announced()
    )
    kept = verdict(snapshot(labels, at=TODAY, scores=proven("embed"), prices=far))
    assert (kept.outcome, kept.target) == (Outcome.DUE, "embed")
    assert "Mind the date: from 2027-05-01 on no price of embed is known." in kept.reasons


def test_a_declared_model_that_ends_is_carried_on() -> None:
    """The owner's model is replaced like the traffic's; one that has not ended yet is not."""
    of = snapshot(feature(model=LUNA), at=TODAY, retirements=ENDING)
    assert once_ended(of, ENDS).feature.model == SUCCESSOR
    assert once_ended(of, ENDS - timedelta(days=1)) == of
    unnamed = snapshot(feature(model=LUNA), at=TODAY, carries=(mix(5, None),), retirements=ENDING)
    assert once_ended(unnamed, ENDS).usage == unnamed.usage
