"""Chaos as a script: octobots that are killed again and again, and a database that crashes.

    python tests/faults/lives/chaos.py [--bumps 200] [--processes 3] [--seed 1]

Three processes share one PostgreSQL and one sandbox; one after the other, each two seconds after it
began to serve, is killed with SIGKILL and started again, 15 % of the deliveries are lost (and those
that meet a dead process), halfway the database crashes, and now and then GitHub wants to be left
alone.  At the end every bump must be merged once, and the oracle has nothing to say.
"""

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic

import click

from octobot.cli.demo.stage import bot_settings
from octobot.model.ids import Sha
from octobot.sandbox.http.call import Call
from octobot.sandbox.http.faults import Faults, Window
from octobot.sandbox.server import Sandbox
from octobot.sandbox.state.deliveries import DeliveryFaults
from octobot.sandbox.state.nouns import CI_APP
from octobot.sandbox.upstreams.upstreams import Upstreams
from tests.faults.lives.herd import Herd, Postgres
from tests.faults.lives.many import names, publish, spec_of
from tests.faults.oracle import violations
from tests.stories.story import CONFIG, NAME

MANY = 10**9
MANY_LINES = 20
PASSES = 4
"""Passes of each process, two of each kind at least, after which nothing new can come of any."""
LIMIT = 5
"""Seconds for which GitHub wants to be left alone when it does."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen."""

    bumps: int = 200
    packages: int = 40
    processes: int = 3
    kill_every: float = 2.0
    dropped: float = 0.15
    crashes: int = 1
    limits: int = 3
    seed: int = 1
    patience: float = 3600.0
    """Seconds until the run is given up; nothing is asserted about them."""
    rest: float = 600.0
    """Seconds until all must have come to rest, however busy the machine is."""


@dataclass(slots=True)
class Outcome:
    """What happened."""

    merged: int = 0
    wanted: int = 0
    seconds: float = 0.0
    kills: int = 0
    crashes: int = 0
    ended: int = 0
    """Processes that ended by themselves; none should."""
    answers: Counter[int] = field(default_factory=Counter)
    """Status of each delivery; whatever is not 202 was lost."""
    windows: list[Window] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lost = self.answers.total() - self.answers[202]
        return (
            f"{self.merged} of {self.wanted} bumps merged in {self.seconds:.0f} s;"
            f" {self.kills} kills, {self.crashes} crashes of PostgreSQL,"
            f" {len(self.windows)} limits; {lost} of {self.answers.total()} deliveries lost;"
            f" {self.ended} ended by themselves;"
            f" {len(self.wrong)} violations"
        )


