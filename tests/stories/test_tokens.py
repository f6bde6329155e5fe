"""What a bump's whole life holds in its hands: tokens, and what each of them could do."""

import contextlib
from datetime import timedelta

import pytest

from octobot.model.errors import TryLater
from octobot.model.reasons import ReasonCode
from octobot.sandbox.state.nouns_app import Token
from tests.stories.story import NAME, Story


async def test_no_token_of_a_whole_life_can_do_more_than_its_job(tale: Story) -> None:
    """Proposed, failed with its comment, checked again and merged: one repository, one job each."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    await tale.check("failure", log="error: boom")
    await tale.check()
    assert await tale.later(hours=1) is ReasonCode.MERGED
    bot = tale.sandbox.app.bot_id
    held = [one for one in tale.sandbox.hub.state.tokens if one.account == bot]
    writers = [one for one in held if _writing(one)]
    assert {frozenset(_writing(one)) for one in writers} == {
        frozenset({"checks"}),
        frozenset({"contents"}),
        frozenset({"pull_requests"}),
        frozenset({"issues", "pull_requests"}),
        frozenset({"contents", "pull_requests"}),
    }
    assert {one.repositories for one in writers} == {(tale.world.watched.id,)}
    assert any(not _writing(one) for one in held)


def _writing(token: Token) -> set[str]:
    return {name for name, level in token.permissions if level == "write"}


@pytest.mark.parametrize("seconds", [2, 4, 20])
async def test_tokens_that_are_not_known_at_once_stop_nothing(tale: Story, seconds: int) -> None:
    """Every new token is refused at first, for longer than octobot repeats, too."""
    await tale.look()
    tale.sandbox.hub.state.live.token_lag = timedelta(seconds=seconds)
    await tale.release("1.1")
    codes = await _passes(tale)
    ((pull, _),) = tale.sandbox.hub.state.open_pulls(tale.world.watched.id)
    tale.sandbox.post_check_run(NAME, pull.head_sha, "build", conclusion="success")
    codes += await _passes(tale)
    assert codes[-1] is ReasonCode.MERGED
    assert ReasonCode.MISCONFIGURED not in codes


async def _passes(tale: Story) -> list[ReasonCode]:
    """Look every five minutes for two hours, in which every token is renewed."""
    codes = []
    for _ in range(24):
        with contextlib.suppress(TryLater):  # as the bot puts a pass off
            await tale.later(minutes=5)
        codes.append((await tale.row()).reason.code)
    return codes


async def test_a_bump_costs_few_tokens_and_requests(tale: Story) -> None:
    """In three hours of waiting each token lives its hour, and unchanged answers are free.

    GitHub's ETags die with their token, so more tokens would cost more requests.
    """
    await tale.look()
    tale.sandbox.log.clear()
    await tale.release("1.1")
    await tale.look()
    for _ in range(18):
        await tale.later(minutes=10)
    await tale.check()
    assert await tale.later(hours=1) is ReasonCode.MERGED
    rest = [one for one in tale.sandbox.log if one.path.startswith(("/repos/", "/app/"))]
    minted = [one for one in rest if one.path.endswith("/access_tokens")]
    counted = [one for one in rest if one.status != 304 and one not in minted]
    unchanged = [one for one in rest if one.status == 304]
    assert len(minted) <= 14
    assert len(counted) <= 60
    assert len(unchanged) >= 130
