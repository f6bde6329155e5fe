"""Ask GitHub again for deliveries that did not arrive: it never does so by itself.

The tick repairs whatever a lost delivery was about; this makes it sooner.  What failed is
written down before it is asked for, each GUID is asked for by one process and a few times at most,
and one pass reads and asks for no more than its budget: the next pass continues.
Source: docs.github.com, "Automatically redelivering failed deliveries for a GitHub App webhook".
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from octobot.github.webhooks.delivery_log import HookLog
from octobot.model.delivery import Attempt, Reading
from octobot.store.deliveries import Redeliveries

log = structlog.get_logger()

EVERY = timedelta(minutes=5)
"""Between two readings of the list, of all processes together."""

PAGES = 50
"""Pages of a hundred that one pass reads."""

REQUESTS = 100
"""Deliveries that one pass asks for."""

OVERLAP = timedelta(minutes=1)
"""Read again each time: the list may lag behind what happens."""


async def redeliver(
    hook: HookLog, memory: Redeliveries, *, every: timedelta = EVERY, pages: int = PAGES
) -> int:
    """Ask again for what failed since the last pass; return how many deliveries that were."""
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
        newest = _final_up_to(newest, page.attempts)
        cursor = page.next
        if any(each.at < reading.read_to for each in page.attempts):
            cursor = None
        if cursor is None:
            return Reading(max(reading.read_to, (newest or reading.read_to) - OVERLAP))
    return Reading(reading.read_to, cursor, newest)


def _final_up_to(newest: datetime | None, attempts: Sequence[Attempt]) -> datetime | None:
    """Return up to when nothing changes any more: what is pending must be read again."""
    if newest is None and attempts:
        newest = attempts[0].at
    pending = [each.at for each in attempts if each.outcome == "pending"]
    return min([newest, *pending]) if newest else None
