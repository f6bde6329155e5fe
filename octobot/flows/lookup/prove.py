"""Prove by the history of an upstream what its names alone do not show."""

from octobot.datasources.ancestry import contained
from octobot.flows.lookup.drive import converse
from octobot.flows.lookup.select import Lookup, with_stuck
from octobot.flows.lookup.source import repository_url
from octobot.flows.lookup.stuck import own_tags
from octobot.flows.upstreams import Upstreams
from octobot.model.ids import Sha
from octobot.model.package import Package


async def proven(found: Lookup, package: Package, upstreams: Upstreams) -> Lookup:
    """Return a lookup with its reason, once it is known whether a lower version is newer.

    Where nobody says so, the next check asks again.
    """
    stuck, upstream = found.stuck, package.upstream
    if stuck is None or not stuck.unproven or stuck.release is None or upstream is None:
        return found
    repository = repository_url(upstream)
    own = [Sha(commit) for commit in own_tags(package).values()][:1]
    if repository is None or not own:
        return found
    ref = f"refs/tags/{stuck.release.name}"
    inside = await converse(contained(repository, ref, own), upstreams)
    return with_stuck(found, stuck, proven=True) if inside else found
