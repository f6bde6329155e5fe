"""A release that its publisher withdraws."""

import asyncio

from octobot.model.reasons import ReasonCode
from tests.stories.story import HELLO, Story


async def delete_tag(tale: Story, tag: str) -> None:
    """Delete a tag upstream."""
    source = tale.upstreams.locate(HELLO)
    assert source
    command = ("git", "--git-dir", str(source.git_dir), "update-ref", "-d", f"refs/tags/{tag}")
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0


async def test_a_withdrawn_releases_pull_request_is_closed(tale: Story) -> None:
    """Not at the first look that misses the tag, but at the second, with the reason in words."""
    await tale.look()
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    (pull,) = await tale.pulls()
    await delete_tag(tale, "v1.1")
    await tale.look()
    assert len(await tale.pulls()) == 1
    assert await tale.look() is ReasonCode.WITHDRAWN_UPSTREAM
    assert await tale.pulls() == ()
    assert any("not published any more" in one for one in tale.comments(pull.number))
    assert await tale.later(hours=1) is ReasonCode.WITHDRAWN_UPSTREAM


async def test_a_release_that_comes_back_unchanged_is_proposed_again(tale: Story) -> None:
    """Withdrawn by mistake and published again, at the same commit."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    await delete_tag(tale, "v1.1")
    for _ in range(3):
        await tale.look()
    assert await tale.pulls() == ()
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    assert [pull.branch for pull in await tale.pulls()] == ["octobot/hello/1.1"]


async def test_a_newer_release_replaces_a_withdrawn_one_at_once(tale: Story) -> None:
    """1.1 was a mistake, 1.2 its repair: nothing is waited for."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    await delete_tag(tale, "v1.1")
    await tale.release("1.2")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    assert [pull.branch for pull in await tale.pulls()] == ["octobot/hello/1.2"]
