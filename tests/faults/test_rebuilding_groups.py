"""The database is lost while a group's pull request is open.  Row 45 of SAFETY.md.

Each of its files is computed again from its own upstream; one that differs, or one file more, and
the whole is left to people.
"""

from dataclasses import replace

import pytest

from octobot.model.ids import Sha
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import ReasonCode
from octobot.sandbox.git.draft import Put
from tests.faults.test_people import amended
from tests.faults.test_rebuilding import Losing, losing, said
from tests.stories.story import NAME, Away, Story, spec
from tests.stories.test_groups import BRANCH, NAMES, OWN, codes, found, named, tools, versions

__all__ = ["losing"]  # a fixture


async def proposed(tale: Story, *, own: bool = False) -> PullRequest:
    """Found the group and let 1.1 be proposed."""
    await found(tale, own=own)
    await tale.release("1.1")
    if own:
        await tools(tale, "1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    (pull,) = await tale.pulls()
    return pull


async def known(tale: Story, pull: PullRequest) -> frozenset[Sha]:
    """Return what the ledger has of a pull request."""
    return await tale.store.ledger.heads(tale.world.watched.id, pull.branch)


async def left_to_people(tale: Story, pull: PullRequest) -> None:
    """See that a pull request is neither merged, closed nor taken up, and that it is said once."""
    for _ in range(3):
        await tale.check()
        await tale.later(hours=2)
    assert await versions(tale) == ["1.0"] * 3
    assert [one.number for one in await tale.pulls()] == [pull.number]
    assert await known(tale, pull) == frozenset()
    assert said(tale, pull.number).count("does not recognise the pull request") == 1


@pytest.mark.parametrize("own", [False, True])
async def test_a_groups_pull_request_is_taken_up_and_merged(
    tale: Story, losing: Losing, *, own: bool
) -> None:
    """The same texts come out of the same specs and upstreams: no second one, one merge."""
    before = await proposed(tale, own=own)
    tale = await losing(tale)
    await tale.look()
    (pull,) = await tale.pulls()
    assert (pull.number, pull.head) == (before.number, before.head)
    assert await known(tale, pull) == {pull.head}
    assert "octobot continues with this pull request" in said(tale, pull.number)
    assert await tale.check() is ReasonCode.MERGED
    assert await codes(tale) == [ReasonCode.MERGED] * 3
    assert await versions(tale) == ["1.1"] * 3
    assert await tale.store.repositories.merging_halted(tale.world.watched.id) is None


async def test_the_ages_of_a_group_count_from_zero(tale: Story, losing: Losing) -> None:
    """When the releases were first seen is lost, too: a merge waits for the whole age again."""
    await proposed(tale)
    aged = "minimum-release-age: 24h\ngroups: [{name: hello, match: ['hello*']}]\n"
    await tale.configure(aged)
    await tale.later(hours=23)
    tale = await losing(tale)
    await tale.look()
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    await tale.later(hours=20)
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    assert await tale.later(hours=5) is ReasonCode.MERGED


@pytest.mark.parametrize("lost", ["before", "after"])
async def test_one_file_that_was_changed_leaves_all_to_people(
    tale: Story, losing: Losing, lost: str
) -> None:
    """Two of three are as octobot would make them; its name and e-mail prove nothing."""
    pull = await proposed(tale)
    git = tale.sandbox.hub.git(tale.sandbox.repository(NAME))
    read = await git.read(f"{pull.branch}:hello-core.yaml")
    assert read
    evil: dict[str, Put | None] = {}
    for name in NAMES:
        own = await git.read(f"{pull.head}:{name}.yaml")
        assert own
        evil[f"{name}.yaml"] = Put(own[2])
    evil["hello-core.yaml"] = Put(read[2].replace(b"A greeting", b"A trap"))
    if lost == "after":
        await amended(tale, pull.branch, evil)
    tale = await losing(tale)
    if lost == "before":
        await amended(tale, pull.branch, evil)
    await tale.look()
    assert await tale.check() is ReasonCode.UNKNOWN_COMMIT
    await left_to_people(tale, pull)


async def test_one_file_more_leaves_all_to_people(tale: Story, losing: Losing) -> None:
    """A pull request of a group ignores a spec outside the group."""
    pull = await proposed(tale)
    git = tale.sandbox.hub.git(tale.sandbox.repository(NAME))
    more: dict[str, Put | None] = {"other.yaml": Put(b"package: {}\n")}
    for name in NAMES:
        own = await git.read(f"{pull.head}:{name}.yaml")
        assert own
        more[f"{name}.yaml"] = Put(own[2])
    await amended(tale, pull.branch, more)
    tale = await losing(tale)
    await tale.look()
    await left_to_people(tale, pull)
    assert "it changes other files" in said(tale, pull.number)


async def test_another_pin_of_one_package_is_another_text(tale: Story, losing: Losing) -> None:
    """Its tag moved while octobot knew nothing."""
    pull = await proposed(tale, own=True)
    tale = await losing(tale)
    other = await tale.upstreams.provide_ref(OWN, "refs/tags/v9.9-elsewhere")
    await tale.sandbox.publish_tag("example/tools", "v1.1", commit=other, force=True)
    await tale.look()
    await left_to_people(tale, pull)


async def test_one_that_has_a_part_of_the_group_is_taken_up_and_recreated(
    tale: Story, losing: Losing
) -> None:
    """Recognised, it may be closed: what moves together now is proposed in one."""
    await found(tale)
    commit = await tale.release("1.1")
    by_hand = {"hello-core.yaml": named(spec("1.1", commit), "hello-core").encode()}
    await tale.sandbox.commit_files(NAME, "main", by_hand, "By hand")
    await tale.look()
    (first,) = await tale.pulls()
    tale = await losing(tale)
    back = {"hello-core.yaml": named(await tale.spec(), "hello-core").encode()}
    await tale.sandbox.commit_files(NAME, "main", back, "Take it back")
    await tale.later(hours=1)
    (second,) = await tale.pulls()
    assert second.number != first.number
    await tale.check()
    assert await versions(tale) == ["1.1"] * 3


async def test_the_next_version_supersedes_what_was_found(tale: Story, losing: Losing) -> None:
    """What failed and was found again is closed for a newer release that came meanwhile."""
    await proposed(tale)
    await tale.check("failure")
    tale = await losing(tale)
    await tale.release("1.2")
    await tale.later(minutes=10)
    await tale.later(minutes=10)
    (pull,) = await tale.pulls()
    assert pull.branch == BRANCH.format("1.2")
    assert await tale.check() is ReasonCode.MERGED


async def test_one_upstream_that_is_away_concludes_nothing(tale: Story, losing: Losing) -> None:
    """Neither adopted nor refused; when it is back the pull request is taken up."""
    await proposed(tale)
    tale = await losing(tale)
    roads = tale.world.upstreams
    tale.world = replace(tale.world, upstreams=Away())
    await tale.look()
    await tale.later(hours=1)
    (pull,) = await tale.pulls()
    assert said(tale, pull.number) == ""
    tale.world = replace(tale.world, upstreams=roads)
    await tale.later(hours=2)
    assert await tale.check() is ReasonCode.MERGED


async def test_while_paused_nothing_is_said(tale: Story, losing: Losing) -> None:
    """The pause holds for this, too."""
    await proposed(tale)
    tale = await losing(tale)
    await tale.configure("paused: true\ngroups: [{name: hello, match: ['hello*']}]\n")
    tale.sandbox.log.clear()
    await tale.look()
    assert tale.sandbox.log.content_writes() == []


async def test_a_death_in_between_is_made_good(tale: Story, losing: Losing) -> None:
    """Said and not entered: the next step does it again, and says it in the same place."""
    await proposed(tale)
    tale = await losing(tale)
    faults = tale.sandbox.faults()
    faults.strike(
        "lost",
        lambda call: call.method == "POST" and "comments" in call.path,
        side="after",
        times=4,
    )
    await tale.look()
    faults.clear()
    await tale.later(hours=1)
    (pull,) = await tale.pulls()
    assert said(tale, pull.number).count("octobot continues with this pull request") == 1
    assert await tale.check() is ReasonCode.MERGED
