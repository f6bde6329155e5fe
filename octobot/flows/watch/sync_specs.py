"""Keep the store's specs equal to those on the default branch, and report settings it cannot read.

The report is one issue, closed when the file can be read again.  It is only about the repository's
own file: the organisation's file is reported in the organisation's own repository.
"""

import hashlib
from collections.abc import Mapping

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.settings import configured
from octobot.messages import config as words
from octobot.model.config import ConfigIssue
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import Key, PullNumber, Sha
from octobot.model.pull_request import Outline
from octobot.policy.config.join import Broken
from octobot.policy.config.read import PATH

log = structlog.get_logger()

TAG = "config"


async def sync_specs(ctx: RepoContext) -> Outline:
    """Read what changed on the default branch into the store; a no-op when nothing did."""
    outline = await ctx.github.trees.outline()
    listed = dict(outline.specs)
    known = await ctx.store.specs.blobs(ctx.watched.id)
    changed = {path: blob for path, blob in listed.items() if known.get(path) != blob}
    gone = [path for path in known if path not in listed]
    if changed or gone:
        specs = await _texts(ctx, changed)
        await ctx.store.specs.put(ctx.watched.id, specs, gone)
        log.info("specs synced", changed=len(specs), gone=len(gone), at=outline.commit)
    await report_config(ctx)
    return outline


async def _texts(ctx: RepoContext, changed: Mapping[str, Sha]) -> dict[str, tuple[Sha, str]]:
    """Fetch the texts; an unreadable blob becomes an empty text, which reads as a bad spec."""
    texts = await ctx.github.trees.blobs(sorted(set(changed.values())))
    return {path: (blob, texts.get(blob) or "") for path, blob in changed.items()}


async def hint_orphans(ctx: RepoContext) -> None:
    """Hint the packages whose spec was removed while something of theirs is open."""
    stuck = await ctx.store.stuck.without_spec(ctx.watched.id)
    for package in (*await ctx.store.ledger.orphans(ctx.watched.id), *stuck):
        await ctx.lanes.hint(Key(ctx.watched.id, package))


async def report_config(ctx: RepoContext) -> None:
    """Open, update or close the issue; what hinders that now is logged and tried again."""
    if ctx.paused:
        return
    try:
        found = await configured(ctx)
        issue = await ctx.store.config_files.issue(ctx.watched.id)
        own = [broken for broken in found.broken if broken.file.path == PATH]
        if own:
            await _report(ctx, own[0])
        elif issue:
            await _close(ctx, issue)
            # What waited for the file is due at once, even if it says what it said before.
            await ctx.store.config_files.keep(ctx.watched.id, found.good)
    except (TryLater, Misconfigured) as error:
        log.warning("settings not reported", because=str(error))


async def _report(ctx: RepoContext, broken: Broken) -> None:
    title, body = words.title(PATH), words.body(PATH, broken.faults.all, _meanwhile(broken))
    digest = hashlib.sha256(body.encode()).hexdigest()
    here = ctx.watched.id
    if ctx.github.issues.off:
        return
    if await ctx.store.config_files.intend_issue(here, digest, now=ctx.clock()):
        number = await ctx.github.issues.post(tag=TAG, title=title, body=body)
        if number is None:  # the intent is taken up again when issues are back
            return
        await ctx.store.config_files.enter_issue(here, digest, number)
        log.warning("settings cannot be read", issue=number, faults=len(broken.faults.all))


async def _close(ctx: RepoContext, issue: ConfigIssue) -> None:
    """Close the issue; when a crash hid its number it is found by its tag."""
    number, fixed = issue.number, words.readable_again(PATH)
    if number is None:
        number = await ctx.github.issues.post(tag=TAG, title=words.title(PATH), body=fixed)
    if number is not None:
        await ctx.github.comments.post(PullNumber(number), tag="config-mended", body=fixed)
        await ctx.github.issues.close(number)
    await ctx.store.config_files.forget_issue(ctx.watched.id)
    log.info("settings can be read again", issue=number)


def _meanwhile(broken: Broken) -> words.Meanwhile:
    if broken.brakes:
        return "paused"
    return "last" if broken.last else "nothing"
