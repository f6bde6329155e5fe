"""Find a version that somebody asks for, among everything that its upstream shows."""

from collections.abc import Mapping, Sequence

from octobot.flows.context import RepoContext
from octobot.flows.lookup.drive import ask
from octobot.flows.view import Member
from octobot.model.package import Package, Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Release
from octobot.specs.select.newest import find, newest

_SHOWN = 5


Found = Candidate | tuple[str, ...] | Reason
"""A version that was asked for, else the newest that its upstream shows, or why nobody knows."""


async def find_versions(
    ctx: RepoContext, members: Sequence[Member], wanted: str
) -> Mapping[str, Found]:
    """Ask upstreams for a version of each package; one that several follow is asked once.

    The names count as seen from now on, so that their age is known.
    """
    everything = await shown(ctx, members)
    found = {m.package.name: _find(m.package, everything, wanted) for m in members}
    seen: dict[Upstream, list[Release]] = {}
    for member in members:
        upstream, target = (
            member.row.upstream or member.package.upstream,
            found[member.package.name],
        )
        if upstream and isinstance(target, Candidate):
            names = seen.setdefault(upstream, [])
            names += [] if target.release in names else [target.release]
    if seen:
        await ctx.store.sightings.observe(seen, now=ctx.clock())
    return found


async def shown(
    ctx: RepoContext, members: Sequence[Member]
) -> Mapping[Upstream, Sequence[Release] | Reason]:
    """Ask the upstreams of these packages that publish versions for all of them."""
    asked = [member.package.upstream for member in members if _has_versions(member.package)]
    return await ask(ctx.upstreams, [upstream for upstream in asked if upstream])


def _has_versions(package: Package) -> bool:
    return package.upstream is not None and package.upstream.kind != "branch"


def _find(
    package: Package, everything: Mapping[Upstream, Sequence[Release] | Reason], wanted: str
) -> Found:
    if package.upstream is None or not _has_versions(package):
        return Reason(ReasonCode.UNSUPPORTED_SOURCE, "its upstream publishes no versions")
    releases = everything[package.upstream]
    if isinstance(releases, Reason):
        return releases
    target = find(package, releases, wanted)
    if target is not None:
        return target
    selection = newest(package, releases)
    if isinstance(selection, Reason) or selection.newest is None:
        return ()
    near = (selection.newest, *selection.unchosen)[:_SHOWN]
    return tuple(one.version for one in near)
