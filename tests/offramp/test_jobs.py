"""Each slot takes effect once, whatever happens to the schedulers."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time

import pytest
from sqlalchemy import Engine

from db.queries.jobs import JobRun, job_history, unfinished_runs
from db.queries.sources import runs
from db.session import reading, transaction
from db.store.jobs import Claim, LostClaim, claim_slot, finish_claim, renew_claim
from offramp.actions.failure import BadInput
from offramp.actions.forget import forget
from offramp.actions.job_control import job_standings, pause_job, resume_job, run_now
from offramp.actions.jobs import MOST_ATTEMPTS, RETRY_AFTER, Context, JobSpec, run_due
from offramp.actions.scrub import error_words
from offramp.clock import now
from offramp.slots import HOURLY, MONDAY, Weekly
from tests.offramp.forked import forked, forked_and_begun
from tests.offramp.job_worker import LEASE, SLOTS, START, claims, effect, hangs, ticking_job, ticks
from tests.processes.waiting import until

_AT = datetime(2026, 11, 22, 10, 7, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)


def _claim(engine: Engine, at: datetime, owner: str = "a") -> Claim | None:
    with transaction(engine) as session:
        return claim_slot(session, "review", _TEN, owner=owner, at=at, lease=timedelta(minutes=5))


def _held(engine: Engine, at: datetime, owner: str = "a") -> Claim:
    claim = _claim(engine, at, owner)
    assert claim is not None
    return claim


def _effect_and_end(engine: Engine, claim: Claim) -> None:
    with transaction(engine) as session:
        effect(session, claim.slot, claim.owner)
        finish_claim(session, claim, at=_AT, outcome="ok", detail="")


def _effects(engine: Engine) -> list[datetime]:
    with reading(engine) as session:
        return sorted(run.started_at for run in runs(session, 10_000) if run.source == "effect")


def _history(engine: Engine, at: datetime = _AT) -> list[JobRun]:
    with reading(engine) as session:
        return job_history(session, at, limit=10_000)


def _job(name: str = "review", *, at_start: bool = False) -> JobSpec:
    def run(context: Context) -> str:
        with transaction(context.engine) as session:
            effect(session, context.slot, context.claim.owner)
        return "one row"

    return JobSpec(name=name, rule=HOURLY, run=run, at_start=at_start)


def test_a_slot_is_claimed_once_until_its_lease_ends(engine: Engine) -> None:
    """A second scheduler gets nothing before the lease has ended, and the next fence after it."""
    assert _held(engine, _AT).fence == 1
    assert _claim(engine, _AT + timedelta(minutes=5), "b") is None
    taken = _held(engine, _AT + timedelta(minutes=5, seconds=1), "b")
    assert (taken.fence, taken.owner) == (2, "b")


def test_a_zombie_cannot_end_or_renew_a_slot_that_was_taken_over(engine: Engine) -> None:
    """The effects of a run that lost its claim roll back with it; the taker's end counts once."""
    zombie = _held(engine, _AT)
    taker = _held(engine, _AT + timedelta(minutes=6), "b")
    with pytest.raises(LostClaim, match="attempt 1 has lost its claim"):
        _effect_and_end(engine, zombie)
    with pytest.raises(LostClaim), transaction(engine) as session:
        renew_claim(session, zombie, at=_AT, lease=timedelta(minutes=5))
    assert _effects(engine) == []
    _effect_and_end(engine, taker)
    with pytest.raises(LostClaim):
        _effect_and_end(engine, taker)
    assert _effects(engine) == [_TEN]
    assert _claim(engine, _AT + timedelta(days=1)) is None


def test_a_lease_written_by_a_clock_that_ran_ahead_counts_as_ended(engine: Engine) -> None:
    """A clock that jumped to 2099 and back does not stick a slot for decades."""
    _held(engine, datetime(2099, 1, 1, tzinfo=UTC))
    assert _held(engine, _AT, "b").fence == 2


