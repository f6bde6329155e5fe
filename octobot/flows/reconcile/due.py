"""Which packages are due: of those whose pull request only waits, the ones that moved.

A pull request that was judged and waits for GitHub (a check, a review, a label) is read in full
when a glance at many shows that it moved, when time decides, or after a day.  A glance is a hint
(`github/repository/glances.py`): no verdict and no merge rests on one.  Whatever else makes a
package due (news from upstream, a command, another file) changes its time in the store, and a
delivery hints its lane: both pass by the glance.  So does everything that is not known: after a
restart, in another process, and where GitHub's answer has a gap.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.waiting import Entry
from octobot.github.repository.glances import AT_ONCE
from octobot.model.ids import Key, PullNumber, RepositoryId
from octobot.store.packages import HINTED, Packages

log = structlog.get_logger()

SPARED = timedelta(seconds=0.6)
"""Between two glances at one pull request, for each that waits.  At a thousand that is ten minutes,
which makes about two hundred queries an hour, each of one point."""

Since = Mapping[Key, datetime]
"""Package → its time in the store."""


async def due(
    packages: Packages, contexts: Mapping[RepositoryId, RepoContext], *, now: datetime, limit: int
) -> tuple[Key, ...]:
    """Take what is due, without the pull requests that wait and did not move."""
    taken = await packages.take(now, limit)
    by_repository: dict[RepositoryId, dict[Key, datetime]] = defaultdict(dict)
    for key, since in taken.items():
        by_repository[key.repository][key] = since
    at_rest: set[Key] = set()
    moved: set[Key] = set()
    for repository, mine in by_repository.items():
        if ctx := contexts.get(repository):
            rest, news = await _glanced(ctx, mine, now)
            at_rest, moved = at_rest | rest, moved | news
    return tuple(dict.fromkeys((*(key for key in taken if key not in at_rest), *moved)))


async def _glanced(ctx: RepoContext, taken: Since, now: datetime) -> tuple[set[Key], set[Key]]:
    """Look at what waits; return who did not move, and who did of those that are not due yet.

    A query that is not full is filled up with what is due next.
    """
    entries = _glanceable(ctx, taken, now)
    asked = [key for key in taken if key in entries]
    others = sorted((key for key in entries if key not in taken), key=lambda key: entries[key].due)
    at_rest: set[Key] = set()
    moved: set[Key] = set()
    rules = await ctx.github.glances.rules() if asked else ""
    for start in range(0, len(asked), AT_ONCE):
        batch = asked[start : start + AT_ONCE]
        room = AT_ONCE - len({entries[key].resting.number for key in batch})
        batch, others = batch + others[:room], others[room:]
        rest, news = await _batch(ctx, {key: entries[key] for key in batch}, taken, now, rules)
        at_rest, moved = at_rest | rest, moved | news
    return at_rest, moved


def _glanceable(ctx: RepoContext, taken: Since, now: datetime) -> dict[Key, Entry]:
    """Return what waits and need not be read in full; of what was taken, what had no news."""
    return {
        key: entry
        for key, entry in ctx.waiting.entries.items()
        if now < entry.resting.until and (key not in taken or taken[key] == entry.due)
    }


async def _batch(
    ctx: RepoContext, batch: Mapping[Key, Entry], taken: Since, now: datetime, rules: str
) -> tuple[set[Key], set[Key]]:
    numbers = sorted({PullNumber(entry.resting.number) for entry in batch.values()})
    shown = await ctx.github.glances.read(numbers, rules)
    still = [
        key for key, one in batch.items() if one.seen and shown.get(one.resting.number) == one.seen
    ]
    moved = [key for key in batch if key not in still]
    for key in moved:
        ctx.waiting.announce(key, shown.get(batch[key].resting.number, ""))
    log.info("glanced", pulls=len(numbers), moved=len(moved))
    return set(await _postpone(ctx, still, batch, taken, now)), set(moved)


async def _postpone(
    ctx: RepoContext, still: list[Key], batch: Mapping[Key, Entry], taken: Since, now: datetime
) -> tuple[Key, ...]:
    """Put off those that did not move, each for as long as before; news since then is due."""
    least = SPARED * len(ctx.waiting.entries)
    done: list[Key] = []
    for pause in {batch[key].resting.pause for key in still}:
        known = {
            key: now + HINTED if key in taken else batch[key].due
            for key in still
            if batch[key].resting.pause == pause
        }
        # The store has microseconds, and so has this.
        due = now + max(pause, least)
        for key in await ctx.store.packages.postpone(known, due):
            ctx.waiting.put(key, batch[key], due=due)
            done.append(key)
    return tuple(done)
