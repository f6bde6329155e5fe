"""The default branch goes back from a version that octobot merged: a person decides what next."""

import asyncio
from dataclasses import replace

import pytest

from octobot.github.repository.comments import Comments
from octobot.model.ids import Sha
from octobot.model.pull_request import Outline
from octobot.model.reasons import ReasonCode
from octobot.store.store import Store
from tests.stories.story import HELLO, NAME, Story, spec
from tests.stories.test_commands import say
from tests.stories.test_groups import NAMES, found, named, reasons
from tests.stories.test_often import base, branches


@pytest.fixture
async def merged(tale: Story) -> Story:
    """Return a tale in which octobot merged 1.1, and has not read the default branch since."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    assert await tale.check() is ReasonCode.MERGED
    return tale


def reports(tale: Story, number: int = 1) -> list[str]:
    """Read what octobot said about reverts on a pull request."""
    return [one for one in tale.comments(number) if "reverted-by-user" in one]


async def go_back(tale: Story) -> Sha:
    """Write 1.0 into the spec, as a revert does; return the commit."""
    await tale.write_spec("1.0")
    return await head(tale)


async def head(tale: Story) -> Sha:
    """Read where the default branch is."""
    found = await tale.world.github.branches.head("main")
    assert found
    return found


async def force(tale: Story, commit: Sha) -> None:
    """Force the default branch to a commit."""
    git = tale.sandbox.hub.git(tale.sandbox.repository(NAME))
    command = ("git", "--git-dir", str(git.dir), "update-ref", "refs/heads/main", commit)
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0


@pytest.mark.parametrize("seen", [True, False], ids=["seen", "at once"])
async def test_a_revert_is_reported_and_nothing_is_proposed(merged: Story, *, seen: bool) -> None:
    """Neither the version nor the next; also where the merged text was never read."""
    tale = merged
    if seen:
        assert await tale.later(minutes=1) is ReasonCode.MERGED
    commit = await go_back(tale)
    assert await tale.later(minutes=5) is ReasonCode.REVERTED_BY_USER
    (report,) = reports(tale)
    assert commit in report
    assert "/octobot bump hello" in report
    assert "1.1 was merged in #1" in (await tale.row()).reason.detail
    await tale.release("1.2")
    for _ in range(3):
        assert await tale.later(hours=12) is ReasonCode.REVERTED_BY_USER
    assert await branches(tale) == []
    assert len(reports(tale)) == 1


async def test_an_older_version_by_hand_is_a_revert(merged: Story) -> None:
    """It need not be the text from before."""
    tale = merged
    await tale.later(minutes=1)
    await tale.write_spec("1.0.5")
    assert await tale.later(minutes=5) is ReasonCode.REVERTED_BY_USER
    await tale.sandbox.commit_files(NAME, "main", {"README": b"more"}, "Something else")
    assert await tale.later(minutes=5) is ReasonCode.REVERTED_BY_USER
    assert len(reports(tale)) == 1


@pytest.mark.parametrize("order", ["bump hello", "bump hello 1.1", "bump hello 1.2"])
async def test_an_order_ends_it(merged: Story, order: str) -> None:
    """To that version or to another one; what comes then is proposed as always."""
    tale = merged
    tale.pardoned = frozenset({"S5"})  # a person wants it again
    await go_back(tale)
    await tale.later(minutes=5)
    await tale.release("1.2")
    await tale.later(minutes=5)
    await say(tale, f"/octobot {order}", on=1)
    await tale.later(minutes=1)
    wanted = "1.1" if order.endswith("1.1") else "1.2"
    assert await branches(tale) == [f"hello/{wanted}"]
    await tale.check()
    await tale.later(minutes=5)
    assert await base(tale) == wanted
    await tale.release("1.3")
    await tale.later(minutes=5)
    assert await branches(tale) == ["hello/1.2" if wanted == "1.1" else "hello/1.3"]


async def test_an_order_of_an_older_version_does_not_end_it(merged: Story) -> None:
    """Who wants 1.0.5 gets that, and not 1.1 after it."""
    tale = merged
    tale.pardoned = frozenset({"S5"})  # a person wants it again
    await go_back(tale)
    await tale.later(minutes=5)
    await tale.release("1.0.5")
    await tale.later(minutes=5)
    await say(tale, "/octobot bump hello 1.0.5", on=1)
    await tale.later(minutes=1)
    await tale.check()
    await tale.later(minutes=5)
    assert await base(tale) == "1.0.5"
    assert await tale.later(hours=1) is ReasonCode.REVERTED_BY_USER
    assert await branches(tale) == []


@pytest.mark.parametrize("version", ["1.1", "1.2"])
async def test_a_persons_own_bump_ends_it(merged: Story, version: str) -> None:
    """The next version is proposed as always."""
    tale = merged
    await go_back(tale)
    await tale.later(minutes=5)
    await tale.write_spec(version)
    assert await tale.later(minutes=5) in (ReasonCode.UP_TO_DATE, ReasonCode.MERGED)
    await tale.release("1.3")
    await tale.later(minutes=5)
    assert await branches(tale) == ["hello/1.3"]


async def test_a_second_revert_is_reported_where_it_was_merged_again(merged: Story) -> None:
    """Each merge that is taken back has its own report."""
    tale = merged
    tale.pardoned = frozenset({"S5"})  # a person wants it again
    await go_back(tale)
    await tale.later(minutes=5)
    await say(tale, "/octobot bump hello", on=1)
    await tale.later(minutes=1)
    await tale.check()
    await tale.later(minutes=5)
    assert await base(tale) == "1.1"
    await go_back(tale)
    assert await tale.later(minutes=5) is ReasonCode.REVERTED_BY_USER
    assert (len(reports(tale, 1)), len(reports(tale, 2))) == (1, 1)


async def test_what_is_open_when_people_go_back_is_closed(merged: Story) -> None:
    """The next version would be merged over their decision."""
    tale = merged
    await tale.later(minutes=1)
    await tale.release("1.2")
    await tale.later(minutes=1)
    assert await branches(tale) == ["hello/1.2"]
    await go_back(tale)
    assert await tale.check() is ReasonCode.REVERTED_BY_USER
    assert await branches(tale) == []
    assert await base(tale) == "1.0"


class Late:
    """Trees of a GitHub that shows the default branch as it was a while ago."""

    def __init__(self, trees: object, stale: Outline) -> None:
        self._trees, self._stale = trees, stale

    def __getattr__(self, name: str) -> object:
        return getattr(self._trees, name)

    async def outline(self) -> Outline:
        """Show what was there a while ago."""
        return self._stale


async def test_a_late_answer_is_no_revert(tale: Story) -> None:
    """Right after the merge the default branch may be shown as it was before it."""
    await tale.look()
    stale = await tale.world.github.trees.outline()
    await tale.release("1.1")
    await tale.look()
    assert await tale.check() is ReasonCode.MERGED
    straight = tale.world.github
    tale.through(replace(straight, trees=Late(straight.trees, stale)))  # type: ignore[arg-type]
    for _ in range(5):
        assert await tale.later(minutes=5) is ReasonCode.MERGED
    tale.through(straight)
    assert await tale.later(minutes=5) is ReasonCode.MERGED
    assert reports(tale) == []


@pytest.mark.parametrize("seen", [True, False], ids=["seen", "at once"])
async def test_a_branch_that_is_forced_back_is_a_revert(tale: Story, *, seen: bool) -> None:
    """The merge is in no history any more."""
    await tale.look()
    before = await head(tale)
    await tale.release("1.1")
    await tale.look()
    assert await tale.check() is ReasonCode.MERGED
    if seen:
        await tale.later(minutes=1)
    await force(tale, before)
    await tale.later(minutes=5)
    for _ in range(2):
        code = await tale.later(hours=1)
    assert code is ReasonCode.REVERTED_BY_USER
    assert before in reports(tale)[0]


async def test_a_branch_forced_to_another_history_is_a_revert_at_once(tale: Story) -> None:
    """No late answer shows a commit that is no ancestor of the merge."""
    await tale.look()
    before = await head(tale)
    await tale.release("1.1")
    await tale.look()
    await tale.check()
    await tale.later(minutes=1)
    await force(tale, before)
    await tale.sandbox.commit_files(NAME, "main", {"README": b"more"}, "Another history")
    assert await tale.later(minutes=5) is ReasonCode.REVERTED_BY_USER


async def test_an_epoch_is_no_version(merged: Story) -> None:
    """A rebuild, and its own revert, keep the version."""
    tale = merged
    await tale.later(minutes=1)
    await say(tale, "/octobot rebuild hello for a test", on=1)
    await tale.later(minutes=1)
    await tale.check()
    await tale.later(minutes=5)
    rebuilt = await tale.spec()
    assert "epoch: 1" in rebuilt
    text = rebuilt.replace("epoch: 1", "epoch: 0")
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": text.encode()}, "Back")
    assert await tale.later(minutes=5) is not ReasonCode.REVERTED_BY_USER
    assert reports(tale) == []


async def test_a_package_that_was_removed_and_added_again_begins_anew(merged: Story) -> None:
    """Nobody went back from anything: it is proposed as any package is."""
    tale = merged
    await tale.later(minutes=1)
    old = spec("1.0", await tale.upstreams.provide_ref(HELLO, "refs/tags/v1.0"))
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": None}, "Remove")
    await tale.look_without()
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": old.encode()}, "Add again")
    assert await tale.later(minutes=5) is ReasonCode.CHECKS_PENDING
    assert await branches(tale) == ["hello/1.1"]
    assert reports(tale) == []


async def test_a_lost_database_invents_no_revert(tale: Story) -> None:
    """Nothing is known of what was merged, and the spec is what it is."""
    await tale.write_spec("1.1")
    await tale.look()
    await tale.write_spec("1.0")
    assert await tale.later(minutes=5) is ReasonCode.CHECKS_PENDING
    assert await branches(tale) == ["hello/1.1"]


async def test_one_package_of_a_group_is_taken_back(tale: Story) -> None:
    """It was merged with the group; the group waits for a person, and says for which package."""
    await found(tale)
    await tale.release("1.1")
    await tale.look()
    assert await tale.check() is ReasonCode.MERGED
    await tale.later(minutes=1)
    old = named(spec("1.0", await tale.release("1.0")), NAMES[1])
    await tale.sandbox.commit_files(NAME, "main", {f"{NAMES[1]}.yaml": old.encode()}, "Back")
    await tale.later(minutes=5)
    said = await reasons(tale)
    assert said[NAMES[1]].code is ReasonCode.REVERTED_BY_USER
    assert said[NAMES[0]].code is not ReasonCode.REVERTED_BY_USER
    assert len(reports(tale)) == 1
    await tale.release("1.2")
    await tale.later(minutes=5)
    assert await branches(tale) == []
    assert (await reasons(tale))[NAMES[0]].code is ReasonCode.WAITS_FOR_GROUP
    await say(tale, f"/octobot bump {NAMES[1]}", on=1)
    await tale.later(minutes=5)
    assert await branches(tale) == ["group/hello/1.2"]


async def test_a_package_that_left_its_group_is_taken_back(tale: Story) -> None:
    """What the group merged counts for the package alone, too."""
    await found(tale)
    await tale.release("1.1")
    await tale.look()
    await tale.check()
    await tale.configure("minimum-release-age: 0s\n")
    await tale.later(minutes=1)
    await go_back(tale)
    assert await tale.later(minutes=5) is ReasonCode.REVERTED_BY_USER


class DeathError(Exception):
    """A process that dies."""


async def test_a_death_after_the_comment_makes_no_second_one(
    merged: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is recorded last, and found by its tag."""
    tale = merged
    await tale.later(minutes=1)
    await go_back(tale)

    async def die(*_: object, **__: object) -> None:
        raise DeathError

    with monkeypatch.context() as patched:
        patched.setattr(type(tale.store.ledger), "record_revert", die)
        with pytest.raises(DeathError):
            await tale.later(minutes=5)
    assert len(reports(tale)) == 1
    tale.queue.keys.clear()
    assert await tale.later(hours=1) is ReasonCode.REVERTED_BY_USER
    assert len(reports(tale)) == 1


async def test_a_death_before_the_comment_loses_nothing(
    merged: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lane comes back by itself."""
    tale = merged
    await tale.later(minutes=1)
    await go_back(tale)

    async def die(*_: object, **__: object) -> None:
        raise DeathError

    with monkeypatch.context() as patched:
        patched.setattr(Comments, "post", die)
        with pytest.raises(DeathError):
            await tale.later(minutes=5)
    tale.queue.keys.clear()
    assert await tale.later(hours=1) is ReasonCode.REVERTED_BY_USER
    assert len(reports(tale)) == 1


async def test_the_store_keeps_both_fates(merged: Story, store: Store) -> None:
    """The commit that took a version back, and that the spec was removed later."""
    tale = merged
    await tale.later(minutes=1)
    commit = await go_back(tale)
    await tale.later(minutes=5)
    (past,) = await store.ledger.proposed(tale.world.watched.id, "hello")
    assert past.fates == (("hello.yaml", commit),)
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": None}, "Remove")
    await tale.look_without()
    (past,) = await store.ledger.proposed(tale.world.watched.id, "hello")
    assert past.is_removed("hello.yaml")
