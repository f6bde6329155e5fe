"""GitHub acts and the answer is lost, or it answers from the past."""

from dataclasses import replace

import pytest

from octobot.github.repository.git_objects import blob_id
from octobot.model.errors import TryLater, UserError
from octobot.model.pull_request import Merged, NotMerged
from octobot.sandbox.http.call import Answer, Call
from tests.github.cutting import Answering, cut, more_commits
from tests.github.distro import BRANCH, BUMPED, NAME, Distro

LOST = Answer({"message": "Server Error"}, 502)
PULLS = "/repos/distro/os/pulls"


def lose(os: Distro, method: str, path: str, times: int = 1) -> None:
    """Let the next calls take effect and answer them with 502."""
    left = times

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        nonlocal left
        answer = await dispatch(call)
        writes = method != "POST" or b"mutation" in call.body or "graphql" not in path
        if left and (call.method, call.path) == (method, path) and writes:
            left -= 1
            return LOST
        return answer

    os.sandbox.door.intercept = intercept


async def test_a_commit_whose_answer_is_lost_is_recreated(os: Distro) -> None:
    """Only an id that the API returned counts: the lost commit is taken off again."""
    base = (await os.github.trees.outline()).commit
    lose(os, "POST", "/api/graphql")
    head = await os.commit()
    last = os.sandbox.log.content_writes()[-1]
    assert last.mutations == ("updateRefs", "createCommitOnBranch")
    assert await os.github.branches.head(BRANCH) == head
    shown = await os.app.anonymous().get(f"/repos/{NAME}/compare/{base}...{head}")
    assert isinstance(shown, dict)
    assert (shown["ahead_by"], shown["behind_by"]) == (1, 0)


async def test_answers_that_stay_lost_are_reported(os: Distro) -> None:
    """After three rounds the lane comes back later; nothing has piled up."""
    lose(os, "POST", "/api/graphql", times=3)
    with pytest.raises(TryLater):
        await os.commit()
    os.sandbox.door.intercept = None
    head = await os.commit()
    assert (await os.github.trees.merged(head)).paths == (("foo.yaml", blob_id(BUMPED)),)


async def test_a_push_into_the_gap_wins(os: Distro) -> None:
    """Somebody's commit on top of the lost one is not overwritten."""

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        answer = await dispatch(call)
        if b"createCommitOnBranch" in call.body:
            os.sandbox.door.intercept = None
            await os.sandbox.commit_files(NAME, BRANCH, {"README.md": b"!\n"}, "x", by="ann")
            return LOST
        return answer

    os.sandbox.door.intercept = intercept
    with pytest.raises(UserError, match="did not make"):
        await os.commit()


async def test_a_pull_request_whose_answer_is_lost_is_found(os: Distro) -> None:
    """One POST, one pull request."""
    lose(os, "POST", PULLS)
    pull = await os.propose()
    assert pull.author == os.bot.id
    posts = [one for one in os.sandbox.log.writes() if one.path == PULLS]
    assert len(posts) == 1


async def test_a_list_that_lags_is_read_again(os: Distro) -> None:
    """The pull request shows up at the third look; there is no second one."""
    stale = 2

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        nonlocal stale
        answer = await dispatch(call)
        if call.path == PULLS and call.method == "POST":
            return LOST
        if call.path == PULLS and stale:
            stale -= 1
            return replace(answer, body=[])
        return answer

    os.sandbox.door.intercept = intercept
    pull = await os.propose()
    assert pull.state == "open"
    assert os.ticker.slept[-3:] == [0.0, 1.0, 2.0]


async def test_a_pull_request_that_was_never_made_is_reported(os: Distro) -> None:
    """Lost before it took effect: the next step opens it."""
    await os.commit()

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        return LOST if call.method == "POST" and call.path == PULLS else await dispatch(call)

    os.sandbox.door.intercept = intercept
    with pytest.raises(TryLater):
        await os.github.pulls.open(branch=BRANCH, title="foo", body="foo")
    os.sandbox.door.intercept = None
    assert (await os.github.pulls.open(branch=BRANCH, title="foo", body="foo")).state == "open"


async def test_a_pull_request_without_a_difference_is_reported(os: Distro) -> None:
    """GitHub's own words come along; nothing is adopted."""
    base = (await os.github.trees.outline()).commit
    head = await os.commit()
    assert await os.github.branches.move(BRANCH, expected=head, to=base)
    with pytest.raises(TryLater, match="422"):
        await os.github.pulls.open(branch=BRANCH, title="foo", body="foo")


async def test_a_merge_whose_answer_is_lost_is_read(os: Distro) -> None:
    """It took place; it is not asked for twice."""
    pull = await os.propose()
    lose(os, "PUT", f"{PULLS}/{pull.number}/merge")
    merged = await os.merge(pull)
    assert isinstance(merged, Merged)
    assert await os.github.branches.head("main") == merged.commit
    assert len([one for one in os.sandbox.log.writes() if one.method == "PUT"]) == 1


async def test_a_merge_that_did_not_take_place_is_reported(os: Distro) -> None:
    """Still open after every look: unknown, not declined."""
    pull = await os.propose()

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        return LOST if call.method == "PUT" else await dispatch(call)

    os.sandbox.door.intercept = intercept
    with pytest.raises(TryLater):
        await os.merge(pull)
    os.sandbox.door.intercept = None
    assert isinstance(await os.merge(pull), Merged)


