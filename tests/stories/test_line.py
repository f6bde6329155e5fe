"""The audit after each merge, and the line that stops when it finds something."""

from dataclasses import replace
from typing import Any, cast

from octobot.github.repository.pulls import Pulls
from octobot.github.repository.snapshot import Snapshots
from octobot.github.repository.trees import Trees
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import MergedTree, PullRequest, PullState
from octobot.model.reasons import ReasonCode
from tests.stories.story import Story


class Crooked:
    """Trees of a GitHub whose merges change a file that nobody judged."""

    def __init__(self, trees: Trees) -> None:
        self._trees = trees

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever they have by that name)
        return getattr(self._trees, name)

    async def merged(self, commit: Sha) -> MergedTree:
        """Show one more path than was merged."""
        tree = await self._trees.merged(commit)
        return replace(tree, paths=(*tree.paths, ("pipelines/", Sha("f" * 40))))


class LateList:
    """Pull requests as they were listed a while ago."""

    def __init__(self, pulls: Pulls, stale: tuple[PullRequest, ...]) -> None:
        self._pulls, self._stale = pulls, stale

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever they have by that name)
        return getattr(self._pulls, name)

    async def list_open(self) -> tuple[PullRequest, ...]:
        """List what was open a while ago."""
        return self._stale


class LateStates:
    """What is to be judged, with the pull request as it was a while ago."""

    def __init__(self, snapshots: Snapshots, stale: PullRequest) -> None:
        self._snapshots, self._stale = snapshots, stale

    async def state(self, number: PullNumber) -> PullState:
        """Show the pull request as it was, over what is there now."""
        now = await self._snapshots.state(number)
        return replace(now, pull=self._stale, commits=(self._stale.head,))


async def test_a_wrong_merge_stops_the_line(tale: Story) -> None:
    """A merge with another tree than was judged: an issue, and no merge until a person looked."""
    straight = tale.world.github
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    tale.through(replace(straight, trees=cast("Trees", Crooked(straight.trees))))
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
    assert await tale.check() is ReasonCode.MERGING_HALTED
    assert await tale.store.repositories.allow_merging(tale.world.watched.id)
    assert await tale.later(hours=2) is ReasonCode.MERGED


async def test_a_merge_that_github_shows_late_is_left_alone(tale: Story) -> None:
    """GitHub still lists the merged pull request as open: nothing is closed or made again."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    stale = await tale.pulls()
    await tale.check()
    github = tale.world.github
    late = LateList(github.pulls, stale), LateStates(github.snapshots, stale[0])
    tale.through(
        replace(github, pulls=cast("Pulls", late[0]), snapshots=cast("Snapshots", late[1]))
    )
    tale.sandbox.log.clear()
    await tale.queue.hint(tale.key)
    await tale.work()
    content = [each.path for each in tale.sandbox.log.content_writes()]
    assert content == []
