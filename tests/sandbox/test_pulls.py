"""The life of a pull request."""

import base64
from datetime import timedelta

import pytest

from octobot.model.ids import Sha
from octobot.sandbox.http.call import Refusal
from octobot.sandbox.server import Sandbox
from tests.sandbox.visitor import COMMIT, DISTRO, Visitor, Watch, commit_variables

BRANCH = "octobot/foo/2"
PULLS = f"/repos/{DISTRO}/pulls"


async def propose(bot: Visitor, text: bytes = b"version: 2\n", branch: str = BRANCH) -> str:
    """Commit to a new branch and open a pull request, as octobot does; return the head."""
    repo = await bot.get(f"/repos/{DISTRO}")
    main = await bot.get(f"/repos/{DISTRO}/git/ref/heads/main")
    content = base64.b64encode(text).decode()
    wanted = commit_variables(f"R_{repo['id']}", branch, main["object"]["sha"], content)
    made = await bot.graphql(COMMIT, **wanted)
    assert "errors" not in made, made
    body = {"title": "foo/2 package update", "head": branch, "base": "main", "body": "news"}
    assert (await bot.send("POST", PULLS, body)).status == 201
    return str(made["data"]["createCommitOnBranch"]["commit"]["oid"])


@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1), ("rebase", 1)])
async def test_a_pull_request_is_merged(
    sandbox: Sandbox, bot: Visitor, method: str, parents: int
) -> None:
    """Each method makes the commit it should, and the base branch has the change."""
    head = await propose(bot)
    pull = await bot.get(f"{PULLS}/1")
    assert (pull["mergeable"], pull["mergeable_state"]) == (True, "clean")
    assert pull["head"]["sha"] == head
    assert pull["user"]["id"] == sandbox.app.bot_id
    wanted = {"sha": head, "merge_method": method}
    reply = await bot.send("PUT", f"{PULLS}/1/merge", wanted)
    assert reply.status == 200, reply
    merge = await bot.get(f"/repos/{DISTRO}/git/commits/{reply.body['sha']}")
    assert len(merge["parents"]) == parents
    assert merge["verification"]["verified"]
    text = await bot.send(
        "GET", f"/repos/{DISTRO}/contents/foo.yaml", accept="application/vnd.github.raw"
    )
    assert text.body == b"version: 2\n"
    pull = await bot.get(f"{PULLS}/1")
    assert (pull["state"], pull["merged"]) == ("closed", True)
    assert pull["merge_commit_sha"] == reply.body["sha"]


async def test_a_rebase_replays_every_commit(sandbox: Sandbox, bot: Visitor) -> None:
    """Two commits on an older base become two commits on the new one."""
    await propose(bot)
    await sandbox.commit_files(DISTRO, BRANCH, {"more.yaml": b"1\n"}, "more")
    await sandbox.commit_files(DISTRO, "main", {"bar.yaml": b"version: 9\n"}, "meanwhile")
    reply = await bot.send("PUT", f"{PULLS}/1/merge", {"merge_method": "rebase"})
    assert reply.status == 200, reply
    log = await bot.get(f"/repos/{DISTRO}/commits?sha=main")
    said = [one["commit"]["message"].partition("\n")[0] for one in log]
    assert said == ["more", "foo/2 package update", "meanwhile", "Initial commit"]


async def test_only_the_named_head_is_merged(bot: Visitor) -> None:
    """Another SHA is 409, and nothing happens."""
    await propose(bot)
    reply = await bot.send("PUT", f"{PULLS}/1/merge", {"sha": "0" * 40})
    assert reply.status == 409
    assert (await bot.get(f"{PULLS}/1"))["state"] == "open"


async def test_required_checks_hold_a_merge(sandbox: Sandbox, bot: Visitor) -> None:
    """Missing, pending, failed and foreign checks are 405; the right one lets it pass."""
    sandbox.protect(DISTRO, "main", [("build", 15368)])
    head = Sha(await propose(bot))
    assert (await bot.get(f"{PULLS}/1"))["mergeable_state"] == "blocked"
    assert (await bot.send("PUT", f"{PULLS}/1/merge", {"sha": head})).status == 405
    sandbox.post_check_run(DISTRO, head, "build", app_id=99, conclusion="success")
    assert (await bot.send("PUT", f"{PULLS}/1/merge", {"sha": head})).status == 405
    number = sandbox.post_check_run(DISTRO, head, "build", status="in_progress")
    refused = await bot.send("PUT", f"{PULLS}/1/merge", {"sha": head})
    assert "pending" in refused.body["message"]
    sandbox.update_check_run(number, conclusion="failure")
    refused = await bot.send("PUT", f"{PULLS}/1/merge", {"sha": head})
    assert "failing" in refused.body["message"]
    sandbox.post_check_run(DISTRO, head, "build", conclusion="success")
    assert (await bot.send("PUT", f"{PULLS}/1/merge", {"sha": head})).status == 200


