"""No secret that octobot knows comes out anywhere: S7, over a bump's whole life.

Each secret is a canary.  Where it could come out is searched for it, as it is, in base64, in
hexadecimal and URL-encoded: the log at its most talkative, everything sent to GitHub, everything
in the store, and whatever the doors answer, errors above all.
"""

import asyncio
import base64
import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import aiohttp
import psycopg
import pytest
import structlog
from psycopg import sql
from psycopg.conninfo import make_conninfo

from octobot.app.bot import Bot
from octobot.app.environment import secrets_of
from octobot.app.logging_setup import set_up_logs
from octobot.app.serve import running
from octobot.cli.demo.stage import bot_settings
from octobot.model.errors import Misconfigured, TryLater
from octobot.sandbox.server import Sandbox
from octobot.sandbox.state.nouns import CI_APP
from octobot.sandbox.upstreams.upstreams import Upstreams
from octobot.settings import ModelSettings, Secret, Settings
from octobot.store.engine.database import Database
from tests.stories.story import CONFIG, HELLO, NAME, spec

PATIENCE = 120
DATABASE = "canary-of-the-database"
MODEL = "canary-of-the-model"


@dataclass(frozen=True)
class Running:
    """A bot that runs, its GitHub, and what it logged."""

    sandbox: Sandbox
    upstreams: Upstreams
    bot: Bot
    doors: str
    log: io.StringIO
    settings: Settings

    @property
    def repository(self) -> int:
        """The distro's number."""
        return self.sandbox.repository(NAME).id

    @property
    def canaries(self) -> set[str]:
        """Everything that must not come out."""
        told = {*secrets_of(self.settings), DATABASE, MODEL}
        return told | {one.secret for one in self.sandbox.hub.state.tokens}

    async def until(self, words: str) -> None:
        """Wait until a comment or a commit on the default branch has `words`."""
        git = self.sandbox.hub.git(self.sandbox.repository(NAME))
        async with asyncio.timeout(PATIENCE):
            while True:
                found = await git.read("main:hello.yaml")
                said = [one.body for one in self.sandbox.hub.state.comments]
                await asyncio.sleep(0.05)
                if any(words in text for text in (*said, found[2].decode() if found else "")):
                    return

    def check(self, conclusion: str, log: str = "") -> None:
        """Play the CI on every open pull request."""
        for pull, _ in self.sandbox.hub.state.open_pulls(self.repository):
            self.sandbox.post_check_run(
                NAME,
                pull.head_sha,
                "build",
                conclusion="success" if conclusion == "success" else "failure",
                log=log,
            )


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Catch the log; put logging back as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield io.StringIO()
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@asynccontextmanager
async def bot(home: Path, url: str, log: io.StringIO) -> AsyncIterator[Running]:
    """Run the whole bot on a sandbox, with every secret there is."""
    async with Sandbox(home / "github") as sandbox:
        upstreams = Upstreams(sandbox, home / "upstreams")
        first = await upstreams.provide_ref(HELLO, "refs/tags/v1.0")
        files = {"hello.yaml": spec("1.0", first).encode(), ".github/octobot.yaml": CONFIG}
        await sandbox.create_repository(NAME, files)
        sandbox.protect(NAME, "main", required=[("build", CI_APP)])
        await sandbox.install_app(NAME)
        settings = replace(
            bot_settings(home, sandbox, upstreams),
            database_url=make_conninfo(url, password=DATABASE),
            token=Secret("ghp_canaryOfAPerson123456"),
            model=ModelSettings(
                provider="openai", name="m", key=Secret(MODEL), url="http://127.0.0.1:9/v1",
                timeout=timedelta(seconds=1), loopback=True, budget_day=9, budget_repository=9,
            ),
        )  # fmt: skip
        set_up_logs("json", secrets=secrets_of(settings), stream=log, level=logging.DEBUG)
        sweep = timedelta(milliseconds=200)
        async with (
            Bot.open(settings) as bot,
            running(bot, asyncio.Event(), sweep_every=sweep) as doors,
        ):
            sandbox.deliver_to(f"{doors}/deliveries")
            yield Running(sandbox, upstreams, bot, doors, log, settings)


def forms(secret: str) -> set[str]:
    """Return the encodings in which a secret would be as good as itself."""
    raw = secret.encode()
    plain = base64.b64encode(raw).decode().rstrip("=")
    return {secret, plain, raw.hex(), quote(secret, safe=""), repr(secret)[1:-1]}


async def dump(url: str) -> str:
    """Return everything in the store as text."""
    told = []
    async with await psycopg.AsyncConnection.connect(url) as connection:
        tables = await connection.execute(
            "select relname from pg_class where relkind = 'r'"
            " and relnamespace = 'public'::regnamespace"
        )
        for (table,) in await tables.fetchall():
            reading = sql.SQL("select t::text from {} t").format(sql.Identifier(table))
            told += [row for (row,) in await (await connection.execute(reading)).fetchall()]
    return "\n".join(told)


async def answers(doors: str, canaries: set[str]) -> str:
    """Knock in every wrong way; return all that is answered, headers too."""
    told = []
    tries = [
        ("GET", path, b"")
        for path in (
            "/",
            "/healthz",
            "/readyz",
            "/deliveries",
            "/metrics",
            "/../etc/passwd",
            "/%00",
        )
    ]
    tries += [("POST", "/deliveries", body) for body in (b"", b"{", b"x" * 70_000)]
    async with aiohttp.ClientSession() as session:
        for method, path, body in tries:
            for secret in ("", *sorted(canaries)[:2]):
                headers = {"X-Hub-Signature-256": f"sha256={secret.strip()}"}
                async with session.request(
                    method, f"{doors}{path}", data=body, headers=headers
                ) as answer:
                    told.append(f"{answer.status} {dict(answer.headers)} {await answer.text()}")
    return "\n".join(told)


async def test_no_secret_comes_out_anywhere(
    tmp_path: Path, database_url: str, logged: io.StringIO
) -> None:
    """Proposed, failed, diagnosed and merged, knocked at in every way, and its database cut."""
    async with bot(tmp_path / "b", database_url, logged) as made:
        await made.upstreams.provide_ref(HELLO, "refs/tags/v1.1")
        async with asyncio.timeout(PATIENCE):
            while not list(made.sandbox.hub.state.open_pulls(made.repository)):
                await made.sandbox.settle()
                await asyncio.sleep(0.05)
        leaked = "\n".join(f"+ echo {secret}" for secret in sorted(made.canaries))
        made.check("failure", f"{leaked}\nerror: undefined reference to `boom`\n")
        await made.until("boom")
        told = await answers(made.doors, made.canaries)
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
            await other.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        told += await answers(made.doors, made.canaries)
        made.check("success")
        await made.until('version: "1.1"')
        told += await dump(database_url)
        sent = [one for one in made.sandbox.log.whole() if not one.path.endswith("access_tokens")]
        told += "\n".join(f"{one.method} {one.path} {one.body!r}" for one in sent)
        canaries = made.canaries
    told += logged.getvalue()
    assert "merged" in told
    assert len(canaries) > 20
    found = {secret for secret in canaries for form in forms(secret) if form in told}
    assert found == set()


async def test_errors_of_the_setup_name_no_secret(tmp_path: Path, database_url: str) -> None:
    """A database that is not there: the error has its place, not its password."""
    nowhere = make_conninfo(database_url, password=DATABASE, host=str(tmp_path))
    with pytest.raises((Misconfigured, TryLater)) as told:
        async with Database.open(nowhere):
            pass
    assert DATABASE not in str(told.value)
    assert DATABASE not in repr(told.value.__cause__)
