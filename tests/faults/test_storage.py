"""The database is locked, read-only, full, killed or damaged: SAFETY.md's rows 46 to 51.

A delivery is answered 202 only once it is stored; whatever is answered otherwise GitHub shows as
failed, and it is asked for again.  When the database is back everything continues by itself.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psycopg
import pytest
from aiohttp.test_utils import TestServer

from octobot.app.database import database_url as kept_running
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.events import Event
from octobot.model.ids import RepositoryId, Sha
from octobot.sandbox.server import Sandbox
from octobot.settings import read_settings
from octobot.store.engine import embedded
from octobot.store.engine.database import Database
from octobot.store.engine.embedded_checks import MADE
from octobot.store.store import Store
from octobot.web.application import application
from tests.stories.processes import PATIENCE, environ, octobot

SECRET = "a secret"
DISTRO = RepositoryId(101)
HEAD = Sha("a" * 40)
SMALL = 160 << 20
"""Bytes of the disk that is filled: an empty PostgreSQL takes 40 MB, and twice 16 for its log."""


class Door:
    """The bot's door before a store, and what was heard through it."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session, self._address = session, address
        self.heard: list[Event] = []
        self._news = asyncio.Event()

    async def deliver(self, number: int) -> int:
        """Post a delivery; return the status of the answer."""
        payload = {
            "ref": f"refs/heads/b{number}",
            "after": f"{number:040x}",
            "commits": [],
            "repository": {"id": 101, "default_branch": "main"},
            "installation": {"id": 7},
        }
        body = json.dumps(payload).encode()
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Delivery": f"g-{number}",
            "X-GitHub-Event": "push",
            "X-Hub-Signature-256": f"sha256={digest}",
        }
        async with self._session.post(self._address, data=body, headers=headers) as answer:
            return answer.status

    async def on_event(self, event: Event) -> None:
        """Note an event."""
        self.heard.append(event)
        self._news.set()

    async def has_heard(self, number: int) -> None:
        """Wait until so many events were handled; each at least once."""
        async with asyncio.timeout(PATIENCE):
            while len(set(self.heard)) < number:
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def door(store: Store) -> AsyncIterator[Door]:
    """Open the door on loopback."""
    async with aiohttp.ClientSession() as session:
        made = Door(session, "")
        app = application(
            store.deliveries, made.on_event, secrets=[SECRET], ready=store.database.ready
        )
        async with TestServer(app) as server:
            made._address = str(server.make_url("/deliveries"))  # noqa: SLF001  (known only now)
            yield made


async def stored(url: str) -> set[str]:
    """Read which deliveries are in the table."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        cursor = await connection.execute("select guid from delivery")
        return {guid for (guid,) in await cursor.fetchall()}


async def eventually(made: Door, number: int) -> None:
    """Deliver again and again, as GitHub would when asked to, until it is taken."""
    async with asyncio.timeout(PATIENCE):
        while await made.deliver(number) != 202:
            pass


async def test_a_locked_table_is_not_waited_for(database_url: str) -> None:
    """Row 47: 503 while somebody holds the lock, never 2xx; then the same delivery is taken."""
    async with Store.open(database_url, patience=0.3) as store, door(store) as made:
        async with await psycopg.AsyncConnection.connect(database_url) as other:
            await other.execute("lock table delivery in access exclusive mode")
            assert [await made.deliver(number) for number in range(3)] == [503] * 3
        for number in range(3):
            await eventually(made, number)
        await made.has_heard(3)


async def test_a_read_only_database_is_a_degraded_bot(database_url: str) -> None:
    """Row 51: a standby, or a disk made read-only: reading continues, nothing is accepted."""
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    async with (
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other,
        Store.open(database_url, patience=0.5) as store,
        door(store) as made,
    ):
        await eventually(made, 0)
        await _read_only(other, str(name), "on")
        await _until_answer(made, 1, 503)
        assert await store.repositories.merging_halted(DISTRO) is None
        with pytest.raises(TryLater):
            await store.repositories.halt_merging(DISTRO, "because")
        await _read_only(other, str(name), "off")
        await eventually(made, 1)
        await made.has_heard(2)


async def _until_answer(made: Door, number: int, status: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while await made.deliver(number) != status:
            pass


async def _read_only(other: psycopg.AsyncConnection, name: str, value: str) -> None:
    """Turn writing off or on, for connections made from now on; those that are open are cut."""
    setting = psycopg.sql.SQL("alter database {} set default_transaction_read_only = {}")
    await other.execute("set default_transaction_read_only = off")
    await other.execute(setting.format(psycopg.sql.Identifier(name), psycopg.sql.SQL(value)))
    await other.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = %s and pid <> pg_backend_pid()",
        [name],
    )


async def test_what_was_answered_survives_kill_9_of_postgresql(home: Path) -> None:
    """Rows 48 and 49: the server dies in a storm; what was answered 202 is there afterwards.

    Whoever uses the embedded server starts it again: no restart of octobot is needed.
    """
    environment = {"OCTOBOT_HOME": str(home)}
    async with (
        kept_running(read_settings(environment), watch=0.1) as url,
        Store.open(url, patience=0.5) as store,
        door(store) as made,
    ):
        pid = int((home / "postgres" / "postmaster.pid").read_text().split()[0])

        async def one(number: int) -> int:
            if number == 60:
                os.kill(pid, signal.SIGKILL)
            return await made.deliver(number)

        told = await asyncio.gather(*(one(number) for number in range(200)))
        assert set(told) <= {202, 503}
        await eventually(made, 1000)
        taken = {f"g-{number}" for number, status in enumerate(told) if status == 202}
        assert taken | {"g-1000"} <= await stored(url)
        for number, status in enumerate(told):
            if status == 503:
                await eventually(made, number)
        await made.has_heard(201)


@pytest.fixture
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Mount a small disk, where this user may."""
    place = tmp_path_factory.mktemp("t")
    size = f"size={SMALL}"
    tried = subprocess.run(  # noqa: S603  (our own words)
        ["/bin/mount", "-t", "tmpfs", "-o", size, "tmpfs", place], check=False, capture_output=True
    )
    if tried.returncode:
        pytest.skip("a disk of a size can be mounted by root only")
    yield place
    subprocess.run(["/bin/umount", "-l", place], check=True)  # noqa: S603  (our own words)


