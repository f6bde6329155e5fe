"""A stage for stories: the real flows and edges on a sandbox, one step at a time.

Nothing runs in the background: a test publishes, lets octobot look, plays the CI, and moves the
clock by itself.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import aiohttp

from octobot.app.upstreams import UpstreamClient
from octobot.commands.listening import listen
from octobot.flows.context import RepoContext
from octobot.flows.indexes import Indexes
from octobot.flows.rebuild.waves import advance_waves
from octobot.flows.reconcile.due import due
from octobot.flows.reconcile.lane import reconcile
from octobot.flows.watch.watch import watch
from octobot.github.app.app import App
from octobot.github.app.installations import identify, watched_repositories
from octobot.github.repository.repository import WatchedRepository
from octobot.github.transport.request import open_http
from octobot.github.transport.scopes import PemSigner
from octobot.github.transport.throttle import UNLIMITED, Limits
from octobot.github.transport.throttle import Clock as MachineClock
from octobot.messages.commands.replies import REPLY, mark
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import Key, Sha, Watched
from octobot.model.lookup import Request, Response, Unreachable
from octobot.model.memory import Row
from octobot.model.orders import TextKind
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import ReasonCode
from octobot.sandbox.http.faults import Window
from octobot.sandbox.server import Sandbox
from octobot.sandbox.state.nouns import CI_APP
from octobot.sandbox.upstreams.upstreams import Upstreams
from octobot.store.store import Store
from octobot.triage.log.triage import LogTriage
from octobot.upstream.client import Client
from octobot.upstream.gate import UNLIMITED as AT_ONCE

NAME = "sample/distro"
MARK = re.compile(r"<!-- octobot:to .* -->(?:\n\n<details>\n<summary>Earlier answers</summary>)?")
HELLO = "https://github.com/example/hello"
CONFIG = b"minimum-release-age: 0s\n"
STEPS = 60
"""More steps than any story needs; a lane that never rests is a fault."""

SPEC = """\
package:
  name: hello
  version: "{version}"
  epoch: 3 # rebuilt
  description: A greeting

pipeline:
  - uses: git-checkout
    with:
      repository: https://github.com/example/hello
      tag: v${{{{package.version}}}}
      expected-commit: {commit}

update:
  enabled: true
{extra}  github:
    identifier: example/hello
    strip-prefix: v
    use-tag: true
"""


class Queue:
    """Lanes without a worker: the keys that were hinted, in order."""

    def __init__(self) -> None:
        self.keys: dict[Key, None] = {}

    async def hint(self, key: Key, *, urgent: bool = False) -> None:  # noqa: ARG002 (a queue of one)
        """Ask for a look at this package soon."""
        self.keys[key] = None


class Away:
    """Upstreams that are down."""

    async def send(self, request: Request) -> Response:
        """Answer nothing."""
        return Unreachable(f"{type(request).__name__} timed out")

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> None:
        """Download nothing."""


class Clock:
    """A clock that a test moves, and that moves by itself when somebody sleeps."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.slept = 0.0
        """Seconds that nobody had to wait for."""
        self.booted = 0.0
        """What the steady clock shows at first: the uptime, on which no story may depend."""

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept += seconds
        self.ahead += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    @property
    def machine(self) -> MachineClock:
        """The same clock as GitHub's client has."""
        began = self()
        return MachineClock(
            lambda: self().timestamp(),
            lambda: self.booted + (self() - began).total_seconds(),
            self.sleep,
        )