class Chaos:
    """One run of it."""

    def __init__(self, plan: Plan, home: Path, sandbox: Sandbox, upstreams: Upstreams) -> None:
        self.plan, self._dice = plan, Random(plan.seed)  # noqa: S311  (nothing secret)
        self.sandbox, self._upstreams = sandbox, upstreams
        self.versions = dict.fromkeys(names(plan.packages), 0)
        """Package → minor version that is out."""
        self._left = plan.bumps
        self.database = Postgres(home / "db")
        self.faults: Faults = sandbox.faults()
        self._home = home
        self.herd: Herd
        self._over = asyncio.Event()
        self._turn = asyncio.Lock()
        """Held by whatever strikes: no octobot is started while the database is away, since one
        that finds none at its start rightly ends by itself."""

    async def found(self) -> None:
        """Put the distro there, at version 1.0 of everything."""
        files = {".github/octobot.yaml": CONFIG + b"open-pull-requests: 500\n"}
        for name in self.versions:
            commit = await publish(self._upstreams, name, "1.0")
            files[f"{name}.yaml"] = spec_of(name, commit)
        await self.sandbox.create_repository(NAME, files)
        self.sandbox.protect(NAME, "main", required=[("build", CI_APP)])
        await self.sandbox.install_app(NAME)
        self.sandbox.limits.core = self.sandbox.limits.graphql = MANY
        self.sandbox.on_head(self._check)
        dice = Random(self.plan.seed)  # noqa: S311  (nothing secret)
        lossy = DeliveryFaults(dropped=self.plan.dropped, doubled=0.1, dice=dice)
        self.sandbox.hub.outbox.faults = lossy

    async def _check(self, repo: str, head: Sha, _pull: int | None, _branch: str) -> None:
        """Be the CI: green after a while."""
        await asyncio.sleep(self._dice.random())
        self.sandbox.post_check_run(repo, head, "build", conclusion="success", summary="green")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let the octobots run."""
        await asyncio.to_thread(self.database.start)
        settings = bot_settings(self._home, self.sandbox, self._upstreams)
        # Looks every second would keep the sandbox busy with nothing else.
        settings = replace(
            settings, pass_interval=timedelta(seconds=2), check_interval=timedelta(seconds=4)
        )
        settings = replace(
            settings,
            database_url=self.database.url,
            pr_recheck_interval=timedelta(seconds=4),
            workers=3,
        )
        self.herd = Herd(settings, self.plan.processes, self._home)
        self.herd.start()
        self.sandbox.deliver_to(self.herd.door(0))
        try:
            yield
        finally:
            self.sandbox.hub.outbox.url = None
            await asyncio.to_thread(self.herd.stop)
            await asyncio.to_thread(self.database.stop)

    def merged(self) -> Counter[str]:
        """Count what was merged, by package."""
        pulls = self.sandbox.hub.state.pulls.of(self.sandbox.repository(NAME).id)
        return Counter(pull.head_ref.split("/")[1] for pull in pulls if pull.merged_at)

    async def feed(self) -> None:
        """Let the next version of a package come out once the last one is merged."""
        merged = self.merged()
        for name, version in self.versions.items():
            if self._left and merged[name] >= version:
                self._left -= 1
                self.versions[name] += 1
                await publish(self._upstreams, name, f"1.{version + 1}")

    def strike(self, number: int) -> None:
        """Kill the next one, and let GitHub's deliveries go to another."""
        self.herd.replace(number % self.plan.processes)
        self.sandbox.hub.outbox.url = self.herd.door(number + 1)

    async def live(self) -> Outcome:
        """Live until everything is merged, or patience ends; then look."""
        began, done = monotonic(), Outcome(wanted=self.plan.bumps)
        async with self.running():
            killing = asyncio.create_task(self._kill())
            # Not at a limit's moment: a limit whose only note is lost is known to nobody.
            crash_at = [self.plan.bumps * 2 // 5] * self.plan.crashes
            limit_at = [
                self.plan.bumps * (n + 1) // (self.plan.limits + 1) for n in range(self.plan.limits)
            ]
            while self._goes_on(done) and monotonic() - began < self.plan.patience:
                await self.feed()
                done.merged = self.merged().total()
                if limit_at and done.merged >= limit_at[0]:
                    limit_at.pop(0)
                    self._limit()
                if crash_at and done.merged >= crash_at[0]:
                    crash_at.pop(0)
                    await self._crash()
                await asyncio.sleep(0.2)
            done.seconds = monotonic() - began
            self._over.set()
            await killing  # not cut short: a process that is half replaced would count as ended
            await self._calm()
            done.ended = self.plan.processes - self.herd.alive()
        await self._look(done)
        return done

    def _goes_on(self, done: Outcome) -> bool:
        return done.merged < self.plan.bumps or not self.herd.kills

    async def _kill(self) -> None:
        """Kill one after the other, each once it has been at work for a while.

        A machine on which a start takes longer than that would otherwise never get anything done.
        """
        number = 0
        while await _until(partial(self.herd.serves, number), self._over.is_set):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), self.plan.kill_every)
            async with self._turn:
                if not self._over.is_set():
                    await asyncio.to_thread(self.strike, number)
                    number += 1

    async def _crash(self) -> None:
        """Crash the database once every octobot is through its start."""
        async with self._turn:
            for number in range(self.plan.processes):
                await _until(partial(self.herd.serves, number), self._over.is_set)
            await asyncio.to_thread(self.database.crash)
            await asyncio.to_thread(self.database.start)

    def _limit(self) -> None:
        headers = {"Retry-After": str(LIMIT)}
        self.faults.limit("limit", _of_installation, seconds=LIMIT, headers=headers)

    async def _calm(self) -> None:
        """Wait until all is tidied up, and until each process has made a pass that changed nothing.

        What is not tidied up when patience ends is found wrong by `_look`.
        """
        ends = monotonic() + self.plan.rest
        while monotonic() < ends:
            self.sandbox.log.clear()
            passed = partial(self._passed, self.herd.passes())
            await _until(passed, lambda: monotonic() > ends)
            if not self.sandbox.log.content_writes() and not await self._ended():
                return

    def _passed(self, before: Sequence[int]) -> bool:
        """Return whether each process has made enough passes since."""
        pairs = zip(self.herd.passes(), before, strict=True)
        return all(now - then >= PASSES for now, then in pairs)

    async def _look(self, done: Outcome) -> None:
        await self.sandbox.settle()
        done.merged, done.kills, done.crashes = (
            self.merged().total(),
            self.herd.kills,
            self.database.crashes,
        )
        done.answers = Counter(one.status_code for one in self.sandbox.hub.state.deliveries)
        done.windows = self.faults.windows
        done.wrong = await violations(self.sandbox, NAME, self.faults.windows)
        done.wrong += await self._ended()

    async def _ended(self) -> list[str]:
        """Say what is wrong with the end: each version there, each proposed once, nothing left."""
        repo = self.sandbox.repository(NAME)
        git, state = self.sandbox.hub.git(repo), self.sandbox.hub.state
        wrong = [f"L1: {name} was merged more often" for name, count in self._more().items()]
        for name, version in self.versions.items():
            found = await git.read(f"main:{name}.yaml")
            if not found or f'version: "1.{version}"'.encode() not in found[2]:
                wrong.append(f"end: {name} is not at 1.{version}")
        twice = Counter(pull.head_ref for pull in state.pulls.of(repo.id))
        wrong += [
            f"L1: {count} pull requests from {ref}" for ref, count in twice.items() if count > 1
        ]
        wrong += [f"end: #{pull.number} is still open" for pull, _ in state.open_pulls(repo.id)]
        wrong += [
            f"end: {ref} was left" for ref in await git.refs("refs/heads/") if "/octobot/" in ref
        ]
        return [*wrong, *self.sandbox.judge.objections]

    def _more(self) -> Counter[str]:
        return self.merged() - Counter(self.versions)


