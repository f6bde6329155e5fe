"""Settings that break, and the brake: SAFETY.md's row 82."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from octobot.github.repository.config_files import ConfigFiles
from octobot.model.reasons import ReasonCode
from tests.stories.story import NAME, Story

BRAKES = ["paused: true\n", "paused: true\nautomrge: x\n", "paused: yes\n", "x: [\npaused: true\n"]


@pytest.mark.parametrize("text", BRAKES)
async def test_the_brake_stops_every_write_within_a_cycle(tale: Story, text: str) -> None:
    """Everything is green and a new version is out; a pause, even in a broken file, stops it."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    await tale.configure(text)
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
    await tale.release("1.2")
    tale.sandbox.log.clear()
    assert await tale.later(minutes=10) is ReasonCode.PAUSED
    for _ in range(5):
        await tale.later(hours=6)
    content = [one.path for one in tale.sandbox.log.content_writes()]
    assert [path for path in content if not path.endswith("/issues")] == []
    assert len(content) == (0 if text == BRAKES[0] else 1)
    assert 'version: "1.0"' in await tale.spec()
    await tale.configure("minimum-release-age: 0s\n")
    await tale.look()
    assert await tale.check() is ReasonCode.MERGED
    assert 'version: "1.2"' in await tale.spec()


async def test_the_brake_holds_between_the_verdict_and_the_merge(tale: Story) -> None:
    """The file is read again, in full, for every merge."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
    reads = 0
    github = tale.world.github

    class Braking:
        """Settings files, where somebody pauses right after the first reading of them."""

        async def read(self, *, fresh: bool = False) -> object:
            nonlocal reads
            reads += 1
            found = await github.config_files.read(fresh=fresh)
            if not fresh:
                await tale.configure("paused: true\n")
            return found

    tale.through(replace(github, config_files=cast("ConfigFiles", Braking())))
    tale.clock.ahead += timedelta(minutes=10)
    assert await tale.work() is ReasonCode.PAUSED
    assert reads > 1
    assert 'version: "1.0"' in await tale.spec()


@pytest.mark.parametrize(
    "text",
    ["automrge: true\n", "hold: [\n", "\x00", "- a\n", "packages: [{match: '*', hold: 3}]\n"],
)
async def test_a_file_that_breaks_loses_no_restriction(tale: Story, text: str) -> None:
    """A hold that was read stays in force while the file cannot be read."""
    await tale.configure("packages: [{match: hello, hold: waits}]\nminimum-release-age: 0s\n")
    await tale.look()
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.ON_HOLD
    await tale.configure(text)
    for _ in range(3):
        assert await tale.later(hours=6) is ReasonCode.ON_HOLD
    assert await tale.pulls() == ()
