"""How long things may be: limits taken from the small code bases that are read with pleasure."""

import ast
from statistics import median, quantiles

from tests.house.sources import code, modules

MODULE_LINES, FUNCTION_LINES, VIEW_LINES = 300, 50, 120


def _tenth_longest(lengths: list[int]) -> float:
    return quantiles(lengths, n=10)[-1]


def _function_lengths() -> dict[str, int]:
    return {
        f"{module.name}:{function.lineno} {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for module in code()
        for function in module.functions()
    }


def _longer(lengths: dict[str, int], limit: int) -> dict[str, int]:
    return {name: length for name, length in lengths.items() if length > limit}


def test_no_module_is_longer_than_a_sitting() -> None:
    """A module ends at 300 lines."""
    assert _longer({module.name: module.lines for module in code()}, MODULE_LINES) == {}


def test_modules_are_short_as_a_rule() -> None:
    """Half of the modules have at most 120 lines, nine in ten at most 250."""
    lengths = [module.lines for module in code()]
    assert median(lengths) <= 120
    assert _tenth_longest(lengths) <= 250


def test_no_function_is_longer_than_a_page() -> None:
    """A function ends at 50 lines."""
    assert _longer(_function_lengths(), FUNCTION_LINES) == {}


def test_functions_are_short_as_a_rule() -> None:
    """Half of the functions have at most 10 lines, nine in ten at most 30."""
    lengths = list(_function_lengths().values())
    assert median(lengths) <= 10
    assert _tenth_longest(lengths) <= 30


def test_a_page_is_no_god_page() -> None:
    """A page of the dashboard has at most 120 lines: it loads, frames, charts and places."""
    views = {module.name: module.lines for module in code() if module.name.startswith("dashboard/views/")}
    assert len(views) >= 5
    assert _longer(views, VIEW_LINES) == {}


def test_every_module_says_what_it_is() -> None:
    """Every module opens with a docstring, the tests and the benchmarks too."""
    everything = (*code(), *modules("tests"), *modules("benchmarks"))
    assert [module.name for module in everything if not ast.get_docstring(module.tree)] == []


def test_every_test_says_what_it_promises() -> None:
    """Every test has a docstring."""
    silent = [
        f"{module.name}:{function.lineno} {function.name}"
        for module in modules("tests")
        for function in module.functions()
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]
    assert silent == []