async def _until(there: Callable[[], bool], over: Callable[[], bool]) -> bool:
    """Wait for something until it is all over; return whether it came."""
    while not over():
        if await asyncio.to_thread(there):
            return True
        await asyncio.sleep(0.2)
    return False


def _of_installation(call: Call) -> bool:
    """Match what is counted with the installation, whose limit it is."""
    return call.actor.kind == "installation" and not call.path.startswith("/app")


async def chaos(plan: Plan, home: Path) -> Outcome:
    """Make a plan come true."""
    async with Sandbox(home / "github") as sandbox:
        made = Chaos(plan, home, sandbox, Upstreams(sandbox, home / "upstreams"))
        await made.found()
        return await made.live()


@click.command()
@click.option("--bumps", default=200)
@click.option("--packages", default=40)
@click.option("--processes", default=3)
@click.option("--kill-every", default=2.0, help="Seconds.")
@click.option("--limits", default=3, help="How often GitHub wants to be left alone.")
@click.option("--seed", default=1)
@click.option("--home", type=click.Path(path_type=Path), help="Keep everything there.")
def main(home: Path | None, **asked: float) -> None:
    """Run it and print the figures; exit status 1 when anything was wrong."""
    plan = Plan(**asked)  # type: ignore[arg-type]  # click has made them what their defaults are
    with tempfile.TemporaryDirectory(prefix="c") as folder:
        done = asyncio.run(chaos(plan, home or Path(folder)))
    kinds = Counter(said[:3] for said in done.wrong)
    for said in done.wrong:
        if not said.startswith("S11") or kinds[said[:3]] < MANY_LINES:
            click.echo(said)
    click.echo(f"{done}{''.join(f'; {kind}: {count}' for kind, count in kinds.items())}")
    raise SystemExit(0 if done.merged == plan.bumps and not done.wrong and not done.ended else 1)


if __name__ == "__main__":
    main()
