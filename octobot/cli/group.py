"""What Ctrl-C means to a command: a status of its own, for 1 says that something was found."""

import sys
from typing import Any

import click

from octobot.cli.failure import tell


class Interruptible(click.Group):
    """Commands that end with their own status when they are interrupted."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  (click's own signature)
        """Run the command; click would end it with 1, and take an end of input for Ctrl-C."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, EOFError) as error:
            sys.exit(tell(error))
