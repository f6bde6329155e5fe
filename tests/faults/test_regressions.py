"""What chaos, the crash matrix and the state machine found once, each as a short conversation."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from octobot.commands.listening import listen
from octobot.commands.obey import obey
from octobot.github.repository.repository import WatchedRepository
from octobot.model.reasons import ReasonCode
from octobot.triage.model.ask import Adviser
from tests.faults.lives import dying
from tests.faults.lives.command_life import failed, with_build_packages
from tests.stories.story import NAME, Story
from tests.stories.test_commands import ann, answer, proposed, say
from tests.stories.test_crash import Died, Mortal


async def test_a_version_that_came_out_during_a_merge_is_proposed(tale: Story) -> None:
    """1.1 is merged unseen (a death, a person), 1.2 is out: recording 1.1 leads on to 1.2."""
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
    tale.through(cast("WatchedRepository", Mortal(whole, 2, "after")))  # commit, pull request
    with pytest.raises(Died):
        await tale.look()
    tale.through(whole)
    await tale.later(hours=1)
    tale.through(cast("WatchedRepository", Mortal(whole, 2, "after")))  # verdict, merge
    with pytest.raises(Died):
        await tale.check()
    tale.through(whole)
    assert await tale.later(hours=1) is ReasonCode.MERGED
    (proposed,) = await tale.store.ledger.proposed(tale.world.watched.id, "hello")
    assert (proposed.state, proposed.number) == ("merged", 1)
    assert await whole.branches.head("octobot/hello/1.1") is None


@pytest.mark.parametrize(
    ("before", "command"),
    [
        ("hold", "unhold"),
        ("pause", "resume"),
        ("ignore 1.1", "unignore 1.1"),
        ("", "retry"),
        ("", "apply"),
    ],
)
async def test_what_a_death_kept_from_the_log_was_carried_out(
    tale: Story, before: str, command: str
) -> None:
    """Dead between a command's effect and its line: the next process says what was done."""
    await with_build_packages(tale)
    async with Adviser.open(None) as adviser:
        tale.world = replace(tale.world, adviser=adviser)
        pull = await proposed(tale)
        await failed(tale)
        await tale.later(minutes=10)
        if before:
            await say(tale, f"/octobot {before}", on=pull.number)
        comment = await ann(tale).comment(NAME, pull.number, f"/octobot {command}")
        await dead_before_its_line(tale, comment.id)
        tale.clock.ahead += timedelta(minutes=10)
        assert await listen(tale.world) >= 1
    assert answer(tale, comment.id, pull.number).startswith("✅")
    lines = [a for a in await tale.store.audit.whole(since=None) if a.comment == comment.id]
    assert [(line.command, line.outcome) for line in lines] == [(command.partition(" ")[0], "done")]
    again = [one for one in tale.sandbox.log if one.path.endswith("/rerun-failed-jobs")]
    assert len(again) == (command == "retry")


async def dead_before_its_line(tale: Story, comment: int) -> None:
    """Let a process carry a comment out, and die right before it can write that down."""
    whole, fate = tale.world, dying.Fate(side="before", named="audit.append")
    mortal = dying.Mortal(tale, tale.sandbox.faults(), fate)
    tale.clock.ahead += timedelta(seconds=2)
    store = dying.Memory(whole.store, mortal)
    with pytest.raises(dying.Died):
        await obey(replace(whole, store=store), comment)


async def test_a_list_that_is_late_lets_nothing_be_closed_twice(tale: Story) -> None:
    """Closed by a command, and shown as open for half a minute: said once, and then rest."""
    pull = await proposed(tale)
    tale.sandbox.faults().lag = timedelta(seconds=30)
    await tale.world.github.pulls.list_open()
    assert (await say(tale, "/octobot close", on=pull.number)).startswith("✅")
    assert sum("octobot:withdrawn" in body for body in tale.comments(pull.number)) == 1
    assert await tale.later(minutes=15) is ReasonCode.CLOSED_BY_USER
    assert sum("octobot:withdrawn" in body for body in tale.comments(pull.number)) == 1