def test_of_missed_hours_only_the_newest_is_made_up(engine: Engine) -> None:
    """After three days of silence one run happens, and no second one in the same hour."""
    first = run_due(engine, [_job()], owner="a", at=_AT - timedelta(days=3))
    second = run_due(engine, [_job()], owner="a", at=_AT)
    third = run_due(engine, [_job()], owner="a", at=_AT + timedelta(minutes=30))
    assert [(item.slot, item.outcome, item.detail) for item in first + second + third] == [
        (_TEN - timedelta(days=3), "ok", "one row"),
        (_TEN, "ok", "one row"),
    ]
    assert _effects(engine) == [_TEN - timedelta(days=3), _TEN]


def test_a_missed_weekly_report_is_made_up_once_and_older_ones_are_recorded_as_skipped(engine: Engine) -> None:
    """Down for three Mondays: the newest letter is built once, the two before are rows that say why not."""
    zone = "Europe/Berlin"
    report = JobSpec(
        name="report",
        rule=Weekly(MONDAY, wall_time(9), zone),
        run=lambda context: f"{context.slot:%G-W%V}",
        keeps_count=True,
    )
    back = datetime(2026, 10, 20, tzinfo=UTC)
    assert [item.detail for item in run_due(engine, [report], owner="a", at=back)] == ["2026-W43"]
    later = datetime(2026, 11, 11, tzinfo=UTC)
    assert [item.detail for item in run_due(engine, [report], owner="a", at=later, starting=True)] == ["2026-W46"]
    assert run_due(engine, [report], owner="b", at=later, starting=True) == []
    assert [(run.slot, run.state) for run in _history(engine)] == [
        (datetime(2026, 11, 9, 8, tzinfo=UTC), "ok"),
        (datetime(2026, 11, 2, 8, tzinfo=UTC), "skipped"),
        (datetime(2026, 10, 26, 8, tzinfo=UTC), "skipped"),
        (datetime(2026, 10, 19, 7, tzinfo=UTC), "ok"),
    ]
    assert _history(engine)[1].detail == "the run of 2026-11-09 08:00 UTC stands for it"


def test_a_start_has_a_slot_of_its_own_which_stands_for_the_hour(engine: Engine) -> None:
    """Review runs when a scheduler starts, even if the hour has run; two starts in a minute are one."""
    job = _job(at_start=True)
    for at, starting in [(_AT, False), (_AT, True), (_AT + timedelta(seconds=20), True), (_AT + _HOUR, False)]:
        run_due(engine, [job], owner="a", at=at, starting=starting)
    assert _effects(engine) == [_TEN, _AT, _TEN + _HOUR]


def test_slots_of_a_clock_that_ran_ahead_do_not_hold_up_the_present(engine: Engine) -> None:
    """A run recorded in 2099 does not make today's slots look done."""
    run_due(engine, [_job()], owner="a", at=datetime(2099, 1, 1, tzinfo=UTC))
    assert [item.slot for item in run_due(engine, [_job()], owner="a", at=_AT)] == [_TEN]


def test_a_failed_run_is_tried_again_and_given_up_in_the_end(engine: Engine) -> None:
    """A failure keeps its words without secrets, is retried after a pause, and ends as failed."""

    def run(context: Context) -> str:
        raise ConnectionError(f"attempt {context.claim.fence} at postgresql://app:hunter2@db/x\nsecond line")

    job = JobSpec(name="prices", rule=HOURLY, run=run)
    pause = RETRY_AFTER + timedelta(seconds=1)
    results = [run_due(engine, [job], owner="a", at=_AT + number * pause) for number in range(MOST_ATTEMPTS + 2)]
    assert [len(result) for result in results] == [1] * MOST_ATTEMPTS + [0, 0]
    assert results[0][0].detail == "ConnectionError: attempt 1 at postgresql://app:***@db/x (will be tried again)"
    last = _history(engine)[0]
    assert (last.state, last.attempt) == ("failed", MOST_ATTEMPTS)
    assert last.detail == f"ConnectionError: attempt {MOST_ATTEMPTS} at postgresql://app:***@db/x"


def test_a_failed_run_waits_its_pause_and_the_next_slot_stands_for_it(engine: Engine) -> None:
    """Nothing is retried at once; a newer slot replaces the failed one, which is then recorded as skipped."""
    broken = JobSpec(name="review", rule=HOURLY, run=lambda _: str(1 / 0))
    run_due(engine, [broken], owner="a", at=_AT)
    assert run_due(engine, [_job()], owner="b", at=_AT + timedelta(minutes=1)) == []
    assert [run.state for run in _history(engine)] == ["retrying"]
    run_due(engine, [_job()], owner="b", at=_AT + _HOUR)
    assert [run.state for run in _history(engine)] == ["ok", "skipped"]
    assert _effects(engine) == [_TEN + _HOUR]


