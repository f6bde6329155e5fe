"""When to check again: as often as a package's own releases make worth while, within bounds.

GitHub is asked by the hundred, so its packages are checked together and often; what bounds them
is the hour's points, of which checks take a part.  Every other host is asked for one upstream at a
time: politeness sets the shortest pause, and each upstream has its own length of it, so that they
spread by themselves.
"""

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from octobot.model.package import Package, Upstream

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
HOPELESS = timedelta(days=1)
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
