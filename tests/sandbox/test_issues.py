"""Issues, comments, labels, reactions."""

from octobot.sandbox.server import Sandbox
from tests.sandbox.visitor import DISTRO, Visitor, Watch

REPO = f"/repos/{DISTRO}"
ISSUES = f"{REPO}/issues"


async def test_an_issues_life(sandbox: Sandbox, bot: Visitor) -> None:
    """Opened with labels, found by them and by its author, closed, opened again."""
    made = await bot.send("POST", ISSUES, {"title": "t", "body": "b", "labels": ["manual"]})
    assert (made.status, made.body["number"]) == (201, 1)
    await sandbox.person("alice").open_issue(DISTRO, "hers")
    assert [one["number"] for one in await bot.get(f"{ISSUES}?labels=manual")] == [1]
    mine = await bot.get(f"{ISSUES}?creator=octobot%5Bbot%5D&direction=asc")
    assert [one["number"] for one in mine] == [1]
    closed = await bot.send("PATCH", f"{ISSUES}/1", {"state": "closed"})
    assert closed.body["state_reason"] == "completed"
    assert closed.body["closed_by"]["id"] == sandbox.app.bot_id
    assert [one["number"] for one in await bot.get(ISSUES)] == [2]
    assert len(await bot.get(f"{ISSUES}?state=all")) == 2
    opened = await bot.send("PATCH", f"{ISSUES}/1", {"state": "open", "labels": []})
    assert (opened.body["closed_at"], opened.body["labels"]) == (None, [])


async def test_comments_keep_their_author_and_times(
    sandbox: Sandbox, bot: Visitor, watch: Watch
) -> None:
    """An edit shows; a stranger cannot make one."""
    await bot.send("POST", ISSUES, {"title": "t"})
    made = await bot.send("POST", f"{ISSUES}/1/comments", {"body": "one"})
    assert made.body["performed_via_github_app"]["slug"] == "octobot"
    watch.advance(minutes=1)
    path = f"{ISSUES}/comments/{made.body['id']}"
    edited = await bot.send("PATCH", path, {"body": "two"})
    assert (edited.body["id"], edited.body["body"]) == (made.body["id"], "two")
    assert edited.body["updated_at"] > edited.body["created_at"]
    stranger = bot.with_token(sandbox.person("bob", "read").token)
    assert (await stranger.send("PATCH", path, {"body": "three"})).status == 403
    assert (await bot.send("POST", f"{ISSUES}/1/comments", {"body": " "})).status == 422
    long = {"body": "x" * 65537}
    assert (await bot.send("POST", f"{ISSUES}/1/comments", long)).status == 422
    assert (await bot.send("DELETE", path)).status == 204
    assert await bot.get(f"{ISSUES}/1/comments") == []


async def test_a_repositorys_comments_are_listed_by_when_they_changed(
    sandbox: Sandbox, bot: Visitor, watch: Watch
) -> None:
    """Of all issues together, since a moment, an edit counting as a change."""
    for title in ("one", "two"):
        await bot.send("POST", ISSUES, {"title": title})
    alice = sandbox.person("alice")
    first = await alice.comment(DISTRO, 1, "first")
    watch.advance(minutes=1)
    second = await alice.comment(DISTRO, 2, "second")
    watch.advance(minutes=1)
    await alice.edit_comment(DISTRO, first.id, "edited")
    path = f"{ISSUES}/comments?sort=updated&direction=asc"
    assert [one["id"] for one in await bot.get(path)] == [second.id, first.id]
    since = f"{second.created_at:%Y-%m-%dT%H:%M:%SZ}"
    assert [one["id"] for one in await bot.get(f"{path}&since={since}")] == [second.id, first.id]
    watch.advance(minutes=1)
    late = f"{watch():%Y-%m-%dT%H:%M:%SZ}"
    assert await bot.get(f"{path}&since={late}") == []
    await alice.delete_comment(DISTRO, second.id)
    assert [one["id"] for one in await bot.get(f"{ISSUES}/comments")] == [first.id]


async def test_reactions_count_once_a_person(sandbox: Sandbox, bot: Visitor) -> None:
    """And are listed by kind."""
    await bot.send("POST", ISSUES, {"title": "t"})
    comment = await sandbox.person("alice").comment(DISTRO, 1, "look")
    for _ in range(2):
        await sandbox.person("bob").react(DISTRO, 1, "-1", comment=comment.id)
    path = f"{ISSUES}/comments/{comment.id}/reactions"
    assert (await bot.send("POST", path, {"content": "+1"})).status == 201
    assert (await bot.send("POST", path, {"content": "+1"})).status == 200
    assert len(await bot.get(path)) == 2
    (down,) = await bot.get(f"{path}?content=-1")
    assert down["user"]["login"] == "bob"
    shown = await bot.get(f"{ISSUES}/comments/{comment.id}")
    assert (shown["reactions"]["+1"], shown["reactions"]["total_count"]) == (1, 2)


async def test_labels_come_and_go(bot: Visitor) -> None:
    """Added, replaced, removed."""
    await bot.send("POST", ISSUES, {"title": "t"})
    made = {"name": "hold", "color": "ff0000", "description": "wait"}
    assert (await bot.send("POST", f"{REPO}/labels", made)).status == 201
    assert (await bot.send("POST", f"{REPO}/labels", made)).status == 422
    path = f"{ISSUES}/1/labels"
    await bot.send("POST", path, {"labels": ["hold", "new"]})
    assert [one["name"] for one in await bot.get(path)] == ["hold", "new"]
    gone = await bot.send("DELETE", f"{path}/hold")
    assert [one["name"] for one in gone.body] == ["new"]
    assert (await bot.send("DELETE", f"{path}/hold")).status == 404
    await bot.send("PUT", path, {"labels": ["only"]})
    assert [one["name"] for one in await bot.get(path)] == ["only"]
    assert {one["name"] for one in await bot.get(f"{REPO}/labels")} == {"hold", "new", "only"}
