"""A bump's whole life, through everything that octobot writes.

Proposed, failed with its comment, superseded, merged, proposed again, its tag moved, withdrawn, and
the issue about that.
"""

from typing import Literal

from octobot.model.reasons import ReasonCode
from tests.faults.lives.dying import SILENT, Act, Fate, Script
from tests.stories.story import NAME, Story


async def found(_tale: Story) -> None:
    """Let octobot see the distro."""


def released(version: str) -> Act:
    """Let a version come out upstream."""

    async def act(tale: Story) -> None:
        await tale.release(version)

    return act


def checked(conclusion: Literal["success", "failure"]) -> Act:
    """Let the CI report on every open pull request, as the sandbox has them."""

    async def act(tale: Story) -> None:
        log = "##[error]Process completed with exit code 1.\n" if conclusion == "failure" else ""
        for pull, _ in tuple(tale.sandbox.hub.state.open_pulls(tale.world.watched.id)):
            tale.sandbox.post_check_run(
                NAME, pull.head_sha, "build", conclusion=conclusion, summary=conclusion, log=log
            )

    return act


async def moved(tale: Story) -> None:
    """Let the tag of the newest version move."""
    other = await tale.release("0.1")
    await tale.sandbox.publish_tag("example/hello", "v1.3", commit=other, force=True)


ACTS: tuple[Act, ...] = (
    found,
    released("1.1"),
    checked("failure"),
    released("1.2"),
    checked("success"),
    released("1.3"),
    moved,
    checked("success"),
)


class BumpLife(Script):
    """A bump's whole life."""

    acts = ACTS

    async def ended(self, tale: Story, fate: Fate) -> list[str]:
        """Say what is wrong with the end: the version, the reason, one issue."""
        code, wrong = (await tale.row()).reason.code, []
        if code is not ReasonCode.TAG_MOVED:
            wrong.append(f"end: {code} instead of tag-moved")
        if fate.pattern not in SILENT:
            if 'version: "1.2"' not in await tale.spec():
                wrong.append("end: 1.2 was not merged")
            wrong += await left_behind(tale)
        return wrong


async def left_behind(tale: Story) -> list[str]:
    """Return which pull requests and branches exist that should not."""
    wrong = []
    if standing := [pull.number for pull in await tale.pulls()]:
        wrong.append(f"end: {standing} are still open")
    git = tale.sandbox.hub.git(tale.sandbox.repository(NAME))
    if left := [ref for ref in await git.refs("refs/heads/") if "octobot/" in ref]:
        wrong.append(f"end: {left} were left behind")
    return wrong
