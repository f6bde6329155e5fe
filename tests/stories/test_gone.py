"""A spec is removed while something is open for it."""

from octobot.model.pull_request import PullRequest
from tests.stories.story import NAME, Story


async def proposed(tale: Story) -> PullRequest:
    """Let 1.1 be proposed."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    return pull


async def removed(tale: Story) -> None:
    """Remove the spec, and take every step that follows."""
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": None}, "Remove hello")
    await tale.look_without()


async def test_its_pull_request_is_closed(tale: Story) -> None:
    """It says why; the branch goes, and nothing counts against the limit of open ones."""
    pull = await proposed(tale)
    await removed(tale)
    assert await tale.pulls() == ()
    assert any("removed from the default branch" in one for one in tale.comments(pull.number))
    assert await tale.world.github.branches.head(pull.branch) is None
    assert await tale.store.ledger.orphans(tale.world.watched.id) == ()


async def test_somebodys_work_stays_open(tale: Story) -> None:
    """A comment says whose it is, once."""
    pull = await proposed(tale)
    ann = tale.sandbox.person("ann", "write")
    await ann.push(NAME, pull.branch, {"hello.yaml": b"mine"})
    await removed(tale)
    await tale.look_without()
    assert [one.number for one in await tale.pulls()] == [pull.number]
    assert sum("step-back" in one for one in tale.comments(pull.number)) == 1


async def test_a_spec_that_comes_back_is_kept_current_again(tale: Story) -> None:
    """What was closed together with the spec blocks nothing."""
    await proposed(tale)
    text = await tale.spec()
    await removed(tale)
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": text.encode()}, "Bring it back")
    await tale.look()
    assert [one.branch for one in await tale.pulls()] == ["octobot/hello/1.1"]


async def test_nothing_is_closed_while_paused(tale: Story) -> None:
    """A pause stops this, too; afterwards it is made up for."""
    await proposed(tale)
    await tale.configure("minimum-release-age: 0s\npaused: true\n")
    await removed(tale)
    assert len(await tale.pulls()) == 1
    await tale.configure("minimum-release-age: 0s\n")
    await tale.look_without()
    assert await tale.pulls() == ()


async def test_a_merge_that_was_not_settled_is_audited(tale: Story) -> None:
    """Merged by a person right before: it is noted for what it is."""
    pull = await proposed(tale)
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
    await tale.sandbox.person("ann", "write").merge(NAME, pull.number)
    await removed(tale)
    (noted,) = await tale.store.ledger.proposed(tale.world.watched.id, "hello")
    assert noted.state == "merged"
    assert await tale.store.repositories.merging_halted(tale.world.watched.id) is None
