import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

import psycopg
import pytest

from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import RepositoryId, Sha
from octobot.store.engine import embedded
from octobot.store.engine.database import Database
from octobot.store.engine.migrate import migrate, revisions
from octobot.store.store import Store

DISTRO = RepositoryId(101)
PATIENCE = 120
"""Seconds that a loaded machine may take; nothing is asserted about them."""
SHA = Sha("a" * 40)

KILLED = """
import os, pathlib, sys
from octobot.store.engine import embedded
embedded.start(pathlib.Path(sys.argv[1]))
os.kill(os.getpid(), 9)
"""

REFUSED = """
import pathlib, shutil, sys
from octobot.model.errors import Misconfigured
from octobot.store.engine import embedded
home = pathlib.Path(sys.argv[1])
home.mkdir()
(home / "postgres.made").touch()
try:
    embedded.start(home)
except Misconfigured:
    shutil.rmtree(home)
"""


async def test_many_processes_start_at_once_and_migrate_once(empty_database_url: str) -> None:
    """The advisory lock lets one migrate and the others find it done."""
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(migrate, [empty_database_url] * 4))
    with psycopg.connect(empty_database_url) as connection:
        found = connection.execute("select version_num from alembic_version").fetchall()
    assert found == [(revisions()[-1],)]


async def test_ready_means_the_newest_schema(database_url: str) -> None:
    """A schema that another program changed meanwhile is not ready."""
    async with Database.open(database_url) as database:
        assert await database.ready()
        async with database.connection() as connection:
            await connection.execute("update alembic_version set version_num = '9999'")
        assert not await database.ready()


async def test_a_failing_statement_leaves_nothing_behind(store: Store) -> None:
    """Taking over specs is one transaction."""
    await store.specs.put(DISTRO, {"a.yaml": (SHA, "a")}, [])
    with pytest.raises(psycopg.errors.NotNullViolation):
        await store.specs.put(DISTRO, {"b.yaml": (None, "b")}, ["a.yaml"])  # type: ignore[dict-item]  # the breach that is tried
    assert list(await store.specs.blobs(DISTRO)) == ["a.yaml"]


async def test_the_embedded_server_keeps_its_data_and_is_adopted(home: Path) -> None:
    """A program that was killed leaves its server; the next one joins and ends it."""
    arguments = [sys.executable, "-c", KILLED, str(home)]
    killed = await asyncio.create_subprocess_exec(*arguments)
    assert await killed.wait() == -9
    before = (home / "postgres" / "postmaster.pid").read_text().split()[0]
    server = embedded.start(home)
    assert str(server.get_pid()) == before
    async with Store.open(server.url) as store:
        await store.repositories.halt_merging(DISTRO, "remember")
    server.cleanup()
    assert not (home / "postgres" / "postmaster.pid").exists()
    server = embedded.start(home)
    async with Store.open(server.url) as store:
        assert await store.repositories.merging_halted(DISTRO) == "remember"
    server.cleanup()


async def test_a_directory_whose_creation_was_cut_short_is_recreated(home: Path) -> None:
    """A kill in the middle of the very first start does not spoil all later ones."""
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "PG_VERSION").write_text("18\n")
    (home / "postgres.making").touch()
    server = embedded.start(home)
    async with Store.open(server.url) as store:
        assert await store.database.ready()
    server.cleanup()
    assert not (home / "postgres.making").exists()


async def test_a_stranger_with_the_postmasters_number_is_not_adopted(home: Path) -> None:
    """After a restart of the container the number may be anybody's."""
    server = embedded.start(home)
    pid_file = home / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.cleanup()
    waiting = [sys.executable, "-c", "input()"]
    stranger = await asyncio.create_subprocess_exec(*waiting, stdin=asyncio.subprocess.PIPE)
    pid_file.write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
    server = embedded.start(home)
    assert server.get_pid() != stranger.pid
    async with Store.open(server.url) as store:
        assert await store.database.ready()
    server.cleanup()
    await stranger.communicate(b"\n")


