"""The examples in the collectors' docstrings."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import collectors


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(collectors.__path__)])
def test_the_examples_hold(name: str) -> None:
    """What a docstring shows is what happens."""
    assert doctest.testmod(import_module(f"collectors.{name}")).failed == 0
