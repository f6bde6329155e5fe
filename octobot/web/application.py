"""The web server: `POST /deliveries`, `GET /healthz`, `GET /readyz`.

A delivery is verified, stored, and only then answered 202.  The queue of pending events is the
table itself, so a process that dies after the answer loses nothing and a storm of deliveries takes
no memory.  Errors are answered with one line; the log has the details.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from octobot.github.webhooks.deliveries import Delivery, Forged, Malformed, receive
from octobot.model.errors import Misconfigured, TryLater
from octobot.store.deliveries import Deliveries
from octobot.web.backlog import Backlog, OnEvent

log = structlog.get_logger()

LARGEST = 25 << 20
"""Bytes of a body; GitHub sends no larger one."""

SMALL = 256 << 10
"""Bytes of a body up to which any number is read at once."""

LARGE_AT_ONCE = 4
"""Larger bodies, or ones without a length, that are read at the same time."""

DRAIN = 3.0
"""Seconds in which running handlers may finish when the process ends."""

DEADLINE = 9.0
"""Seconds for one delivery; GitHub gives up after ten."""


def application(
    deliveries: Deliveries,
    on_event: OnEvent,
    *,
    secrets: Sequence[str],
    ready: Callable[[], Awaitable[bool]],
    begin: asyncio.Event | None = None,
) -> web.Application:
    """Create the application; while it runs it also handles the stored deliveries.

    `secrets` are the hook's, more than one while one replaces another.  `on_event` runs after the
    answer, at least once for each delivery, and not before `begin` is set.  `ready` returns whether
    the database, its schema and the worker are ready.
    """
    handlers = _Handlers(deliveries, Backlog(deliveries, on_event), secrets, ready)
    handlers.begin = begin
    app = web.Application(client_max_size=LARGEST, middlewares=[_generic])
    app.add_routes(
        [
            web.post("/deliveries", handlers.deliver),
            web.get("/healthz", handlers.healthz),
            web.get("/readyz", handlers.readyz),
        ]
    )
    app.cleanup_ctx.append(handlers.work_off)
    return app


class _Handlers:
    def __init__(
        self,
        deliveries: Deliveries,
        backlog: Backlog,
        secrets: Sequence[str],
        ready: Callable[[], Awaitable[bool]],
    ) -> None:
        self._deliveries, self._backlog = deliveries, backlog
        self.begin: asyncio.Event | None = None
        self._secrets = tuple(secrets)
        self._ready = ready
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def work_off(self, _app: web.Application) -> AsyncIterator[None]:
        """Handle stored deliveries while the application runs, those of the last run first."""
        task = asyncio.create_task(self._work_off())
        yield
        self._backlog.stop()
        began = self.begin is None or self.begin.is_set()
        await asyncio.wait({task}, timeout=DRAIN if began else 0)
        if not task.done():  # unfinished events stay in the table
            task.cancel()
            await asyncio.wait({task}, timeout=DRAIN)

    async def _work_off(self) -> None:
        if self.begin:
            await self.begin.wait()
        await self._backlog.work_off()

    async def healthz(self, _request: web.Request) -> web.Response:
        """Answer that the process is alive."""
        return web.Response(text="ok\n")

    async def readyz(self, _request: web.Request) -> web.Response:
        """Answer whether deliveries and packages can be handled."""
        try:
            async with asyncio.timeout(DEADLINE):
                ready = await self._ready()
        except (TryLater, TimeoutError) as error:
            log.warning("not ready", because=repr(error))
            ready = False
        return web.Response(text="ready\n") if ready else _text(503, "not ready")

    async def deliver(self, request: web.Request) -> web.Response:
        """Verify, store, answer 202; anything less is an error status, never a 2xx."""
        self._backlog.answering += 1
        try:
            async with asyncio.timeout(DEADLINE):
                return await self._deliver(request)
        except TimeoutError:
            log.warning("delivery took too long", remote=request.remote)
            return _text(503, "try again later")
        finally:
            self._backlog.answering -= 1

    async def _deliver(self, request: web.Request) -> web.Response:
        if (request.content_length or 0) > LARGEST:
            return _text(413, "too large")
        if request.headers.get(hdrs.CONTENT_ENCODING, "identity") != "identity":
            return _text(415, "a body must not be compressed")
        small = request.content_length is not None and request.content_length <= SMALL
        async with contextlib.nullcontext() if small else self._large:
            body = await request.read()
            try:
                delivery = await self._receive(request, body, small=small)
            except Forged as error:
                log.warning("delivery refused", because=str(error), remote=request.remote)
                return _text(401, "unauthorised")
            except Malformed as error:
                log.warning("delivery refused", because=str(error), remote=request.remote)
                return _text(400, "bad request")
        return await self._store(delivery)

    async def _receive(self, request: web.Request, body: bytes, *, small: bool) -> Delivery:
        def read() -> Delivery:
            return receive(request.headers, body, secrets=self._secrets, now=datetime.now(UTC))

        # Parsing 25 MB would delay every other answer.
        return read() if small else await asyncio.to_thread(read)

    async def _store(self, delivery: Delivery) -> web.Response:
        try:
            new = await self._deliveries.record(
                delivery.guid, name=delivery.name, digest=delivery.digest, event=delivery.event
            )
        except TryLater as error:
            log.warning("delivery not stored", guid=delivery.guid, because=str(error))
            return _text(503, "try again later")
        log.info(
            "delivery",
            guid=delivery.guid,
            named=delivery.name,
            means=type(delivery.event).__name__ if delivery.event else None,
            new=new,
        )
        self._backlog.wake()
        return web.Response(status=202, text="accepted\n")


@web.middleware
async def _generic(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors without their details."""
    try:
        return await handler(request)
    except web.HTTPException as answer:
        return _text(answer.status, answer.reason)
    except Misconfigured:
        log.exception("the setup is wrong", path=request.path)
        return _text(503, "not ready")
    except Exception:  # the web server is one of the three places that may
        log.exception("request failed", path=request.path)
        return _text(500, "internal error")


def _text(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=f"{text}\n")
