"""`octobot poll`: the same job without a server, for a cron or as a plain process."""

import asyncio

import structlog

from octobot.porch.house import House
from octobot.settings import Settings

log = structlog.get_logger()

ROUNDS = 20
"""Steps that one poll takes with one package at most; what needs more waits for the next poll."""


async def poll(settings: Settings, *, once: bool) -> None:
    """Make one pass over every installation or, without `once`, one at every tick."""
    async with House.open(settings) as house:
        while True:
            await house.survey()
            await house.redeliver()
            await house.look()
            await work_off(house)
            if once:
                return
            await asyncio.sleep(settings.tick.total_seconds())


async def work_off(house: House) -> None:
    """Take the steps that are due now, until none is."""
    for _ in range(ROUNDS):
        await house.lanes.drain(house.step, concurrency=house.settings.lanes)
        if not await house.lanes.sweep(house.due):
            return
    log.info("the rest waits for the next poll", rounds=ROUNDS)
