"""A package that follows a branch, which moves by nature, and not only forwards."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from octobot.model.ids import Sha
from octobot.model.reasons import ReasonCode
from tests.stories.story import CONFIG, HELLO, NAME, Story, spec
from tests.stories.test_commands import say

REPOSITORY = "example/hello"
MORNING = datetime(2030, 1, 1, 8, tzinfo=UTC)
DAY = CONFIG.decode().replace("0s", "24h")


@pytest.fixture
async def follower(tale: Story) -> Story:
    """Return a tale whose hello follows `main`, on a morning in the future."""
    tale.clock.ahead += MORNING - tale.clock()
    commit = await moved(tale, "first")
    text = spec("1.0_git20300101", commit)
    text = text.replace("tag: v${{package.version}}", "branch: main")
    text = text[: text.index("update:")] + "update:\n  enabled: true\n  git: {}\n"
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": text.encode()}, "Follow")
    await tale.configure(DAY)
    assert await tale.look() is ReasonCode.UP_TO_DATE
    return tale


async def moved(tale: Story, news: str) -> Sha:
    """Commit something upstream."""
    files = {"news": news.encode()}
    return await tale.sandbox.commit_files(REPOSITORY, "main", files, news, at=tale.clock())


async def reset(tale: Story, commit: Sha) -> None:
    """Force the upstream's branch to a commit."""
    source = tale.upstreams.locate(HELLO)
    assert source
    command = ("git", "--git-dir", str(source.git_dir), "update-ref", "refs/heads/main", commit)
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0


async def test_a_branch_that_moves_every_day_still_gets_somewhere(follower: Story) -> None:
    """An open proposal that only has to grow older is kept; then the newest has its turn."""
    tale = follower
    for day in range(1, 4):
        tale.clock.ahead += timedelta(hours=23)
        commit = await moved(tale, f"day {day}")
        await tale.look()
        await tale.check()
    assert "1.0_git20300102" in await tale.spec()
    (pull,) = await tale.pulls()
    assert pull.branch.endswith("_git20300104")
    assert commit in str(await tale.world.github.snapshots.state(pull.number))


async def test_one_that_fails_makes_way_for_the_next(follower: Story) -> None:
    """What broke may be fixed by the next day."""
    tale = follower
    tale.clock.ahead += timedelta(hours=20)
    await moved(tale, "broken")
    await tale.look()
    assert await tale.check("failure") is ReasonCode.CHECKS_FAILED
    tale.clock.ahead += timedelta(hours=20)
    await moved(tale, "mended")
    await tale.look()
    (pull,) = await tale.pulls()
    assert pull.branch.endswith("_git20300103")


async def test_a_commit_that_left_the_branch_is_not_merged(follower: Story) -> None:
    """Upstream forced it away on the same day: the version is the same, the commit is gone."""
    tale = follower
    tale.clock.ahead += timedelta(hours=20)
    before = (await tale.spec()).partition("expected-commit: ")[2][:40]
    await moved(tale, "evil")
    await tale.look()
    await tale.check()
    await reset(tale, Sha(before))
    await moved(tale, "good")
    await tale.look()
    tale.clock.ahead += timedelta(hours=30)
    assert await tale.check() is ReasonCode.WITHDRAWN_UPSTREAM
    assert "1.0_git20300101" in await tale.spec()


async def test_a_branch_that_was_reset_takes_its_proposal_along(follower: Story) -> None:
    """Back at the spec's own commit there is nothing to propose."""
    tale = follower
    tale.clock.ahead += timedelta(hours=20)
    before = (await tale.spec()).partition("expected-commit: ")[2][:40]
    await moved(tale, "evil")
    await tale.look()
    await tale.check()
    await reset(tale, Sha(before))
    for _ in range(3):
        await tale.later(hours=12)
    assert "1.0_git20300101" in await tale.spec()
    assert await tale.pulls() == ()


async def test_an_ignored_commit_is_not_taken_for_one_that_is_gone(follower: Story) -> None:
    """The branch still has it; a person does not want it."""
    tale = follower
    tale.clock.ahead += timedelta(hours=20)
    await moved(tale, "unwanted")
    await tale.look()
    (pull,) = await tale.pulls()
    await say(tale, "/octobot ignore 1.0_git20300102", on=pull.number)
    assert await tale.look() is ReasonCode.IGNORED
    assert await tale.pulls() == ()
    assert await tale.later(hours=1) is ReasonCode.IGNORED
