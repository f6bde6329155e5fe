"""A storm of deliveries on a real `octobot serve` with its PostgreSQL: lost, latency, memory.

`python tests/bench/bench_deliveries.py [COUNT] [SECONDS]` posts COUNT signed deliveries (10,000)
evenly over SECONDS (60), whatever the answers take, and then all of them once more under other
GUIDs.  A delivery is lost when it was answered 2xx and is not in the table; one is heard twice
when the second round adds a row.  The sandbox is the GitHub behind it, in this process: what it
costs is part of the machine's load.
"""

import asyncio
import hashlib
import hmac
import json
import os
import resource
import signal
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1] / "stories"))

import aiohttp
import psutil  # type: ignore[import-untyped]  # comes with the embedded PostgreSQL
import psycopg

from octobot.sandbox.server import Sandbox
from octobot.sandbox.state.nouns import CI_APP
from octobot.sandbox.upstreams.upstreams import Upstreams
from tests.stories.story import CONFIG, HELLO, NAME, spec

COUNT, SECONDS = 10_000, 60.0
PATIENCE = aiohttp.ClientTimeout(total=10)
"""GitHub's own."""


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that serves."""

    process: asyncio.subprocess.Process
    door: str
    secret: str
    repository: int
    database: str


@dataclass(frozen=True, slots=True)
class Round:
    """What became of a round of deliveries."""

    statuses: Mapping[int, int]
    """Number of the delivery → status; 0: no answer in ten seconds."""
    took: tuple[float, ...]
    """Seconds of each answer, sorted."""
    seconds: float


def payload(number: int, repository: int) -> tuple[str, dict[str, object]]:
    """Make the body of a delivery: a push, a check run or a pull request, in turn."""
    branch = f"octobot/{'hello' if number % 2 else f'package-{number % 500}'}/1.{number}"
    head = hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest()
    shared = {
        "repository": {"id": repository, "default_branch": "main"},
        "installation": {"id": 1},
        "sender": {"id": number, "padding": "x" * 8000},  # GitHub's are of some ten kilobytes
    }
    match number % 3:
        case 0:
            return "push", {**shared, "ref": f"refs/heads/{branch}", "after": head, "commits": []}
        case 1:
            run = {"id": number, "head_sha": head, "check_suite": {"head_branch": branch}}
            return "check_run", {**shared, "action": "completed", "check_run": run}
        case _:
            pull = {"number": number, "head": {"ref": branch, "sha": head}}
            return "pull_request", {**shared, "action": "synchronize", "pull_request": pull}


async def storm(bot: Bot, count: int, seconds: float, guid: Callable[[int], str]) -> Round:
    """Post all deliveries at their times, without waiting for the answers to earlier ones."""
    statuses: dict[int, int] = {}
    took: list[float] = []
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=PATIENCE) as session:

        async def one(number: int) -> None:
            name, told = payload(number, bot.repository)
            body = json.dumps(told).encode()
            digest = hmac.new(bot.secret.encode(), body, hashlib.sha256).hexdigest()
            headers = {
                "Content-Type": "application/json",
                "X-GitHub-Event": name,
                "X-GitHub-Delivery": guid(number),
                "X-Hub-Signature-256": f"sha256={digest}",
            }
            began = perf_counter()
            try:
                async with session.post(bot.door, data=body, headers=headers) as answer:
                    statuses[number] = answer.status
            except (aiohttp.ClientError, TimeoutError):
                statuses[number] = 0
            took.append(perf_counter() - began)

        began = perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                wait = began + number * seconds / count - perf_counter()
                if wait > 0:
                    await asyncio.sleep(wait)
                group.create_task(one(number))
        return Round(statuses, tuple(sorted(took)), perf_counter() - began)


@asynccontextmanager
async def serving(home: Path) -> AsyncIterator[Bot]:
    """Start a sandbox and the bot on it."""
    async with Sandbox(home / "github") as sandbox:
        upstreams = Upstreams(sandbox, home / "upstreams")
        first = await upstreams.provide_ref(HELLO, "refs/tags/v1.0")
        files = {"hello.yaml": spec("1.0", first).encode(), ".github/octobot.yaml": CONFIG}
        repository = await sandbox.create_repository(NAME, files)
        sandbox.protect(NAME, "main", required=[("build", CI_APP)])
        await sandbox.install_app(NAME)
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "OCTOBOT_HOME": str(home / "o"),
            "OCTOBOT_APP_ID": str(sandbox.app.app_id),
            "OCTOBOT_PRIVATE_KEY": sandbox.app.private_key,
            "OCTOBOT_WEBHOOK_SECRET": sandbox.app.webhook_secret,
            "OCTOBOT_GITHUB_URL": sandbox.api_url,
            "OCTOBOT_LISTEN": "127.0.0.1:0",
            "OCTOBOT_LOG": "json",
        }
        with (home / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "octobot", "serve", env=env, stdout=log, stderr=log
            )
        try:
            door = await _address(home / "log")
            socket = home / "o" / "postgres"
            database = f"postgresql://postgres@/postgres?host={socket}"
            secret = sandbox.app.webhook_secret
            yield Bot(process, f"{door}/deliveries", secret, repository.id, database)
        finally:
            began = perf_counter()
            process.send_signal(signal.SIGTERM)
            await process.wait()
            say(f"SIGTERM: ended with {process.returncode} after {perf_counter() - began:.1f} s")


async def _address(log: Path) -> str:
    while True:
        for line in log.read_text().splitlines():  # noqa: ASYNC240  (a bench, before it begins)
            if "octobot is serving" in line:
                return str(json.loads(line)["address"])
        await asyncio.sleep(0.2)


async def table(bot: Bot) -> tuple[set[str], int]:
    """Read the GUIDs that are stored, and how many are not worked off."""
    async with await psycopg.AsyncConnection.connect(bot.database) as connection:
        cursor = await connection.execute("select guid, done is null from delivery")
        rows = await cursor.fetchall()
    return {guid for guid, _ in rows}, sum(pending for _, pending in rows)


def say(line: str) -> None:
    """Print a line."""
    print(line, flush=True)  # noqa: T201  (a command)


def show(name: str, done: Round) -> None:
    """Print a round's figures."""
    took = done.took
    p99, last = took[int(len(took) * 0.99)], took[-1]
    say(
        f"{name}: {len(took)} in {done.seconds:.1f} s;"
        f" statuses {dict(Counter(done.statuses.values()))};"
        f" acknowledged p50 {statistics.median(took) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms,"
        f" last {last * 1000:.0f} ms"
    )


async def main() -> int:
    """Run the bench and print its figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    with tempfile.TemporaryDirectory(prefix="b") as folder:
        async with serving(Path(folder)) as bot:
            watched = psutil.Process(bot.process.pid)
            before = watched.memory_info().rss
            first = await storm(bot, count, seconds, lambda number: f"first-{number}")
            show("storm", first)
            after = watched.memory_info().rss
            stored, pending = await table(bot)
            taken = {f"first-{n}" for n, status in first.statuses.items() if status == 202}
            lost = len(taken - stored)
            say(f"lost: {lost}; not worked off when the last one was answered: {pending}")
            began = perf_counter()
            while (await table(bot))[1]:  # noqa: ASYNC110  (another process's table)
                await asyncio.sleep(0.2)
            say(f"worked off {perf_counter() - began:.1f} s later")
            say(f"memory of octobot: {before >> 20} MiB before, {after >> 20} MiB after")
            again = await storm(bot, count, seconds, lambda number: f"again-{number}")
            show("replayed under other GUIDs", again)
            heard = len((await table(bot))[0] - stored)
            say(f"heard twice: {heard}")
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        say(f"processor time of octobot and PostgreSQL's starter: {children.ru_utime:.0f} s")
    return 1 if lost or heard else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
