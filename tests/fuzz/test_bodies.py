"""A short run of the fuzz program in every build; the long ones are run by hand."""

import asyncio

from tests.fuzz.bodies import fuzz


def test_no_hostile_body_is_answered_with_5xx() -> None:
    """1,000 mutated and malformed bodies: each is taken or refused for good."""
    found = asyncio.run(fuzz(1_000, seed=7))
    answers = found["answers"]
    assert isinstance(answers, dict)
    assert set(answers) <= {200, 400, 413, 415}
    assert answers[200] > 100
