"""A bench's octobot: the real store, clients and flows, against upstreams on loopback."""

import zlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self, cast

import aiohttp
import psutil  # type: ignore[import-untyped]  # comes with the embedded PostgreSQL

from octobot.app.upstreams import UpstreamClient
from octobot.flows.context import Lanes, RepoContext
from octobot.flows.watch.watch import Pass, watch
from octobot.github.repository.git_objects import blob_id
from octobot.github.repository.repository import WatchedRepository
from octobot.github.transport.request import open_http
from octobot.github.transport.session import Session
from octobot.github.transport.throttle import UNLIMITED
from octobot.model.config import ConfigFile
from octobot.model.ids import InstallationId, Key, Repository, RepositoryId, Sha, Watched
from octobot.model.pull_request import Outline
from octobot.settings import read_settings
from octobot.specs.read.cache import Reader
from octobot.store.engine import embedded
from octobot.store.store import Store
from octobot.triage.log.triage import LogTriage
from octobot.upstream.client import Client
from octobot.upstream.gate import UNLIMITED as AT_ONCE
from tests.bench.watch_world import Watched as Seen
from tests.bench.watch_world import read_watched

DISTRO = Watched(InstallationId(1), RepositoryId(1), Repository("bench", "distro"), "main")
COMMIT = Sha("0" * 40)


@dataclass
class Distro:
    """The watched repository: its specs, and nothing else."""

    specs: Mapping[str, str]
    now: datetime

    @property
    def config_files(self) -> Self:
        """It is its own settings files."""
        return self

    @property
    def trees(self) -> Self:
        """It is its own trees."""
        return self

    async def read(self, *, fresh: bool = False) -> tuple[ConfigFile, ...]:  # noqa: ARG002 (of the protocol)
        """Read no settings: the defaults hold."""
        return ()

    async def outline(self) -> Outline:
        """List the specs."""
        listed = tuple((path, blob_id(text)) for path, text in self.specs.items())
        return Outline(COMMIT, listed, self.now)

    async def blobs(self, ids: Sequence[Sha]) -> Mapping[Sha, str]:
        """Read specs."""
        wanted = set(ids)
        return {blob: text for text in self.specs.values() if (blob := blob_id(text)) in wanted}


@dataclass
class Queue:
    """Lanes that only remember who was hinted."""

    keys: dict[Key, datetime] = field(default_factory=dict)
    """Each with when it was hinted first."""
    clock: Callable[[], datetime] = lambda: datetime(2026, 1, 5, tzinfo=UTC)

    async def hint(self, key: Key, *, urgent: bool = False) -> None:  # noqa: ARG002 (a queue of one)
        """Take a hint."""
        self.keys.setdefault(key, self.clock())


@dataclass
class Rig:
    """Everything a measurement touches."""

    world: RepoContext
    queue: Queue
    store: Store
    packages: Sequence[Seen]
    address: str
    session: aiohttp.ClientSession
    server: psutil.Process
    now: datetime

    def ahead(self, **units: float) -> None:
        """Let simulated time pass."""
        self.now += timedelta(**units)

    async def look(self, *, far: bool | None = None) -> Pass:
        """Make a pass at the simulated time."""
        return await watch(self.world, other_hosts=far)

    async def look_at_all(self) -> int:
        """Make passes until nothing is due; return how many packages had news."""
        passed = await self.look()
        hinted = passed.hinted
        while passed.checked:
            self.ahead(seconds=2)
            passed = await self.look(far=True)
            hinted += passed.hinted
        return hinted

    async def figures(self) -> dict[str, int]:
        """Read and reset what the upstreams counted."""
        async with self.session.post(f"{self.address}/figures") as answer:
            found: dict[str, int] = await answer.json()
            return found

    async def publish(self, news: Mapping[str, str]) -> None:
        """Publish tags: place to name."""
        async with self.session.post(f"{self.address}/publish", json=dict(news)) as answer:
            answer.raise_for_status()

    def spread(self, count: int, start: int = 0) -> dict[str, str]:
        """Choose places all over the distro, and a next tag of each."""
        watched = [one for one in self.packages if one.kind != "branch"]
        watched.sort(key=lambda one: zlib.crc32(one.name.encode()))
        return {one.key: one.next for one in watched[start : start + count]}

    def database_cpu(self) -> float:
        """Return the seconds of CPU that PostgreSQL took."""
        total = 0.0
        for process in (self.server, *self.server.children(recursive=True)):
            times = process.cpu_times()
            total += times.user + times.system
        gone = self.server.cpu_times()
        return total + float(gone.children_user + gone.children_system)

    def only(self, *datasources: str) -> None:
        """Watch the packages of these datasources only, from now on."""
        self.packages = [one for one in self.packages if one.datasource in datasources]
        distro = cast("Distro", self.world.github)
        distro.specs = {one.path: distro.specs[one.path] for one in self.packages}


@asynccontextmanager
async def rig(address: str, place: Path, specs: Mapping[str, str]) -> AsyncIterator[Rig]:
    """Open an octobot that watches these specs; `place` is the folder of their world."""
    server = embedded.start(place)
    now, usual = datetime(2026, 1, 5, tzinfo=UTC), read_settings({})
    try:
        async with (
            Store.open(server.url) as store,
            open_http() as session,
            Client(mirror=address, limits=AT_ONCE) as client,
        ):
            await store.repositories.set_watched([DISTRO])
            distro, queue = Distro(specs, now), Queue()
            road = Session.for_token(session, address, "bench", limits=UNLIMITED)
            world = RepoContext(
                watched=DISTRO,
                github=cast("WatchedRepository", distro),
                upstreams=UpstreamClient(client, road),
                store=store,
                lanes=cast("Lanes", queue),
                triage=LogTriage(),
                clock=lambda: made.now,
                check_interval=usual.check_interval,
                check_interval_other_hosts=usual.check_interval_other_hosts,
                recheck=timedelta(minutes=5),
                bot=1,
                app=1,
                reader=Reader(),
            )
            pid = int((place / "postgres" / "postmaster.pid").read_text().split()[0])
            made = Rig(
                world, queue, store, read_watched(place), address, session, psutil.Process(pid), now
            )
            queue.clock = lambda: made.now
            yield made
    finally:
        server.cleanup()
