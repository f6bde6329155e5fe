"""What a bump's whole life holds in its hands: tokens, and what each of them could do."""

from octobot.model.reasons import ReasonCode
from octobot.sandbox.state.nouns_app import Token
from tests.stories.story import Story


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
