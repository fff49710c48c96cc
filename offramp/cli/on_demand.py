"""Commands that are imported when they are called: one of them needs a third of what all need together."""

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group


class Commands(MutableMapping[str, Any]):
    """Commands by name: where one lies ("module:name" in offramp.cli) is known, and it is imported when asked for."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places, self._made = dict(places), dict[str, Any]()

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 (click's command, which Typer brings along or not)
        """The command, made when it is asked for first."""
        if name not in self._made:
            self._made[name] = _made(name, self._places[name])
        return self._made[name]

    def __setitem__(self, name: str, command: object) -> None:
        """Add a command that is made already."""
        self._places[name], self._made[name] = "", command

    def __delitem__(self, name: str) -> None:
        """Take a command away."""
        del self._places[name]
        self._made.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        """Their names, in order."""
        return iter(self._places)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._places)


def _made(name: str, place: str) -> Any:  # noqa: ANN401 (click's command, which Typer brings along or not)
    module, _, word = place.partition(":")
    found = getattr(import_module(f"offramp.cli.{module}"), word)
    if isinstance(found, typer.Typer):
        group = get_group(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return get_command(alone)


def on_demand(places: Mapping[str, str]) -> type[TyperGroup]:
    """A group of the commands that lie at these places."""

    class OnDemand(TyperGroup):
        """A group whose commands are imported when they are called."""

        def __init__(self, **settings: Any) -> None:  # noqa: ANN401 (Typer's own)
            super().__init__(**settings)
            self.commands = Commands(places)

    return OnDemand
