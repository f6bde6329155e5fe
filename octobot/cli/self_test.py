"""`octobot self-test URL`: check that a running octobot refuses forged requests."""

import asyncio
import sys

import click

from octobot.app.environment import settings_with_logs
from octobot.app.self_test.probe import found_at, is_ready, probe


@click.command("self-test")
@click.argument("url")
def command(url: str) -> None:
    """Check that a running octobot refuses forged requests.

    Forged and missing signatures, SHA-1, an oversized body, a path scan; where the App's settings
    are set, also replays under another event's name.  Every hour octobot also probes its own merge
    gate and commands (a foreign head commit, a command without permission), and is not ready when
    one was accepted.  Exit status 1 when a probe was accepted or had no answer, or it is not ready.
    """
    app = settings_with_logs(quiet=True).app
    secret = app.webhook_secrets[0].reveal() if app and app.webhook_secrets else None
    sys.exit(0 if asyncio.run(_all_refused(url, secret)) else 1)


async def _all_refused(url: str, secret: str | None) -> bool:
    """Print the result of each probe; False when one was accepted or the instance is not ready."""
    findings = await probe(await found_at(url), secret)
    for each in findings:
        click.echo(f"{each.verdict:9} {each}")
    ready = await is_ready(url)
    click.echo("ready     by its own probes" if ready else "NOT READY; its log says why")
    return bool(ready) and all(each.refused for each in findings)
