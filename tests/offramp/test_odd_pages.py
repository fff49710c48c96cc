"""Pages of sources that do not come as they were asked for: fewer rows, empty ones, the same one for ever."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from offramp.actions.collect import Collected, collect
from tests.collectors.pulls.langfuse_worlds import langfuse_new, langfuse_old
from tests.collectors.pulls.worlds import Query, Use, World, anthropic, http_world, litellm, litellm_daily, openai

_NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)

Answer = Callable[[World, str, Query], Any]


@contextmanager
def _world(kind: str, answer: Answer, calls: int) -> Iterator[World]:
    with http_world(kind, answer) as world:
        world.uses.extend(Use(id=f"u{n}", at=_NOW - timedelta(seconds=1 + n), feature="triage") for n in range(calls))
        yield world


def _pull(engine: Engine, world: World) -> Collected:
    (done,) = collect(engine, [world.source], now=_NOW, since=_NOW)
    return done


def _fewer(answer: Answer, size_name: str, most: int, told: Callable[[dict[str, Any], int], object]) -> Answer:
    """The same server, that hands out at most so many rows, and says how many pages that makes."""

    def at_most(world: World, path: str, query: Query) -> Any:  # noqa: ANN401 (any JSON)
        if path not in {"/spend/logs/v2", "/api/public/observations"}:
            return answer(world, path, query)
        document = answer(world, path, {**query, size_name: [str(most)]})
        if isinstance(document, dict):
            whole = answer(world, path, {**query, size_name: ["100000"], "page": ["1"]})
            told(document, -(-len(whole["data"]) // most))
        return document

    return at_most


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("litellm", _fewer(litellm, "page_size", 100, lambda page, pages: page.update(total_pages=pages))),
        ("langfuse", _fewer(langfuse_old, "limit", 50, lambda page, pages: page.update(meta={"totalPages": pages}))),
    ],
)
def test_a_server_of_smaller_pages_is_read_to_the_end(engine: Engine, kind: str, answer: Answer) -> None:
    """A page with fewer rows than were asked for is not the last where the server tells of more."""
    with _world(kind, answer, 230) as world:
        done = _pull(engine, world)
    assert (done.outcome, done.calls) == ("ok", 230)


def test_an_empty_page_that_names_another_is_not_the_end(engine: Engine) -> None:
    """A filter that runs after the paging leaves pages empty."""

    def late(world: World, path: str, query: Query) -> Any:  # noqa: ANN401 (any JSON)
        if path == "/api/public/v2/observations" and "cursor" not in query:
            return {"data": [], "meta": {"cursor": "0"}}
        return langfuse_new(world, path, query)

    with _world("langfuse", late, 7) as world:
        done = _pull(engine, world)
    assert (done.outcome, done.calls) == ("ok", 7)


def _first_only(answer: Answer, *asked: str) -> Answer:
    """The same server behind something that drops which page is asked for, with more to come for ever."""

    def stuck(world: World, path: str, query: Query) -> Any:  # noqa: ANN401 (any JSON)
        document = answer(world, path, {name: value for name, value in query.items() if name not in asked})
        if isinstance(document, dict) and (document.get("data") or document.get("results")):
            document |= {"has_more": True, "next_page": "again", "total_pages": 9}
            document["meta"] = {"cursor": "again", "totalPages": 9}
            document["metadata"] = {"total_pages": 9}
        return document

    return stuck


def _charged(world: World, path: str, query: Query) -> Any:  # noqa: ANN401 (any JSON)
    world.charges = {f"{_NOW:%Y-%m-%d}": "100"}
    return anthropic(world, path, query)


def _numbered(answer: Answer, name: str) -> Answer:
    return lambda world, path, query: answer(world, path, {**query, "page": ["1"]} if name in query else query)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("langfuse", _first_only(langfuse_new, "cursor")),
        pytest.param("langfuse", _first_only(_numbered(langfuse_old, "page")), id="langfuse old"),
        ("litellm", _first_only(_numbered(litellm, "page"))),
        ("litellm_daily", _first_only(_numbered(litellm_daily, "page"))),
        ("openai", _first_only(openai, "page")),
        ("anthropic", _first_only(_charged, "page")),
    ],
)
def test_pages_that_never_end_are_a_failure(engine: Engine, kind: str, answer: Answer) -> None:
    """The run ends after a few questions and says why; nothing of the day is written."""
    with _world(kind, answer, 3) as world:
        done = _pull(engine, world)
    assert done.outcome == "failed"
    assert done.error == "source gives the same page again and again"
    assert done.calls == 0
    assert len(world.asked) <= 12