async def test_a_ruleset_holds_a_merge_too(sandbox: Sandbox, bot: Visitor) -> None:
    """And shows only where rules are shown."""
    sandbox.protect(DISTRO, "main", [("build", None)], ruleset=True, reviews=1)
    head = Sha(await propose(bot))
    rules = await bot.get(f"/repos/{DISTRO}/rules/branches/main")
    assert [rule["type"] for rule in rules] == ["required_status_checks", "pull_request"]
    assert (await bot.get(f"/repos/{DISTRO}/branches/main"))["protected"] is False
    sandbox.post_check_run(DISTRO, head, "build", conclusion="success")
    refused = await bot.send("PUT", f"{PULLS}/1/merge", {})
    assert "review" in refused.body["message"]
    await sandbox.person("alice", "write").approve(DISTRO, 1)
    assert (await bot.send("PUT", f"{PULLS}/1/merge", {})).status == 200


async def test_protection_shows_what_it_requires(sandbox: Sandbox, bot: Visitor) -> None:
    """Both where everybody can read it and where administrators can."""
    sandbox.protect(DISTRO, "main", [("build", 15368), ("lint", None)], strict=True, reviews=1)
    branch = await bot.get(f"/repos/{DISTRO}/branches/main")
    assert branch["protection"]["required_status_checks"]["checks"] == [
        {"context": "build", "app_id": 15368},
        {"context": "lint", "app_id": None},
    ]
    assert (await bot.send("GET", f"/repos/{DISTRO}/branches/main/protection")).status == 403
    admin = bot.with_token(sandbox.person("ann", "admin").token)
    full = await admin.get(f"/repos/{DISTRO}/branches/main/protection")
    assert full["required_status_checks"]["strict"] is True
    assert (await admin.send("GET", f"/repos/{DISTRO}/branches/x/protection")).status == 404


async def test_conflicts_are_seen(sandbox: Sandbox, bot: Visitor) -> None:
    """By trying the merge."""
    await propose(bot)
    await sandbox.commit_files(DISTRO, "main", {"foo.yaml": b"version: 3\n"}, "by hand")
    pull = await bot.get(f"{PULLS}/1")
    assert (pull["mergeable"], pull["mergeable_state"]) == (False, "dirty")
    assert (await bot.send("PUT", f"{PULLS}/1/merge", {})).status == 405


async def test_mergeability_is_computed_anew_after_every_push_to_the_base(
    sandbox: Sandbox, bot: Visitor, watch: Watch
) -> None:
    """The first reading starts it; REST says null and unknown until then, GraphQL UNKNOWN."""
    sandbox.hub.state.live.mergeability_lag = timedelta(seconds=2)
    await propose(bot)
    watch.advance(seconds=2)
    assert (await bot.get(f"{PULLS}/1"))["mergeable"] is True
    await sandbox.commit_files(DISTRO, "main", {"bar.yaml": b"version: 3\n"}, "by hand")
    watch.advance(minutes=10)
    owner, name = DISTRO.split("/")
    query = (
        "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name)"
        " { pullRequest(number: 1) { mergeable } } }"
    )
    shown = (await bot.graphql(query, owner=owner, name=name))["data"]["repository"]
    assert shown["pullRequest"]["mergeable"] == "UNKNOWN"
    pull = await bot.get(f"{PULLS}/1")
    assert (pull["mergeable"], pull["mergeable_state"]) == (None, "unknown")
    watch.advance(seconds=2)
    pull = await bot.get(f"{PULLS}/1")
    assert (pull["mergeable"], pull["mergeable_state"]) == (True, "clean")


