"""The binomial bound is the exact one, and asks for no more items than it needs."""

from fractions import Fraction
from math import comb

import pytest

from strategy.bound import items_needed, lower_bound, tail


def exact_tail(hits: int, n: int, p: Fraction) -> Fraction:
    """The same probability in whole numbers."""
    return sum((comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(hits, n + 1)), Fraction(0))


@pytest.mark.parametrize("n", [1, 2, 7, 40, 150])
def test_the_tail_is_that_of_whole_number_arithmetic(n: int) -> None:
    """For every count of hits and several rates, to twelve places."""
    for p in (Fraction(1, 100), Fraction(3, 10), Fraction(1, 2), Fraction(95, 100)):
        for hits in range(n + 1):
            assert tail(hits, n, float(p)) == pytest.approx(float(exact_tail(hits, n, p)), abs=1e-12)


def test_the_tail_at_its_ends() -> None:
    """Certain and impossible events."""
    assert (tail(0, 5, 0.0), tail(5, 5, 1.0), tail(6, 5, 0.5), tail(1, 5, 0.0)) == (1.0, 1.0, 0.0, 0.0)


def test_the_acceptance_bounds() -> None:
    """95 of 100 does not prove 0.95 (0.898); 9,600 of 10,000 does (0.957); nothing right proves nothing."""
    assert round(lower_bound(95, 100), 3) == 0.898
    assert round(lower_bound(9600, 10_000), 3) == 0.957
    assert lower_bound(0, 10) == pytest.approx(0.0, abs=1e-15)
    assert lower_bound(10, 10) == pytest.approx(0.05 ** (1 / 10))


def test_the_items_asked_for_are_enough() -> None:
    """The count proves the claim; a claim that no affordable count proves gets none."""
    n = items_needed(0.92, 0.90, 20_000)
    assert n is not None
    assert 600 < n < 800
    assert lower_bound(int(0.92 * n + 1e-9), n) >= 0.90
    assert items_needed(0.90, 0.90, 20_000) is None
    assert items_needed(0.9001, 0.90, 20_000) is None
