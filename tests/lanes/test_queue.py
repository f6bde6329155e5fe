import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import structlog

from octobot.lanes.lanes import Lanes
from octobot.model.errors import TryLater
from octobot.model.ids import Key, RepositoryId
from octobot.store.engine import embedded
from octobot.store.engine.migrate import migrate

DISTRO = RepositoryId(101)
A, B = Key(DISTRO, "a"), Key(DISTRO, "b")
WORKER = Path(__file__).parent / "worker_process.py"
PATIENCE = 60.0
"""Seconds after which a test gives up waiting; never how long one waits."""

Handler = Callable[[Key], Awaitable[None]]


@asynccontextmanager
async def working(lanes: Lanes, handler: Handler, *, concurrency: int = 4) -> AsyncIterator[None]:
    """Run a worker for as long as the block."""
    stop = asyncio.Event()
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(lanes.run(handler, concurrency=concurrency, stop=stop))
        try:
            yield
        finally:
            stop.set()


class Seen:
    """A handler that notes the keys and can be awaited."""

    def __init__(self) -> None:
        self.keys: asyncio.Queue[Key] = asyncio.Queue()

    async def __call__(self, key: Key) -> None:
        await self.keys.put(key)


async def jobs(url: str) -> int:
    """Count what is in the queue's table."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        found = await connection.execute("select count(*) from procrastinate_jobs")
        row = await found.fetchone()
    assert row is not None
    return int(row[0])


async def test_hints_while_one_is_queued_are_one(database_url: str) -> None:
    """A burst of deliveries for a package is one look at it."""
    seen = Seen()
    async with Lanes.open(database_url) as lanes:
        await asyncio.gather(*[lanes.hint(A) for _ in range(9)])
        await lanes.hint(B)
        async with working(lanes, seen, concurrency=1):
            assert [await seen.keys.get(), await seen.keys.get()] == [A, B]
    assert seen.keys.empty()
    assert await jobs(database_url) == 0


async def test_what_is_urgent_goes_first(database_url: str) -> None:
    """A person's command and a security fix do not wait behind a burst of other packages."""
    c, seen = Key(DISTRO, "c"), Seen()
    async with Lanes.open(database_url) as lanes:
        for key in (A, B, c):
            await lanes.hint(key)
        await lanes.hint(c, urgent=True)
        await lanes.hint(c)
        await lanes.drain(seen, concurrency=1)
    assert [seen.keys.get_nowait() for _ in range(3)] == [c, A, B]


async def test_a_hint_during_the_work_runs_it_once_more(database_url: str) -> None:
    """What changed after the handler looked is not overlooked."""
    seen, go = Seen(), asyncio.Event()

    async def slow(key: Key) -> None:
        await seen(key)
        await go.wait()

    async with Lanes.open(database_url) as lanes, working(lanes, slow, concurrency=1):
        await lanes.hint(A)
        await seen.keys.get()
        await lanes.hint(A)
        await lanes.hint(A)
        await lanes.hint(B)
        go.set()
        assert [await seen.keys.get(), await seen.keys.get()] == [A, B]
    assert seen.keys.empty()


async def test_different_keys_run_side_by_side(database_url: str) -> None:
    """A slow package does not hold up another one."""
    together = asyncio.Barrier(3)

    async def meet(_key: Key) -> None:
        await together.wait()

    async with Lanes.open(database_url) as lanes, working(lanes, meet):
        await lanes.hint(A)
        await lanes.hint(B)
        await together.wait()


async def test_two_processes_work_on_one_key_one_after_the_other(database_url: str) -> None:
    """The lane is serial across machines, and hints still merge."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("create table trace (worker int, alone bool)")
        async with _process(database_url, "serial"), _process(database_url, "serial"):
            hints = 0
            async with asyncio.timeout(PATIENCE), Lanes.open(database_url) as lanes:
                while len(found := await _trace(connection)) < 40:
                    await lanes.hint(A)
                    hints += 1
    assert all(alone for _, alone in found)
    assert len(found) <= hints


async def test_a_killed_worker_frees_its_key(database_url: str) -> None:
    """After kill -9 the sweep deletes the stalled job and hints the key that is due."""
    seen, stop = Seen(), asyncio.Event()

    async def due() -> list[Key]:
        return [A]

    async with Lanes.open(database_url, stalled=timedelta(seconds=1)) as lanes:
        await lanes.hint(A)
        async with _process(database_url, "hang") as worker, asyncio.timeout(PATIENCE):
            assert worker.stdout is not None
            assert await worker.stdout.readline() == b"took 101/a\n"
        assert worker.returncode == -9
        assert await jobs(database_url) == 1
        async with working(lanes, seen):
            tending = lanes.tend(due, every=timedelta(seconds=0.2), stop=stop)
            task = asyncio.create_task(tending)
            assert await seen.keys.get() == A
            stop.set()
            await task


async def test_a_handler_that_fails_is_logged_with_its_key_and_blocks_nothing(
    database_url: str,
) -> None:
    """One bad package stays one bad package; its row's `due` brings it back."""
    seen = Seen()

    async def fail(key: Key) -> None:
        await seen(key)
        if key == A:
            raise ValueError("a bug of ours")
        raise TryLater("the outside is not ready", after=timedelta(seconds=1))

    merge = structlog.contextvars.merge_contextvars
    with structlog.testing.capture_logs(processors=[merge]) as logs:
        async with Lanes.open(database_url) as lanes, working(lanes, fail, concurrency=1):
            for key in (A, B, A):
                await lanes.hint(key)
                assert await seen.keys.get() == key
    failed = [entry for entry in logs if entry["log_level"] == "error"]
    assert [entry["package"] for entry in failed] == ["a", "a"]
    assert await jobs(database_url) == 0