async def test_a_merge_right_after_a_push_to_the_base_is_a_race(
    sandbox: Sandbox, bot: Visitor, watch: Watch
) -> None:
    """GitHub's words are a 405; a head that moved is still told first."""
    sandbox.hub.state.live.base_settles = timedelta(seconds=3)
    head = await propose(bot)
    await sandbox.commit_files(DISTRO, "main", {"bar.yaml": b"version: 3\n"}, "by hand")
    refused = await bot.send("PUT", f"{PULLS}/1/merge", {"sha": head})
    assert refused.status == 405
    assert refused.body["message"].startswith("Base branch was modified.")
    assert (await bot.send("PUT", f"{PULLS}/1/merge", {"sha": "1" * 40})).status == 409
    watch.advance(seconds=3)
    assert (await bot.send("PUT", f"{PULLS}/1/merge", {"sha": head})).status == 200


async def test_the_branch_can_be_brought_up_to_date(sandbox: Sandbox, bot: Visitor) -> None:
    """A strict branch wants the base's tip inside the head."""
    sandbox.protect(DISTRO, "main", strict=True)
    head = await propose(bot)
    await sandbox.commit_files(DISTRO, "main", {"bar.yaml": b"version: 3\n"}, "by hand")
    assert (await bot.send("PUT", f"{PULLS}/1/merge", {})).status == 405
    wanted = {"expected_head_sha": head}
    assert (await bot.send("PUT", f"{PULLS}/1/update-branch", wanted)).status == 202
    assert (await bot.send("PUT", f"{PULLS}/1/update-branch", wanted)).status == 422
    pull = await bot.get(f"{PULLS}/1")
    assert pull["head"]["sha"] != head
    assert pull["commits"] == 2
    assert (await bot.send("PUT", f"{PULLS}/1/merge", {})).status == 200


async def test_nothing_to_open_is_refused(bot: Visitor) -> None:
    """Twice the same, no commits, no such branch: 422 with GitHub's words."""
    await propose(bot)
    body = {"title": "again", "head": BRANCH, "base": "main"}
    twice = await bot.send("POST", PULLS, body)
    assert twice.status == 422
    assert "already exists" in twice.body["errors"][0]["message"]
    same = await bot.send("POST", PULLS, {**body, "head": "main"})
    assert "No commits between" in same.body["errors"][0]["message"]
    assert (await bot.send("POST", PULLS, {**body, "head": "nowhere"})).status == 422
    assert (await bot.send("POST", PULLS, {**body, "base": "nowhere"})).status == 422


async def test_pull_requests_are_found(bot: Visitor) -> None:
    """By state, by head with its owner, by base, a page at a time."""
    for number in range(3):
        await propose(bot, branch=f"octobot/foo/{number}")
    await bot.send("PATCH", f"{PULLS}/2", {"state": "closed"})
    assert [one["number"] for one in await bot.get(PULLS)] == [3, 1]
    assert len(await bot.get(f"{PULLS}?state=all&head=acme:octobot/foo/1")) == 1
    assert await bot.get(f"{PULLS}?base=other") == []
    first = await bot.send("GET", f"{PULLS}?state=all&per_page=2&sort=created&direction=asc")
    assert [one["number"] for one in first.body] == [1, 2]
    assert 'page=2>; rel="next"' in first.headers["Link"]


async def test_the_parts_of_a_pull_request(sandbox: Sandbox, bot: Visitor) -> None:
    """Commits oldest first, files with their blobs."""
    head = await propose(bot)
    await sandbox.commit_files(DISTRO, BRANCH, {"bar.yaml": None, "new": b"1\n2\n"}, "by hand")
    commits = await bot.get(f"{PULLS}/1/commits")
    assert commits[0]["sha"] == head
    assert commits[0]["author"]["id"] == sandbox.app.bot_id
    files = {one["filename"]: one for one in await bot.get(f"{PULLS}/1/files")}
    assert {name: one["status"] for name, one in files.items()} == {
        "bar.yaml": "removed",
        "foo.yaml": "modified",
        "new": "added",
    }
    assert files["foo.yaml"]["patch"].startswith("@@ -1 +1 @@")
    assert files["new"]["additions"] == 2


async def test_a_deleted_head_closes_its_pull_request(bot: Visitor) -> None:
    """As GitHub does."""
    await propose(bot)
    gone = await bot.send("DELETE", f"/repos/{DISTRO}/git/refs/heads/{BRANCH}")
    assert gone.status == 204
    assert (await bot.get(f"{PULLS}/1"))["state"] == "closed"
    assert (await bot.send("PATCH", f"{PULLS}/1", {"state": "open"})).status == 422


