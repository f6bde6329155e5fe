"""The audit after each merge, and the line that stops when it finds something."""

from dataclasses import replace
from typing import Any, cast

from octobot.github.repository.repository import WatchedRepository
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import MergedTree, PullRequest, PullState
from octobot.model.reasons import ReasonCode
from tests.stories.story import Story


class Crooked:
    """A GitHub whose merges change a file that nobody judged."""

    def __init__(self, github: WatchedRepository) -> None:
        self._github = github

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever GitHub has by that name)
        return getattr(self._github, name)

    async def merged_tree(self, commit: Sha) -> MergedTree:
        """Show one more path than was merged."""
        tree = await self._github.merged_tree(commit)
        return replace(tree, paths=(*tree.paths, ("pipelines/", Sha("f" * 40))))


class Late:
    """A GitHub that shows an old state of its pull requests."""

    def __init__(self, github: WatchedRepository, stale: tuple[PullRequest, ...]) -> None:
        self._github, self._stale = github, stale

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever GitHub has by that name)
        return getattr(self._github, name)

    async def open_pulls(self) -> tuple[PullRequest, ...]:
        """List what was open a while ago."""
        return self._stale

    async def state(self, number: PullNumber) -> PullState:
        """Show the pull request as it was, over what is there now."""
        now = await self._github.state(number)
        return replace(now, pull=self._stale[0], commits=(self._stale[0].head,))


async def test_a_wrong_merge_stops_the_line(tale: Story) -> None:
    """A merge with another tree than was judged: an issue, and no merge until a person looked."""
    straight = tale.world.github
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    tale.through(cast("WatchedRepository", Crooked(straight)))
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
    assert await tale.store.repositories.release_line(tale.world.watched.id)
    assert await tale.later(hours=2) is ReasonCode.MERGED


async def test_a_merge_that_github_shows_late_is_left_alone(tale: Story) -> None:
    """GitHub still lists the merged pull request as open: nothing is closed or made again."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    stale = await tale.pulls()
    await tale.check()
    tale.through(cast("WatchedRepository", Late(tale.world.github, stale)))
    tale.sandbox.log.clear()
    await tale.queue.hint(tale.key)
    await tale.work()
    content = [each.path for each in tale.sandbox.log.content_writes()]
    assert content == []
