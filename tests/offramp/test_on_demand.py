"""Commands are imported when they are called, and are the same commands."""

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from offramp.cli.main import app
from offramp.cli.on_demand import Commands


def test_names_are_known_before_anything_is_imported() -> None:
    """What lies nowhere is noticed by who calls it."""
    commands = Commands({"load": "loading:load_command", "lost": "nowhere:lost"})
    assert (list(commands), len(commands), "load" in list(commands)) == (["load", "lost"], 2, True)
    assert commands["load"].name == "load"
    assert commands["load"] is commands["load"]
    with pytest.raises(ModuleNotFoundError):
        commands["lost"]


def test_commands_can_be_added_and_taken_away() -> None:
    """As to any mapping of commands."""
    commands = Commands({"lost": "nowhere:lost"})
    commands["made"] = "a command"
    del commands["lost"]
    assert dict(commands) == {"made": "a command"}


def test_every_command_lies_where_it_is_looked_for() -> None:
    """Under its own name, with a word of help."""
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    assert {name: (command.name, bool(command.help)) for name, command in group.commands.items()} == {
        name: (name, True) for name in group.commands
    }
