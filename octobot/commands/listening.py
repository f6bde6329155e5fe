"""Find the commands whose delivery was lost: the tick's part of obeying people.

GitHub lists a repository's comments by when they changed; what was listed once is not asked for
again, and a list that did not change costs nothing.
"""

import structlog

from octobot.commands.grammar import PREFIX, spoken
from octobot.commands.obey import is_heard, obey
from octobot.flows.context import RepoContext
from octobot.model.errors import TryLater

log = structlog.get_logger()


async def listen(ctx: RepoContext) -> int:
    """Obey comments without a delivery or left by a process; return how many were looked at.

    At the first call nothing is obeyed: what was said before octobot came was not said to it.
    """
    here = ctx.watched.id
    left = await ctx.store.comments.unfinished(here, now=ctx.clock())
    for number in left:
        await _obey(ctx, number)
    since = await ctx.store.comments.listened(here)
    comments, until = await ctx.github.people_comments.since(since)
    heard = [
        comment
        for comment in comments
        if PREFIX in comment.body and is_heard(ctx, comment) and spoken(comment.body)
    ]
    for comment in heard:
        await _obey(ctx, comment.id)
    await ctx.store.comments.listen_from(here, until)
    return len(left) + len(heard)


async def _obey(ctx: RepoContext, number: int) -> None:
    """Obey one comment; one that cannot be read now is unfinished, and does not stop the others."""
    try:
        await obey(ctx, number)
    except TryLater as error:
        log.warning("comment put off", comment=number, because=str(error))
