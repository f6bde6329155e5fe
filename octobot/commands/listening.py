"""Find the commands whose delivery was lost: the tick's part of obeying people.

GitHub lists a repository's comments by when they changed; what was listed once is not asked for
again, and a list that did not change costs nothing.
"""

import structlog

from octobot.commands.grammar import PREFIX, spoken
from octobot.commands.obey import is_heard, obey
from octobot.flows.seams.seams import World
from octobot.model.errors import TryLater

log = structlog.get_logger()


async def listen(world: World) -> int:
    """Obey what nobody told of, and what a process left; gives how many comments were looked at.

    At the first call nothing is obeyed: what was said before octobot came was not said to it.
    """
    here = world.watched.id
    left = await world.store.unfinished_comments(here, now=world.clock())
    for number in left:
        await _obey(world, number)
    since = await world.store.listened(here)
    comments, until = await world.github.people_comments.since(since)
    heard = [
        comment
        for comment in comments
        if PREFIX in comment.body and is_heard(world, comment) and spoken(comment.body)
    ]
    for comment in heard:
        await _obey(world, comment.id)
    await world.store.listen_from(here, until)
    return len(left) + len(heard)


async def _obey(world: World, number: int) -> None:
    """Obey one comment; one that cannot be read now is unfinished, and does not stop the others."""
    try:
        await obey(world, number)
    except TryLater as error:
        log.warning("comment put off", comment=number, because=str(error))
