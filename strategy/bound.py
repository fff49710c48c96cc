"""The exact one-sided binomial bound of Clopper and Pearson (1934), and how many items would settle a claim.

A probability is a float here; no money passes through this module.
"""

import math
from functools import lru_cache

_STEPS = 60
_TINY = 1e-300
_FRACTIONS = 500
_CLOSE = 3e-16


def _continued_fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1.0 / max(1.0 - (a + b) * x / (a + 1.0), _TINY)
    value, step, m = d, 0.0, 0
    while abs(step - 1.0) >= _CLOSE and m < _FRACTIONS:
        m += 1
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        step = 1.0
        for term in (even, odd):
            d = 1.0 / (1.0 + term * d)
            c = 1.0 + term / c
            step = c * d
            value *= step
    return value


def tail(hits: int, n: int, p: float) -> float:
    """P(X >= hits) for n trials of probability p.

    >>> round(tail(1, 2, 0.5), 12)
    0.75
    """
    if hits <= 0 or p >= 1.0:
        return 1.0
    if hits > n or p <= 0.0:
        return 0.0
    a, b = float(hits), float(n - hits + 1)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(p) + b * math.log1p(-p))
    if p < (a + 1.0) / (a + b + 2.0):
        return front * _continued_fraction(a, b, p) / a
    return 1.0 - front * _continued_fraction(b, a, 1.0 - p) / b


@lru_cache(maxsize=4096)
def lower_bound(hits: int, n: int, confidence: float = 0.95) -> float:
    """The least success rate still believable after `hits` of `n`, at one-sided confidence.

    >>> round(lower_bound(95, 100), 3), round(lower_bound(9600, 10000), 3)
    (0.898, 0.957)
    """
    low, high = 0.0, hits / n
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if tail(hits, n, middle) < 1.0 - confidence:
            low = middle
        else:
            high = middle
    return low


@lru_cache(maxsize=4096)
def items_needed(score: float, required: float, most: int, confidence: float = 0.95) -> int | None:
    """How many items an eval with this score needs to prove the required one; None where `most` is not enough.

    >>> items_needed(0.96, 0.95, 20_000), items_needed(0.95, 0.95, 20_000)
    (1415, None)
    """

    def proves(n: int) -> bool:
        # The lower bound reaches `required` exactly where so many hits would be that unlikely at `required`.
        return tail(math.floor(score * n + 1e-9), n, required) <= 1.0 - confidence

    if score <= required or not proves(most):
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if proves(middle) else (middle, high)
    return high
