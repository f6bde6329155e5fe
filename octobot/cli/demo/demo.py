"""`octobot demo`: the whole cycle on this machine, from the release to the merge, or why not."""

import asyncio
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from octobot.app.logging_setup import set_up_logs
from octobot.cli.demo.effects import ON_THE_WAY, Lacking, lacking, rehearsed_ends
from octobot.cli.demo.place import place_for
from octobot.cli.demo.rehearsal import choose, publish, rehearsed
from octobot.cli.demo.report import figures
from octobot.cli.demo.stage import REPOSITORY, SCRATCH, Stage, play, set_stage
from octobot.cli.demo.view import Ending, View, endings, missing
from octobot.cli.demo.wait import Waiting
from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.reasons import ReasonCode
from octobot.sandbox.state.fixtures import FIXTURES
from octobot.sandbox.upstreams.scenario import Expectation, Scenario, Step
from octobot.specs.read.package import read

PATIENCE = 300
"""Seconds until the demo gives up on what it expects; a machine at rest takes a tenth."""


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

    scenario: Scenario | None
    """The sample distro's story; None for a rehearsal."""
    specs: Mapping[str, str]
    """The specs of a rehearsal, by path."""
    files: Mapping[str, bytes]
    """What lies in the repository when the curtain rises."""


@click.command("demo")
@click.option("--keep", is_flag=True, help="Leave the servers running and print their addresses.")
@click.option(
    "--distro",
    type=click.Path(exists=True, path_type=Path),
    help="Run over the specs of this directory or tarball instead of the sample distro.",
)
@click.option(
    "--packages",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="With --distro: how many packages to take.",
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the demo lives; an interrupted one is taken up again from there.",
)
@click.option("--verbose", is_flag=True, help="Show the log instead of the progress.")
def command(
    *, keep: bool, distro: Path | None, packages: int, home: Path | None, verbose: bool
) -> None:
    """Run the whole cycle on a sandbox on this machine.

    No account, no network, under two minutes.  Starts a GitHub, upstreams and a CI on this
    machine, installs octobot on a sample distro, publishes releases, and ends with a table of what
    happened and why.  Exit status 0 only if everything expected happened.
    """
    show = Show(keep=keep, distro=distro, packages=packages, verbose=verbose)
    sys.exit(0 if asyncio.run(demo(show, home)) else 1)


async def demo(show: Show, home: Path | None) -> bool:
    """Run the demo; True when everything ended as expected."""
    console = Console()
    started = time.monotonic()
    scenario = None if show.distro else Scenario.load(FIXTURES / "world.yaml")
    specs = choose(show.distro, show.packages) if show.distro else {}
    piece = Piece(scenario, specs, scenario.distro_files() if scenario else rehearsed(specs))
    with place_for(piece.files, home) as place:
        with _logs(show, place):
            fine = await perform(show, piece, place, console)
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


async def perform(
    show: Show, piece: Piece, place: Path, console: Console, *, patience: float = PATIENCE
) -> bool:
    """Play a piece in its place and show how it ended; True when all was as expected."""
    scenario, specs, files = piece.scenario, piece.specs, piece.files
    async with set_stage(place, files) as (sandbox, upstreams):
        if scenario:
            await scenario.build(upstreams)
        async with play(place, sandbox, upstreams) as stage:
            live = console.is_terminal and not show.verbose
            with View(console, live=live) as view:
                waiting = Waiting(stage, view, patience if scenario else patience * 4)
                if scenario:
                    await story(stage, scenario, waiting, view)
                else:
                    await _rehearse(stage, specs, waiting, view)
            ends = await _endings(stage, scenario, files, waiting)
            console.print(endings(ends))
            console.print(figures(stage, ends))
            console.print(missing(waiting.lacked))
            if show.keep:
                await _keep(stage, console)
    fine = all(end.fine for end in ends) and not waiting.lacked
    return fine and not stage.sandbox.judge.objections


