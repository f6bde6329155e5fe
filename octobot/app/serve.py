"""`octobot serve`: the web server, the lanes, the sweep and the tick, until a signal."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import structlog
from aiohttp import web

from octobot.app.bot import Bot
from octobot.app.events import on_event
from octobot.app.self_test.probe import keep_probing
from octobot.model.errors import Misconfigured, TryLater
from octobot.settings import Settings
from octobot.web.application import application

log = structlog.get_logger()

SURVEY_EVERY = timedelta(hours=1)
"""How often the installations are read again, in case their deliveries are lost."""

PROBE_EVERY = timedelta(hours=1)
"""How often octobot probes itself with requests that it must refuse."""

REDELIVER_EVERY = timedelta(minutes=1)
"""How often a process checks whether it is time; `flows.redeliver` has the interval."""

HANG_UP = 2.0
"""Seconds in which open connections may end when the process does."""

GRACE = 2.0
"""Seconds in which a pass may end; then it is cancelled, and the next process repeats it."""

SWEEP_EVERY = timedelta(seconds=5)


async def serve(settings: Settings) -> None:
    """Run the App until SIGTERM or SIGINT, then drain."""
    settings.require_app().require_webhook_secrets()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    async with Bot.open(settings) as bot, running(bot, stop) as address:
        log.info("octobot is serving", address=address)
        await stop.wait()
        log.info("octobot is stopping")


@asynccontextmanager
async def running(
    bot: Bot, stop: asyncio.Event, *, sweep_every: timedelta = SWEEP_EVERY
) -> AsyncIterator[str]:
    """Run the bot in the background and yield its address; stop it at the end.

    The web server starts first: deliveries that arrive while GitHub is still read are stored.
    """
    runner = web.AppRunner(_web_application(bot), shutdown_timeout=HANG_UP)
    await runner.setup()
    try:
        host, port = bot.settings.listen
        await listen(runner, host, port)
        await _first_survey(bot, stop)
    except BaseException:
        await runner.cleanup()
        raise
    async with asyncio.TaskGroup() as group:
        lanes = bot.settings.workers
        group.create_task(bot.lanes.run(bot.step, concurrency=lanes, stop=stop))
        group.create_task(bot.lanes.tend(bot.due, every=sweep_every, stop=stop))
        background = [
            group.create_task(_probe(bot, _address(runner), stop)),
            group.create_task(_redeliver(bot, stop)),
            group.create_task(_tick(bot, stop, far=False)),
            group.create_task(_tick(bot, stop, far=True)),
        ]
        try:
            yield _address(runner)
        finally:
            stop.set()
            await asyncio.gather(_end(background), runner.cleanup())


async def listen(runner: web.AppRunner, host: str, port: int) -> None:
    """Listen; an address that is not available is `Misconfigured`."""
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        because = f"OCTOBOT_LISTEN: nothing can listen on {host}:{port}: {error.strerror}"
        raise Misconfigured(because) from error


async def _first_survey(bot: Bot, stop: asyncio.Event) -> None:
    """Read the installations; while GitHub is away the ticks try again, and nothing is ready."""
    survey, stopped = asyncio.create_task(bot.survey()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({survey, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if survey.done():
            await survey
    except TryLater as error:
        log.warning("GitHub is away; the ticks will read it", because=str(error))
    finally:
        stopped.cancel()
        await _end([survey])


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Let tasks end by themselves for a moment, then cancel them: each step may be cancelled.

    A cancellation may get lost in Python 3.11, where `asyncio.wait_for` swallows one that comes
    together with its answer.
    """
    grace = GRACE
    while waiting := [task for task in tasks if not task.done()]:
        await asyncio.wait(waiting, timeout=grace)
        for task in waiting:
            task.cancel()
        grace = 0.5


async def _probe(bot: Bot, address: str, stop: asyncio.Event) -> None:
    secret = bot.settings.require_app().require_webhook_secrets()[0]
    await keep_probing(address, secret, bot.suspect, stop=stop, every=PROBE_EVERY)


def _web_application(bot: Bot) -> web.Application:
    secrets = bot.settings.require_app().require_webhook_secrets()
    return application(
        bot.store.deliveries,
        partial(on_event, bot),
        secrets=secrets,
        ready=bot.ready,
        begin=bot.surveyed,
    )


def _address(runner: web.AppRunner) -> str:
    host, port, *_ = runner.addresses[0]
    return f"http://{host}:{port}"


async def _tick(bot: Bot, stop: asyncio.Event, *, far: bool) -> None:
    """Make a pass at every interval; the tick is the truth that repairs every lost hint.

    GitHub and all other hosts have a tick each: a slow host must not delay GitHub's.
    """
    loop = asyncio.get_running_loop()
    surveyed = loop.time()
    while not stop.is_set():
        due = loop.time() - surveyed > SURVEY_EVERY.total_seconds()
        if not far and (due or not bot.surveyed.is_set()):
            surveyed = loop.time()
            await _survey(bot)
        began, interval = loop.time(), bot.settings.pass_interval
        more = await bot.make_pass(far=far)
        lasted = timedelta(seconds=loop.time() - began)
        pause = rest_after(lasted, interval, more=more)
        await _until(stop, pause, nudge=None if far else bot.nudge)


def rest_after(lasted: timedelta, interval: timedelta, *, more: bool) -> timedelta:
    """Return the rest after a pass that lasted so long; `more`: it left work for the next one.

    A pass that ended soon, since a host does not answer, is no reason to hurry.
    """
    return max(timedelta(), interval - lasted) if more else interval


async def _redeliver(bot: Bot, stop: asyncio.Event) -> None:
    """Request lost deliveries at every interval, the first time at once."""
    while not stop.is_set():
        await bot.redeliver()
        await _until(stop, REDELIVER_EVERY, nudge=None)


async def _until(stop: asyncio.Event, pause: timedelta, *, nudge: asyncio.Event | None) -> None:
    """Wait for a while; `stop` and `nudge` end it."""
    waits = [asyncio.ensure_future(each.wait()) for each in (stop, nudge) if each]
    try:
        await asyncio.wait(
            waits, timeout=pause.total_seconds(), return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        for wait in waits:
            wait.cancel()
    if nudge:
        nudge.clear()


async def _survey(bot: Bot) -> None:
    try:
        await bot.survey()
    except (TryLater, Misconfigured) as error:
        log.warning("installations not read", because=str(error))
    except Exception:
        log.exception("reading the installations failed")
