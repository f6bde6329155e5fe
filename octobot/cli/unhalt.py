"""`octobot unhalt OWNER/NAME`: a person has checked, so octobot may merge again."""

import asyncio

import click

from octobot.app.database import database_url
from octobot.app.environment import settings_with_logs
from octobot.model.errors import UserError
from octobot.settings import Settings
from octobot.store.store import Store


@click.command("unhalt")
@click.argument("repository", metavar="OWNER/NAME")
def command(repository: str) -> None:
    """Allow merging again after it was halted.

    After each merge octobot compares the merged tree with what it judged; a difference stops all
    merging there and opens an issue, until a person has checked and runs this.
    """
    asyncio.run(unhalt(settings_with_logs(quiet=True), repository))


async def unhalt(settings: Settings, name: str) -> None:
    """Allow merging in a repository; print why it was halted."""
    async with database_url(settings) as url, Store.open(url) as store:
        watched = {str(each.repository): each for each in await store.repositories.watched()}
        if name not in watched:
            known = ", ".join(sorted(watched)) or "none"
            raise UserError(f"octobot does not watch {name}; it watches {known}")
        because = await store.repositories.merging_halted(watched[name].id)
        await store.repositories.allow_merging(watched[name].id)
    click.echo(
        f"merging is allowed again; it was halted: {because}"
        if because
        else "merging was not halted"
    )