async def test_a_merge_that_github_denies_to_have_made(os: Distro) -> None:
    """200 without `merged`, and nothing merged: declined; 404: reported."""
    pull = await os.propose()
    for answer, expected in ((Answer({"merged": False}, 200), NotMerged), (Answer({}, 404), None)):

        async def intercept(call: Call, dispatch: Answering, said: Answer = answer) -> Answer:
            return said if call.method == "PUT" else await dispatch(call)

        os.sandbox.door.intercept = intercept
        if expected is None:
            with pytest.raises(TryLater):
                await os.merge(pull)
        else:
            assert isinstance(await os.merge(pull), NotMerged)
    os.sandbox.judge.objections.clear()  # the answers above are no GitHub's


async def test_a_comment_whose_answer_is_lost_is_found(os: Distro) -> None:
    """The same for an issue."""
    pull = await os.propose()
    comments = f"/repos/{NAME}/issues/{pull.number}/comments"
    lose(os, "POST", comments)
    await os.github.comments.post(pull.number, tag="failure", body="it failed")
    assert len([one for one in os.sandbox.log.writes() if one.path == comments]) == 1
    lose(os, "POST", f"/repos/{NAME}/issues")
    number = await os.github.issues.post(tag="manual-foo", title="foo", body="x")
    os.sandbox.door.intercept = None
    assert await os.github.issues.post(tag="manual-foo", title="foo", body="x") == number


async def test_a_comment_that_was_never_made_is_reported(os: Distro) -> None:
    """The next step writes it."""
    pull = await os.propose()

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        return LOST if call.method == "POST" and "comments" in call.path else await dispatch(call)

    os.sandbox.door.intercept = intercept
    with pytest.raises(TryLater):
        await os.github.comments.post(pull.number, tag="failure", body="it failed")


async def test_a_deletion_whose_answer_is_lost_is_looked_at(os: Distro) -> None:
    """Gone is gone, whoever answered; what is still there is reported."""
    head = await os.commit()
    lose(os, "POST", "/api/graphql")
    await os.github.branches.delete(BRANCH, expected=head)
    os.sandbox.door.intercept = None
    assert await os.github.branches.head(BRANCH) is None
    head = await os.commit()

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        return LOST if b"updateRefs" in call.body else await dispatch(call)

    os.sandbox.door.intercept = intercept
    with pytest.raises(TryLater, match="did not delete"):
        await os.github.branches.delete(BRANCH, expected=head)


async def test_half_an_answer_of_blobs_is_refused(os: Distro) -> None:
    """A part that failed must not read as a blob that is missing."""
    ids = [id_ for _, id_ in (await os.github.trees.outline()).specs]

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        answer = await dispatch(call)
        if call.path != "/api/graphql":
            return answer
        assert isinstance(answer.body, dict)
        return replace(answer, body={**answer.body, "errors": [{"message": "timed out"}]})

    os.sandbox.door.intercept = intercept
    with pytest.raises(TryLater, match="only some"):
        await os.github.trees.blobs(ids)


async def test_a_tree_that_is_not_its_id_is_refused(os: Distro) -> None:
    """A proxy, a cache or GitHub itself answered something else."""

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        answer = await dispatch(call)
        if "/git/trees/" not in call.path:
            return answer
        assert isinstance(answer.body, dict)
        return replace(answer, body={**answer.body, "tree": answer.body["tree"][1:]})

    os.sandbox.door.intercept = intercept
    with pytest.raises(TryLater, match="not the tree"):
        await os.github.trees.outline()


@pytest.mark.parametrize("lost", range(5))
async def test_a_folder_with_a_part_that_is_not_its_id_is_refused(os: Distro, lost: int) -> None:
    """Whatever is missing below it: a file, a folder, a file in a folder; whole it is read once."""
    files = {"p/a.yaml": b"a", "p/b/c.yaml": b"c", "p/b/d/e.yaml": b"e"}
    await os.sandbox.commit_files(NAME, "main", files, "A folder")
    trees = os.github.trees
    root = await trees.root((await trees.commit((await trees.outline()).commit)).tree)

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        answer = await dispatch(call)
        assert isinstance(answer.body, dict)
        lines = answer.body["tree"]
        assert len(lines) == 5
        return replace(answer, body={**answer.body, "tree": lines[:lost] + lines[lost + 1 :]})

    os.sandbox.door.intercept = intercept
    with pytest.raises(TryLater, match="not the tree"):
        await trees.folder(root["p"].id)
    os.sandbox.door.intercept = None
    read = await trees.folder(root["p"].id)
    os.sandbox.log.clear()
    assert await trees.folder(root["p"].id) == read
    assert (sorted(read), list(os.sandbox.log)) == (["a.yaml", "b/c.yaml", "b/d/e.yaml"], [])


async def test_a_head_that_moves_between_two_reads_is_reported(os: Distro) -> None:
    """The commits must be those of the head that is judged, where REST has to show them."""
    pull = await os.propose()

    async def intercept(call: Call, dispatch: Answering) -> Answer:
        if call.path == "/api/graphql":
            return cut(await dispatch(call), more_commits)
        if call.path.endswith("/commits"):
            os.sandbox.door.intercept = None
            new: dict[str, bytes | None] = {"foo.yaml": b"x: 1\n"}
            await os.sandbox.commit_files(NAME, BRANCH, new, "x", by="ann")
            await os.sandbox.person("ann", "write").push(
                NAME, BRANCH, new, force_from=await os.github.branches.head("main")
            )
        return await dispatch(call)

    os.sandbox.door.intercept = intercept
    with pytest.raises(TryLater, match="another head"):
        await os.github.snapshots.state(pull.number)
