"""Find a version that somebody asks for, among everything that its upstream shows."""

from octobot.flows.conversing import ask
from octobot.flows.deciding import greater
from octobot.flows.seams import World
from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate
from octobot.specs.selection import find, newest

is_greater = greater

_SHOWN = 5


async def find_version(
    world: World, row: Row, package: Package, wanted: str
) -> Candidate | tuple[str, ...] | Reason:
    """Ask upstream for a version; when it shows none, give the newest that it shows.

    The name counts as seen from now on, so that its age can be told.
    """
    upstream = package.upstream
    if upstream is None or upstream.kind == "branch":
        return Reason(ReasonCode.UNSUPPORTED_SOURCE, "its upstream publishes no versions")
    found = (await ask(world.upstreams, [upstream]))[upstream]
    if isinstance(found, Reason):
        return found
    target = find(package, found, wanted)
    if target is None:
        selection = newest(package, found)
        if isinstance(selection, Reason) or selection.newest is None:
            return ()
        near = (selection.newest, *selection.unchosen)[:_SHOWN]
        return tuple(one.version for one in near)
    await world.store.observe({row.upstream or upstream: [target.release]}, now=world.clock())
    return target
