"""Works off the deliveries that were stored: the events behind the answers.

The table is the queue.  A delivery stays in it until its event was handled; what a killed process
had taken is taken again.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from octobot.model.errors import TryLater
from octobot.model.events import Event
from octobot.model.ids import Guid
from octobot.store.deliveries import Deliveries

log = structlog.get_logger()

OnEvent = Callable[[Event], Awaitable[None]]

BATCH = 50
"""Events handled at the same time."""

STORM = 8
"""Deliveries inside at one time, from which on it is a storm."""

PATIENCE = 10
"""Tenths of a second in which a storm may go on before the next batch."""

IDLE = 15.0
"""Seconds after which the table is looked at without news."""

TRIMMING = 3600.0
"""Seconds between two trimmings of old deliveries."""


class Backlog:
    """The stored deliveries whose events are still to be handled."""

    def __init__(self, deliveries: Deliveries, on_event: OnEvent) -> None:
        self._deliveries = deliveries
        self._on_event = on_event
        self._news = asyncio.Event()
        self._stopping = False
        self._trim_at = float("-inf")  # at once, whatever the steady clock starts with
        self.inside = 0
        """Deliveries that wait for their answer: they come first."""

    def wake(self) -> None:
        """Tell that a delivery was stored."""
        self._news.set()

    def stop(self) -> None:
        """Let `work_off` end after the batch it works on."""
        self._stopping = True
        self._news.set()

    async def work_off(self) -> None:
        """Handle deliveries until `stop`.

        A cancellation alone may get lost: in Python 3.11 `asyncio.wait_for`, which the connection
        pool uses, swallows one that comes together with its answer.
        """
        while not self._stopping:
            self._news.clear()
            await self._give_way()
            if not await self._some() and not self._stopping:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(IDLE):
                        await self._news.wait()

    async def _give_way(self) -> None:
        """Let a storm be answered before it is worked off, but not for ever."""
        for _ in range(PATIENCE):
            if self.inside < STORM or self._stopping:
                return
            await asyncio.sleep(0.1)

    async def _some(self) -> bool:
        """Handle a batch; False when there was nothing to do, or nothing could be done."""
        try:
            found = await self._deliveries.pending(limit=BATCH)
            handled = await asyncio.gather(*[self._handle(guid, event) for guid, event in found])
            if done := [guid for guid in handled if guid]:
                await self._deliveries.done(*done)
            await self._trim()
        except TryLater as error:
            log.warning("backlog put off", because=str(error))
            return False
        except Exception:  # the door is one of the three places that may
            log.exception("backlog failed")
            return False
        return bool(found)

    async def _handle(self, guid: Guid, event: Event) -> Guid | None:
        """Handle one event; give its GUID unless it must wait."""
        with structlog.contextvars.bound_contextvars(delivery=guid):
            try:
                await self._carry(event)
            except TryLater as error:
                log.warning("delivery put off", because=str(error))
                return None
        return guid

    async def _carry(self, event: Event) -> None:
        """Hand one event on; a bug of ours ends it, since the tick repairs what is lost."""
        try:
            await self._on_event(event)
        except TryLater:
            raise
        except Exception:  # the door is one of the three places that may
            log.exception("event failed; the tick will repair it", event_was=repr(event))

    async def _trim(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._trim_at:
            self._trim_at = now + TRIMMING
            await self._deliveries.trim()