async def test_a_full_disk_takes_nothing_and_loses_nothing(small_disk: Path) -> None:
    """Row 48: no 2xx without durability; with room again it continues by itself."""
    environment = {"OCTOBOT_HOME": str(small_disk / "home")}
    async with (
        kept_running(read_settings(environment), watch=0.1) as url,
        Store.open(url, patience=0.5) as store,
        door(store) as made,
    ):
        await eventually(made, 0)
        ballast = small_disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)
        told = {0: 202}
        async with asyncio.timeout(PATIENCE):
            while 503 not in told.values():
                for number in range(len(told), len(told) + 50):
                    told[number] = await made.deliver(number)
        assert set(told.values()) == {202, 503}
        assert shutil.disk_usage(small_disk).free < 64 << 10
        ballast.unlink()
        await eventually(made, len(told))
        taken = {f"g-{number}" for number, status in told.items() if status == 202}
        assert taken <= await stored(url)
        for number, status in told.items():
            if status == 503:
                await eventually(made, number)
        await made.has_heard(len(told) + 1)


@pytest.mark.long
async def test_a_damaged_directory_is_refused_with_a_remedy(home: Path) -> None:
    """Row 46: cut, garbled, emptied, or one bit of a page: never started as if it were new."""
    server = embedded.start(home)
    async with Store.open(server.url) as store:
        await store.posted.record_verdict(DISTRO, HEAD, "digest")
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("checkpoint")
        (page,) = connection.execute("select pg_relation_filepath('said')").fetchone() or ("",)
    server.cleanup()
    directory = home / "postgres"
    _damage(directory / page, lambda whole: whole[:8100] + b"\xff" + whole[8101:])
    server = embedded.start(home)
    with pytest.raises(Misconfigured, match="restore a backup"):
        async with Database.open(server.url):
            pass
    server.cleanup()
    for file, text in (("PG_VERSION", b""), ("PG_VERSION", b"x"), ("global/pg_control", b"\0")):
        kept = (directory / file).read_bytes()
        (directory / file).write_bytes(text)
        with pytest.raises(Misconfigured, match="begin with an empty memory"):
            embedded.start(home)
        (directory / file).write_bytes(kept)
    shutil.rmtree(directory)
    with pytest.raises(Misconfigured, match=f"remove .*{MADE}"):
        embedded.start(home)
    (home / MADE).unlink()
    server = embedded.start(home)
    async with Store.open(server.url) as store:
        assert await store.posted.verdict(DISTRO, HEAD) is None
    server.cleanup()


def _damage(file: Path, change: Callable[[bytes], bytes]) -> None:
    whole = file.read_bytes()
    changed = change(whole)
    assert changed != whole
    file.write_bytes(changed)


@pytest.mark.long
async def test_without_file_descriptors_it_is_slow_and_not_dead(
    sandbox: Sandbox,
    short: Path,
    database_url: str,
) -> None:
    """Row 51: 64 descriptors, and a hundred connections that say nothing; then they leave."""
    env = {**environ(sandbox, short), "OCTOBOT_DATABASE_URL": database_url}
    async with octobot("serve", env=env) as running:
        address = await running.address()
        resource.prlimit(running.pid, resource.RLIMIT_NOFILE, (64, 64))
        host, _, port = address.removeprefix("http://").partition(":")
        async with contextlib.AsyncExitStack() as idle:
            for _ in range(100):
                _, writer = await asyncio.open_connection(host, int(port))
                idle.callback(writer.close)
            sandbox.deliver_to(f"{address}/deliveries")
        async with asyncio.timeout(PATIENCE):
            await sandbox.settle()
        outbox = sandbox.hub.outbox
        outbox.judge = lambda _event, _payload: None
        async with asyncio.timeout(PATIENCE):
            while [each.status_code for each in sandbox.hub.state.deliveries][-1] != 202:
                news = {"zen": str(len(sandbox.hub.state.deliveries))}
                outbox.send("ping", news, installation=None, repository=None)
                await sandbox.settle()
        assert await running.stops() == 0, running.said()
