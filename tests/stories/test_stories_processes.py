"""octobot as its users start it: real processes, against a sandbox or with one inside."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from story import CONFIG, HELLO, NAME, spec

from octobot.sandbox.nouns import CI_APP
from octobot.sandbox.server import Sandbox
from octobot.sandbox.upstreams import Upstreams

PATIENCE = 120
"""Seconds that a loaded machine may take; nothing is asserted about them."""


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """Give a GitHub with a distro on which the App is installed."""
    async with Sandbox(tmp_path / "github") as made:
        upstreams = Upstreams(made, tmp_path / "upstreams")
        first = await upstreams.provide_ref(HELLO, "refs/tags/v1.0")
        for older in ("v0.9", "nightly"):
            await upstreams.provide_ref(HELLO, f"refs/tags/{older}")
        files = {"hello.yaml": spec("1.0", first).encode(), ".github/octobot.yaml": CONFIG}
        await made.create_repository(NAME, files)
        made.protect(NAME, "main", required=[("build", CI_APP)])
        await made.install_app(NAME)
        yield made


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder whose path leaves room for PostgreSQL's socket, which has 107 bytes."""
    return tmp_path_factory.mktemp("h")


def environ(sandbox: Sandbox, home: Path, listen: str = "127.0.0.1:0") -> dict[str, str]:
    """Give the environment of an octobot that is installed on the sandbox."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "OCTOBOT_HOME": str(home / "octobot"),
        "OCTOBOT_APP_ID": str(sandbox.app.app_id),
        "OCTOBOT_PRIVATE_KEY": sandbox.app.private_key,
        "OCTOBOT_WEBHOOK_SECRET": sandbox.app.webhook_secret,
        "OCTOBOT_GITHUB_URL": sandbox.api_url,
        "OCTOBOT_LISTEN": listen,
        "OCTOBOT_LOG": "json",
    }


@asynccontextmanager
async def octobot(
    *words: str, env: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a command; what is left of it at the end is killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "octobot",
        *words,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def output(*words: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command to its end; give its status and what it said."""
    async with octobot(*words, env=env) as process:
        said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        return process.returncode or 0, said.decode()


async def until(process: asyncio.subprocess.Process, words: str) -> str:
    """Read what a process says up to a line with `words`; give that line."""
    assert process.stdout
    said = []
    async with asyncio.timeout(PATIENCE):
        async for line in process.stdout:
            said.append(line.decode())
            if words in said[-1]:
                return said[-1]
    raise AssertionError(f"{words!r} was never said:\n{''.join(said)}")


async def test_serve_opens_its_doors_and_stops_when_told(sandbox: Sandbox, short: Path) -> None:
    """Healthy, ready, takes a signed delivery, refuses all probes, drains on SIGTERM."""
    async with octobot("serve", env=environ(sandbox, short)) as process:
        line = await until(process, "octobot is serving")
        address = line.split('"address": "')[1].split('"')[0]
        sandbox.deliver_to(f"{address}/deliveries")
        await sandbox.settle()
        async with aiohttp.ClientSession() as session:
            for path in ("healthz", "readyz"):
                async with session.get(f"{address}/{path}") as answer:
                    assert answer.status == 200
            async with session.post(f"{address}/deliveries", data=b"{}") as answer:
                assert answer.status == 401
        assert [each.status_code for each in sandbox.hub.state.deliveries][-1] == 202
        assert '"tried": ' in await until(process, "probes refused")
        process.send_signal(signal.SIGTERM)
        said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode == 0, said.decode()


async def test_the_cron_poller_does_the_same_job(sandbox: Sandbox, short: Path) -> None:
    """`poll --once` reads the distro and ends; `why` tells from the database what it found."""
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


async def test_the_demo_survives_kill_9(short: Path) -> None:
    """Killed after its first merge and started again, it ends as if nothing had happened."""
    home = short / "d"
    async with octobot("demo", "--home", str(home)) as process:
        await until(process, "merged: ")
        process.kill()
    status, said = await output("demo", "--home", str(home))
    assert status == 0, said
    assert "0 not as expected" in said
    assert " 0 objections" in " ".join(said.split())


async def test_serve_obeys_a_command_and_audit_tells_of_it(sandbox: Sandbox, short: Path) -> None:
    """A person's comment comes in by its delivery; afterwards the log has it."""
    env = environ(sandbox, short)
    ann = sandbox.person("ann", "write")
    number = await ann.open_issue(NAME, "Please")
    async with octobot("serve", env=env) as process:
        line = await until(process, "octobot is serving")
        address = line.split('"address": "')[1].split('"')[0]
        sandbox.deliver_to(f"{address}/deliveries")
        await ann.comment(NAME, number, "/octobot status")
        assert '"outcome": "done"' in await until(process, '"event": "command"')
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), PATIENCE)
    status, said = await output("audit", "--json", env=env)
    assert status == 0
    assert '"login": "ann"' in said
    assert '"command": "status"' in said


async def test_the_cron_poller_finds_commands_by_itself(sandbox: Sandbox, short: Path) -> None:
    """Without any delivery: what is said between two polls is obeyed by the second one."""
    env = environ(sandbox, short)
    ann = sandbox.person("ann", "write")
    number = await ann.open_issue(NAME, "Please")
    assert (await output("poll", "--once", env=env))[0] == 0
    await ann.comment(NAME, number, "/octobot hold hello for now")
    assert (await output("poll", "--once", env=env))[0] == 0
    _, said = await output("audit", env=env)
    assert "ann (write): /octobot hold hello for now [hello]: done" in said
