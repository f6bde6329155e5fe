"""The group of all commands: it lists them by a line each, and imports one when it is called."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from octobot.cli.failure import report


class Listed(click.Command):
    """A line of the table of commands, in place of a command until it is called.

    Importing all commands takes a second, so a list of them and the completion of their names must
    do with the line.  The command itself is its module's `command`.
    """

    def __init__(self, name: str, module: str, summary: str) -> None:
        """List a command of the room `cli`; `summary` is the first paragraph of its help."""
        super().__init__(name, help=summary)
        self.module = f"octobot.cli.{module}"

    def load(self) -> click.Command:
        """Import the command."""
        command: click.Command = import_module(self.module).command
        return command

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401  (click's own signature)
    ) -> click.Context:
        """Return the context of the command itself: with it click runs or completes a call."""
        return self.load().make_context(info_name, args, parent, **extra)


FORMER_NAMES: Mapping[str, str] = {"resume": "unhalt", "probe": "self-test", "try": "simulate"}
"""What commands were called until 0.1 → their names; accepted, and listed nowhere."""


class Commands(click.Group):
    """Commands that end with their own status when they are interrupted.

    Click's own is 1, which means here that something was found.
    """

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command by its name, or by a former one."""
        return super().resolve_command(ctx, [FORMER_NAMES.get(args[0], args[0]), *args[1:]])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  (click's own signature)
        """Run the command; click would end it with 1, and take an end of input for Ctrl-C."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, EOFError) as error:
            sys.exit(report(error))
