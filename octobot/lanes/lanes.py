"""One serial lane per package, or per group of packages: hint, sweep, worker.

A hint puts the package's key into a queue, once however often it is hinted; a worker of any process
runs the handler for it, never two at once for one key.  The queue is procrastinate's, which only
this file knows.

Nothing in the queue matters: the truth is the row's `due`, which the handler moves forward before
it works.  A job that is lost, fails or stalls is deleted, and the sweep hints the key again.
procrastinate's own retries jam keys under `lock` with `queueing_lock` (its issues 1446 and 1543),
so they are not used, nor are its timers.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Self

import procrastinate
import structlog
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from octobot.model.errors import TryLater
from octobot.model.ids import Key

log = structlog.get_logger()

Handler = Callable[[Key], Awaitable[None]]

QUEUE = "reconcile"

STALLED = timedelta(seconds=20)
"""A worker silent for so long counts as dead; its keys are freed."""

DRAIN = timedelta(seconds=6)
"""How long running handlers may finish after `stop`; then they are cancelled."""

CONNECTIONS = 4
"""For hints and jobs; a worker listens on one more."""

PATIENCE = timedelta(seconds=5)
"""How long a call waits for a connection."""

FIRST = 100
"""The priority of requests by people and of security fixes; everything else has 0."""

_PAUSE = 1.0
"""Seconds before a worker that ended by itself is started again."""

_POLL = 1.0
"""Seconds between two polls of the queue: PostgreSQL sends no notification when a key is free
again, because its handler ended or its dead worker's job was deleted."""

_GRACE = 3.0
"""Seconds beyond the drain for cancelled handlers to end and to update the queue."""


class Lanes:
    """The keyed work queue in one PostgreSQL database, whose schema the store has migrated."""

    def __init__(self, app: procrastinate.App, *, stalled: timedelta, drain: timedelta) -> None:
        self._app = app
        self._stalled = stalled
        self._drain = drain.total_seconds()
        self._handler: Handler | None = None
        self._task = app.task(name="reconcile", queue=QUEUE)(self._reconcile)
        self.working = asyncio.Event()
        """Set while `run` has a worker; `/readyz` reports it."""

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        stalled: timedelta = STALLED,
        drain: timedelta = DRAIN,
        patience: timedelta = PATIENCE,
    ) -> AsyncIterator[Self]:
        """Connect to the database at `url`; `TryLater` when it does not answer in `patience`."""
        connector = procrastinate.PsycopgConnector(
            conninfo=url,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=patience.total_seconds(),
            reconnect_timeout=patience.total_seconds(),
        )
        app = procrastinate.App(connector=connector)
        with _reachable():
            await connector.open_async()
        try:
            yield cls(app, stalled=stalled, drain=drain)
        finally:
            await connector.close_async()

    async def hint(self, key: Key, *, urgent: bool = False) -> None:
        """Request a pass over this package soon; hints while one is queued are merged.

        A hint that arrives while the handler runs for the key makes it run once more.  An `urgent`
        one, of a person or for a security fix, goes before all others, even when one is queued.
        """
        name, priority = str(key), FIRST if urgent else 0
        job = self._task.configure(lock=name, queueing_lock=name, priority=priority)
        with _reachable():
            try:
                await job.defer_async(key=name)
            except AlreadyEnqueued:
                if urgent:
                    await self._put_first(name)

    async def _put_first(self, name: str) -> None:
        await self._app.connector.execute_query_async(
            "update procrastinate_jobs set priority = %(first)s"
            " where queueing_lock = %(name)s and status = 'todo'",
            name=name,
            first=FIRST,
        )

    async def sweep(self, due: Callable[[], Awaitable[Sequence[Key]]]) -> int:
        """Free the keys of dead workers and hint the keys that `due` returns; return how many."""
        with _reachable():
            stalled = await self._app.job_manager.get_stalled_jobs(
                queue=QUEUE, seconds_since_heartbeat=self._stalled.total_seconds()
            )
        for job in stalled:
            # It may have ended meanwhile, or another sweep was first.
            with contextlib.suppress(ConnectorException):
                await self._app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
                log.warning("stalled job deleted", key=job.lock)
        keys = await due()
        for key in keys:
            await self.hint(key)
        return len(keys)

    async def tend(
        self,
        due: Callable[[], Awaitable[Sequence[Key]]],
        *,
        every: timedelta,
        stop: asyncio.Event,
    ) -> None:
        """Sweep every so often until `stop`; a sweep that fails is logged."""
        while not stop.is_set():
            try:
                await self.sweep(due)
            except TryLater as error:
                log.warning("sweep put off", because=str(error))
            except Exception:  # the lane is one of the three places that may
                log.exception("sweep failed")
            await _until(stop, every.total_seconds())

    async def run(self, handler: Handler, *, concurrency: int, stop: asyncio.Event) -> None:
        """Work until `stop`, `concurrency` keys at a time; then drain, within 10 s.

        A worker ends by itself when PostgreSQL restarts: it is started again.
        """
        self._handler = handler
        while not stop.is_set():
            await self._work(concurrency, stop)
            if not stop.is_set():
                await _until(stop, _PAUSE)

    async def drain(self, handler: Handler, *, concurrency: int) -> None:
        """Handle what is queued, with the hints that this adds, and return."""
        self._handler = handler
        with _reachable():
            await self._worker(concurrency, wait=False)

    async def _work(self, concurrency: int, stop: asyncio.Event) -> None:
        """Run one worker until it ends or `stop` is set."""
        worker = asyncio.create_task(self._worker(concurrency, wait=True))
        stopped = asyncio.create_task(stop.wait())
        self.working.set()
        try:
            await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.working.clear()
            stopped.cancel()
            await _end(worker, self._drain + _GRACE)
        if not stop.is_set():
            log.warning("worker ended by itself; starting another")

    async def _worker(self, concurrency: int, *, wait: bool) -> None:
        await self._app.run_worker_async(
            queues=[QUEUE],
            concurrency=concurrency,
            wait=wait,
            install_signal_handlers=False,
            shutdown_graceful_timeout=self._drain,
            fetch_job_polling_interval=_POLL,
            update_heartbeat_interval=self._stalled.total_seconds() / 5,
            stalled_worker_timeout=self._stalled.total_seconds(),
            delete_jobs="always",
        )

    async def _reconcile(self, key: str) -> None:
        """Run the handler for one key; errors end here, and the row becomes due again."""
        if self._handler is None:
            raise RuntimeError("a job arrived before `run` was called")
        parsed = Key.parse(key)
        with structlog.contextvars.bound_contextvars(
            repository=parsed.repository, package=parsed.package
        ):
            try:
                await self._handler(parsed)
            except TryLater as error:
                log.info("lane puts the package off", because=str(error))
            except Exception:  # the lane is one of the three places that may
                log.exception("lane failed; the package comes back when it is due")


async def _end(worker: asyncio.Task[None], patience: float) -> None:
    """Drain a worker; one that hangs on a dead database is abandoned."""
    for seconds in (patience, 0.5):
        worker.cancel()
        await asyncio.wait({worker}, timeout=seconds)
        if worker.done():
            break
    if worker.done() and not worker.cancelled() and (error := worker.exception()):
        log.warning("worker failed", because=repr(error))


async def _until(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except ConnectorException as error:
        because = error.__cause__ or error  # procrastinate's own text is "Database error."
        raise TryLater(
            f"the queue's database cannot serve: {because}", after=timedelta(seconds=10)
        ) from error
