"""The judge over a made past: each day by what was known then, in both modes, with its codes."""

from dataclasses import replace

import pytest

from offramp.policy import load_policy
from strategy.history import Evaluated, History, Past, PriceStep, Reported, Way
from strategy.kinds import Code, Outcome
from strategy.npv import Stakes
from strategy.paired import Paired
from strategy.replay import Said, replay
from strategy.terms import terms_of

TERMS = replace(terms_of(load_policy()), persist_days=7)
GOOD = Paired(900, 20, 35, 45)
PROMPT = Way(
    option="prompt",
    eligible=True,
    model="large",
    tokens_in=1000,
    tokens_out=50,
    call_share=1,
    usd_per_call=0,
    one_off_usd=900,
    lead_days=2,
    usd_per_year=1500,
)
EMBED = replace(PROMPT, option="embed", model="embed", tokens_out=0, one_off_usd=5000, lead_days=7, usd_per_year=3000)
PAST = Past(
    feature="tickets",
    launched=0,
    kind="classify",
    stakes=Stakes(0.01, 0.03),
    ways={"prompt": PROMPT, "embed": EMBED},
    reports=tuple(Reported(day=day, as_of=day, calls=30_000.0) for day in range(150)),
    evals=(Evaluated(day=40, option="embed", paired=GOOD),),
)
PRICES = (
    PriceStep(model="large", day=0, usd_per_mtok_in=3.0, usd_per_mtok_out=15.0),
    PriceStep(model="embed", day=0, usd_per_mtok_in=0.02, usd_per_mtok_out=0.0),
)
HISTORY = History(until=150, acted=False, start="prompt", pasts=(PAST,), prices=PRICES)


def told(history: History) -> list[Said]:
    """All that was said."""
    return list(replay(history, TERMS))


def turns(history: History) -> list[tuple[int, Outcome, Code | None, str | None]]:
    """The days on which something else was said than the day before."""
    found: list[tuple[int, Outcome, Code | None, str | None]] = []
    for said in told(history):
        words = (said.outcome, said.code, said.target)
        if not found or found[-1][1:] != words:
            found.append((said.day, *words))
    return found


def test_a_plain_story() -> None:
    """Cold for two weeks, blocked without a baseline, watched for a week after the eval, then due and it stays due."""
    assert turns(HISTORY) == [
        (0, Outcome.WATCH, Code.COLD_START, None),
        (13, Outcome.BLOCKED, Code.NO_BASELINE, "embed"),
        (40, Outcome.WATCH, Code.APPROACHING, "embed"),
        (47, Outcome.DUE, None, "embed"),
    ]


def test_an_acted_move_is_made_once_and_then_quiet() -> None:
    """Due on one day, under way for its lead, and from then on the present strategy."""
    assert turns(replace(HISTORY, acted=True))[3:] == [(47, Outcome.DUE, None, "embed"), (48, Outcome.STAY, None, None)]


def test_no_day_knows_a_later_one() -> None:
    """A past cut at any day says the same up to that day."""
    whole = told(HISTORY)
    for cut in (14, 41, 47, 48, 90):
        early = replace(
            PAST,
            reports=tuple(report for report in PAST.reports if report.as_of < cut),
            evals=tuple(done for done in PAST.evals if done.day < cut),
        )
        assert told(replace(HISTORY, until=cut, pasts=(early,))) == whole[:cut]


def test_a_viral_day_and_a_price_typo_raise_nothing() -> None:
    """A hundredfold day at a small feature, and a price that was a thousand times too high for two days."""
    calls = [20_000.0 if day == 90 else 200.0 for day in range(150)]
    small = replace(PAST, reports=tuple(Reported(day=day, as_of=day, calls=n) for day, n in enumerate(calls)))
    assert not any(said.outcome is Outcome.DUE for said in told(replace(HISTORY, pasts=(small,))))
    typo = (
        PriceStep(model="large", day=100, usd_per_mtok_in=3000.0, usd_per_mtok_out=15000.0),
        PriceStep(model="large", day=102, usd_per_mtok_in=3.0, usd_per_mtok_out=15.0),
    )
    assert not any(
        said.outcome is Outcome.DUE for said in told(replace(HISTORY, pasts=(small,), prices=(*PRICES, *typo)))
    )


def test_a_real_price_rise_is_due_within_a_fortnight() -> None:
    """Three hundred calls a day are not worth moving until their model costs thirty times as much."""
    small = replace(PAST, reports=tuple(Reported(day=day, as_of=day, calls=300.0) for day in range(150)))
    rise = PriceStep(model="large", day=100, usd_per_mtok_in=90.0, usd_per_mtok_out=450.0)
    days = [
        said.day
        for said in told(replace(HISTORY, pasts=(small,), prices=(*PRICES, rise)))
        if said.outcome is Outcome.DUE
    ]
    assert days == list(range(107, 150))


