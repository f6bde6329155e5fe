"""What never changes is asked once; what can change is never taken from there."""

import pytest

from octobot.github.repository.git_objects import blob_id
from octobot.github.transport.objects import Objects
from octobot.model.errors import UserError
from octobot.model.ids import Sha
from octobot.model.pull_request import Merged
from tests.github.distro import BRANCH, BUMPED, NAME, SPEC, Distro


def test_the_oldest_is_dropped_when_there_is_too_much() -> None:
    """The bound is in bytes; a value of another kind is not found."""
    objects = Objects(size=10)
    objects.store("a", "blob", 1, size=4)
    objects.store("b", "blob", 2, size=4)
    assert objects.find(str, "blob", 1) == "a"
    objects.store("c", "blob", 3, size=4)
    assert [objects.find(str, "blob", n) for n in (1, 2, 3)] == ["a", None, "c"]
    assert objects.find(dict, "blob", 1) is None
    objects.store("d", "blob", 1, size=11)
    assert [objects.find(str, "blob", n) for n in (1, 3)] == [None, None]


def _reads(os: Distro) -> list[str]:
    return [one.path.removeprefix(f"/repos/{NAME}") for one in os.sandbox.log if not one.is_write]


async def test_commits_trees_and_texts_are_asked_once(os: Distro) -> None:
    """Also by another reader of the same installation."""
    outline = await os.github.trees.outline()
    head = await os.sandbox.commit_files(NAME, "main", {"foo.yaml": BUMPED.encode()}, "By hand")
    trees = os.github.trees
    for times in (1, 0):
        os.sandbox.log.clear()
        commit = await trees.commit(head)
        await trees.differences((await trees.commit(outline.commit)).tree, commit.tree)
        assert await trees.blobs([blob_id(BUMPED)]) == {blob_id(BUMPED): BUMPED}
        assert await os.github.branches.compare(outline.commit, head) == "ahead"
        assert len(_reads(os)) == 4 * times  # the commit, its tree, the text, the comparison


async def test_what_octobot_wrote_is_not_read(os: Distro) -> None:
    """The tree of its own commit, and that of the merge, are computed and proved by their ids."""
    await os.github.trees.outline()
    pull = await os.propose()
    os.sandbox.log.clear()
    (change,) = (await os.github.snapshots.state(pull.number)).changes
    assert (change.path, change.after) == ("foo.yaml", BUMPED)
    merged = await os.merge(pull)
    assert isinstance(merged, Merged)
    files = {"foo.yaml": blob_id(BUMPED)}
    await os.github.trees.outline(merged=files)
    assert (await os.github.trees.merged(merged.commit)).paths == tuple(files.items())
    assert [each for each in _reads(os) if "/git/" in each] == []


async def test_a_tree_that_is_not_the_expected_one_is_read(os: Distro) -> None:
    """A merge that changed something else shows as what it is."""
    await os.github.trees.outline()
    evil = {"foo.yaml": BUMPED.encode(), "bar.yaml": b"evil: true\n"}
    head = await os.sandbox.commit_files(NAME, "main", evil, "Not what was judged")
    await os.github.trees.outline(merged={"foo.yaml": blob_id(BUMPED)})
    assert dict((await os.github.trees.merged(head)).paths) == {
        "bar.yaml": blob_id("evil: true\n"),
        "foo.yaml": blob_id(BUMPED),
    }


async def test_a_branch_that_moves_is_seen_at_once(os: Distro) -> None:
    """Only what has an id is remembered."""
    head = await os.commit()
    assert await os.github.branches.head(BRANCH) == head
    moved = await os.sandbox.commit_files(NAME, BRANCH, {"foo.yaml": b"x: 1\n"}, "By hand")
    assert await os.github.branches.head(BRANCH) == moved
    assert blob_id(SPEC) != dict((await os.github.trees.merged(moved)).paths)["foo.yaml"]


async def test_a_branch_that_was_there_is_not_overwritten(os: Distro) -> None:
    """A guess that the branch is new changes nothing where it is not: what is there is read."""
    base = (await os.github.trees.outline()).commit
    await os.sandbox.commit_files(NAME, "main", {"README.md": b"!\n"}, "Move on")
    made = await os.github.commits.create(
        branch=BRANCH, base=base, files={"foo.yaml": BUMPED}, message=("a", ""), is_new=True
    )
    assert await os.github.branches.head(BRANCH) == made
    again = await os.github.commits.create(
        branch=BRANCH, base=base, files={"foo.yaml": BUMPED}, message=("a", ""), is_new=True
    )
    assert (await os.github.trees.commit(again)).parents == (Sha(base),)


async def test_somebody_elses_branch_stays(os: Distro) -> None:
    """The guess that it is new does not put octobot's commit on it."""
    base = (await os.github.trees.outline()).commit
    await os.commit()
    theirs = await os.sandbox.commit_files(NAME, BRANCH, {"foo.yaml": b"x: 1\n"}, "By hand")
    with pytest.raises(UserError, match="did not make"):
        await os.github.commits.create(
            branch=BRANCH, base=base, files={"foo.yaml": BUMPED}, message=("a", ""), is_new=True
        )
    assert await os.github.branches.head(BRANCH) == theirs
