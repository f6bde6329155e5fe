"""Handles the events of stored deliveries, after they were answered.

The table is the queue.  A delivery stays in it until its event was handled; the deliveries of a
killed process are taken again.
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
"""Deliveries being answered at one time, from which on it is a storm."""

PATIENCE = 10
"""Tenths of a second that a storm may delay the next batch."""

IDLE = 15.0
"""Seconds between two polls of the table without news."""

TRIMMING = 3600.0
"""Seconds between two deletions of old deliveries."""


class Backlog:
    """The stored deliveries whose events are not handled yet."""

    def __init__(self, deliveries: Deliveries, on_event: OnEvent) -> None:
        self._deliveries = deliveries
        self._on_event = on_event
        self._news = asyncio.Event()
        self._stopping = False
        self._trim_at = float("-inf")  # at once, whatever the steady clock starts with
        self.answering = 0
        """Deliveries being answered now: they come first."""

    def wake(self) -> None:
        """Notify that a delivery was stored."""
        self._news.set()

    def stop(self) -> None:
        """End `work_off` after the present batch."""
        self._stopping = True
        self._news.set()

    async def work_off(self) -> None:
        """Handle deliveries until `stop`.

        A cancellation alone may get lost: in Python 3.11 `asyncio.wait_for`, which the connection
        pool uses, swallows one that comes together with its answer.
        """
        while not self._stopping:
            self._news.clear()
            await self._yield_to_answers()
            if not await self._some() and not self._stopping:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(IDLE):
                        await self._news.wait()

    async def _yield_to_answers(self) -> None:
        """Let a storm be answered before its events are handled, but not for ever."""
        for _ in range(PATIENCE):
            if self.answering < STORM or self._stopping:
                return
            await asyncio.sleep(0.1)

    async def _some(self) -> bool:
        """Handle a batch; False when there was nothing to do, or the store is away."""
        try:
            found = await self._deliveries.pending(limit=BATCH)
            handled = await asyncio.gather(*[self._handle(guid, event) for guid, event in found])
            if done := [guid for guid in handled if guid]:
                await self._deliveries.done(*done)
            await self._trim()
        except TryLater as error:
            log.warning("backlog put off", because=str(error))
            return False
        except Exception:  # the web server is one of the three places that may
            log.exception("backlog failed")
            return False
        return bool(found)

    async def _handle(self, guid: Guid, event: Event) -> Guid | None:
        """Handle one event; return its GUID unless it must wait."""
        with structlog.contextvars.bound_contextvars(delivery=guid):
            try:
                await self._carry(event)
            except TryLater as error:
                log.warning("delivery put off", because=str(error))
                return None
        return guid

    async def _carry(self, event: Event) -> None:
        """Run the handler; an internal error drops the event: the tick repairs what is lost."""
        try:
            await self._on_event(event)
        except TryLater:
            raise
        except Exception:  # the web server is one of the three places that may
            log.exception("event failed; the tick will repair it", event_was=repr(event))

    async def _trim(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._trim_at:
            self._trim_at = now + TRIMMING
            await self._deliveries.trim()
