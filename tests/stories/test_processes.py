"""octobot as its users start it: real processes, against a sandbox or with one inside."""

from pathlib import Path

import aiohttp
import pytest

from octobot.sandbox.server import Sandbox
from tests.stories.processes import environ, octobot, output
from tests.stories.story import NAME


async def test_serve_opens_its_doors_and_stops_on_request(
    sandbox: Sandbox,
    short: Path,
) -> None:
    """Healthy, ready, takes a signed delivery, refuses all probes, drains on SIGTERM."""
    async with octobot("serve", env=environ(sandbox, short)) as running:
        address = await running.address()
        sandbox.deliver_to(f"{address}/deliveries")
        await sandbox.settle()
        async with aiohttp.ClientSession() as session:
            for path in ("healthz", "readyz"):
                async with session.get(f"{address}/{path}") as answer:
                    assert answer.status == 200
            async with session.post(f"{address}/deliveries", data=b"{}") as answer:
                assert answer.status == 401
        assert [each.status_code for each in sandbox.hub.state.deliveries][-1] == 202
        assert '"tried": ' in await running.says("probes refused")
        assert await running.stops() == 0, running.said()


@pytest.mark.long
async def test_the_cron_poller_does_the_same_job(
    sandbox: Sandbox,
    short: Path,
) -> None:
    """`poll --once` reads the distro and ends; `why` shows from the database what it found."""
    env = environ(sandbox, short)
    status, said = await output("poll", "--once", env=env)
    assert status == 0, said
    status, said = await output("why", "hello", env=env)
    assert status == 0, said
    assert "hello: up-to-date" in said
    assert "nightly" not in said
    status, said = await output("why", "hello", "--candidates", env=env)
    assert status == 0, said
    told = said.split("candidates, as upstream shows them now:\n")[1].split("\n")
    assert told[:3] == [
        "newest: 1.0 (v1.0)",
        "older: 0.9 (v0.9)",
        "dropped: nightly: not a version",
    ]
    assert (await output("why", "nobody", env=env))[0] == 1
    assert (await output("doctor", env=env))[0] in (0, 1)


async def test_the_poller_outlives_an_outage_and_stops_on_request(
    sandbox: Sandbox, short: Path, unused_tcp_port: int
) -> None:
    """Without `--once` GitHub may be away; SIGTERM ends it in order, also as a container's first.

    A process without a handler for it would have to be killed there.
    """
    away = {
        "OCTOBOT_GITHUB_URL": f"http://127.0.0.1:{unused_tcp_port}",
        "OCTOBOT_PASS_INTERVAL": "1s",
    }
    async with octobot("poll", env=environ(sandbox, short) | away) as running:
        for _ in range(2):
            assert "no connection" in await running.says("the next tick tries again")
        assert await running.stops() == 2
        assert running.said().endswith("octobot: stopped by a signal; the next poll continues\n")
        assert "Traceback" not in running.said()


@pytest.mark.long
async def test_the_demo_survives_kill_9(
    short: Path,
) -> None:
    """Killed after its first merge and started again, it ends as if nothing had happened."""
    home = short / "d"
    async with octobot("demo", "--home", str(home)) as running:
        await running.says("merged: ")
        running.kill()
    status, said = await output("demo", "--home", str(home))
    assert status == 0, said
    assert "0 not as expected" in said
    assert " 0 objections" in " ".join(said.split())


async def test_serve_obeys_a_command_and_audit_shows_it(
    sandbox: Sandbox,
    short: Path,
) -> None:
    """A person's comment comes in by its delivery; afterwards the log has it."""
    env = environ(sandbox, short)
    ann = sandbox.person("ann", "write")
    number = await ann.open_issue(NAME, "Please")
    async with octobot("serve", env=env) as running:
        address = await running.address()
        sandbox.deliver_to(f"{address}/deliveries")
        await ann.comment(NAME, number, "/octobot status")
        assert '"outcome": "done"' in await running.says('"event": "command"')
        await running.stops()
    status, said = await output("audit", "--json", env=env)
    assert status == 0
    assert '"login": "ann"' in said
    assert '"command": "status"' in said


@pytest.mark.long
async def test_the_cron_poller_finds_commands_by_itself(
    sandbox: Sandbox,
    short: Path,
) -> None:
    """Without any delivery: what is said between two polls is obeyed by the second one."""
    env = environ(sandbox, short)
    ann = sandbox.person("ann", "write")
    number = await ann.open_issue(NAME, "Please")
    assert (await output("poll", "--once", env=env))[0] == 0
    await ann.comment(NAME, number, "/octobot hold hello for now")
    assert (await output("poll", "--once", env=env))[0] == 0
    _, said = await output("audit", env=env)
    assert "ann (write): /octobot hold hello for now [hello]: done" in said
