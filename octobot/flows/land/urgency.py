"""Does anything speak for merging before the full age?  Two sources are asked, and both must.

The advisories of OSV.dev show whether the old version has a known vulnerability that the new one
has not; the second source of the repository's file shows whether it knows the new version.  No
answer counts as no.
"""

from octobot.datasources.osv import Subject, vulnerabilities
from octobot.flows.context import RepoContext
from octobot.flows.lookup.drive import converse
from octobot.flows.lookup.second_source import unconfirmed
from octobot.model.config import PackagePolicy
from octobot.model.package import Package
from octobot.model.reasons import Reason
from octobot.model.release import Candidate
from octobot.model.verdict import Snapshot, Urgency
from octobot.policy.config.read import for_package

_NONE = Urgency((), "")


async def urgency_of(ctx: RepoContext, package: Package, snapshot: Snapshot) -> Urgency:
    """Ask both sources about the step from the base's version to the proposed one."""
    proposed, config = snapshot.memory.proposed, snapshot.config
    if proposed is None or isinstance(config, Reason) or snapshot.jump is None:
        return _NONE
    policy = for_package(config, package.name)
    if policy.second_source is None:
        return _NONE
    fixed = await _fixed(ctx, package, policy, snapshot)
    if not fixed:
        return _NONE
    doubt = await unconfirmed(ctx, package, policy, proposed.version)
    who = f"{policy.second_source.datasource} {policy.second_source.identifier}"
    return Urgency(fixed, "" if doubt else who)


async def overtakes(
    ctx: RepoContext, package: Package, policy: PackagePolicy, before: Candidate, after: Candidate
) -> bool:
    """Return whether a newer release fixes a vulnerability of one that is proposed already.

    By the same two signals as a shorter age, and only where the repository's file has one: a
    newer version that fixes nothing would only make the older one wait longer.
    """
    if policy.second_source is None or policy.vulnerability_release_age is None:
        return False
    registry, (old, new) = Subject.of(policy.second_source), (before.release, after.release)
    if registry:
        sides = registry.at(before.version), registry.at(after.version)
    elif old.commit and new.commit:
        sides = Subject.commit(old.commit), Subject.commit(new.commit)
    else:
        return False
    if not await _difference(ctx, *sides):
        return False
    return await unconfirmed(ctx, package, policy, after.version) is None


async def _fixed(
    ctx: RepoContext, package: Package, policy: PackagePolicy, snapshot: Snapshot
) -> tuple[str, ...]:
    """Name the known vulnerabilities of the old version that the new one has not."""
    sides = _sides(package, policy, snapshot)
    return await _difference(ctx, *sides) if sides else ()


async def _difference(ctx: RepoContext, old: Subject, new: Subject) -> tuple[str, ...]:
    found = [await converse(vulnerabilities(side), ctx.upstreams) for side in (old, new)]
    had, has = found
    if isinstance(had, Reason) or isinstance(has, Reason):
        return ()
    return tuple(sorted(had - has))


def _sides(
    package: Package, policy: PackagePolicy, snapshot: Snapshot
) -> tuple[Subject, Subject] | None:
    """Name what is asked about: the registry's package at both versions, else both commits."""
    jump, observation = snapshot.jump, snapshot.memory.observation
    if jump is None or policy.second_source is None:
        return None
    if registry := Subject.of(policy.second_source):
        return registry.at(jump.before), registry.at(jump.after)
    if not package.pins or observation is None or observation.commit is None:
        return None
    return Subject.commit(package.pins[0].commit), Subject.commit(observation.commit)
