"""`octobot poll`: the same work without a server, by cron or as a plain process."""

import asyncio
import signal
from datetime import timedelta

import structlog

from octobot.app.bot import Bot
from octobot.model.errors import TryLater
from octobot.settings import Settings

log = structlog.get_logger()

ROUNDS = 20
"""Steps that one poll takes with one package at most; what needs more waits for the next poll."""


async def poll(settings: Settings, *, once: bool) -> None:
    """Make one pass over every installation or, without `once`, one at every tick.

    `TryLater` where SIGTERM or SIGINT ended it early: the next poll continues from there.
    """
    work = asyncio.create_task(_passes(settings, once=once))
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        raise TryLater("stopped by a signal; the next poll continues", after=timedelta(0)) from None


async def _passes(settings: Settings, *, once: bool) -> None:
    async with Bot.open(settings) as bot:
        while True:
            try:
                await _pass(bot)
            except TryLater as later:
                if once:
                    raise
                log.warning("GitHub is away; the next tick tries again", because=str(later))
            if once:
                return
            await asyncio.sleep(settings.pass_interval.total_seconds())


async def _pass(bot: Bot) -> None:
    await bot.survey()
    await bot.redeliver()
    await bot.make_pass()
    await work_off(bot)


async def work_off(bot: Bot) -> None:
    """Take the due steps until none is left."""
    for _ in range(ROUNDS):
        await bot.lanes.drain(bot.step, concurrency=bot.settings.workers)
        if not await bot.lanes.sweep(bot.due):
            return
    log.info("the rest waits for the next poll", rounds=ROUNDS)
