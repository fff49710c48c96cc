"""A group of commands that shows where no command is named: `prices MODEL` beside `prices refresh`."""

from typing import Any

from typer.core import TyperGroup

SHOW = "show"


class ShowByDefault(TyperGroup):
    """What is no command of the group is an argument or option of its `show`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 (click's context, which Typer brings along or not)
        """Name `show` where no command is named; without any word only where the group does not show its help then."""
        silent = not args and self.no_args_is_help
        named = silent or (bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names))
        return super().parse_args(ctx, args if named else [SHOW, *args])