def zombie() -> int:
    """Start a process, let it end, and leave it to be reaped; return its number."""
    number = os.posix_spawn(sys.executable, [sys.executable, "-c", ""], os.environ)
    os.waitid(os.P_PID, number, os.WEXITED | os.WNOWAIT)
    return number


async def test_a_killed_postmaster_that_nobody_reaped_is_not_adopted(home: Path) -> None:
    """In a container without an init a killed process keeps its number."""
    server = embedded.start(home)
    pid_file = home / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.cleanup()
    dead = zombie()
    pid_file.write_text("\n".join([str(dead), *lines[1:], ""]))
    server = embedded.start(home)
    await asyncio.to_thread(os.waitpid, dead, 0)
    async with Store.open(server.url) as store:
        assert await store.database.ready()
    server.cleanup()


async def test_the_store_survives_a_restart_of_postgresql(home: Path) -> None:
    """Away means try later, by its name; back means that everything works again."""
    server = embedded.start(home)
    async with Store.open(server.url, patience=0.5) as store:
        assert await _eventually(store.database.ready)
        await store.repositories.halt_merging(DISTRO, "remember")
        server.cleanup()
        with pytest.raises(TryLater):
            await store.repositories.merging_halted(DISTRO)
        assert not await store.database.ready()
        server = embedded.start(home)
        assert await _eventually(store.database.ready)
        assert await store.repositories.merging_halted(DISTRO) == "remember"
    server.cleanup()


def test_a_directory_that_cannot_serve_is_named(short: Path) -> None:
    """A path too long for a socket, another version's data, a file in the way."""
    with pytest.raises(Misconfigured, match="too long"):
        embedded.start(short / ("x" * 100))
    (short / "postgres").mkdir()
    (short / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(Misconfigured, match="PostgreSQL 9"):
        embedded.start(short)
    (short / "file").write_text("")
    with pytest.raises(Misconfigured, match=r"does not start.*Not a directory; set OCTOBOT_HOME"):
        embedded.start(short / "file")
    with pytest.raises(Misconfigured, match="a space in its path"):
        embedded.start(short / "my data")


async def test_a_refused_start_leaves_nothing_to_do_at_exit(home: Path) -> None:
    """A directory that was refused and then removed is not asked for again."""
    refused = await asyncio.create_subprocess_exec(
        sys.executable, "-c", REFUSED, str(home), stderr=asyncio.subprocess.PIPE
    )
    _, error = await refused.communicate()
    assert (refused.returncode, error) == (0, b"")


async def _eventually(fact: Callable[[], Awaitable[bool]]) -> bool:
    async with asyncio.timeout(PATIENCE):
        while not await fact():
            pass  # a store that is away takes its patience to say so
    return True


@pytest.mark.parametrize("how", ["role=pg_read_all_data", "default_transaction_read_only=on"])
def test_a_database_that_refuses_tables_is_reported_in_a_line(
    empty_database_url: str, how: str
) -> None:
    """A user who may not make tables, or a standby: no stack of three libraries, but the remedy."""
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("revoke create on schema public from public")
    url = psycopg.conninfo.make_conninfo(empty_database_url, options=f"-c {how}")
    with pytest.raises(Misconfigured, match=r"refuses octobot's tables: .*; it must be writable"):
        migrate(url)


async def test_a_postmaster_that_is_starting_is_waited_for(home: Path) -> None:
    """Half of what it says of itself, read while it writes that, is no failure."""
    server = await asyncio.to_thread(embedded.start, home)
    said = home / "postgres" / "postmaster.pid"
    whole = said.read_text()
    written = Timer(0.2, said.write_text, [whole])
    try:
        said.write_text("".join(whole.splitlines(keepends=True)[:-1]))
        written.start()
        assert await asyncio.to_thread(embedded.revive, server) is False
    finally:
        written.join()
        await asyncio.to_thread(server.cleanup)
