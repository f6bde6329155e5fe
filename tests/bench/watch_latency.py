"""Detection latency in simulated time: from a tag's publication to its lane's hint.

The passes are real; their duration is not, since loopback answers at once.  A pass over GitHub is
taken to last a second and a half for each query.  A pass over the other hosts lasts as long as its
busiest host, which is asked once a second.
"""

from collections import Counter
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from statistics import quantiles

from octobot.flows.watch.batch import SHARE
from octobot.model.memory import Row
from octobot.variables import VARIABLES
from tests.bench.watch_rig import Rig

QUERY = timedelta(seconds=1.5)
TICK = timedelta(seconds=30)
NEWS = 400
SPAN = timedelta(minutes=30)
"""How long tags are published."""
ENOUGH = timedelta(minutes=55)


async def simulate(bench: Rig) -> list[str]:
    """Publish tags evenly over a while and return the latencies in words."""
    tick = next(one.default for one in VARIABLES if one.name == "OCTOBOT_PASS_INTERVAL")
    if tick != f"{TICK.seconds}s":
        raise ValueError(f"the default tick is {tick}")
    await bench.look_at_all()
    # Let each upstream of a host come to its own rhythm before the clock starts.
    for _ in range(2):
        bench.ahead(minutes=15)
        await bench.look_at_all()
    race = Race(bench)
    await race.run()
    return race.told()


class Race:
    """Two ticks side by side, and what they find."""

    def __init__(self, bench: Rig) -> None:
        self.bench, self.start = bench, bench.now
        news = bench.spread(NEWS, start=1)
        self.published: dict[str, datetime] = {}
        self.waiting = [
            (self.start + SPAN * (at / len(news)), key, tag)
            for at, (key, tag) in enumerate(news.items())
        ]
        self.key_of = {one.name: one.key for one in bench.packages}
        self.far = {one.key for one in bench.packages if not one.key.startswith("github.com/")}
        self.found: dict[str, timedelta] = {}
        self.refused: AbstractSet[str] = frozenset()

    async def run(self) -> None:
        """Let the ticks take turns, whichever is due first."""
        near = far = self.start
        while min(near, far) < self.start + ENOUGH and len(self.found) < NEWS:
            if near <= far:
                near = await self._pass(near, far=False) + TICK
            else:
                far = await self._pass(far, far=True) + TICK
        # What is not taken even by a look that reads everything is refused by the spec's filters.
        taken = {self.key_of[row.key.package] for row in await self._rows() if row.target}
        self.refused = self.published.keys() - self.found.keys() - taken

    async def _rows(self) -> tuple[Row, ...]:
        self.bench.ahead(days=2)
        await self.bench.look()
        return await self.bench.store.packages.rows(self.bench.world.watched.id)

    async def _pass(self, at: datetime, *, far: bool) -> datetime:
        """Make a pass that begins at `at`; give when it ends."""
        await self._publish(at)
        self.bench.now = at
        self.bench.queue.keys.clear()
        await self.bench.figures()
        due = await self._busiest(at) if far else timedelta()
        passed = await self.bench.look(far=far)
        end = at + (due if far else QUERY * passed.tally.queries)
        for key in self.bench.queue.keys:
            place = self.key_of[key.package]
            if place in self.published and place not in self.found:
                self.found[place] = end - self.published[place]
        return end

    async def _publish(self, until: datetime) -> None:
        due = [one for one in self.waiting if one[0] <= until]
        self.waiting = [one for one in self.waiting if one[0] > until]
        self.published |= {key: at for at, key, _ in due}
        await self.bench.publish({key: tag for _, key, tag in due})

    async def _busiest(self, at: datetime) -> timedelta:
        """Return how long the host with the most due upstreams is asked, once a second."""
        rows = await self.bench.store.packages.rows(self.bench.world.watched.id)
        due = {self.key_of.get(row.key.package, "") for row in rows if row.look_due <= at}
        due &= self.far
        hosts = Counter(key.partition("/")[0] for key in due)
        return timedelta(seconds=min(max(hosts.values(), default=0), SHARE))

    def told(self) -> list[str]:
        """Say the latencies."""
        lines = []
        for what, keys in (
            ("GitHub", self.published.keys() - self.far),
            ("other hosts", self.published.keys() & self.far),
        ):
            seconds = sorted(self.found[k].total_seconds() for k in keys if k in self.found)
            cuts = quantiles(seconds, n=100) if len(seconds) > 1 else [0.0] * 99
            missing = sum(key not in self.found and key not in self.refused for key in keys)
            lines.append(
                f"{what:12} p50 {cuts[49]:4.0f} s, p99 {cuts[98]:4.0f} s,"
                f" worst {max(seconds, default=0):4.0f} s of {len(seconds)} seen; {missing} missed"
            )
        return lines
