"""Detection latency in simulated time: from a tag's publication to its lane's hint.

Upstreams release at rates that differ as those of a distro do: lognormal, a few daily, most in
months.  Octobot has watched them for half a year, so their past releases are in its memory.  What
is published meanwhile is drawn by the same rates, so the latencies are those of releases, not of
upstreams.  `even`: no past, and every upstream is as likely.

The passes are real; their duration is not, since loopback answers at once.  Each query to GitHub
takes a second and a half, and a release that is published meanwhile shows in the queries that
follow.  A pass over the other hosts lasts as long as its busiest host, which is asked once a
second; what it finds counts as found at its end.
"""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import NormalDist, quantiles
from typing import Literal

from octobot.app.serve import rest_after
from octobot.flows.upstreams import Upstreams
from octobot.flows.watch.outcome import SHARE
from octobot.model.ids import Sha
from octobot.model.lookup import GraphQLRequest, Request, Response
from octobot.model.package import Upstream
from octobot.model.release import Release
from octobot.variables import VARIABLES
from tests.bench.watch_rig import Rig
from tests.bench.watch_world import Watched, commit_of

QUERY = timedelta(seconds=1.5)
TICK = timedelta(seconds=30)
NEWS = 400
SPAN = timedelta(minutes=30)
"""How long tags are published."""
ENOUGH = timedelta(minutes=55)
MEDIAN, SIGMA = timedelta(days=45), 1.4
"""Between two releases of the upstream in the middle; and how far apart upstreams are."""
PAST = timedelta(days=180)
STEP = timedelta(days=1)
"""Releases of one day are seen at once."""


@dataclass(frozen=True, slots=True)
class Latencies:
    """What was found of the releases of one kind of host."""

    seconds: Sequence[float]
    missed: int

    @property
    def p99(self) -> float:
        """The 99th percentile."""
        return self._cut(98)

    def _cut(self, at: int) -> float:
        return quantiles(self.seconds, n=100)[at] if len(self.seconds) > 1 else 0.0

    def __str__(self) -> str:
        return (
            f"p50 {self._cut(49):4.0f} s, p99 {self.p99:4.0f} s, worst"
            f" {max(self.seconds, default=0):4.0f} s of {len(self.seconds)} seen;"
            f" {self.missed} missed"
        )


async def simulate(bench: Rig, *, even: bool = False) -> Mapping[str, Latencies]:
    """Publish tags over a while; return the latencies on `GitHub` and on `other hosts`."""
    tick = next(one.default for one in VARIABLES if one.name == "OCTOBOT_PASS_INTERVAL")
    if tick != f"{TICK.seconds}s":
        raise ValueError(f"the default tick is {tick}")
    if not even:
        await _remember_past(bench)
    await bench.look_at_all()
    # Let each upstream of a host come to its own rhythm before the clock starts.
    for _ in range(2):
        bench.ahead(minutes=15)
        await bench.look_at_all()
    race = Race(bench, even=even)
    await race.run()
    return race.latencies()


def _share(what: str, key: str) -> float:
    """Draw a number between 0 and 1 that only depends on the words."""
    digest = hashlib.sha256(f"{what} {key}".encode()).hexdigest()[:12]
    return (int(digest, 16) + 0.5) / 16**12


def _between(key: str) -> timedelta:
    """Return the mean time between two releases of a place."""
    return MEDIAN * math.exp(SIGMA * NormalDist().inv_cdf(_share("rate", key)))


