"""Merges by the thousand as a script: every one audited, and one in the middle goes wrong.

    python tests/faults/lives/merges.py [--merges 2500] [--packages 50]

The real flows bump a distro again and again on a sandbox.  Once, in the middle, GitHub merges onto
a stale base and so reverts what was merged before: the line must stop within one cycle, nothing
more may be merged until a person has repaired it, and then it continues.  Whether a tree is wrong
is read from git's objects alone.
"""

import asyncio
import logging
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import click
import structlog

from octobot.flows.reconcile.lane import reconcile
from octobot.flows.watch.watch import watch
from octobot.sandbox.http.call import Call
from octobot.sandbox.http.faults import of
from octobot.store.store import Store
from tests.databases import Databases
from tests.faults.lives.many import names, publish, spec_of
from tests.faults.oracle import violations
from tests.stories.story import CONFIG, NAME, Story, story

WRONG = 2
"""Which merge of its round goes wrong."""


@dataclass(slots=True)
class Outcome:
    """The result."""

    merged: int = 0
    seconds: float = 0.0
    injected: int = 0
    """The number of the pull request whose merge went wrong."""
    noticed: int | None = None
    """Merges that came after the wrong one, before the line stood; None: it never stopped."""
    held: int = 0
    """Green pull requests that were not merged while the line stood."""
    wrong: list[str] = field(default_factory=list)
    """All that the oracle says, apart from the merge that went wrong on purpose."""
    found: int = 0
    """How often the oracle, too, saw the wrong one."""

    @property
    def fine(self) -> bool:
        """Return whether all was as it must be."""
        return not self.wrong and self.found == 1 and self.noticed == 0 and self.held > 0

    def __str__(self) -> str:
        return (
            f"{self.merged} merges in {self.seconds:.0f} s, {len(self.wrong)} wrong;"
            f" the injected one (#{self.injected}) was followed by {self.noticed} more before the"
            f" line stood, which held {self.held} green ones"
        )


