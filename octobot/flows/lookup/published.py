"""Find the release that a pull request proposes, among what its upstream showed at the last check.

A newer one may have become the target since.  Each has its own name, commit and age.
"""

from dataclasses import replace

from octobot.flows.context import RepoContext
from octobot.flows.lookup.fetch import place
from octobot.flows.view import Member
from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.reasons import Reason
from octobot.model.release import Candidate
from octobot.specs.select.newest import newest


async def published(ctx: RepoContext, row: Row, package: Package, version: str) -> Candidate | None:
    """Return the release of this version; None when its upstream did not show it."""
    if row.target and row.target.version == version:
        return row.target
    if row.upstream is None:
        return None
    places = (row.upstream, place(row.upstream))
    shown = await ctx.store.upstream_cache.recall(tuple(dict.fromkeys(places)))
    releases = next((shown[each] for each in places if each in shown), ())
    selection = newest(package, releases)
    if isinstance(selection, Reason):
        return None
    each = (selection.newest, *selection.unchosen)
    return next((one for one in each if one and one.version == version), None)


async def as_proposed(ctx: RepoContext, member: Member, version: str) -> Member:
    """Return the package on its way to this version, where a newer one is the target by now."""
    row = member.row
    if row.target is None or row.upstream is None or row.upstream.kind == "branch":
        return member
    target = await published(ctx, row, member.package, version)
    return Member(replace(row, target=target), member.package) if target else member
