"""The audit after each merge, and the line that stops when it finds something."""

from dataclasses import replace
from typing import Any, cast

from story import Story

from octobot.flows.seams import GitHub
from octobot.model.ids import Sha
from octobot.model.pull_request import MergedTree
from octobot.model.reasons import ReasonCode


class Crooked:
    """A GitHub whose merges change a file that nobody judged."""

    def __init__(self, github: GitHub) -> None:
        self._github = github

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever GitHub has by that name)
        return getattr(self._github, name)

    async def merged_tree(self, commit: Sha) -> MergedTree:
        """Show one more path than was merged."""
        tree = await self._github.merged_tree(commit)
        return replace(tree, paths=(*tree.paths, ("pipelines/", Sha("f" * 40))))


async def test_a_wrong_merge_stops_the_line(tale: Story) -> None:
    """A merge with another tree than was judged: an issue, and no merge until a person looked."""
    straight = tale.world.github
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    tale.through(cast("GitHub", Crooked(straight)))
    await tale.check()
    tale.through(straight)
    (issue,) = [
        each
        for each in tale.sandbox.hub.state.issues.of(tale.world.watched.id)
        if "stopped" in each.title
    ]
    assert "pipelines/" in (issue.body or "")
    await tale.release("1.2")
    await tale.later(hours=1)
    assert await tale.check() is ReasonCode.LINE_STOPPED
    assert await tale.store.release_line(tale.world.watched.id)
    assert await tale.later(hours=2) is ReasonCode.MERGED
