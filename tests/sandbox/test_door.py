"""What every answer has, whatever was asked."""

from aiohttp import web

from octobot.sandbox.http.call import Answer, Call
from octobot.sandbox.rest.api import Answering
from octobot.sandbox.server import Sandbox
from tests.sandbox.visitor import DISTRO, Visitor, Watch


async def test_what_has_not_changed_is_304_and_free(bot: Visitor, sandbox: Sandbox) -> None:
    """Until it changes."""
    path = f"/repos/{DISTRO}/git/ref/heads/main"
    first = await bot.send("GET", path)
    etag = first.headers["ETag"]
    assert etag.startswith('W/"')
    second = await bot.send("GET", path, if_none_match=etag)
    assert (second.status, second.body) == (304, b"")
    assert second.headers["X-RateLimit-Used"] == first.headers["X-RateLimit-Used"]
    await sandbox.commit_files(DISTRO, "main", {"x": b"1\n"}, "x")
    assert (await bot.send("GET", path, if_none_match=etag)).status == 200


async def test_limits_are_counted_and_kept(sandbox: Sandbox, bot: Visitor, watch: Watch) -> None:
    """For each caller alone, until the hour is over; asking for the rate limit is free."""
    sandbox.limits.core = 2
    path = f"/repos/{DISTRO}"
    assert (await bot.send("GET", path)).headers["X-RateLimit-Remaining"] == "1"
    await bot.send("GET", path)
    refused = await bot.send("GET", path)
    assert refused.status == 403
    assert "rate limit" in refused.body["message"]
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    reset = int(refused.headers["X-RateLimit-Reset"])
    assert reset == watch.now.timestamp() + 3600
    assert (await bot.get("/rate_limit"))["resources"]["core"]["remaining"] == 0
    alice = bot.with_token(sandbox.person("alice").token)
    assert (await alice.send("GET", path)).status == 200
    watch.advance(minutes=59)
    assert (await bot.send("GET", path)).status == 403
    watch.advance(minutes=1)
    fresh = bot.with_token(alice.token)
    assert (await fresh.send("GET", path)).status == 200


async def test_the_sandbox_has_its_own_time(bot: Visitor) -> None:
    """In every answer."""
    reply = await bot.send("GET", "/rate_limit")
    assert reply.headers["Date"] == "Mon, 04 May 2026 12:00:00 GMT"
    assert reply.headers["X-GitHub-Request-Id"]


async def test_the_log_is_an_oracle(sandbox: Sandbox, bot: Visitor) -> None:
    """Reads, writes and content writes are distinguished, and bodies kept."""
    sandbox.log.clear()
    await bot.get(f"/repos/{DISTRO}")
    await bot.send("POST", f"/repos/{DISTRO}/issues", {"title": "x"})
    await bot.send("POST", f"/repos/{DISTRO}/issues", {"title": 3})
    head = (await bot.get(f"/repos/{DISTRO}/git/ref/heads/main"))["object"]["sha"]
    await bot.send("POST", f"/repos/{DISTRO}/check-runs", {"name": "octobot", "head_sha": head})
    assert len(sandbox.log) == 5
    assert [one.status for one in sandbox.log.writes()] == [201, 422, 201]
    (write,) = sandbox.log.content_writes()
    assert (write.method, write.path) == ("POST", f"/repos/{DISTRO}/issues")
    assert (write.actor, write.body) == ("octobot[bot]", b'{"title": "x"}')
    sandbox.judge.objections.clear()


async def test_an_answer_can_be_lost_after_its_effect(sandbox: Sandbox, bot: Visitor) -> None:
    """The one place for faults: here the issue exists and the caller sees 502."""

    async def lose(call: Call, answer: Answering) -> Answer:
        done = await answer(call)
        return Answer({"message": "Server Error"}, 502) if call.method == "POST" else done

    sandbox.door.intercept = lose
    path = f"/repos/{DISTRO}/issues"
    assert (await bot.send("POST", path, {"title": "x"})).status == 502
    assert [one["title"] for one in await bot.get(path)] == ["x"]


async def test_others_can_be_mounted(sandbox: Sandbox, anybody: Visitor) -> None:
    """Also after the start, under their own prefix only."""

    async def hello(request: web.Request) -> web.StreamResponse:
        return web.Response(text=request.path)

    sandbox.mount("/mirror", hello)
    assert (await anybody.send("GET", f"{sandbox.url}/mirror/host/x")).body == b"/mirror/host/x"
    assert (await anybody.send("GET", f"{sandbox.url}/mirrored")).status == 404


async def test_what_is_not_there_is_404(sandbox: Sandbox, bot: Visitor) -> None:
    """In GitHub's words."""
    for path in ("/nothing", f"/repos/{DISTRO}/pulls/77", f"/repos/{DISTRO}/pulls/x", "/users/nn"):
        reply = await bot.send("GET", path)
        assert (reply.status, reply.body["message"]) == (404, "Not Found")
    assert sandbox.judge.objections == ["GET /nothing is no operation of GitHub's"]
    sandbox.judge.objections.clear()
    odd = await bot.send("GET", f"/repos/{DISTRO}/contents/docs/a%20b.txt")
    assert odd.body["path"] == "docs/a b.txt"


async def test_an_archived_repository_takes_no_change(sandbox: Sandbox, bot: Visitor) -> None:
    """It can still be read."""
    sandbox.configure(DISTRO, archived=True)
    assert (await bot.get(f"/repos/{DISTRO}"))["archived"] is True
    assert (await bot.send("POST", f"/repos/{DISTRO}/issues", {"title": "x"})).status == 403
