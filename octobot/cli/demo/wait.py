"""How the demo waits: until all that it will claim is there, and not for ever.

One patience is for the whole story.  What was not there when it ended is kept and shown: a wait
that was given up is never taken for one that was answered.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from octobot.cli.demo.effects import Lacking
from octobot.cli.demo.stage import Stage
from octobot.cli.demo.view import View
from octobot.model.memory import Row

LOOK = 0.25
"""Seconds between two looks at the packages."""

Ask = Callable[[Sequence[Row]], Awaitable[Lacking]]


class Waiting:
    """The one patience of a demo."""

    def __init__(self, stage: Stage, view: View, patience: float) -> None:
        self._stage, self._view = stage, view
        self._ends = time.monotonic() + patience
        self.lacked: dict[str, tuple[str, ...]] = {}
        """Package \u2192 what was missing when patience ended."""
        self.rows: Sequence[Row] = ()
        """The packages at the last look."""

    async def until(self, ask: Ask) -> None:
        """Look at the packages until nothing is lacking, or patience ends."""
        while missing := await self._look(ask):
            if time.monotonic() >= self._ends:
                self.lacked.update(missing)
                return
            await asyncio.sleep(LOOK)

    async def until_settled(self, ask: Ask) -> None:
        """Wait for it, and that one more look at every upstream leaves it so.

        A package that need not change is as expected from the start, also before the bot has seen
        the news that must not change it.
        """
        while not self.lacked:
            await self.until(ask)
            if self.lacked:
                return
            await self._stage.look_again()
            if not await self._look(ask):
                return

    async def _look(self, ask: Ask) -> Lacking:
        self.rows = await self._stage.rows()
        self._view.show(self.rows)
        return await ask(self.rows)