async def story(stage: Stage, scenario: Scenario, waiting: Waiting, view: View) -> None:
    """Publish the news one after the other, and wait until all is as it must become."""

    async def ready(step: Step) -> None:
        await waiting.until(lambda rows: lacking(stage, rows, step.after))

    await waiting.until(_looked_at)
    async for step in scenario.publish_news(stage.upstreams, ready):
        view.say(step.title)
    await waiting.until_settled(lambda rows: lacking(stage, rows, scenario.expectations))


async def _rehearse(stage: Stage, specs: Mapping[str, str], waiting: Waiting, view: View) -> None:
    """Publish a next version of every spec, and wait until none is on its way any more."""

    async def ended(rows: Sequence[Row]) -> Lacking:
        on_the_way = {
            row.key.package: (f"it is still {row.reason.code.value}",)
            for row in rows
            if row.reason.code in ON_THE_WAY
        }
        return (
            on_the_way or await _looked_at(rows) or await lacking(stage, rows, rehearsed_ends(rows))
        )

    view.say(f"publishing a next version of each of {len(specs)} packages")
    await publish(stage.upstreams, specs)
    await waiting.until(ended)


async def _looked_at(rows: Sequence[Row]) -> Lacking:
    if not rows:
        return {"all packages": ("octobot knows none",)}
    return {
        row.key.package: ("its upstream was not looked at",)
        for row in rows
        if row.reason.code is ReasonCode.NOT_LOOKED_YET
    }


async def _endings(
    stage: Stage, scenario: Scenario | None, files: Mapping[str, bytes], waiting: Waiting
) -> list[Ending]:
    """Compare how every package ended with what was expected.

    The bot works on, so what it says of each is what ended the waiting.  The versions are read from
    the default branch of the sandbox, not from the bot.
    """
    expected = {each.package: each for each in scenario.expectations} if scenario else {}
    return [
        _ending(
            row,
            _version(row.path, files.get(row.path, b"").decode("utf-8", "surrogateescape")),
            _version(row.path, await stage.spec(row.path)),
            expected.get(row.key.package),
            lacked=row.key.package in waiting.lacked,
        )
        for row in waiting.rows
    ]


def _ending(
    row: Row, before: str, after: str, expected: Expectation | None, *, lacked: bool
) -> Ending:
    fine = row.reason.code not in ON_THE_WAY and row.reason.code is not ReasonCode.INTERNAL_ERROR
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
        fine=fine and not lacked,
    )


def _version(path: str, text: str) -> str:
    package = read(path, text)
    return package.full_version if isinstance(package, Package) else "?"


async def _keep(stage: Stage, console: Console) -> None:
    """Leave the servers running until interrupted, with somebody who may command octobot."""
    ada = stage.sandbox.person("ada", "maintain", on=REPOSITORY)
    await stage.add_scratch()
    talk = f"{stage.sandbox.api_url}/repos/{REPOSITORY}/issues/{await stage.open_pull()}/comments"
    console.print(
        f"distro:  git clone {stage.sandbox.url}/{REPOSITORY}.git",
        f"GitHub:  {stage.sandbox.api_url} (REST), {stage.sandbox.url}/api/graphql",
        f"mirror:  {stage.upstreams.mirror}/HOST/PATH, every upstream",
        f"octobot: {stage.doors}/healthz, {stage.doors}/readyz",
        "Ada maintains the distro; what she says, and what octobot answers:",
        f"  curl -H 'authorization: token {ada.token}' {talk} -d '{{\"body\": \"/octobot help\"}}'",
        f"  curl {talk}",
        "Whether this GitHub behaves as octobot expects:",
        *(f"  export {name}={shlex.quote(value)}" for name, value in stage.environment.items()),
        f"  octobot conformance {SCRATCH} --public {REPOSITORY}",
        "Ctrl-C ends it.",
        sep="\n",
        soft_wrap=True,
    )
    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    await stop.wait()