async def _remember_past(bench: Rig) -> None:
    """Let octobot have seen what was released in half a year: a Poisson process of each place."""
    past: dict[int, dict[Upstream, Sequence[Release]]] = defaultdict(dict)
    for one in bench.packages:
        upstream = Upstream(one.datasource, one.identifier, "tags")
        at, number = timedelta(), 0
        while one.kind != "branch":
            number += 1
            at += _between(one.key) * -math.log(_share(f"past {number}", one.key))
            if at > PAST:
                break
            name = f"past-{number}"
            release = Release(name, Sha(commit_of(one.key, name)))
            past[at // STEP].setdefault(upstream, (release,))
    for day, seen in sorted(past.items(), reverse=True):
        await bench.store.sightings.observe(seen, now=bench.now - STEP * (day + 1))


def _drawn(watched: Sequence[Watched], *, even: bool) -> dict[str, str]:
    """Draw places by their rates, none twice (Efraimidis and Spirakis), and a next tag of each."""
    weights = {one.key: 1.0 if even else 1 / (_between(one.key) / STEP) for one in watched}
    order = sorted(watched, key=lambda one: math.log(_share("news", one.key)) / weights[one.key])
    # Several packages follow one place, and the filters of each may want another name.
    tags = {one.key: one.next for one in order if one.kind != "branch"}
    return dict(list(tags.items())[-NEWS:])


@dataclass(frozen=True, slots=True)
class _Timed:
    """Upstreams of which each query takes its time."""

    inner: Upstreams
    race: "Race"

    async def send(self, request: Request) -> Response:
        if isinstance(request, GraphQLRequest):
            await self.race.pass_time(QUERY)
        return await self.inner.send(request)

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        return await self.inner.digest(uri, algorithm)


class Race:
    """Two ticks side by side, and what they find."""

    def __init__(self, bench: Rig, *, even: bool) -> None:
        self.bench, self.start = bench, bench.now
        news = _drawn(bench.packages, even=even)
        # By another draw than that of the places, so that frequent ones do not come last.
        order = sorted(news, key=lambda key: _share("when", key))
        self.published: dict[str, datetime] = {}
        self.waiting = [
            (self.start + SPAN * (at / len(order)), key, news[key]) for at, key in enumerate(order)
        ]
        self.key_of = {one.name: one.key for one in bench.packages}
        self.far = {one.key for one in bench.packages if not one.key.startswith("github.com/")}
        self.found: dict[str, timedelta] = {}
        self.refused: AbstractSet[str] = frozenset()

    async def run(self) -> None:
        """Let the ticks take turns, whichever is due first."""
        near = far = self.start
        whole = self.bench.world.upstreams
        self.bench.world = replace(self.bench.world, upstreams=_Timed(whole, self))
        while min(near, far) < self.start + ENOUGH and len(self.found) < NEWS:
            if near <= far:
                near = await self._pass(near, far=False)
            else:
                far = await self._pass(far, far=True)
        self.bench.world = replace(self.bench.world, upstreams=whole)
        # What is not taken even by a look that reads everything is refused by the spec's filters.
        self.bench.ahead(days=2)
        await self.bench.look()
        rows = await self.bench.store.database.rows(
            "select name from package where target is not null"
        )
        self.refused = self.published.keys() - self.found.keys() - {self.key_of[n] for (n,) in rows}

    async def pass_time(self, units: timedelta) -> None:
        """Let time pass within a pass, and publish what is due."""
        self.bench.now += units
        await self._publish(self.bench.now)

    async def _pass(self, at: datetime, *, far: bool) -> datetime:
        """Make a pass that begins at `at`; return when the next one begins, as `serve` does."""
        await self._publish(at)
        self.bench.now = at
        self.bench.queue.keys.clear()
        await self.bench.figures()
        busiest = await self._busiest(at) if far else timedelta()
        more = (await self.bench.look(far=far)).more
        end = at + busiest if far else self.bench.now
        for key, when in self.bench.queue.keys.items():
            place = self.key_of[key.package]
            if place in self.published and place not in self.found:
                self.found[place] = (end if far else when) - self.published[place]
        return end + rest_after(end - at, TICK, more=more)

    async def _publish(self, until: datetime) -> None:
        due = [one for one in self.waiting if one[0] <= until]
        if not due:
            return
        self.waiting = [one for one in self.waiting if one[0] > until]
        self.published |= {key: at for at, key, _ in due}
        await self.bench.publish({key: tag for _, key, tag in due})

    async def _busiest(self, at: datetime) -> timedelta:
        """Return how long the host with the most due upstreams is asked, once a second."""
        rows = await self.bench.store.database.rows(
            "select name from package where far and look_due <= %s", [at]
        )
        due = {self.key_of.get(name, "") for (name,) in rows} & self.far
        hosts = Counter(key.partition("/")[0] for key in due)
        return timedelta(seconds=min(max(hosts.values(), default=0), SHARE))

    def latencies(self) -> Mapping[str, Latencies]:
        """Return what was found, and how late."""
        return {
            "GitHub": self._of(self.published.keys() - self.far),
            "other hosts": self._of(self.published.keys() & self.far),
        }

    def _of(self, keys: AbstractSet[str]) -> Latencies:
        seconds = sorted(self.found[key].total_seconds() for key in keys if key in self.found)
        return Latencies(seconds, len(keys - self.found.keys() - self.refused))
