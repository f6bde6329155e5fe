"""Check runs, statuses, jobs and logs."""

from octobot.model.ids import Sha
from octobot.sandbox.server import Sandbox
from tests.sandbox.visitor import DISTRO, Visitor

REPO = f"/repos/{DISTRO}"


async def head_of(bot: Visitor) -> Sha:
    """Return the tip of main."""
    return Sha((await bot.get(f"{REPO}/git/ref/heads/main"))["object"]["sha"])


async def test_an_app_posts_and_changes_its_own_check_run(sandbox: Sandbox, bot: Visitor) -> None:
    """Its own only, and it shows under its App."""
    head = await head_of(bot)
    made = await bot.send("POST", f"{REPO}/check-runs", {"name": "octobot", "head_sha": head})
    assert (made.status, made.body["status"]) == (201, "queued")
    done = {"conclusion": "neutral", "output": {"title": "t", "summary": "s"}}
    number = made.body["id"]
    changed = await bot.send("PATCH", f"{REPO}/check-runs/{number}", done)
    assert (changed.body["status"], changed.body["output"]["summary"]) == ("completed", "s")
    assert (await bot.get(f"{REPO}/check-runs/{number}"))["app"]["id"] == sandbox.app.app_id
    foreign = sandbox.post_check_run(DISTRO, head, "build", conclusion="success")
    assert (await bot.send("PATCH", f"{REPO}/check-runs/{foreign}", done)).status == 403
    alice = bot.with_token(sandbox.person("alice", "admin").token)
    body = {"name": "build", "head_sha": head}
    assert (await alice.send("POST", f"{REPO}/check-runs", body)).status == 403


async def test_only_the_latest_run_of_a_name_counts(sandbox: Sandbox, bot: Visitor) -> None:
    """Unless all are asked for."""
    head = await head_of(bot)
    sandbox.post_check_run(DISTRO, head, "build", conclusion="failure")
    sandbox.post_check_run(DISTRO, head, "build", conclusion="success")
    sandbox.post_check_run(DISTRO, head, "build", app_id=99, conclusion="cancelled")
    runs = f"{REPO}/commits/{head}/check-runs"
    latest = await bot.get(runs)
    assert {one["conclusion"] for one in latest["check_runs"]} == {"success", "cancelled"}
    assert (await bot.get(f"{runs}?filter=all"))["total_count"] == 3
    assert (await bot.get(f"{runs}?app_id=99"))["total_count"] == 1


async def test_check_runs_come_in_pages(sandbox: Sandbox, bot: Visitor) -> None:
    """A hundred at most, the rest behind the link."""
    head = await head_of(bot)
    for number in range(105):
        sandbox.post_check_run(DISTRO, head, f"check {number}", conclusion="success")
    first = await bot.send("GET", f"{REPO}/commits/{head}/check-runs?per_page=100")
    assert len(first.body["check_runs"]) == 100
    link = first.headers["Link"].partition(">")[0].lstrip("<")
    second = await bot.send("GET", link)
    assert len(second.body["check_runs"]) == 5
    assert second.body["total_count"] == 105


async def test_statuses_are_another_store(sandbox: Sandbox, bot: Visitor) -> None:
    """Anybody who can write sets them; the latest of each context counts, the worst wins."""
    head = await head_of(bot)
    alice = bot.with_token(sandbox.person("alice", "write").token)
    post = f"{REPO}/statuses/{head}"
    status = f"{REPO}/commits/{head}/status"
    assert (await bot.get(status))["state"] == "pending"
    await alice.send("POST", post, {"state": "failure", "context": "build"})
    await alice.send("POST", post, {"state": "success", "context": "lint"})
    assert (await bot.get(status))["state"] == "failure"
    await alice.send("POST", post, {"state": "success", "context": "build"})
    combined = await bot.get(status)
    assert (combined["state"], combined["total_count"]) == ("success", 2)
    assert (await bot.send("POST", post, {"state": "success"})).status == 403


