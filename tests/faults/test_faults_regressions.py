"""What chaos, the crash matrix and the state machine found once, each as a short conversation."""

from typing import cast

import pytest
from story import NAME, Story
from test_stories_crash import Died, Mortal

from octobot.flows.seams import GitHub
from octobot.model.reasons import ReasonCode


async def test_a_version_that_came_out_during_a_merge_is_proposed(tale: Story) -> None:
    """1.1 is merged unseen (a death, a person), 1.2 is out already: settling 1.1 goes on to 1.2."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
    await tale.sandbox.person("ann", "write").merge(NAME, pull.number)
    await tale.release("1.2")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    (pull,) = await tale.pulls()
    assert pull.branch == "octobot/hello/1.2"


async def test_two_deaths_leave_no_merge_unsettled(tale: Story) -> None:
    """Dead before the number is noted, then right after the merge: settled and tidied up."""
    whole = tale.world.github
    await tale.look()
    await tale.release("1.1")
    tale.through(cast("GitHub", Mortal(whole, 2, "after")))  # commit, pull request
    with pytest.raises(Died):
        await tale.look()
    tale.through(whole)
    await tale.later(hours=1)
    tale.through(cast("GitHub", Mortal(whole, 2, "after")))  # verdict, merge
    with pytest.raises(Died):
        await tale.check()
    tale.through(whole)
    assert await tale.later(hours=1) is ReasonCode.MERGED
    (proposed,) = await tale.store.proposed(tale.world.watched.id, "hello")
    assert (proposed.state, proposed.number) == ("merged", 1)
    assert await whole.branch_head("octobot/hello/1.1") is None
