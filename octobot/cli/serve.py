"""`octobot serve`: the App."""

import asyncio

import click

from octobot.app.environment import settings_with_logs
from octobot.app.serve import serve


@click.command("serve")
def command() -> None:
    """Run the App: web server, poller and workers.

    It serves /deliveries, /healthz and /readyz.  Stops cleanly on SIGTERM and SIGINT.
    """
    asyncio.run(serve(settings_with_logs()))
