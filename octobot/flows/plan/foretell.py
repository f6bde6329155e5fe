"""What merging a bump would rebuild, said in its pull request and by its label.

Most bumps rebuild nothing else: for them neither the graph nor the index is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from octobot.flows.context import RepoContext
from octobot.flows.plan.graph import Planned, known_for, plan_at, read_distro_at_head
from octobot.flows.plan.index import built_packages
from octobot.flows.settings import configured
from octobot.flows.steps import MemberBump
from octobot.messages import rebuilds as words
from octobot.model.config import Config
from octobot.model.errors import Misconfigured, UserError
from octobot.model.reasons import Reason
from octobot.model.rebuild import Trigger, TriggerKind
from octobot.specs.graph.needs import read_needs
from octobot.specs.graph.pipelines import Pipelines
from octobot.specs.rebuild.triggers.package import rebuilds_users

_NO_PIPELINES = Pipelines({})
"""Annotations and update blocks need none."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a pull request says of rebuilds."""

    text: str = ""
    """Empty: no trigger applies."""
    label: str = ""
    """Empty: none, or nobody knows."""


async def foretell(ctx: RepoContext, parts: Sequence[MemberBump]) -> Foretold:
    """Plan what these bumps rebuild together; what hinders the plan is said in its place."""
    config = (await configured(ctx)).config
    if not isinstance(config, Config):
        return Foretold()
    triggers = [_trigger(part) for part in parts if _applies(part, config)]
    if not triggers:
        return Foretold()
    try:
        return await _foretold(ctx, config, triggers, [part.bump.package for part in parts])
    except (UserError, Misconfigured) as error:
        return Foretold(words.unknown(str(error)))


async def _foretold(
    ctx: RepoContext, config: Config, triggers: Sequence[Trigger], members: Sequence[str]
) -> Foretold:
    built = await built_packages(ctx, config.rebuild.index)
    at = await read_distro_at_head(ctx)
    known = await known_for(ctx, config, at, index=built.index)
    known = replace(known, raised=dict.fromkeys(members, "by this pull request"))
    planned: list[Planned] = [plan_at(at, trigger, known) for trigger in triggers]
    plans = [each.plan for each in planned]
    missing = dict.fromkeys(path for each in planned for path in each.missing)
    count = len({spec for plan in plans for spec in plan.specs})
    return Foretold(words.section(plans, tuple(missing), built.problem), words.label(count))


def _applies(part: MemberBump, config: Config) -> bool:
    spec = read_needs(part.bump.path, part.member.row.text, _NO_PIPELINES)
    toolchains = {each.name for each in config.rebuild.toolchains}
    return not isinstance(spec, Reason) and rebuilds_users(spec, toolchains)


def _trigger(part: MemberBump) -> Trigger:
    old, new = part.member.package.full_version, f"{part.bump.target.version}-r0"
    return Trigger(TriggerKind.PACKAGE, part.bump.package, old, new)
