"""Deliveries: signed, judged, kept."""

from octobot.model.ids import Sha
from octobot.sandbox.server import Sandbox
from tests.sandbox.test_pulls import PULLS, propose
from tests.sandbox.visitor import DISTRO, Listener, Visitor


async def test_a_pull_requests_life_is_delivered(
    sandbox: Sandbox, bot: Visitor, listener: Listener
) -> None:
    """Every step, once, with the installation it belongs to."""
    sandbox.deliver_to(listener.url)
    head = Sha(await propose(bot))
    sandbox.post_check_run(DISTRO, head, "build", conclusion="success")
    await bot.send("PATCH", f"{PULLS}/1", {"title": "new"})
    await bot.send("PUT", f"{PULLS}/1/merge", {"sha": head})
    await sandbox.settle()
    assert listener.names() == [
        "check_run.completed",
        "check_run.created",
        "check_suite.completed",
        *["check_suite.requested"] * 3,
        "create",
        "ping",
        "pull_request.closed",
        "pull_request.edited",
        "pull_request.opened",
        *["push"] * 3,
    ]
    number = await sandbox.install_app(DISTRO)
    told = [payload for event, payload, _ in listener.heard if event != "ping"]
    assert {payload["installation"]["id"] for payload in told} == {number}
    closed = next(p for p in listener.payloads("pull_request") if p["action"] == "closed")
    assert closed["pull_request"]["merged"] is True
    assert closed["sender"]["id"] == sandbox.app.bot_id


async def test_people_cause_deliveries(sandbox: Sandbox, bot: Visitor, listener: Listener) -> None:
    """Comments, reviews, pushes, issues, statuses, tags, releases, and the end of a branch."""
    await propose(bot)
    sandbox.deliver_to(listener.url)
    alice = sandbox.person("alice", "write")
    comment = await alice.comment(DISTRO, 1, "/hold")
    await alice.edit_comment(DISTRO, comment.id, "never mind")
    await bot.send("DELETE", f"/repos/{DISTRO}/issues/comments/{comment.id}")
    await alice.approve(DISTRO, 1)
    head = await alice.push(DISTRO, "octobot/foo/2", {"x": b"1\n"})
    hers = bot.with_token(alice.token)
    await hers.send("POST", f"/repos/{DISTRO}/statuses/{head}", {"state": "success"})
    number = await alice.open_issue(DISTRO, "a question")
    await alice.close(DISTRO, number)
    await sandbox.publish_release(DISTRO, "v1.0")
    await sandbox.delete_ref(DISTRO, "refs/heads/octobot/foo/2")
    await sandbox.settle()
    wanted = {
        *("issue_comment.created", "issue_comment.edited", "issue_comment.deleted"),
        *("pull_request_review.submitted", "pull_request.synchronize", "pull_request.closed"),
        *("status", "issues.opened", "issues.closed", "release.published", "create", "delete"),
        *("push", "ping", "check_suite.requested"),
    }
    assert set(listener.names()) == wanted
    (synchronize,) = [p for p in listener.payloads("pull_request") if p["action"] == "synchronize"]
    assert synchronize["after"] == head


async def test_installing_is_delivered(sandbox: Sandbox, bot: Visitor, listener: Listener) -> None:
    """Created, more repositories, fewer, suspended, gone."""
    assert bot.token
    sandbox.deliver_to(listener.url)
    await sandbox.create_repository("acme/two", {"a": b"1\n"})
    await sandbox.create_repository("other/one", {"a": b"1\n"})
    await sandbox.install_app("acme/two")
    number = await sandbox.install_app("other/one")
    sandbox.suspend(number)
    sandbox.suspend(number, suspended=False)
    sandbox.uninstall("acme/two")
    sandbox.uninstall("other/one")
    await sandbox.settle()
    assert [name for name in listener.names() if name.startswith("installation")] == [
        "installation.created",
        "installation.deleted",
        "installation.suspend",
        "installation.unsuspend",
        "installation_repositories.added",
        "installation_repositories.removed",
    ]


async def test_silence_loses_every_hint(sandbox: Sandbox, bot: Visitor, listener: Listener) -> None:
    """Changes cause no deliveries, not even later."""
    sandbox.deliver_to(listener.url)
    await sandbox.settle()
    sandbox.silent = True
    await propose(bot)
    sandbox.silent = False
    await sandbox.settle()
    assert listener.names() == ["ping"]


async def test_a_delivery_can_be_had_again(
    sandbox: Sandbox, app: Visitor, listener: Listener
) -> None:
    """GitHub keeps what failed, and delivers it again under the same GUID."""
    listener.status = 500
    sandbox.deliver_to(listener.url)
    await sandbox.settle()
    (failed,) = await app.get("/app/hook/deliveries")
    assert (failed["status_code"], failed["redelivery"]) == (500, False)
    listener.status = 202
    whole = await app.get(f"/app/hook/deliveries/{failed['id']}")
    assert whole["request"]["headers"]["X-GitHub-Event"] == "ping"
    again = await app.send("POST", f"/app/hook/deliveries/{failed['id']}/attempts")
    assert again.status == 202
    await sandbox.settle()
    newest, _ = await app.get("/app/hook/deliveries")
    assert (newest["status_code"], newest["redelivery"]) == (202, True)
    first, second = (guid for _, _, guid in listener.heard)
    assert first == second == failed["guid"]
    page = await app.send("GET", "/app/hook/deliveries?per_page=1")
    assert "cursor=" in page.headers["Link"]


async def test_the_hook_can_be_moved(sandbox: Sandbox, app: Visitor, listener: Listener) -> None:
    """By the App itself; its secret is not shown."""
    moved = await app.send("PATCH", "/app/hook/config", {"url": listener.url})
    assert moved.body["url"] == listener.url
    assert sandbox.app.webhook_secret not in str(await app.get("/app/hook/config"))
    await sandbox.person("alice").open_issue(DISTRO, "heard?")
    await sandbox.settle()
    assert listener.names() == ["issues.opened"]


async def test_nobody_there_is_a_failed_delivery(sandbox: Sandbox, app: Visitor) -> None:
    """It is kept with a 502."""
    sandbox.deliver_to("http://127.0.0.1:9/nobody")
    await sandbox.settle()
    (failed,) = await app.get("/app/hook/deliveries")
    assert failed["status_code"] == 502


async def test_repositories_without_the_app_cause_no_delivery(
    sandbox: Sandbox, bot: Visitor, listener: Listener
) -> None:
    """Another repository's changes are none of its business."""
    assert bot.token
    sandbox.deliver_to(listener.url)
    await sandbox.create_repository("up/stream", {"a": b"1\n"})
    await sandbox.publish_release("up/stream", "v1.0")
    await sandbox.settle()
    assert listener.names() == ["ping"]
