"""What chaos, the crash matrix and the state machine found once, each as a short conversation."""

from story import NAME, Story

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