def test_a_run_that_keeps_taking_its_process_down_is_given_up(engine: Engine) -> None:
    """After the last attempt that never ended the slot is failed without running again."""
    for number in range(MOST_ATTEMPTS):
        assert _held(engine, _AT + number * timedelta(minutes=6)).fence == number + 1
    results = run_due(engine, [_job()], owner="b", at=_AT + MOST_ATTEMPTS * timedelta(minutes=6))
    assert [item.outcome for item in results] == ["failed"]
    assert results[0].detail == "given up after 5 attempts that never ended"
    assert _effects(engine) == []


def test_a_long_run_keeps_its_claim_by_renewing_it(engine: Engine) -> None:
    """A run that outlives its lease again and again is not taken over when that would have ended."""
    lease = timedelta(seconds=0.6)
    taken: list[int] = []

    def end() -> datetime:
        with reading(engine) as session:
            return unfinished_runs(session, "review", _AT)[0].lease_until

    def run(_: Context) -> str:
        for _round in range(5):
            ended = end()
            until(lambda: end() > ended)  # noqa: B023 (called within this round)
            taken.append(len(run_due(engine, [_job()], owner="b", at=ended, lease=lease)))
        return "long"

    job = JobSpec(name="review", rule=HOURLY, run=run)
    results = run_due(engine, [job], owner="a", at=_AT, lease=lease)
    assert [item.outcome for item in results] == ["ok"]
    assert taken == [0] * 5


def test_two_processes_run_each_slot_once(engine: Engine, database_url: str) -> None:
    """Two schedulers that race through the same 120 slots leave one effect for each."""
    with forked(claims, database_url, "a") as first, forked(claims, database_url, "b") as second:
        first.join()
        second.join()
        assert (first.exitcode, second.exitcode) == (0, 0)
    assert _effects(engine) == SLOTS
    assert {run.attempt for run in _history(engine, START)} == {1}


def test_a_killed_run_is_taken_over_when_its_lease_ends(engine: Engine, database_url: str) -> None:
    """A kill -9 in the middle of a run leaves no effect; the run happens once, later, elsewhere."""
    with forked_and_begun(hangs, database_url) as process:
        assert process.exitcode is None
    assert _effects(engine) == []
    assert run_due(engine, [_job("hangs")], owner="b", at=START + timedelta(minutes=4)) == []
    after = run_due(engine, [_job("hangs")], owner="b", at=START + timedelta(minutes=6))
    assert [(item.slot, item.outcome) for item in after] == [(START, "ok")]
    assert _effects(engine) == [START]
    assert [(run.state, run.attempt, run.owner) for run in _history(engine)] == [("ok", 2, "b")]


def test_schedulers_that_are_killed_again_and_again_leave_no_double_and_no_gap(
    engine: Engine, database_url: str
) -> None:
    """Two schedulers, killed -9 again and again: no slot has two effects, every end has its effect."""
    rounds = 0
    # At least six kills of both; on a busy machine more and later ones, until some runs got through.
    while rounds < 6 or (len(_effects(engine)) <= 5 and rounds < 30):
        with forked(ticks, database_url, f"a{rounds}"), forked(ticks, database_url, f"b{rounds}"):
            time.sleep(min(1 + rounds / 4, 5))
        rounds += 1
    _drain(engine)
    effects = Counter(_effects(engine))
    ended = [run for run in _history(engine) if run.state == "ok"]
    assert max(effects.values()) == 1
    assert sorted(effects) == sorted(run.slot for run in ended)
    assert {run.state for run in _history(engine)} <= {"ok", "skipped"}
    assert len(effects) > 5


def _drain(engine: Engine) -> Sequence[JobRun]:
    time.sleep(LEASE.total_seconds())
    run_due(engine, [ticking_job()], owner="drain", at=now(), lease=LEASE)
    return _history(engine)


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("Authorization: Bearer ofr_12345678abcdef refused", "ValueError: Authorization: *** *** refused"),
        ("password=hunter2 is wrong", "ValueError: password=*** is wrong"),
        ("key sk-proj-abcdefgh123 is wrong", "ValueError: key *** is wrong"),
        ("", "ValueError"),
    ],
)
def test_an_error_is_kept_without_its_secrets(message: str, kept: str) -> None:
    """What looks like a key, a token or a password never reaches the job history."""
    assert error_words(ValueError(message)) == kept


