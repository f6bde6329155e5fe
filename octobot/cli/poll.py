"""`octobot poll`: the App's job without a server."""

import asyncio

import click

from octobot.app.environment import settings_with_logs
from octobot.app.poll import poll


@click.command("poll")
@click.option("--once", is_flag=True, help="One pass, then exit; without it one at every tick.")
def command(*, once: bool) -> None:
    """Do the App's job without a server: the cron poller.

    Makes a pass over every installation, then takes all steps that are due.
    """
    asyncio.run(poll(settings_with_logs(), once=once))
