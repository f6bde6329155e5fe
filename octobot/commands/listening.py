"""Find the commands whose delivery was lost: the tick's part of obeying people.

GitHub lists a repository's texts by when they changed; what was listed once is not asked for again,
and a list that did not change costs nothing.  Of reviews there is no such list: those of the pull
requests that changed are read.
"""

from collections.abc import Mapping
from datetime import datetime

import structlog

from octobot.commands.grammar import addressed
from octobot.commands.obey import obey
from octobot.flows.context import RepoContext
from octobot.flows.say import LAG
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.orders import Comment, TextKind, TextRef

log = structlog.get_logger()

LISTS: tuple[TextKind, ...] = ("comment", "review comment", "issue")


async def listen(ctx: RepoContext) -> int:
    """Obey texts without a delivery or left by a process; return how many were looked at.

    At the first call nothing is obeyed: what was said before octobot came was not said to it.
    """
    left = await ctx.store.comments.unfinished(ctx.watched.id, now=ctx.clock())
    for ref in left:
        await _obey(ctx, ref)
    return len(left) + sum([await _listen(ctx, kind) for kind in LISTS])


async def _listen(ctx: RepoContext, kind: TextKind) -> int:
    """Obey what changed in a list since it was read last."""
    here, people = ctx.watched.id, ctx.github.people_comments
    began = await ctx.store.comments.began(here, kind)
    texts, until = await people.since(await ctx.store.comments.listened(here, kind), kind)
    read: Mapping[int, datetime] = {}
    if kind == "issue":
        reviews, read = await people.reviews([each for each in texts if each.is_pull])
        texts += reviews
    heard = [each for each in texts if began and _is_heard(ctx, each, began)]
    for each in heard:
        await _obey(ctx, each.ref)
    await ctx.store.comments.listen_from(here, until, kind)
    if read:
        people.have_read(read)
    return len(heard)


def _is_heard(ctx: RepoContext, text: Comment, began: datetime) -> bool:
    """Return whether a text may say something to octobot, as far as lists show: they hide edits.

    A review comment is created with its draft, and changes when it is submitted.  GitHub dates all
    of them by whole seconds, so the second in which octobot began to listen counts as a whole.
    """
    written = text.updated if text.kind == "review comment" else text.created
    if text.author.id == ctx.bot or written < (began - LAG).replace(microsecond=0):
        return False
    return bool(addressed(text.body, ctx.github.people_comments.slug))


async def _obey(ctx: RepoContext, ref: TextRef) -> None:
    """Obey one text; one that cannot be read now is unfinished, and does not stop the others."""
    try:
        await obey(ctx, ref)
    except (TryLater, Misconfigured) as error:
        log.warning("text put off", kind=ref.kind, text=ref.id, because=str(error))