def test_a_paused_job_rests_and_makes_up_the_newest_slot(engine: Engine) -> None:
    """While it rests nothing runs, for any scheduler; resumed, the newest missed slot runs once."""
    jobs = [_job()]
    pause_job(engine, jobs, "review", by="ana", at=_AT - _HOUR)
    assert run_due(engine, jobs, owner="a", at=_AT, starting=True) == []
    assert job_standings(engine, jobs, _AT)[0].wanted.paused_at == _AT - _HOUR
    resume_job(engine, jobs, "review", by="ana", at=_AT)
    assert [item.slot for item in run_due(engine, jobs, owner="b", at=_AT)] == [_TEN]
    assert _effects(engine) == [_TEN]


def test_a_job_that_is_asked_for_runs_once_even_while_it_rests(engine: Engine) -> None:
    """Asked twice before the tick it runs once, at a slot of its own; it goes on resting, and its plan is untouched."""
    jobs = [_job()]
    run_due(engine, jobs, owner="a", at=_AT)
    pause_job(engine, jobs, "review", by="ana", at=_AT)
    asked = _AT + timedelta(minutes=3)
    for seconds in (0, 20):
        run_now(engine, jobs, "review", by="ana", at=asked + timedelta(seconds=seconds))
    tick = asked + timedelta(seconds=30)
    assert [item.slot for item in run_due(engine, jobs, owner="a", at=tick)] == [asked + timedelta(seconds=20)]
    assert run_due(engine, jobs, owner="b", at=tick + timedelta(seconds=30)) == []
    assert run_due(engine, jobs, owner="a", at=_AT + 2 * _HOUR) == []
    resume_job(engine, jobs, "review", by="ana", at=_AT)
    assert len(run_due(engine, jobs, owner="a", at=_AT + 2 * _HOUR)) == 1


def test_old_runs_are_forgotten_but_for_each_job_s_last(engine: Engine) -> None:
    """After 60 days a run is history nobody reads; the newest stays, so that nothing forgotten is ever made up."""
    jobs = [_job(), _job("ledger")]
    for days in (70, 65, 10):
        run_due(engine, jobs[:1], owner="a", at=_AT - timedelta(days=days))
    run_due(engine, jobs[1:], owner="a", at=_AT - timedelta(days=70))
    forget(engine, _AT, timedelta(hours=24))
    kept = [(item.job, (_AT - item.slot).days) for item in _history(engine)]
    assert kept == [("review", 10), ("ledger", 70)]
    assert [item.slot for item in run_due(engine, jobs[:1], owner="a", at=_AT - timedelta(days=10))] == []


def test_a_job_nobody_knows_is_refused(engine: Engine) -> None:
    """With the names that are known."""
    with pytest.raises(BadInput, match="no job 'views'; use review"):
        run_now(engine, [_job()], "views", by="ana", at=_AT)


def test_jitter_keeps_schedulers_from_asking_at_the_same_instant(engine: Engine) -> None:
    """Within twenty minutes after the slot each scheduler starts at its own time, once; the first one has it."""
    job = replace(_job("prices"), jitter=timedelta(minutes=20))
    run_due(engine, [job], owner="a", at=_AT - timedelta(minutes=30))
    started = [
        (owner, minute)
        for minute in range(25)
        for owner in "abcdef"
        if run_due(engine, [job], owner=owner, at=_TEN + timedelta(minutes=minute))
    ]
    assert len(started) == 1
    assert 0 < started[0][1] <= 20
    assert _effects(engine)[-1] == _TEN


def test_the_history_says_how_long_a_run_took(engine: Engine) -> None:
    """From its start to its end; one that is skipped took no time, which is unknown and not zero."""
    run_due(engine, [_job()], owner="a", at=_AT)
    (run,) = _history(engine)
    assert run.lasted is not None
    assert timedelta() <= run.lasted < timedelta(minutes=1)
    assert replace(run, state="skipped").lasted is None
