"""Scores that Langfuse holds, of its newest API and of the older one: each once, nothing mixed, nothing silent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from db.queries.scores import scores
from db.queries.sources import runs
from db.session import reading
from offramp.actions.collect import Collected, collect
from offramp.actions.rename import rename
from strategy.facts import Score
from tests.collectors.pulls.langfuse_worlds import langfuse_new, langfuse_old
from tests.collectors.pulls.worlds import Mark, Use, World, http_world

_NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
_HOUR = timedelta(hours=1)


@pytest.fixture(params=[langfuse_new, langfuse_old], ids=["new", "old"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A Langfuse of each kind, with two features' calls of yesterday and today."""
    with http_world("langfuse", request.param) as found:
        for number in range(30):
            at = _NOW - number * _HOUR - timedelta(minutes=7)
            found.uses.append(Use(id=f"u{number}", at=at, feature="triage" if number % 3 else "tags"))
        yield found


def _pull(engine: Engine, world: World, now: datetime = _NOW) -> Collected:
    (done,) = collect(engine, [world.source], now=now, since=now - timedelta(days=2))
    return done


def test_scores_become_one_mean_a_day(engine: Engine, world: World) -> None:
    """By feature, metric, evaluator, version and scale, with n; what a person rated does not mix with a judge."""
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    judge = {"evaluator": "judge", "evaluator_version": "2"}
    world.source = replace(world.source, lower_is_better=frozenset({"toxic"}))
    world.marks += [
        Mark(id="s1", at=at, of="u22", value=4, config="stars", metadata=judge),
        Mark(id="s2", at=at + _HOUR, of="u23", value=5, config="stars", metadata=judge, whole_trace=True),
        Mark(id="s3", at=at, of="u22", value=1, config="stars", source="ANNOTATION"),
        Mark(id="s4", at=at, of="u22", value=1, name="toxic", kind="BOOLEAN"),
        Mark(id="s5", at=at, of="u24", value="fair", name="grade", kind="CATEGORICAL", config="grade"),
    ]
    for _ in range(2):
        done = _pull(engine, world)
        assert (done.outcome, done.scores, done.left_out) == ("ok", 5, {})
        assert [_told(score) for score in _scores(engine, "tags", "triage")] == [
            ("tags", "grade", "langfuse eval", None, Decimal(1), 1, 0, 2, True),
            ("triage", "helpful", "judge", "2", Decimal("4.5"), 2, 1, 5, True),
            ("triage", "helpful", "langfuse annotation", None, Decimal(1), 1, 1, 5, True),
            ("triage", "toxic", "langfuse eval", None, Decimal(1), 1, 0, 1, False),
        ]


def test_scores_are_restated_and_taken_back(engine: Engine, world: World) -> None:
    """A score made twice counts by its newer value; one that is gone is gone; a rename keeps them."""
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    world.marks += [Mark(id="s1", at=at, of="u22", value=0.25), Mark(id="s2", at=at, of="u23", value=0.5)]
    _pull(engine, world)
    world.marks.append(Mark(id="s3", at=at + _HOUR, of="u22", value=1))
    rename(engine, "triage", "tickets", at=_NOW, by="somebody")
    _pull(engine, world, _NOW + _HOUR)
    assert [(score.score, score.n) for score in _scores(engine, "tickets")] == [(Decimal("0.75"), 2)]
    world.marks.clear()
    _pull(engine, world, _NOW + 2 * _HOUR)
    assert _scores(engine, "tickets", "triage") == []


def test_scores_of_nobody_and_words_are_told(engine: Engine, world: World) -> None:
    """A score of a trace that is gone, of an unknown category or out of its scale is left out, and the run says so."""
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    world.marks += [
        Mark(id="s1", at=at, of="gone", value=0.5),
        Mark(id="s2", at=at, of="u22", value="splendid", kind="CATEGORICAL"),
        Mark(id="s3", at=at, of="u22", value=9, config="stars"),
        Mark(id="s4", at=at, of="u22", value="passed", kind="CATEGORICAL", name="check"),
        Mark(id="s5", at=at, of="u22", value="what somebody wrote", kind="TEXT"),
    ]
    done = _pull(engine, world)
    assert (done.outcome, done.scores, done.left_out) == ("ok", 1, {"without a feature": 1, "no number": 2})
    with reading(engine) as session:
        assert runs(session)[0].message == "2 scores no number, 1 score without a feature"


def test_many_scores_of_yesterdays_answers(engine: Engine, world: World) -> None:
    """260 answers scored overnight, page after page: their observations are read by the day, not one by one."""
    world.uses.clear()
    made, scored = datetime(2026, 11, 20, 18, tzinfo=UTC), datetime(2026, 11, 21, 2, tzinfo=UTC)
    world.uses.extend(Use(id=f"m{n}", at=made + timedelta(seconds=n), feature="triage") for n in range(260))
    world.marks.extend(Mark(id=f"s{n}", at=scored + timedelta(seconds=n), of=f"m{n}", value=n % 2) for n in range(260))
    assert _pull(engine, world).scores == 260
    assert [(score.n, score.score) for score in _scores(engine, "triage")] == [(260, Decimal("0.5"))]
    assert not [path for path in world.asked if "traceId=" in path]


def _scores(engine: Engine, *features: str) -> list[Score]:
    with reading(engine) as session:
        return sorted(scores(session, features), key=_told)


def _told(score: Score) -> tuple[object, ...]:
    who = score.feature, score.metric, score.evaluator, score.evaluator_version
    return (*who, score.score, score.n, score.scale_min, score.scale_max, score.higher_is_better)
