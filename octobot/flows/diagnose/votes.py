"""Count the thumbs on octobot's own comments: GitHub tells nobody of them, so they are looked at.

One vote a person, by numeric id; bots and people who may not write have none.  A vote teaches what
to suggest next time; no merge ever rests on one.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from octobot.flows.seams.seams import World
from octobot.model.ids import PullNumber
from octobot.model.steering import Level, Person
from octobot.model.suggestion import Thumb

log = structlog.get_logger()

AT_ONCE = 10
"""Comments looked at in one pass."""
NEW_VOTERS = 50
"""People whose rights are asked for in one look at one comment; the others' turn comes."""
KNOWN_FOR = timedelta(days=7)
"""How long it counts what somebody may do."""
WRITERS: frozenset[Level] = frozenset({"write", "maintain", "admin"})
SOON = timedelta(minutes=10)


async def count_votes(world: World) -> int:
    """Look at the thumbs on comments whose turn it is; gives how many comments that were."""
    due = await world.store.thumbs_due(world.watched.id, now=world.clock(), limit=AT_ONCE)
    for number in due:
        await _count(world, number)
    return len(due)


async def _count(world: World, number: PullNumber) -> None:
    here, now = world.watched.id, world.clock()
    thumbs = await world.github.reactions.thumbs(number, tag="failure")
    if thumbs is None:  # deleted: what was counted stays, and there is nothing more to look at
        await world.store.look_at_thumbs(here, number, at=None)
        return
    last = last_of_each(thumbs)
    people = [thumb.person.id for thumb in last]
    known = dict(await world.store.voters(here, people, since=now - KNOWN_FOR))
    unknown = [thumb.person for thumb in last if thumb.person.id not in known]
    asked = await _ask(world, unknown[:NEW_VOTERS])
    await world.store.know_voters(here, asked, now=now)
    known |= asked
    votes = [thumb for thumb in last if known.get(thumb.person.id)]
    await world.store.put_votes(here, number, votes)
    if len(unknown) > NEW_VOTERS:
        await world.store.look_at_thumbs(here, number, at=now + SOON)
    log.info("thumbs counted", pull=number, thumbs=len(thumbs), votes=len(votes))


async def _ask(world: World, people: Sequence[Person]) -> dict[int, bool]:
    return {one.id: await world.github.people_comments.level_of(one) in WRITERS for one in people}


def last_of_each(thumbs: Sequence[Thumb]) -> tuple[Thumb, ...]:
    """Give the newest thumb of each person who is no bot."""
    newest: dict[int, Thumb] = {}
    for thumb in sorted(thumbs, key=lambda thumb: thumb.at):
        if not thumb.person.bot and thumb.person.id:
            newest[thumb.person.id] = thumb
    return tuple(newest.values())
