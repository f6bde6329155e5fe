"""Count the thumbs on octobot's own comments: GitHub sends no event for them, so they are read.

One vote a person, by numeric id; bots and people who may not write have none.  A vote teaches what
to suggest next time; no merge ever rests on one.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from octobot.flows.context import RepoContext
from octobot.model.ids import PullNumber
from octobot.model.orders import Level, Person
from octobot.model.suggestion import Thumb

log = structlog.get_logger()

AT_ONCE = 10
"""Comments read in one pass."""
NEW_VOTERS = 50
"""People whose permissions are asked for at once; the others follow in the next pass."""
KNOWN_FOR = timedelta(days=7)
"""How long it counts what somebody may do."""
WRITERS: frozenset[Level] = frozenset({"write", "maintain", "admin"})
SOON = timedelta(minutes=10)


async def count_votes(ctx: RepoContext) -> int:
    """Count the thumbs on comments whose turn it is; return how many comments that were."""
    due = await ctx.store.votes.due(ctx.watched.id, now=ctx.clock(), limit=AT_ONCE)
    for number in due:
        await _count(ctx, number)
    return len(due)


async def _count(ctx: RepoContext, number: PullNumber) -> None:
    here, now = ctx.watched.id, ctx.clock()
    thumbs = await ctx.github.reactions.thumbs(number, tag="failure")
    if thumbs is None:  # deleted: what was counted stays, and there is nothing more to count
        await ctx.store.votes.reschedule(here, number, at=None)
        return
    last = last_of_each(thumbs)
    people = [thumb.person.id for thumb in last]
    known = dict(await ctx.store.votes.voters(here, people, since=now - KNOWN_FOR))
    unknown = [thumb.person for thumb in last if thumb.person.id not in known]
    asked = await _ask(ctx, unknown[:NEW_VOTERS])
    await ctx.store.votes.know_voters(here, asked, now=now)
    known |= asked
    votes = [thumb for thumb in last if known.get(thumb.person.id)]
    await ctx.store.votes.put(here, number, votes)
    if len(unknown) > NEW_VOTERS:
        await ctx.store.votes.reschedule(here, number, at=now + SOON)
    log.info("thumbs counted", pull=number, thumbs=len(thumbs), votes=len(votes))


async def _ask(ctx: RepoContext, people: Sequence[Person]) -> dict[int, bool]:
    return {one.id: await ctx.github.people_comments.level_of(one) in WRITERS for one in people}


def last_of_each(thumbs: Sequence[Thumb]) -> tuple[Thumb, ...]:
    """Return the newest thumb of each person who is no bot."""
    newest: dict[int, Thumb] = {}
    for thumb in sorted(thumbs, key=lambda thumb: thumb.at):
        if not thumb.person.bot and thumb.person.id:
            newest[thumb.person.id] = thumb
    return tuple(newest.values())