class Distro:
    """Many packages that are released together, round after round."""

    def __init__(self, tale: Story, packages: int) -> None:
        self.tale, self.names = tale, names(packages)
        self.version = 0
        self.done = Outcome()

    async def found(self) -> None:
        """Put the packages beside `hello`."""
        files: dict[str, bytes | None] = {
            ".github/octobot.yaml": CONFIG + b"open-pull-requests: 500\n"
        }
        for name in self.names:
            first = await publish(self.tale.upstreams, name, "1.0")
            files[f"{name}.yaml"] = spec_of(name, first)
        await self.tale.sandbox.commit_files(NAME, "main", files, "Add packages")
        limits = self.tale.sandbox.limits
        limits.core = limits.graphql = 10**9
        await self._pass()

    async def _pass(self, *, minutes: int = 0) -> None:
        """Make a pass, and take every step that follows from it."""
        tale = self.tale
        tale.clock.ahead += tale.world.recheck * minutes + tale.world.check_interval * 2
        await watch(tale.world)
        while True:
            for key in await tale.store.packages.due(tale.world.clock(), limit=100):
                await tale.queue.hint(key)
            if not tale.queue.keys:
                return
            for key in list(tale.queue.keys):
                del tale.queue.keys[key]
                await reconcile(tale.world, key)

    async def round(self) -> None:
        """Let a version of every package come out, and bring all of them home."""
        self.version += 1
        for name in self.names:
            await publish(self.tale.upstreams, name, f"1.{self.version}")
        await self._pass()
        self._green()
        await self._pass(minutes=10)

    def _green(self) -> None:
        sandbox = self.tale.sandbox
        for pull, _ in tuple(sandbox.hub.state.open_pulls(self.tale.world.watched.id)):
            sandbox.post_check_run(NAME, pull.head_sha, "build", conclusion="success")

    def merged(self) -> list[int]:
        """Return the numbers of what was merged."""
        pulls = self.tale.sandbox.hub.state.pulls.of(self.tale.world.watched.id)
        return [pull.number for pull in pulls if pull.merged_at]

    async def go_wrong(self) -> None:
        """Let the second merge of a round revert the first, and see what follows."""
        tale, done, before = self.tale, self.done, set(self.merged())
        hub, faults = tale.sandbox.hub, tale.sandbox.faults()
        order: list[int] = []

        merging = of("PUT", rf"/repos/{NAME}/pulls/\d+/merge")

        def matches(call: Call) -> bool:
            if merging(call):
                order.append(int(call.path.split("/")[-2]))
                hub.merges_stale_trees = len(order) == WRONG
            return False

        faults.strike("watch", matches)
        await self.round()
        hub.merges_stale_trees, tale.sandbox.door.intercept = False, None
        done.injected = order[WRONG - 1]
        if await tale.store.repositories.merging_halted(tale.world.watched.id):
            done.noticed = len(order) - WRONG
        done.held = len(list(hub.state.open_pulls(tale.world.watched.id)))
        stood = set(self.merged())
        await self._pass(minutes=15)
        if stood != set(self.merged()) or len(stood - before) != WRONG + (done.noticed or 0):
            done.wrong.append("merged while the line stood")
        await self._repair()
        await tale.store.repositories.allow_merging(tale.world.watched.id)
        await self._pass(minutes=15)

    async def _repair(self) -> None:
        """Be the person who puts back what the wrong merge took away."""
        tale = self.tale
        git = tale.sandbox.hub.git(tale.sandbox.repository(NAME))
        pull = tale.sandbox.hub.state.pull(tale.world.watched.id, self.done.injected)
        assert pull
        own = f"{pull.head_ref.split('/')[1]}.yaml"
        files: dict[str, bytes | None] = {}
        for path in (f"{name}.yaml" for name in self.names):
            there = await git.read(f"{pull.merge_commit}{'' if path == own else '^1'}:{path}")
            files[path] = there[2] if there else None
        await tale.sandbox.commit_files(NAME, "main", files, "Put back what was lost")

    async def look(self) -> None:
        """Ask the oracle, and see that every package is at its newest version."""
        tale, done = self.tale, self.done
        said = await violations(tale.sandbox, NAME)
        meant = f"S3: #{done.injected} "
        done.found = sum(one.startswith(meant) for one in said)
        done.wrong += [one for one in said if not one.startswith(meant)]
        done.merged = len(self.merged())
        git = tale.sandbox.hub.git(tale.sandbox.repository(NAME))
        for name in self.names:
            there = await git.read(f"main:{name}.yaml")
            if not there or f'version: "1.{self.version}"'.encode() not in there[2]:
                done.wrong.append(f"end: {name} is not at 1.{self.version}")
        for pull, _ in tale.sandbox.hub.state.open_pulls(tale.world.watched.id):
            done.wrong.append(f"end: #{pull.number} is still open")


async def merges(tale: Story, count: int, packages: int) -> Outcome:
    """Merge so often, rounded down to whole rounds."""
    distro, began = Distro(tale, packages), monotonic()
    await distro.found()
    rounds = count // packages
    for number in range(rounds):
        if number == rounds // 2:
            await distro.go_wrong()
        else:
            await distro.round()
    distro.done.seconds = monotonic() - began
    await distro.look()
    return distro.done


async def _play(home: Path, databases: Databases, count: int, packages: int) -> Outcome:
    with databases.fresh() as url:
        async with Store.open(url, connections=3) as store, story(home / "stage", store) as tale:
            return await merges(tale, count, packages)


@click.command()
@click.option("--merges", "count", default=2500)
@click.option("--packages", default=50)
def main(count: int, packages: int) -> None:
    """Print the figures; exit status 1 when a tree was wrong or the line did not stop."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="g") as folder:
        databases = Databases(Path(folder) / "db")
        try:
            done = asyncio.run(_play(Path(folder), databases, count, packages))
        finally:
            databases.close()
    for said in done.wrong:
        click.echo(said)
    click.echo(str(done))
    raise SystemExit(0 if done.fine else 1)


if __name__ == "__main__":
    main()
