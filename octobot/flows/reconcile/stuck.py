"""Report a package that is stuck for long in one issue, and close it when that is over."""

import hashlib
from datetime import timedelta

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.lookup.fetch import place
from octobot.flows.lookup.plausible import Evidence
from octobot.flows.lookup.prove import proven
from octobot.flows.lookup.select import select_contained
from octobot.flows.lookup.stuck import tags_at
from octobot.flows.say import raise_issue, say
from octobot.flows.view import ANY_VERSION, Found, Reasons, VersionOrders, View
from octobot.messages import stuck as words
from octobot.model.config import Config
from octobot.model.ids import Key, PullNumber
from octobot.model.memory import StuckRow
from octobot.model.package import Package
from octobot.model.reasons import STUCK, Reason
from octobot.model.release import WorkingBlock
from octobot.specs.select.working_block import working_block

log = structlog.get_logger()

LABEL = "octobot-stuck"


async def report_stuck(ctx: RepoContext, view: View, reasons: Reasons) -> timedelta | None:
    """Open or update the issues of packages that were stuck long enough.

    Returns when the next one is due; None: when a check finds something else.
    """
    config, now, pause = view.config, ctx.clock(), None
    if isinstance(config, Reason) or config.paused or not config.stuck_issue_after:
        return None
    for member in view.members:
        stuck, reason = view.stuck.get(member.name), reasons.get(member.name)
        if stuck is None or stuck.over or reason is None or reason.code not in STUCK:
            continue
        wait = stuck.since + config.stuck_issue_after - now
        if wait > timedelta():
            pause = min(wait, pause or wait)
        elif isinstance(member.package, Package):
            orders = view.versions.get(member.name, ANY_VERSION)
            await _report(ctx, member, member.package, stuck, orders)
    return pause


async def _report(
    ctx: RepoContext, member: Found, package: Package, stuck: StuckRow, orders: VersionOrders
) -> None:
    if ctx.github.issues.off:
        return
    title = words.title(package.name, stuck.reason)
    block = await _working_block(ctx, member, package, stuck, orders)
    body = words.body(package, stuck.reason, stuck.since, block)
    digest = hashlib.sha256(f"{title}\n{body}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    if digest == stuck.digest:
        return
    tag, number = _tag(package.name), stuck.issue
    # A person who closed the issue knows: it is not opened again before this is over.
    if number is None or await ctx.github.issues.has_said(tag):
        number = await raise_issue(ctx, tag=tag, title=title, body=body, labels=(LABEL,))
        if number is None:
            return
        log.info("stuck", package=package.name, reason=str(stuck.reason), issue=number)
    await ctx.store.stuck.enter_issue(member.row.key, number, digest)


async def _working_block(
    ctx: RepoContext, member: Found, package: Package, stuck: StuckRow, orders: VersionOrders
) -> WorkingBlock | None:
    """Find the update block that would work, by what upstream showed at the last check."""
    upstream, row = package.upstream, member.row
    if upstream is None:
        return None
    shown = await ctx.store.upstream_cache.recall([place(upstream), upstream])
    releases = shown.get(place(upstream)) or shown.get(upstream) or ()
    pins = await ctx.store.checked_pins.facts(ctx.watched.id, [package.name])
    gone = pins[package.name].gone if package.name in pins else ()
    found = select_contained(package, releases, orders, Evidence(row.text, gone=gone))
    found = await proven(found, package, ctx.upstreams)
    if found.stuck is None or found.reason.code is not stuck.reason.code:
        return None
    version = found.stuck.version
    wanted = tags_at(package, row.text)(version) if version else ()
    return working_block(package, row.text, releases, found.stuck, wanted)


async def close_ended(ctx: RepoContext, view: View) -> None:
    """Close the issues of packages that are not stuck any more, unless all is paused."""
    if isinstance(view.config, Reason) or view.config.paused:
        return
    for member in view.members:
        stuck = view.stuck.get(member.name)
        if stuck is not None and stuck.over:
            await _close(ctx, member.row.key, stuck)


async def close_removed(ctx: RepoContext, package: str, config: Config | Reason) -> None:
    """Close the issue of a package whose spec is gone."""
    if ctx.paused or isinstance(config, Reason) or config.paused:
        return
    stuck = (await ctx.store.stuck.of(ctx.watched.id, [package])).get(package)
    if stuck is not None:
        await _close(ctx, Key(ctx.watched.id, package), stuck)


async def _close(ctx: RepoContext, key: Key, stuck: StuckRow) -> None:
    if stuck.issue is not None:
        await say(ctx, PullNumber(stuck.issue), tag="stuck-over", body=words.over())
        await ctx.github.issues.close(stuck.issue)
        log.info("stuck no more", package=key.package, issue=stuck.issue)
    await ctx.store.stuck.forget(key)


def _tag(package: str) -> str:
    return f"stuck {package}"
