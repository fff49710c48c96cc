"""The command that judges a past."""

from pathlib import Path
from typing import Annotated

import typer

from offramp.actions.replay import replay_folder
from offramp.cli import context as ctx
from offramp.policy import load_policy


def replay_command(
    folder: Annotated[Path, typer.Argument(help="A folder with a history: meta.json and five CSV files.")],
) -> None:
    """Judge a history day by day, without looking ahead, and write DIR/verdicts.csv."""
    with ctx.ending():
        count = replay_folder(folder, load_policy())
        ctx.log.print(f"{count} verdicts written to {folder / 'verdicts.csv'}")
