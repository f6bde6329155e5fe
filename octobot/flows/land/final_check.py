"""The last look before a merge, and the first before a proposal: pins, overrides, a witness."""

from octobot.datasources.gomod_strict import agreed
from octobot.flows.lookup.drive import answer
from octobot.flows.lookup.second_source import unconfirmed
from octobot.flows.seams.seams import World
from octobot.model.package import Package
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import LastLook, Snapshot
from octobot.policy.config.read import for_package
from octobot.specs.bump.dropped_overrides import dropped
from octobot.specs.bump.verify_pins import verify


async def look_again(world: World, package: Package, snapshot: Snapshot) -> LastLook:
    """Look up what the proposed text pins, and ask the second source, at this moment."""
    proposed, config = snapshot.memory.proposed, snapshot.config
    texts = [
        (change.before, change.after)
        for change in snapshot.state.changes
        if change.path == package.path
    ]
    before, after = texts[0] if len(texts) == 1 else (None, None)
    if proposed is None or isinstance(config, Reason) or before is None or after is None:
        unknown = Reason(ReasonCode.PIN_UNRESOLVED, "the proposed text is not known")
        return LastLook(pins=unknown, witness=unknown, overrides=unknown)
    return LastLook(
        pins=await answer(verify(package.path, after), world.upstreams),
        witness=await unconfirmed(
            world, package, for_package(config, package.name), proposed.version
        ),
        # Pruning believed one reader of `go.mod`; what a merge rests on has two.
        overrides=await answer(
            dropped(package.path, before, after), world.upstreams, reading=agreed
        ),
    )
