"""Which packages with news go first: those whose version in the spec has a known vulnerability.

This orders the queue and decides nothing else.  OSV.dev is asked only about packages for which the
repository's file says `vulnerability-release-age`: without it nothing about the distro leaves
the machine.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from octobot.datasources.osv import MOST_AT_ONCE, Subject, vulnerable
from octobot.flows.context import RepoContext
from octobot.flows.lookup.contain import Caught
from octobot.flows.lookup.drive import converse
from octobot.flows.settings import configured
from octobot.flows.view import Member
from octobot.model.config import Config
from octobot.model.ids import Key
from octobot.model.reasons import Reason
from octobot.policy.config.read import for_package


async def vulnerable_now(ctx: RepoContext, news: Sequence[Member]) -> AbstractSet[Key]:
    """Return those of the packages that should go first; no answer means none."""
    subjects = await _subjects(ctx, news) if news else []
    found: set[Key] = set()
    for start in range(0, len(subjects), MOST_AT_ONCE):
        some = subjects[start : start + MOST_AT_ONCE]
        answer: Sequence[bool] | Reason
        with Caught() as caught:
            answer = await converse(vulnerable([subject for _, subject in some]), ctx.upstreams)
        if caught.error is not None:
            answer = caught.reason("asking for advisories")
        if not isinstance(answer, Reason):
            found |= {key for (key, _), is_bad in zip(some, answer, strict=True) if is_bad}
    return found


async def _subjects(ctx: RepoContext, news: Sequence[Member]) -> list[tuple[Key, Subject]]:
    config = (await configured(ctx)).config
    if not isinstance(config, Config):
        return []
    each = [(one.row.key, _subject(config, one)) for one in news]
    return [(key, subject) for key, subject in each if subject]


def _subject(config: Config, one: Member) -> Subject | None:
    """Name the version in the spec: of the registry that is its second source, else its commit."""
    policy, package = for_package(config, one.package.name), one.package
    if policy.vulnerability_release_age is None:
        return None
    registry = Subject.of(policy.second_source) if policy.second_source else None
    if registry:
        return registry.at(package.version)
    return Subject.commit(package.pins[0].commit) if package.pins else None
