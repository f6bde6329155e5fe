"""When to check again, within bounds, and which packages with news go first.

A package is checked as often as its own releases make worth while.  GitHub is asked by the hundred,
so its packages are checked together and often; what bounds them is the hour's points, of which
checks take a part.  Every other host is asked for one upstream at a time: politeness sets the
shortest pause, and each upstream has its own length of it, so that they spread by themselves.

First go packages whose version in the spec has a known vulnerability.  That orders the queue and
decides nothing else.  OSV.dev is asked only about packages for which the repository's file says
`vulnerability-release-age`: without it nothing about the distro leaves the machine.
"""

import zlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Literal

from octobot.datasources.osv import MOST_AT_ONCE, Subject, vulnerable
from octobot.flows.context import RepoContext
from octobot.flows.lookup.contain import Caught
from octobot.flows.lookup.drive import converse
from octobot.flows.settings import configured
from octobot.flows.view import Member
from octobot.model.config import Config
from octobot.model.ids import Key
from octobot.model.package import Package, Upstream
from octobot.model.reasons import Reason
from octobot.policy.config.read import for_package

PERIODS: dict[Literal["daily", "weekly", "monthly"], timedelta] = {
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
}
CHECKS_A_RELEASE = 200
"""Checks between two releases of one upstream are enough to see each soon for its kind."""
SLOWEST = 5 / 4
"""Times the shortest pause: the longest, before upstreams of other hosts are spread."""
SPREAD = 1 / 5
POINTS_AN_HOUR = 3000
"""Of an installation's 5,000 GraphQL points an hour, those that checks may take."""
A_QUERY = 100
"""Connections that cost one point."""
WITHOUT_UPSTREAM = timedelta(days=1)
"""Until a spec without an upstream is read again: octobot may have learned its source."""


def pause(
    package: Package, shortest: timedelta, seen: Sequence[datetime], now: datetime
) -> timedelta:
    """Return the pause until the next check: the spec's `schedule`, or by the upstream's rhythm.

    `seen`: when its newest names were seen first, newest first.  All names of the first check were
    seen at once, so a single moment says nothing.
    """
    if package.update.schedule:
        return PERIODS[package.update.schedule.period]
    few = 2
    rhythm = (now - seen[-1]) / len(seen) if len(seen) >= few else timedelta()
    return min(max(rhythm / CHECKS_A_RELEASE, shortest), shortest * SLOWEST)


def spread(length: timedelta, upstream: Upstream) -> timedelta:
    """Lengthen a pause by a share that only depends on the upstream."""
    name = f"{upstream.datasource} {upstream.identifier}".encode("utf-8", "surrogatepass")
    return length * (1 + SPREAD * (zlib.crc32(name) % 1000) / 1000)


def stretch(upstreams: int) -> timedelta:
    """Return the shortest pause that so many upstreams on GitHub allow within the hour's points."""
    return timedelta(hours=1) * (upstreams / A_QUERY / POINTS_AN_HOUR)


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
