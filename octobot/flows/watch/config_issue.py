"""Tell a repository's people when its file cannot be read: one issue, closed when it can again.

Only about the repository's own file: the organisation's is `OWNER/.github`'s own, and told there.
"""

import hashlib

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.settings import configured
from octobot.messages import config as words
from octobot.model.config import ConfigIssue
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import PullNumber
from octobot.policy.config.join import Broken
from octobot.policy.config.read import PATH

log = structlog.get_logger()

TAG = "config"


async def mind_config(ctx: RepoContext) -> None:
    """Open, update or close the issue; what hinders that now is logged and tried again."""
    if ctx.paused:
        return
    try:
        found = await configured(ctx)
        issue = await ctx.store.config_files.issue(ctx.watched.id)
        own = [broken for broken in found.broken if broken.file.path == PATH]
        if own:
            await _tell(ctx, own[0])
        elif issue:
            await _take_back(ctx, issue)
            # What waited for the file goes on at once, even if it says again what it said before.
            await ctx.store.config_files.keep(ctx.watched.id, found.good)
    except (TryLater, Misconfigured) as error:
        log.warning("settings not minded", because=str(error))


async def _tell(ctx: RepoContext, broken: Broken) -> None:
    title, body = words.title(PATH), words.body(PATH, broken.faults.all, _meanwhile(broken))
    digest = hashlib.sha256(body.encode()).hexdigest()
    here = ctx.watched.id
    if await ctx.store.config_files.intend_issue(here, digest, now=ctx.clock()):
        number = await ctx.github.issues.post(tag=TAG, title=title, body=body)
        await ctx.store.config_files.enter_issue(here, digest, number)
        log.warning("settings cannot be read", issue=number, faults=len(broken.faults.all))


async def _take_back(ctx: RepoContext, issue: ConfigIssue) -> None:
    """Close the issue; when a death hid its number it is found by its tag."""
    number, fixed = issue.number, words.readable_again(PATH)
    if number is None:
        number = await ctx.github.issues.post(tag=TAG, title=words.title(PATH), body=fixed)
    await ctx.github.comments.post(PullNumber(number), tag="config-mended", body=fixed)
    await ctx.github.issues.close(number)
    await ctx.store.config_files.forget_issue(ctx.watched.id)
    log.info("settings can be read again", issue=number)


def _meanwhile(broken: Broken) -> words.Meanwhile:
    if broken.brakes:
        return "paused"
    return "last" if broken.last else "nothing"
