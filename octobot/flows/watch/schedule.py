"""When to check again, within bounds, and which packages with news go first.

A package is checked as often as its own releases make worth while.  How often an upstream releases
is estimated from what was seen of it: releases are taken for a Poisson process whose rate is
gamma-distributed, so a few releases move the estimate little, and many decide it.  Where checks
have a budget, the wait for news of all releases together is least if each pause is as the inverse
square root of the rate; bounds keep every upstream in sight.

What is stored is this rhythm, a multiple of the shortest pause.  What is waited is the rhythm times
what the budget leaves, and never less than the shortest pause.  GitHub is asked by the hundred: its
budget is the hour's points, of which checks take a part.  Every other host is asked for one
upstream at a time: its budget is its turns, and each upstream has its own length of pause, so that
they spread by themselves.

First go packages whose version in the spec has a known vulnerability.  That orders the queue and
decides nothing else.  OSV.dev is asked only about packages for which the repository's file says
`vulnerability-release-age`: without it nothing about the distro leaves the machine.
"""

import math
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from octobot.datasources.osv import MOST_AT_ONCE, Subject, vulnerable
from octobot.flows.context import RepoContext
from octobot.flows.lookup.contain import Caught
from octobot.flows.lookup.drive import converse
from octobot.flows.lookup.fetch import host_of
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
PRIOR_RELEASES, PRIOR = 1, timedelta(days=30)
"""What is believed of an upstream that nothing is known of: so many releases in such a time."""
USUAL, SLOWEST = 2.0, 2.5
"""Rhythms, in shortest pauses: of an unknown upstream, and of one that releases hardly ever.

The bounds are narrow, since the last hundredth of all news is of upstreams that release seldom:
of 15,000 that differ as a distro's do, one in four times the shortest pause makes the mean wait a
twentieth shorter and the 99th percentile a tenth longer.
"""
LONGEST = timedelta(days=1) - timedelta(seconds=1)
"""Of a rhythm: whole days are a spec's own `schedule`, which no budget changes."""
SPREAD = 1 / 5
POINTS_AN_HOUR = 4000
"""Of an installation's 5,000 GraphQL points an hour, those that checks may take."""
TURNS_A_SECOND = 0.95
"""Upstreams of one other host, which is asked once a second, and not while a pass begins."""
GITHUB = "github"
"""What `host_of` calls it."""
A_QUERY = 100
"""Connections that cost one point."""
WITHOUT_UPSTREAM = timedelta(days=1)
"""Until a spec without an upstream is read again: octobot may have learned its source."""


def rhythm_of(
    package: Package, shortest: timedelta, seen: Sequence[datetime], now: datetime
) -> timedelta:
    """Return the spec's `schedule`, or the upstream's rhythm.

    `seen`: when its newest names were seen first, newest first.  All names of the first check were
    seen at once, so the oldest moment only says since when it is watched.
    """
    if package.update.schedule:
        return PERIODS[package.update.schedule.period]
    rhythm = min(max(USUAL * math.sqrt(_believed() / rate(seen, now)), 1.0), SLOWEST)
    return max(shortest, min(shortest * rhythm, LONGEST))


def rate(seen: Sequence[datetime], now: datetime) -> float:
    """Return the releases a day to expect of an upstream: the mean of the gamma posterior.

    Source: Gelman et al., Bayesian Data Analysis, section 2.6, the Poisson model by exposure.
    """
    watched = max(now - seen[-1], timedelta()) if seen else timedelta()
    return (PRIOR_RELEASES + max(len(seen) - 1, 0)) / ((PRIOR + watched) / timedelta(days=1))


def _believed() -> float:
    return PRIOR_RELEASES / (PRIOR / timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Budget:
    """By what rhythms are multiplied, so that all checks together keep within limits."""

    scales: Mapping[str, float] = field(default_factory=dict)
    """Host → the multiple; any other has room enough."""
    least: float = 1 / SLOWEST
    """Where there is room enough: at the least multiple every upstream has the shortest pause."""

    def scale(self, host: str) -> float:
        """Return the multiple of a host's rhythms."""
        return max(self.scales.get(host, 0.0), self.least)

    def wait(self, rhythm: timedelta, shortest: timedelta, host: str) -> timedelta:
        """Return how long to wait until the next check; whole days are as a spec wants them."""
        return rhythm if rhythm > LONGEST else max(shortest, rhythm * self.scale(host))


def github_budget(checks_a_second: float) -> Budget:
    """Return the budget of GitHub, whose upstreams' rhythms ask for so many checks."""
    return Budget({GITHUB: checks_a_second * 3600 / A_QUERY / POINTS_AN_HOUR})


def hosts_budget(rhythms: Mapping[Upstream, timedelta]) -> Budget:
    """Return the budget of other hosts, each of which has its turns alone."""
    wanted: dict[str, float] = defaultdict(float)
    for upstream, rhythm in rhythms.items():
        wanted[host_of(upstream)] += 1 / max(rhythm.total_seconds(), 1)
    scales = {host: checks / TURNS_A_SECOND for host, checks in wanted.items()}
    return Budget(scales, least=1 / USUAL)  # less would end that they are spread


def spread(length: timedelta, upstream: Upstream) -> timedelta:
    """Lengthen a pause by a share that only depends on the upstream."""
    name = f"{upstream.datasource} {upstream.identifier}".encode("utf-8", "surrogatepass")
    return length * (1 + SPREAD * (zlib.crc32(name) % 1000) / 1000)


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
