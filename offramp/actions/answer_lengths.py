"""How long a feature's answers are, read from the calls of a file: the database keeps sums, which cannot tell."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import accumulate, islice
from pathlib import Path

from collectors.files import read_calls
from reports.scan_value import Lengths
from strategy.facts import Call

_MOST_ROWS = 1_000_000
_DIGITS = 2
_HALF, _NINE_OF_TEN = (5, 10), (9, 10)


def answer_lengths(
    paths: Iterable[Path],
    newest: datetime,
    set_columns: Mapping[str, str] | None = None,
    renamed: Mapping[str, str] | None = None,
) -> dict[str | None, Lengths]:
    """The lengths by feature, of the first million rows of each file; None is what no feature claims.

    Of a row that sums several calls no length is known: a feature with more than half its calls in such rows is left
    out. Failed calls have no answer.
    """
    single: dict[str | None, Counter[int]] = {}
    every = Counter[str | None]()
    for path in paths:
        for call in islice(read_calls(path, set_columns=set_columns, renamed=renamed, newest=newest), _MOST_ROWS):
            if isinstance(call, Call) and not call.errors and call.output_tokens is not None:
                every[call.feature] += call.calls
                if call.calls == 1:
                    single.setdefault(call.feature, Counter())[_rounded(call.output_tokens)] += 1
    return {feature: _lengths(seen) for feature, seen in single.items() if seen.total() * 2 >= every[feature]}


def _rounded(tokens: int) -> int:
    """The length with two digits, so that a feature never has more than some hundred different ones.

    >>> _rounded(7), _rounded(98), _rounded(1234)
    (7, 98, 1200)
    """
    scale = int(10 ** max(0, len(str(tokens)) - _DIGITS))
    return tokens // scale * scale


def _lengths(counts: Counter[int]) -> Lengths:
    return Lengths(calls=counts.total(), p50=_quantile(counts, _HALF), p90=_quantile(counts, _NINE_OF_TEN))


def _quantile(counts: Counter[int], share: tuple[int, int]) -> int:
    """The smallest length that so many parts of the calls do not exceed.

    >>> _quantile(Counter({5: 9, 100: 1}), (9, 10)), _quantile(Counter({5: 8, 100: 2}), (9, 10))
    (5, 100)
    """
    part, whole = share
    below = accumulate(counts[length] for length in sorted(counts))
    return next(
        length for length, seen in zip(sorted(counts), below, strict=True) if seen * whole >= counts.total() * part
    )
