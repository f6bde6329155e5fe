"""The demo's word: it claims what GitHub shows, waits for it, and says what is missing."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from octobot.cli.demo.demo import Piece, Show, perform, story
from octobot.cli.demo.effects import lacking
from octobot.cli.demo.stage import REPOSITORY, play, set_stage
from octobot.cli.demo.view import View
from octobot.cli.demo.wait import Waiting
from octobot.model.memory import Row
from octobot.model.reasons import ReasonCode
from octobot.sandbox.http.faults import Matches, of
from octobot.sandbox.state.fixtures import FIXTURES
from octobot.sandbox.upstreams.scenario import Scenario, Step
from tests.sampling import sampled

ISSUES = f"/repos/{REPOSITORY}/issues"
PATIENCE = 240
"""Seconds that a loaded machine may take; nothing is asserted about them."""


def a_world() -> Scenario:
    """Return the sample's world with one package in it, whose new tag is moved."""
    whole = Scenario.load(FIXTURES / "world.yaml")

    def alone(step: Step) -> Step:
        mine = {url: made for url, made in step.repositories.items() if "marrow" in url}
        return replace(step, repositories=mine, files={})

    return replace(
        whole,
        beginning=alone(whole.beginning),
        news=tuple(one for one in map(alone, whole.news) if one.repositories),
        expectations=tuple(one for one in whole.expectations if one.package == "marrow"),
    )


def files_of(world: Scenario) -> dict[str, bytes]:
    """Return its spec and the distro's settings."""
    whole = world.distro_files()
    return {path: whole[path] for path in ("marrow.yaml", ".github/octobot.yaml")}


class Watching(View):
    """A view that counts how often the package was seen at its end, and reports the third time."""

    def __init__(self) -> None:
        super().__init__(Console(file=StringIO()), live=False)
        self.seen = 0
        self.often = asyncio.Event()

    def show(self, rows: Sequence[Row]) -> None:
        """Count, and show nothing."""
        self.seen += any(row.reason.code is ReasonCode.TAG_MOVED for row in rows)
        if self.seen == 3:
            self.often.set()


@pytest.mark.parametrize(
    "late",
    sampled(
        [of("POST", ISSUES), of("POST", rf"{ISSUES}/\d+/comments"), of("PATCH", r".*/pulls/\d+")], 3
    ),
    ids=["issue", "comment", "closing"],
)
async def test_the_demo_waits_for_an_effect_that_is_late(short: Path, late: Matches) -> None:
    """The bot's own word is there long before GitHub shows it; the demo goes by GitHub."""
    world, view = a_world(), Watching()
    async with set_stage(short, files_of(world)) as (sandbox, upstreams):
        await world.build(upstreams)
        faults = sandbox.faults()
        async with play(short, sandbox, upstreams) as stage:
            waiting = Waiting(stage, view, PATIENCE)
            telling = asyncio.create_task(story(stage, world, waiting, view))

            telling.add_done_callback(lambda _: view.often.set())

            async def held_up() -> None:
                await view.often.wait()

            faults.meanwhile("late", late, held_up)
            await telling
            assert faults.met["late"]
            assert waiting.lacked == {}
            assert view.seen > 3
            rows = await stage.rows()
            issues = sandbox.hub.state.issues.of(sandbox.repository(REPOSITORY).id)
            assert [one.title for one in issues if one.state == "open"] == [
                "marrow: upstream tag moved"
            ]
            assert not await lacking(stage, rows, world.expectations)


async def test_the_demo_says_what_is_missing_when_its_patience_ends(short: Path) -> None:
    """It gives up, names the package and what is not there, and does not end well."""
    world, said = a_world(), StringIO()
    show = Show(keep=False, distro=None, packages=1, verbose=False)
    piece = Piece(world, {}, files_of(world))
    assert not await perform(show, piece, short, Console(file=said, width=200), patience=0)
    assert "missing: " in said.getvalue()
    assert "NO: tag-moved" in said.getvalue() or "octobot knows none" in said.getvalue()
