"""The second source of the repository's file: what it knows of a version, and what beyond.

A version that only the repository has may be a tag that nobody meant to publish; one that only the
registry has may have been put there past the repository.  Either way the two disagree, and nothing
is proposed or merged until they do not.
"""

from collections.abc import Sequence

from octobot.flows.context import RepoContext
from octobot.flows.lookup.drive import ask
from octobot.flows.lookup.fetch import place
from octobot.model.config import Config, PackagePolicy
from octobot.model.ids import Version
from octobot.model.package import Package, Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release
from octobot.policy.config.read import for_package
from octobot.specs.select.second_source import ahead, confirms

QUIET = frozenset({ReasonCode.UP_TO_DATE, ReasonCode.MERGED, ReasonCode.LEAVES_STREAM})
"""Reasons of a package that has nothing to do: it may still be behind its second source."""

PATIENCE = 12
"""A second source is asked this many times less often than a pull request is checked."""


async def unconfirmed(
    ctx: RepoContext, package: Package, policy: PackagePolicy, version: Version
) -> Reason | None:
    """Say why the second source speaks against a version; None when it does not, or none is named.

    `SECOND_SOURCE_UNCONFIRMED`: it does not know it, or could not be asked.
    `SECOND_SOURCE_AHEAD`: it knows it, and a newer one that the package's own source does not show.
    """
    second_source = policy.second_source
    if second_source is None:
        return None
    found = (await ask(ctx.upstreams, [second_source]))[second_source]
    if isinstance(found, Reason):
        return Reason(
            ReasonCode.SECOND_SOURCE_UNCONFIRMED,
            f"{_named(second_source)} could not be asked: {found}",
        )
    if not confirms(package, version, found):
        detail = f"{_named(second_source)} does not know {version}, or withdrew it"
        return Reason(ReasonCode.SECOND_SOURCE_UNCONFIRMED, detail)
    return await _ahead(ctx, package, second_source, found)


async def behind_second_source(
    ctx: RepoContext, package: Package, config: Config | Reason
) -> tuple[bool, Reason | None]:
    """Ask for a package at rest whether its second source has a newer version.

    Returns whether there is a second source, to be asked again before long, and the reason when it
    has a newer one.  No answer means no reason.
    """
    second_source = (
        None if isinstance(config, Reason) else for_package(config, package.name).second_source
    )
    if second_source is None:
        return False, None
    found = (await ask(ctx.upstreams, [second_source]))[second_source]
    if isinstance(found, Reason):
        return True, None
    return True, await _ahead(ctx, package, second_source, found)


async def _ahead(
    ctx: RepoContext, package: Package, second_source: Upstream, found: Sequence[Release]
) -> Reason | None:
    upstream = package.upstream
    if upstream is None or upstream.kind == "branch":
        return None
    shown = await ctx.store.upstream_cache.recall([place(upstream), upstream])
    own = shown.get(place(upstream)) or shown.get(upstream)
    if not own:
        return None  # nothing is remembered, so nothing is known to be missing
    newer = ahead(package, own, found)
    if newer is None:
        return None
    detail = f"{_named(second_source)} has {newer}, {_named(upstream)} does not show it"
    return Reason(ReasonCode.SECOND_SOURCE_AHEAD, detail)


def _named(upstream: Upstream) -> str:
    return f"{upstream.datasource} {upstream.identifier}"
