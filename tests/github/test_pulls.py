import pytest

from octobot.github.repository.trees import blob_id
from octobot.model.errors import UserError
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import Merged, NotMerged
from tests.github.distro import BRANCH, BUMPED, FILES, NAME, Distro


async def test_a_pull_request_is_opened_once(os: Distro) -> None:
    """The second time the open one is adopted."""
    first = await os.propose()
    assert (first.state, first.branch, first.base) == ("open", BRANCH, "main")
    assert (first.author, first.head_repository) == (os.bot.id, os.watched.id)
    again = await os.github.pulls.open(branch=BRANCH, title="other", body="other")
    assert again.number == first.number
    assert [pull.number for pull in await os.github.pulls.list_open()] == [first.number]


async def test_somebody_elses_pull_request_is_not_adopted(os: Distro) -> None:
    """It is said to a person instead."""
    await os.commit()
    ann = os.sandbox.person("ann", "write")
    await ann.open_pull(NAME, BRANCH)
    with pytest.raises(UserError, match="somebody else"):
        await os.github.pulls.open(branch=BRANCH, title="foo", body="foo")


async def test_others_branches_are_not_listed(os: Distro) -> None:
    """Only heads below `octobot/`, of any author: the policy asks who."""
    await os.sandbox.commit_files(NAME, "feature", {"x.yaml": b"x: 1\n"}, "x", by="ann")
    ann = os.sandbox.person("ann", "write")
    await ann.open_pull(NAME, "feature")
    assert await os.github.pulls.list_open() == ()
    assert await os.github.pulls.of_branch(BRANCH) is None


async def test_who_closed_it_is_known(os: Distro) -> None:
    """A closing by octobot itself differs from a person's."""
    pull = await os.propose()
    await os.github.pulls.close(pull.number)
    await os.github.pulls.close(pull.number)
    closed = await os.github.pulls.of_branch(BRANCH)
    assert closed
    assert (closed.state, closed.closed_by, closed.merge_commit) == ("closed", os.bot.id, None)


async def test_a_merge_takes_exactly_the_judged_head(os: Distro) -> None:
    """Another head is declined, and nothing happens."""
    pull = await os.propose()
    result = await os.github.pulls.merge(
        pull.number, head=Sha("1" * 40), method="squash", message=("foo", "")
    )
    assert isinstance(result, NotMerged)
    assert (await os.github.pulls.get(pull.number)).state == "open"


async def test_a_merge_returns_the_commit_that_is_audited(os: Distro) -> None:
    """Its tree is the base's with our blob."""
    pull = await os.propose()
    merged = await os.merge(pull)
    assert isinstance(merged, Merged)
    assert await os.github.branches.head("main") == merged.commit
    tree = await os.github.trees.merged(merged.commit)
    assert tree.paths == (("foo.yaml", blob_id(BUMPED)),)
    after = await os.github.pulls.get(pull.number)
    assert (after.state, after.merge_commit, after.closed_by) == ("merged", merged.commit, None)


async def test_merging_what_is_merged_is_seen(os: Distro) -> None:
    """A lost answer, asked again in the next step, reads as merged and not as declined."""
    pull = await os.propose()
    assert await os.merge(pull) == await os.merge(pull)


@pytest.mark.parametrize("method", ["merge", "rebase"])
async def test_the_other_merge_methods(os: Distro, method: str) -> None:
    """Each makes a tree that differs from its first parent's by our file only."""
    pull = await os.propose()
    result = await os.github.pulls.merge(
        PullNumber(pull.number),
        head=pull.head,
        method="merge" if method == "merge" else "rebase",
        message=("foo/1.1", "words"),
    )
    assert isinstance(result, Merged)
    assert (await os.github.trees.merged(result.commit)).paths == (("foo.yaml", blob_id(BUMPED)),)


async def test_a_rebase_merge_is_audited_with_all_its_commits(os: Distro) -> None:
    """Together they must do what the pull request's do: what undoes another merge does not."""
    await os.commit()
    pull = await os.github.pulls.open(branch=BRANCH, title="foo/1.1", body="New.")
    later = {"bar.yaml": b"bar: 2\n"}
    await os.sandbox.commit_files(NAME, BRANCH, later, "Go along")
    await os.sandbox.commit_files(NAME, "main", {"README": b"moved\n"}, "Move on")
    undone = {"README": None, "foo.yaml": BUMPED.encode(), **later}
    wrong = await os.sandbox.commit_files(NAME, "main", undone, "Made on an old base")
    assert await os.github.trees.rebased(wrong, pull.number) is None
    back = {"README": b"moved\n", **{path: FILES[path] for path in ("foo.yaml", "bar.yaml")}}
    await os.sandbox.commit_files(NAME, "main", back, "Take it back")
    head = (await os.github.pulls.get(pull.number)).head
    result = await os.github.pulls.merge(pull.number, head=head, method="rebase", message=("", ""))
    assert isinstance(result, Merged)
    assert len((await os.github.trees.merged(result.commit)).paths) == 1
    whole = await os.github.trees.rebased(result.commit, pull.number)
    assert whole is not None
    assert [path for path, _ in whole.paths] == ["bar.yaml", "foo.yaml"]


async def test_what_protection_declines_is_not_merged(os: Distro) -> None:
    """GitHub's reason comes along."""
    pull = await os.propose()
    os.sandbox.protect(NAME, "main", [("build", 15368)])
    result = await os.merge(pull)
    assert isinstance(result, NotMerged)
    assert result.because
