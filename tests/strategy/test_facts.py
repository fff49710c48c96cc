"""The facts' own rules."""

import pytest

from strategy.facts import size_tier


@pytest.mark.parametrize(
    ("tokens", "tier"), [(None, 0), (0, 0), (32_000, 0), (32_001, 32_000), (200_000, 199_999), (200_001, 200_000)]
)
def test_a_requests_size_is_the_largest_bound_it_exceeds(tokens: int | None, tier: int) -> None:
    """A request of exactly 200,000 tokens is still the smaller one."""
    assert size_tier(tokens) == tier