@dataclass
class Story:
    """Everything a test touches."""

    sandbox: Sandbox
    upstreams: Upstreams
    store: Store
    world: RepoContext
    queue: Queue
    clock: Clock
    pardoned: frozenset[str] = frozenset()
    """Invariants (such as `S3`) that the test itself breaks, on purpose."""
    windows: list[Window] = field(default_factory=list)
    """When GitHub wanted to be left alone; the oracle looks."""

    @property
    def key(self) -> Key:
        """The lane of the package `hello`."""
        return Key(self.world.watched.id, "hello")

    def through(self, github: WatchedRepository) -> None:
        """Let octobot see GitHub through something else from now on."""
        self.world = replace(self.world, github=github)

    async def release(self, version: str) -> Sha:
        """Publish a tag upstream; return its commit."""
        return await self.upstreams.provide_ref(HELLO, f"refs/tags/v{version}")

    async def look(self) -> ReasonCode:
        """Make a pass over the repository, then all steps that follow from it."""
        await self.look_without()
        return (await self.row()).reason.code

    async def look_without(self) -> None:
        """Do the same where hello may be gone."""
        self.clock.ahead += timedelta(seconds=2)
        with contextlib.suppress(TryLater, Misconfigured):
            await listen(self.world)
        await watch(self.world)
        with contextlib.suppress(TryLater, Misconfigured):
            await advance_waves(self.world)
        await self._follow_up()

    async def work(self) -> ReasonCode:
        """Take all steps that are hinted or due, and give hello's reason code."""
        await self._follow_up()
        return (await self.row()).reason.code

    async def _follow_up(self) -> None:
        for _ in range(STEPS):
            for key in await self.due():
                await self.queue.hint(key)
            if not self.queue.keys:
                return
            key = next(iter(self.queue.keys))
            del self.queue.keys[key]
            await reconcile(self.world, key)
        raise AssertionError(f"the lane never rests: {(await self.row()).reason}")

    async def due(self) -> tuple[Key, ...]:
        """Take what is due, as the sweep does."""
        contexts = {self.world.watched.id: self.world}
        return await due(self.store.packages, contexts, now=self.world.clock(), limit=500)

    async def later(self, **units: int) -> ReasonCode:
        """Let time pass, then take the steps that became due."""
        self.clock.ahead += timedelta(**units)
        return await self.look()

    async def row(self) -> Row:
        """Read what octobot says of hello."""
        row = await self.store.packages.row(self.key)
        assert row
        return row

    async def pulls(self) -> tuple[PullRequest, ...]:
        """List octobot's open pull requests, as GitHub has them."""
        return await self.world.github.pulls.list_open()

    async def check(
        self, conclusion: Literal["success", "failure"] = "success", log: str = ""
    ) -> ReasonCode:
        """Play the CI on every open pull request, then let octobot look."""
        for pull in await self.pulls():
            self.sandbox.post_check_run(
                NAME, pull.head, "build", conclusion=conclusion, summary=conclusion, log=log
            )
        return await self.later(minutes=10)

    async def spec(self) -> str:
        """Read hello's spec on the default branch from git."""
        git = self.sandbox.hub.git(self.sandbox.repository(NAME))
        found = await git.read("main:hello.yaml")
        assert found
        return found[2].decode()

    def comments(self, number: int) -> list[str]:
        """Read the comments on a pull request."""
        mine = self.sandbox.hub.state.comments.of(self.world.watched.id)
        return [comment.body for comment in mine if comment.number == number]

    def answer(self, thread: int, text: int, kind: TextKind = "comment") -> str:
        """Return octobot's answer to a text, out of the thread's one reply; empty without one."""
        replies = [
            body for body in self.comments(thread) if body.endswith(f"<!-- octobot:{REPLY} -->")
        ]
        assert len(replies) <= 1
        before, found, _ = "".join(replies).partition(mark((kind, text)))
        return MARK.split(before)[-1].strip() if found else ""

    async def write_spec(self, version: str, *, extra: str = "") -> None:
        """Put hello's spec on the default branch, as a person would."""
        text = spec(version, await self.release(version), extra)
        await self.sandbox.commit_files(NAME, "main", {"hello.yaml": text.encode()}, "By hand")

    async def configure(self, text: str) -> None:
        """Put the repository's file on the default branch."""
        files = {".github/octobot.yaml": text.encode()}
        await self.sandbox.commit_files(NAME, "main", files, "Configure octobot")


def spec(version: str, commit: Sha, extra: str = "") -> str:
    """Write hello's spec."""
    return SPEC.format(version=version, commit=commit, extra=extra)


@asynccontextmanager
async def story(home: Path, store: Store, *, limits: Limits = UNLIMITED) -> AsyncIterator[Story]:
    """Found the distro with hello 1.0 and install octobot on it."""
    queue, clock = Queue(), Clock()
    async with (
        Sandbox(home, clock=clock) as sandbox,
        open_http() as session,
        _client(upstreams := Upstreams(sandbox, home / "upstreams")) as client,
    ):
        first = await upstreams.provide_ref(HELLO, "refs/tags/v1.0")
        files = {"hello.yaml": spec("1.0", first).encode(), ".github/octobot.yaml": CONFIG}
        await sandbox.create_repository(NAME, files)
        sandbox.protect(NAME, "main", required=[("build", CI_APP)])
        await sandbox.install_app(NAME)
        app = _app(sandbox, session, clock, limits)
        (watched,) = await watched_repositories(app)
        await store.repositories.set_watched([watched])
        world = await _world(app, watched, client, store, (queue, clock))
        yield Story(sandbox, upstreams, store, world, queue, clock)
        assert sandbox.judge.objections == []  # GitHub's own description of every exchange


def _client(upstreams: Upstreams) -> Client:
    return Client(mirror=upstreams.mirror, limits=AT_ONCE)


@cache
def _signer(private_key: str) -> PemSigner:
    """Read the sandboxes' one key once: proving its primes takes a tenth of a second."""
    return PemSigner(private_key)


def _app(sandbox: Sandbox, session: aiohttp.ClientSession, clock: Clock, limits: Limits) -> App:
    return App(
        session,
        base_url=sandbox.api_url,
        issuer=str(sandbox.app.app_id),
        signer=_signer(sandbox.app.private_key),
        limits=limits,
        clock=clock.machine,
    )


async def _world(
    app: App, watched: Watched, client: Client, store: Store, driven: tuple[Queue, Clock]
) -> RepoContext:
    queue, clock = driven
    bot = await identify(app)
    road = app.installation(watched.installation, repositories=frozenset({watched.id}))
    return RepoContext(
        watched=watched,
        github=WatchedRepository.open(road, watched, bot),
        upstreams=UpstreamClient(client, app.reader(watched.installation)),
        store=store,
        lanes=queue,
        indexes=Indexes(client),
        triage=LogTriage(),
        clock=clock,
        check_interval=timedelta(seconds=1),
        recheck=timedelta(minutes=1),
        bot=bot.id,
        app=bot.app,
    )
