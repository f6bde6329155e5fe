import json
from dataclasses import replace
from datetime import timedelta

import pytest

from octobot.github.repository.git_objects import blob_id
from octobot.model.errors import UserError
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import Merged, NotMerged
from octobot.sandbox.http.call import Answer
from octobot.sandbox.http.faults import of
from tests.github.distro import BRANCH, BUMPED, FILES, NAME, Distro, always

MERGE = of("PUT", r".*/pulls/\d+/merge")
MODIFIED = {"message": "Base branch was modified. Review and try the merge again."}


def asked(os: Distro) -> list[object]:
    """List the heads that GitHub was asked to merge."""
    merges = [one for one in os.sandbox.log.writes() if one.path.endswith("/merge")]
    return [json.loads(one.body)["sha"] for one in merges]


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
        pull.number, head=Sha("1" * 40), method="squash", message=("foo", ""), still=always
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
        still=always,
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
    result = await os.github.pulls.merge(
        pull.number, head=head, method="rebase", message=("", ""), still=always
    )
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


@pytest.mark.parametrize(("races", "merged"), [(1, True), (3, True), (4, False)])
async def test_a_base_that_moves_is_a_race(os: Distro, races: int, *, merged: bool) -> None:
    """Up to three more tries, each for the same head, after 1, 2 and 4 seconds."""
    pull = await os.propose()
    faults = os.sandbox.faults()
    faults.strike("race", MERGE, answer=Answer(MODIFIED, 405), times=races)
    before = os.ticker.seconds
    result = await os.merge(pull)
    assert isinstance(result, Merged) is merged
    assert asked(os) == [pull.head] * min(races + 1, 4)
    assert os.ticker.seconds - before == sum((1, 2, 4)[:races])
    assert merged or (isinstance(result, NotMerged) and result.base_moved)


async def test_a_head_that_moved_between_two_tries_is_not_merged(os: Distro) -> None:
    """The next try names the head that was judged, so GitHub declines."""
    pull = await os.propose()
    faults = os.sandbox.faults()
    faults.strike("race", MERGE, answer=Answer(MODIFIED, 405))

    async def push() -> None:
        await os.sandbox.commit_files(NAME, BRANCH, {"foo.yaml": b"evil: 1\n"}, "Push", by="ann")

    faults.meanwhile("push", MERGE, push)
    result = await os.merge(pull)
    assert isinstance(result, NotMerged)
    assert not result.base_moved
    assert asked(os) == [pull.head] * 2
    assert (await os.github.pulls.get(pull.number)).state == "open"


async def test_what_is_not_right_any_more_is_not_tried_again(os: Distro) -> None:
    """Whoever asked for the merge looks at the base first."""
    pull = await os.propose()
    os.sandbox.faults().strike("race", MERGE, answer=Answer(MODIFIED, 405))

    async def never() -> bool:
        return False

    result = await os.github.pulls.merge(
        pull.number, head=pull.head, method="squash", message=("foo/1.1", ""), still=never
    )
    assert isinstance(result, NotMerged)
    assert asked(os) == [pull.head]


@pytest.mark.parametrize("status", [405, 409, 422])
async def test_any_other_refusal_is_tried_once(os: Distro, status: int) -> None:
    """Whatever it says, it says it again."""
    pull = await os.propose()
    said = {"message": "Pull Request is not mergeable"}
    os.sandbox.faults().strike("no", MERGE, answer=Answer(said, status, broken=True), times=9)
    assert await os.merge(pull) == NotMerged("Pull Request is not mergeable")
    assert len(asked(os)) == 1


async def test_mergeability_is_read_again_until_it_is_computed(os: Distro) -> None:
    """After 1, 2 and 4 seconds; another head says nothing about the one that was read."""
    pull = await os.propose()
    unknown = replace(pull, mergeable=None)
    faults = os.sandbox.faults()

    def computing(answer: Answer) -> Answer:
        assert isinstance(answer.body, dict)
        return replace(answer, body={**answer.body, "mergeable": None})

    for nulls, mergeable, slept in ((1, True, 3), (3, None, 7)):
        reading = of("GET", rf".*/pulls/{pull.number}")
        faults.strike("null", reading, side="after", answer=computing, times=nulls)
        before = os.ticker.seconds
        assert (await os.github.pulls.computed(unknown)).mergeable is mergeable
        assert os.ticker.seconds - before == slept
    other = replace(unknown, head=Sha("1" * 40))
    assert await os.github.pulls.computed(other) == other


async def test_what_must_be_updated_first_is_seen_once_it_is_computed(os: Distro) -> None:
    """`mergeable_state` is unknown until then, too."""
    os.sandbox.hub.state.live.mergeability_lag = timedelta(hours=1)
    pull = await os.propose()
    os.sandbox.protect(NAME, "main", strict=True)
    await os.sandbox.commit_files(NAME, "main", {"bar.yaml": b"bar: 2\n"}, "Move on")
    unknown = await os.github.pulls.get(pull.number, fresh=True)
    assert (unknown.mergeable, unknown.behind) == (None, False)
    os.sandbox.hub.state.live.mergeability_lag = timedelta()
    computed = await os.github.pulls.computed(unknown)
    assert (computed.mergeable, computed.behind) == (True, True)
