"""Nothing is said twice because a list that lags does not show it yet."""

from datetime import timedelta

import pytest

from octobot.flows.say import raise_issue, say
from octobot.model.errors import TryLater
from octobot.model.ids import PullNumber
from tests.stories.story import NAME, Story


async def number_of(tale: Story) -> PullNumber:
    """Let 1.1 be proposed; return the pull request's number."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    return pull.number


async def test_a_comment_that_is_not_shown_yet_is_waited_for(tale: Story) -> None:
    """Whoever died after it was made finds it a minute later, and puts the new words in place."""
    number = await number_of(tale)
    await tale.world.github.comments.has_said(number, "withdrawn")  # what a replica still shows
    tale.sandbox.faults().lag = timedelta(seconds=30)
    await say(tale.world, number, tag="withdrawn", body="once")
    with pytest.raises(TryLater, match="withdrawn"):
        await say(tale.world, number, tag="withdrawn", body="again")
    tale.clock.ahead += timedelta(minutes=2)
    await say(tale.world, number, tag="withdrawn", body="again")
    assert [one for one in tale.comments(number) if "withdrawn" in one] == [
        "again\n\n<!-- octobot:withdrawn -->"
    ]


async def test_a_comment_that_is_shown_is_replaced_at_once(tale: Story) -> None:
    """Without a lag nobody waits, and who deletes it has it made again in time."""
    number = await number_of(tale)
    for words in ("first", "second"):
        await say(tale.world, number, tag="withdrawn", body=words)
    assert sum("withdrawn" in one for one in tale.comments(number)) == 1
    await say(tale.world, number, tag="another", body="third")
    assert len(tale.comments(number)) == 2


async def test_an_issue_that_is_not_shown_yet_is_waited_for(tale: Story) -> None:
    """One open issue for one tag."""
    await number_of(tale)
    await tale.world.github.issues.has_said("tag-moved hello")
    tale.sandbox.faults().lag = timedelta(seconds=30)
    first = await raise_issue(tale.world, tag="tag-moved hello", title="Moved", body="once")
    with pytest.raises(TryLater):
        await raise_issue(tale.world, tag="tag-moved hello", title="Moved", body="again")
    tale.clock.ahead += timedelta(minutes=2)
    again = await raise_issue(tale.world, tag="tag-moved hello", title="Moved", body="again")
    assert again == first
    issues = tale.sandbox.hub.state.issues.of(tale.sandbox.repository(NAME).id)
    assert sum("tag-moved" in (issue.body or "") for issue in issues) == 1
