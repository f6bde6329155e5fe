"""`octobot self-test URL`: what a running octobot must refuse, tried on it."""

import asyncio
import sys

import click

from octobot.app.environment import settings_with_logs
from octobot.app.self_test.probe import found_at, is_ready, probe


@click.command("self-test")
@click.argument("url")
def command(url: str) -> None:
    """Try on a running octobot what it must refuse.

    Forged and missing signatures, SHA-1, an oversized body, a path scan; where the App's settings
    are set, also replays under another event's name.  What lies behind the doors it tries on itself
    every hour, and is not ready when something was let in: a foreign head commit, a command without
    permission.  Exit status 1 when something was let in or had no answer, or it is not ready.
    """
    app = settings_with_logs(quiet=True).app
    secret = app.webhook_secrets[0].reveal() if app and app.webhook_secrets else None
    sys.exit(0 if asyncio.run(_all_refused(url, secret)) else 1)


async def _all_refused(url: str, secret: str | None) -> bool:
    """Print what became of each probe; False when one was let in or the instance is not ready."""
    findings = await probe(await found_at(url), secret)
    for each in findings:
        click.echo(f"{each.verdict:9} {each}")
    ready = await is_ready(url)
    click.echo("ready     by its own probes" if ready else "NOT READY; its log says why")
    return bool(ready) and all(each.refused for each in findings)
