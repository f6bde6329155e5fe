"""Ask GitHub again for deliveries that did not arrive: it never does so by itself.

The tick repairs whatever a lost delivery would have told; this makes it sooner.  What failed is
written down before it is asked for, each GUID is asked for by one process and a few times at most,
and one pass reads and asks for no more than its budget: the next pass goes on.
Source: docs.github.com, "Automatically redelivering failed deliveries for a GitHub App webhook".
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from octobot.model.delivery import Attempt, Attempts, Reading

log = structlog.get_logger()

EVERY = timedelta(minutes=5)
"""Between two readings of the list, of all processes together."""

PAGES = 50
"""Pages of a hundred that one pass reads."""

REQUESTS = 100
"""Deliveries that one pass asks for."""

OVERLAP = timedelta(minutes=1)
"""Read again each time: the list may lag behind what happens."""


class HookLog(Protocol):
    """GitHub's own list of the deliveries to this App."""

    async def attempts(self, cursor: str | None) -> Attempts:
        """Read one page; the newest without a cursor."""
        ...

    async def again(self, attempt: int) -> bool:
        """Ask for a delivery once more; False when GitHub has it no more."""
        ...


class Redeliveries(Protocol):
    """What is remembered of deliveries that failed, for all processes together."""

    async def begin(self, *, every: timedelta) -> Reading | None:
        """Begin to read the list; None when a process did so less than `every` ago."""
        ...

    async def learn(self, attempts: Sequence[Attempt]) -> None:
        """Note what failed and did not arrive in another way, and what arrived at last."""
        ...

    async def finish(self, reading: Reading) -> None:
        """Remember how far the list was read."""
        ...

    async def take(self, *, limit: int) -> tuple[int, ...]:
        """Take the attempts to ask for again now, oldest first; no other process gets them."""
        ...


async def redeliver(
    hook: HookLog, memory: Redeliveries, *, every: timedelta = EVERY, pages: int = PAGES
) -> int:
    """Read what failed since the last pass and ask for it again; gives how many were asked for."""
    reading = await memory.begin(every=every)
    if reading is None:
        return 0
    await memory.finish(await _read(hook, memory, reading, pages))
    asked = 0
    for attempt in await memory.take(limit=REQUESTS):
        asked += await hook.again(attempt)
    if asked:
        log.info("deliveries asked for again", number=asked)
    return asked


async def _read(hook: HookLog, memory: Redeliveries, reading: Reading, pages: int) -> Reading:
    cursor, newest = reading.cursor, reading.newest
    for _ in range(pages):
        page = await hook.attempts(cursor)
        await memory.learn(page.attempts)
        newest = _settled(newest, page.attempts)
        cursor = page.next
        if any(each.at < reading.read_to for each in page.attempts):
            cursor = None
        if cursor is None:
            return Reading(max(reading.read_to, (newest or reading.read_to) - OVERLAP))
    return Reading(reading.read_to, cursor, newest)


def _settled(newest: datetime | None, attempts: Sequence[Attempt]) -> datetime | None:
    """Return up to when nothing changes any more: what is under way must be read again."""
    if newest is None and attempts:
        newest = attempts[0].at
    pending = [each.at for each in attempts if each.outcome == "pending"]
    return min([newest, *pending]) if newest else None