async def test_the_sweep_hints_what_is_due(database_url: str) -> None:
    """A lost hint is repaired by the sweep."""
    seen = Seen()

    async def due() -> list[Key]:
        return [A, B]

    async with Lanes.open(database_url) as lanes:
        assert await lanes.sweep(due) == 2
        assert await lanes.sweep(due) == 2
        async with working(lanes, seen):
            assert {await seen.keys.get(), await seen.keys.get()} == {A, B}


async def test_a_sweep_that_fails_is_followed_by_the_next(database_url: str) -> None:
    """Neither an unreachable store nor a bug of octobot ends the sweeping."""
    answers: list[Exception | None] = [
        TryLater("away", after=timedelta(seconds=1)),
        ValueError("a bug of ours"),
        None,
    ]
    stop = asyncio.Event()

    async def due() -> list[Key]:
        error = answers.pop(0)
        if error is not None:
            raise error
        stop.set()
        return []

    async with asyncio.timeout(PATIENCE), Lanes.open(database_url) as lanes:
        await lanes.tend(due, every=timedelta(0), stop=stop)
    assert answers == []


async def test_stop_lets_running_work_finish(database_url: str) -> None:
    """A shutdown in the middle of a bump does not cut it."""
    taken, finish, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
    finished: list[Key] = []

    async def work(key: Key) -> None:
        taken.set()
        await finish.wait()
        finished.append(key)

    async with asyncio.timeout(PATIENCE), Lanes.open(database_url) as lanes:
        await lanes.hint(A)
        run = asyncio.create_task(lanes.run(work, concurrency=1, stop=stop))
        await taken.wait()
        stop.set()
        finish.set()
        await run
    assert finished == [A]
    assert await jobs(database_url) == 0


async def test_stop_cancels_work_that_hangs(database_url: str) -> None:
    """A hung upstream cannot keep the process from ending."""
    taken, stop = asyncio.Event(), asyncio.Event()
    cancelled: list[Key] = []

    async def hang(key: Key) -> None:
        taken.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(key)
            raise

    drain = timedelta(milliseconds=10)
    async with asyncio.timeout(PATIENCE), Lanes.open(database_url, drain=drain) as lanes:
        await lanes.hint(A)
        run = asyncio.create_task(lanes.run(hang, concurrency=1, stop=stop))
        await taken.wait()
        stop.set()
        await run
    assert cancelled == [A]
    assert await jobs(database_url) == 0


async def test_the_worker_survives_a_restart_of_postgresql(home: Path) -> None:
    """The worker ends silently when the server goes; another one takes its place."""
    server = embedded.start(home)
    migrate(server.url)
    seen = Seen()
    quick = {"stalled": timedelta(seconds=1), "patience": timedelta(seconds=0.3)}
    async with Lanes.open(server.url, **quick) as lanes, working(lanes, seen):
        await lanes.hint(A)
        assert await seen.keys.get() == A
        server.cleanup()
        while lanes.working.is_set():
            with suppress(TryLater):
                await lanes.hint(B)
        server = embedded.start(home)
        hinted = False
        while not hinted:
            with suppress(TryLater):
                await lanes.hint(B)
                hinted = True
        assert await seen.keys.get() == B
    server.cleanup()


@asynccontextmanager
async def _process(url: str, what: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a worker process, and kill it as hard as can be."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(WORKER), url, what, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def _trace(connection: psycopg.AsyncConnection) -> list[tuple[int, bool]]:
    found = await connection.execute("select worker, alone from trace")
    return [(int(worker), bool(alone)) for worker, alone in await found.fetchall()]