async def test_a_merge_can_delete_its_branch(sandbox: Sandbox, bot: Visitor) -> None:
    """When the repository is set so; the pull request stays merged."""
    sandbox.configure(DISTRO, delete_branch_on_merge=True, merge_methods=frozenset({"squash"}))
    head = await propose(bot)
    assert (await bot.send("PUT", f"{PULLS}/1/merge", {"sha": head})).status == 405
    wanted = {"sha": head, "merge_method": "squash"}
    assert (await bot.send("PUT", f"{PULLS}/1/merge", wanted)).status == 200
    assert (await bot.send("GET", f"/repos/{DISTRO}/git/ref/heads/{BRANCH}")).status == 404
    assert (await bot.get(f"{PULLS}/1"))["merged"] is True


async def test_a_head_that_reached_the_base_is_merged(bot: Visitor) -> None:
    """Whoever pushed it there."""
    head = await propose(bot)
    moved = await bot.send("PATCH", f"/repos/{DISTRO}/git/refs/heads/main", {"sha": head})
    assert moved.status == 200, moved
    pull = await bot.get(f"{PULLS}/1")
    assert (pull["merged"], pull["merge_commit_sha"]) == (True, head)


async def test_a_pull_request_can_come_from_a_fork(sandbox: Sandbox, bot: Visitor) -> None:
    """Then its head is another repository's, and its commits are reachable all the same."""
    mallory = sandbox.person("mallory")
    fork = await sandbox.fork(DISTRO, "mallory")
    head = await mallory.push("mallory/distro", BRANCH, {"foo.yaml": b"evil: 1\n"})
    number = await mallory.open_pull(DISTRO, f"mallory:{BRANCH}", title="foo/2 package update")
    pull = await bot.get(f"{PULLS}/{number}")
    assert pull["head"]["repo"]["id"] == fork.id
    assert pull["head"]["sha"] == head
    assert (await bot.get(f"/repos/{DISTRO}/git/commits/{head}"))["sha"] == head
    with pytest.raises(Refusal):
        await mallory.close(DISTRO, number)


async def test_a_person_pushes_over_the_bot(sandbox: Sandbox, bot: Visitor) -> None:
    """The head follows, also a forced push."""
    await propose(bot)
    alice = sandbox.person("alice", "write")
    second = await alice.push(DISTRO, BRANCH, {"foo.yaml": b"version: 3\n"})
    assert (await bot.get(f"{PULLS}/1"))["head"]["sha"] == second
    main = (await bot.get(f"/repos/{DISTRO}/git/ref/heads/main"))["object"]["sha"]
    third = await alice.push(DISTRO, BRANCH, {"foo.yaml": b"version: 4\n"}, force_from=Sha(main))
    pull = await bot.get(f"{PULLS}/1")
    assert (pull["head"]["sha"], pull["commits"]) == (third, 1)


async def test_reviews_are_bound_to_the_head(sandbox: Sandbox, bot: Visitor) -> None:
    """Each names the commit it was written on; nobody approves their own."""
    head = await propose(bot)
    alice = sandbox.person("alice", "write")
    await alice.approve(DISTRO, 1)
    await alice.push(DISTRO, BRANCH, {"x": b"1\n"})
    await alice.review(DISTRO, 1, "REQUEST_CHANGES", "no")
    found = await bot.get(f"{PULLS}/1/reviews")
    assert [one["state"] for one in found] == ["APPROVED", "CHANGES_REQUESTED"]
    assert found[0]["commit_id"] == head
    mine = {"event": "APPROVE"}
    assert (await bot.send("POST", f"{PULLS}/1/reviews", mine)).status == 422


async def test_words_can_be_edited(sandbox: Sandbox, bot: Visitor) -> None:
    """Title and body by the author, the state by who may."""
    await propose(bot)
    edited = await bot.send("PATCH", f"{PULLS}/1", {"title": "new", "body": "words"})
    assert (edited.body["title"], edited.body["body"]) == ("new", "words")
    await sandbox.person("alice", "write").close(DISTRO, 1)
    issue = await bot.get(f"/repos/{DISTRO}/issues/1")
    assert issue["closed_by"]["login"] == "alice"
    stranger = bot.with_token(sandbox.person("bob", "read").token)
    assert (await stranger.send("PATCH", f"{PULLS}/1", {"state": "open"})).status == 403
    assert (await bot.send("PATCH", f"{PULLS}/1", {"state": "open"})).status == 200