async def test_a_check_run_of_the_ci_is_a_job_with_a_log(sandbox: Sandbox, bot: Visitor) -> None:
    """The log is at another address, which needs no credential and cannot be guessed."""
    head = await head_of(bot)
    number = sandbox.post_check_run(DISTRO, head, "build", conclusion="failure", log="boom\n")
    run = (await bot.get(f"{REPO}/actions/runs?head_sha={head}"))["workflow_runs"][0]
    jobs = await bot.get(f"{REPO}/actions/runs/{run['id']}/jobs")
    assert [job["id"] for job in jobs["jobs"]] == [number]
    moved = await bot.send("GET", f"{REPO}/actions/jobs/{number}/logs")
    assert moved.status == 302
    where = moved.headers["Location"]
    assert (await bot.with_token("").send("GET", where)).body == b"boom\n"
    assert (await bot.send("GET", where.partition("?")[0])).status == 404
    other = sandbox.post_check_run(DISTRO, head, "octobot", app_id=99, conclusion="failure")
    assert (await bot.send("GET", f"{REPO}/actions/jobs/{other}")).status == 404


async def test_failed_jobs_run_again(sandbox: Sandbox, app: Visitor, bot: Visitor) -> None:
    """They are queued again, and the CI is called with the head."""
    number = await sandbox.install_app(DISTRO, permissions={"actions": "write", "checks": "read"})
    minted = await app.send("POST", f"/app/installations/{number}/access_tokens")
    runner = bot.with_token(minted.body["token"])
    head = await sandbox.commit_files(DISTRO, "topic", {"x": b"1\n"}, "x")
    pull = await sandbox.person("alice", "write").open_pull(DISTRO, "topic")
    sandbox.post_check_run(DISTRO, head, "build", conclusion="failure")
    seen: list[tuple[str, int | None]] = []

    async def look(_name: str, sha: Sha, at: int | None, _branch: str) -> None:
        seen.append((sha, at))

    sandbox.on_head(look)
    await sandbox.settle()
    seen.clear()
    (run,) = (await runner.get(f"{REPO}/actions/runs"))["workflow_runs"]
    again = f"{REPO}/actions/runs/{run['id']}/rerun-failed-jobs"
    assert (await runner.send("POST", again)).status == 201
    await sandbox.settle()
    assert seen == [(head, pull)]
    runs = await runner.get(f"{REPO}/commits/{head}/check-runs")
    assert [one["status"] for one in runs["check_runs"]] == ["queued"]
    refused = await runner.send("POST", again)
    assert (refused.status, refused.body["message"]) == (403, "This workflow is already running")
    sandbox.update_check_run(runs["check_runs"][0]["id"], conclusion="success")
    refused = await runner.send("POST", again)
    assert (refused.status, refused.body["message"]) == (403, "This workflow run cannot be retried")


async def test_an_app_has_only_its_own_checks_run_again(sandbox: Sandbox, bot: Visitor) -> None:
    """GitHub refuses it for those of every other App, Actions included; a knob lets it."""
    head = await head_of(bot)
    body = {"name": "octobot", "head_sha": head, "status": "completed", "conclusion": "failure"}
    own = (await bot.send("POST", f"{REPO}/check-runs", body)).body["id"]
    others = [
        sandbox.post_check_run(DISTRO, head, "build", conclusion="failure"),
        sandbox.post_check_run(DISTRO, head, "scan", app_id=99, conclusion="failure"),
    ]
    assert (await bot.send("POST", f"{REPO}/check-runs/{own}/rerequest")).status == 201
    for number in others:
        refused = await bot.send("POST", f"{REPO}/check-runs/{number}/rerequest")
        assert refused.status == 403
        assert "doesn't belong to the authenticated GitHub App" in refused.body["message"]
    sandbox.hub.state.live.foreign_reruns = True
    assert (await bot.send("POST", f"{REPO}/check-runs/{others[1]}/rerequest")).status == 201


async def test_suites_sum_up(sandbox: Sandbox, bot: Visitor) -> None:
    """A suite is as far as its slowest run and as good as its worst."""
    head = await head_of(bot)
    first = sandbox.post_check_run(DISTRO, head, "build", status="in_progress")
    sandbox.post_check_run(DISTRO, head, "lint", conclusion="success")
    suites = f"{REPO}/commits/{head}/check-suites?app_id=15368"
    (suite,) = (await bot.get(suites))["check_suites"]
    assert (suite["status"], suite["conclusion"]) == ("in_progress", None)
    sandbox.update_check_run(first, conclusion="timed_out")
    (suite,) = (await bot.get(suites))["check_suites"]
    assert (suite["status"], suite["conclusion"]) == ("completed", "timed_out")
