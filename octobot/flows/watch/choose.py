"""Choose a package's next version; the settings are read only where they can matter."""

from collections.abc import Sequence
from dataclasses import replace

from octobot.flows.context import RepoContext
from octobot.flows.lookup.plausible import Evidence
from octobot.flows.lookup.prove import proven
from octobot.flows.lookup.select import Lookup, select_contained
from octobot.flows.settings import configured
from octobot.flows.view import VersionOrders
from octobot.model.config import Config
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.model.package import Package
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release
from octobot.policy.config.read import for_package
from octobot.specs.select.jump import between


async def choose(
    ctx: RepoContext,
    package: Package,
    found: Sequence[Release] | Reason,
    orders: VersionOrders,
    evidence: Evidence,
) -> Lookup:
    """Select the version to go to, by the package's own `largest-jump` where one goes that far."""
    chosen = select_contained(package, found, orders, evidence)
    if _goes_far(package, chosen):
        largest = await _largest_jump(ctx, package, evidence.largest_jump)
        chosen = select_contained(package, found, orders, replace(evidence, largest_jump=largest))
    chosen = await proven(chosen, package, ctx.upstreams)
    unknown = chosen.stuck is not None and chosen.reason is not chosen.stuck.reason
    return replace(chosen, provisional=bool(evidence.missing) or unknown)


def _goes_far(package: Package, chosen: Lookup) -> bool:
    """Return whether any version goes beyond a minor step."""
    dropped = chosen.selection.dropped if chosen.selection else ()
    if any(one.code is ReasonCode.UNUSUAL_JUMP for one in dropped):
        return True
    target = chosen.target
    return target is not None and between(package.version, target.version).steps > 0


async def _largest_jump(ctx: RepoContext, package: Package, default: int) -> int:
    """Return how many steps the settings let a package go; the default while they are unknown."""
    try:
        config = (await configured(ctx)).config
    except (TryLater, UserError, Misconfigured):
        return default  # a check needs no settings: the gate reads them anyway
    return for_package(config, package.name).largest_jump if isinstance(config, Config) else default
