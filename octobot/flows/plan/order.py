"""A person's order to rebuild: its plan now, and the digest by which it is recognised later."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from octobot.flows.context import RepoContext
from octobot.flows.plan.graph import Planned, known_for, plan_at, read_distro_at_head
from octobot.flows.plan.index import built_packages
from octobot.model.config import Config
from octobot.model.rebuild import Trigger


@dataclass(frozen=True, slots=True)
class Ordered:
    """What an order rebuilds, as the default branch is now."""

    planned: Planned
    versions: Mapping[str, str]
    """Each spec on the plan with its full version now."""
    problem: str
    """Why the index of built packages is not used; empty: it is, or the file names none."""

    @property
    def digest(self) -> str:
        """SHA-256 of what was ordered, of each rebuild with its level, and of what may be missing.

        What is skipped, and the reasons, may change: nothing is built for them.
        """
        plan = self.planned.plan
        lines = [str(plan.trigger), *sorted(f"?{path}" for path in self.planned.missing)]
        lines += [f"{level} {name}" for name, level in plan.specs.items()]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


async def plan_order(ctx: RepoContext, config: Config, trigger: Trigger) -> Ordered:
    """Plan an order; what it names and is not there is an `UnknownTriggerError`."""
    built = await built_packages(ctx, config.rebuild.index)
    at = await read_distro_at_head(ctx)
    known = await known_for(ctx, config, at, index=built.index)
    planned = plan_at(at, trigger, known)
    versions = {name: at.distro.graph.specs[name].full_version for name in planned.plan.specs}
    return Ordered(planned, versions, built.problem)
