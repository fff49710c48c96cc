"""A short run of the fuzz program in every build; the long ones are run by hand."""

import asyncio

from tests.fuzz.bodies import fuzz, fuzz_directly


def test_no_hostile_body_is_answered_with_5xx() -> None:
    """Mutated and malformed bodies, at the door and behind it: each is taken or refused for good."""
    for found in (asyncio.run(fuzz(300, seed=7)), fuzz_directly(1_000, seed=8)):
        answers = found["answers"]
        assert isinstance(answers, dict)
        assert set(answers) <= {200, 400, 413, 415}
        assert answers[200] > 50
