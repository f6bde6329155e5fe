"""`octobot poll`: the App without a server."""

import asyncio

import click

from octobot.app.environment import settings_with_logs
from octobot.app.poll import poll


@click.command("poll")
@click.option("--once", is_flag=True, help="One pass, then exit; else one at every interval.")
def command(*, once: bool) -> None:
    """Run the App without a server, by cron.

    Makes a pass over every installation, then takes all due steps.
    """
    asyncio.run(poll(settings_with_logs(), once=once))