def test_a_late_figure_replaces_an_early_one_and_a_gap_replaces_none() -> None:
    """Restated days count as restated, and the newest is not read before it can be; an empty report erases nothing."""
    halves = tuple(Reported(day=day, as_of=day, calls=15_000.0) for day in range(150))
    late = tuple(Reported(day=day, as_of=day + 1, calls=30_000.0) for day in range(149))
    gaps = tuple(Reported(day=day, as_of=day + 2, calls=None) for day in range(148))
    odd = (Reported(day=-3, as_of=5, calls=1e9),)
    restated = replace(PAST, reports=halves + late + gaps + odd)
    cold, known, *rest = turns(HISTORY)
    assert turns(replace(HISTORY, pasts=(restated,))) == [cold, (known[0] + 1, *known[1:]), *rest]


def test_an_eval_that_settles_nothing_is_watched() -> None:
    """Forty items leave the margin open: more are asked for."""
    few = replace(PAST, evals=(Evaluated(day=40, option="embed", paired=Paired(33, 4, 1, 2)),))
    assert turns(replace(HISTORY, pasts=(few,)))[-1][1:] == (Outcome.WATCH, Code.NEEDS_EVAL, "embed")


@pytest.mark.parametrize("ways", [{"embed": EMBED}, {"prompt": replace(PROMPT, model="unpriced"), "embed": EMBED}])
def test_without_a_known_present_nothing_is_said(ways: dict[str, Way]) -> None:
    """What the feature runs on today, or its price, is missing: no move is recommended on half of the figures."""
    lost = replace(PAST, ways=ways)
    assert {said.outcome for said in told(replace(HISTORY, pasts=(lost,)))[20:]} == {Outcome.STAY}


def test_nothing_is_said_of_nothing() -> None:
    """An empty history, and a feature that launches later."""
    assert told(replace(HISTORY, pasts=())) == []
    later = replace(PAST, launched=140)
    assert [said.day for said in told(replace(HISTORY, pasts=(later,)))] == list(range(140, 150))


def test_features_launch_on_their_own_days() -> None:
    """A feature is spoken of from its launch on; an eval of before counts from then."""
    later = replace(PAST, feature="young", launched=140)
    days = [said.day for said in told(replace(HISTORY, pasts=(PAST, later))) if said.feature == "young"]
    assert days == list(range(140, 150))


def test_a_feature_that_ended_is_not_moved_back() -> None:
    """Moved to the embedding and then without calls for half a year: its cheaper upkeep as a prompt saves nothing."""
    calls = [30_000.0 if day < 100 else 0.0 for day in range(300)]
    ended = replace(PAST, reports=tuple(Reported(day=day, as_of=day, calls=n) for day, n in enumerate(calls)))
    past = replace(HISTORY, until=300, acted=True, pasts=(ended,))
    assert [said.target for said in told(past) if said.outcome is Outcome.DUE] == ["embed"]


def test_where_features_end_often_a_slow_payback_is_not_due() -> None:
    """The fleet's own record shortens how long a saving is expected to last; features that never ran tell nothing."""
    small = replace(PAST, reports=tuple(Reported(day=day, as_of=day, calls=10_000.0) for day in range(150)))
    ended = replace(PAST, reports=tuple(Reported(day=day, as_of=day, calls=float(day < 2)) for day in range(150)))
    idle = replace(PAST, reports=(), evals=())
    alone = {said.outcome for said in told(replace(HISTORY, pasts=(small, replace(idle, feature="idle"))))}
    assert Outcome.DUE in alone
    fleet = (small, *(replace(ended, feature=f"gone-{k}") for k in range(40)))
    said = [each for each in told(replace(HISTORY, pasts=fleet)) if each.feature == PAST.feature]
    assert Outcome.DUE not in {each.outcome for each in said}


def test_where_most_is_spent_less_evidence_is_waited_for() -> None:
    """The same eval settles the case of a feature of many times the fleet's mean spend, not that of an average one."""
    close = replace(PAST, evals=(Evaluated(day=40, option="embed", paired=Paired(420, 27, 14, 42)),))
    tiny = replace(PAST, evals=(), reports=tuple(Reported(day=day, as_of=day, calls=1.0) for day in range(150)))
    fleet = (close, *(replace(tiny, feature=f"tiny-{k}") for k in range(20)))
    for pasts, last in (((close,), Outcome.WATCH), (fleet, Outcome.DUE)):
        said = [each for each in told(replace(HISTORY, pasts=pasts)) if each.feature == PAST.feature]
        assert said[-1].outcome is last


def test_an_eval_is_waited_for_while_one_may_come() -> None:
    """Nearly sure: one more eval would tell, so it is waited for; a season later none is expected, and it is due."""
    near = replace(
        PAST,
        reports=tuple(Reported(day=day, as_of=day, calls=30_000.0) for day in range(200)),
        evals=(Evaluated(day=40, option="embed", paired=Paired(420, 25, 14, 42)),),
    )
    assert turns(replace(HISTORY, until=200, pasts=(near,)))[2:] == [
        (40, Outcome.WATCH, Code.NEEDS_EVAL, "embed"),
        (40 + TERMS.wait_days + 5, Outcome.WATCH, Code.APPROACHING, "embed"),
        (40 + TERMS.wait_days + 12, Outcome.DUE, None, "embed"),
    ]
