"""Say a thing once: in one comment or issue with its tag, which later words replace.

GitHub's lists lag behind its writes.  After a crash, a comment that a list does not show may have
been made all the same; so what was begun is remembered, and the list has time to catch up.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from octobot.flows.context import RepoContext
from octobot.messages import check
from octobot.model.errors import TryLater
from octobot.model.ids import PullNumber, Sha

LAG = timedelta(minutes=1)
"""How far GitHub's lists may be behind."""


async def say(ctx: RepoContext, number: PullNumber, *, tag: str, body: str) -> None:
    """Put one comment on a pull request or issue, in place of the one with this tag.

    `TryLater` when it may be there and is not shown yet.
    """
    await _caught_up(ctx, number, tag)
    await ctx.github.comments.post(number, tag=tag, body=body)


async def conclude(ctx: RepoContext, head: Sha, state: Literal["closed", "merged"]) -> None:
    """End octobot's check run on the head of a pull request that a person merged, or that closed.

    What it says is recorded, so that a pull request that is reopened is judged aloud again.
    """
    title, summary = check.closed(state, head)
    await ctx.github.checks.conclude(
        head, title=title, summary=summary, keep_success=state == "merged"
    )
    if await ctx.store.posted.verdict(ctx.watched.id, head) is not None:
        await ctx.store.posted.record_verdict(ctx.watched.id, head, state)


async def raise_issue(
    ctx: RepoContext, *, tag: str, title: str, body: str, labels: Sequence[str] = ()
) -> int | None:
    """Open an issue, or update the open one with this tag; return its number.

    None where issues are switched off; `TryLater` when it may be there and is not shown yet.
    """
    if ctx.github.issues.off:
        return None
    await _caught_up(ctx, None, tag)
    return await ctx.github.issues.post(tag=tag, title=title, body=body, labels=labels)


async def _caught_up(ctx: RepoContext, thread: int | None, tag: str) -> None:
    begun = await ctx.store.posted.begin_to_post(
        ctx.watched.id, thread or 0, tag, now=ctx.clock(), lag=LAG
    )
    if begun:
        return
    shown = (
        await ctx.github.issues.has_said(tag)
        if thread is None
        else await ctx.github.comments.has_said(thread, tag)
    )
    if not shown:
        raise TryLater(f"GitHub may not show yet what was said ({tag})", after=LAG)
