"""`octobot demo`: the main job on this machine, from the release seen to the merge, and why not."""

import asyncio
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.reasons import ReasonCode
from octobot.porch.demo_place import place_for
from octobot.porch.demo_report import figures
from octobot.porch.demo_view import Ending, View, endings
from octobot.porch.logs import set_up_logs
from octobot.porch.rehearsal import choose, publish, rehearsed
from octobot.porch.stage import REPOSITORY, Stage, play, set_stage
from octobot.sandbox.fixtures import FIXTURES
from octobot.sandbox.world import Expectation, Step, World
from octobot.specs.reading import read

PATIENCE = 150
"""Seconds until the demo gives up on what it expects."""

LOOK = 0.25
"""Seconds between two looks at the packages."""

ON_THE_WAY = frozenset(
    {
        ReasonCode.NOT_LOOKED_YET,
        ReasonCode.UPDATE_FOUND,
        ReasonCode.CHECKS_PENDING,
        ReasonCode.READY,
        ReasonCode.TRY_LATER,
        ReasonCode.NOT_MERGEABLE,
    }
)
"""Reasons that no package of a rehearsal may end with."""


@dataclass(frozen=True, slots=True)
class Show:
    """How to show it."""

    keep: bool
    distro: Path | None
    packages: int
    verbose: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """What is shown."""

    world: World | None
    """The sample distro's story; None for a rehearsal."""
    specs: Mapping[str, str]
    """The specs of a rehearsal, by path."""
    files: Mapping[str, bytes]
    """What lies in the repository when the curtain rises."""


async def demo(show: Show, home: Path | None) -> bool:
    """Run the demo; True when everything ended as expected."""
    console = Console()
    started = time.monotonic()
    world = None if show.distro else World.load(FIXTURES / "world.yaml")
    specs = choose(show.distro, show.packages) if show.distro else {}
    piece = Piece(world, specs, world.distro_files() if world else rehearsed(specs))
    with place_for(piece.files, home) as place:
        with _logs(show, place):
            fine = await _play(show, piece, place, console)
        console.print(f"[bold]{time.monotonic() - started:.0f} s[/bold] in all")
        if home is None and not show.keep:
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
    return fine


@contextmanager
def _logs(show: Show, place: Path) -> Iterator[None]:
    """Log to the terminal with `--verbose`, else to a file beside the demo's other files."""
    if show.verbose:
        set_up_logs("text")
        yield
        return
    with (place / "octobot.log").open("a") as stream:
        set_up_logs("text", stream=stream)
        try:
            yield
        finally:
            set_up_logs("text")


async def _play(show: Show, piece: Piece, place: Path, console: Console) -> bool:
    world, specs, files = piece.world, piece.specs, piece.files
    async with set_stage(place, files) as (sandbox, upstreams):
        if world:
            await world.build(upstreams)
        async with play(place, sandbox, upstreams) as stage:
            live = console.is_terminal and not show.verbose
            with View(console, live=live) as view:
                if world:
                    await _story(stage, world, view)
                else:
                    await _rehearse(stage, specs, view)
            ends = await _endings(stage, world, files)
            console.print(endings(ends))
            console.print(figures(stage, ends))
            if show.keep:
                await _keep(stage, console)
    return all(end.fine for end in ends) and not stage.sandbox.judge.objections


async def _story(stage: Stage, world: World, view: View) -> None:
    """Publish the news one after the other, and wait until all is as it must become."""

    async def ready(step: Step) -> None:
        await _until(stage, view, _reached(step.after))

    await _until(stage, view, _all_looked_at)
    async for step in world.publish_news(stage.upstreams, ready):
        view.say(step.title)
    await _until(stage, view, _reached(world.expectations))


async def _rehearse(stage: Stage, specs: Mapping[str, str], view: View) -> None:
    """Publish a next version of every spec, and wait until none is on its way any more."""
    view.say(f"publishing a next version of each of {len(specs)} packages")
    await publish(stage.upstreams, specs)
    await _until(stage, view, _none_on_its_way, patience=PATIENCE * 4)


Question = Callable[[Sequence[Row]], bool]


def _all_looked_at(rows: Sequence[Row]) -> bool:
    return bool(rows) and all(row.reason.code is not ReasonCode.NOT_LOOKED_YET for row in rows)


def _none_on_its_way(rows: Sequence[Row]) -> bool:
    return bool(rows) and not any(row.reason.code in ON_THE_WAY for row in rows)


def _reached(expectations: Sequence[Expectation]) -> Question:
    def question(rows: Sequence[Row]) -> bool:
        codes = {row.key.package: row.reason.code for row in rows}
        return all(codes.get(each.package) is each.code for each in expectations)

    return question


async def _until(
    stage: Stage, view: View, question: Question, *, patience: float = PATIENCE
) -> None:
    """Look at the packages until the question is answered yes, or patience ends."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        rows = await stage.rows()
        view.show(rows)
        if question(rows):
            return
        await asyncio.sleep(LOOK)


async def _endings(stage: Stage, world: World | None, files: Mapping[str, bytes]) -> list[Ending]:
    """Compare how every package ended with what was expected.

    The versions are read from the default branch of the sandbox, not from the bot.
    """
    expected = {each.package: each for each in world.expectations} if world else {}
    return [
        _ending(
            row,
            _version(row.path, files.get(row.path, b"").decode("utf-8", "surrogateescape")),
            _version(row.path, await stage.spec(row.path)),
            expected.get(row.key.package),
        )
        for row in await stage.rows()
    ]


def _ending(row: Row, before: str, after: str, expected: Expectation | None) -> Ending:
    fine = row.reason.code not in ON_THE_WAY and row.reason.code is not ReasonCode.OUR_BUG
    if expected:
        reached = expected.version is None or after.startswith(f"{expected.version}-r")
        fine = row.reason.code is expected.code and reached
    return Ending(
        package=row.key.package,
        before=before,
        after=after,
        reason=str(row.reason),
        code=row.reason.code,
        expected=f"{expected.code.value} {expected.version or ''}".strip() if expected else "",
        fine=fine,
    )


def _version(path: str, text: str) -> str:
    package = read(path, text)
    return package.full_version if isinstance(package, Package) else "?"


async def _keep(stage: Stage, console: Console) -> None:
    """Leave the servers running until interrupted, with somebody who may command octobot."""
    ada = stage.sandbox.person("ada", "maintain", on=REPOSITORY)
    talk = f"{stage.sandbox.api_url}/repos/{REPOSITORY}/issues/{await stage.open_pull()}/comments"
    console.print(
        f"distro:  git clone {stage.sandbox.url}/{REPOSITORY}.git",
        f"GitHub:  {stage.sandbox.api_url} (REST), {stage.sandbox.url}/api/graphql",
        f"mirror:  {stage.upstreams.mirror}/HOST/PATH, every upstream",
        f"octobot: {stage.doors}/healthz, {stage.doors}/readyz",
        "Ada maintains the distro; what she says, and what octobot answers:",
        f"  curl -H 'authorization: token {ada.token}' {talk} -d '{{\"body\": \"/octobot help\"}}'",
        f"  curl {talk}",
        "Ctrl-C ends it.",
        sep="\n",
        soft_wrap=True,
    )
    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    await stop.wait()
