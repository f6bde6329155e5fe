"""`octobot why NAME`: the reason code of a package and what it rests on, from the store."""

import click

from octobot.messages.terminal import inert
from octobot.messages.why import explain
from octobot.model.memory import Row
from octobot.porch.database import database_url
from octobot.settings import Settings
from octobot.specs.reading import read
from octobot.store.store import Store


async def why(settings: Settings, name: str) -> bool:
    """Print what is known of the package in every repository; False when it is known in none."""
    async with database_url(settings) as url, Store.open(url) as store:
        rows = await store.find(name.removesuffix(".yaml"))
        names = {each.id: str(each.repository) for each in await store.watched()}
        for row in rows:
            click.echo(f"{inert(names.get(row.key.repository, 'a repository of the past'))}")
            click.echo("\n".join(await _told(store, row)) + "\n")
    if not rows:
        click.echo(f"octobot does not know a package {inert(name)!r}", err=True)
    return bool(rows)


async def _told(store: Store, row: Row) -> tuple[str, ...]:
    sighting = None
    if row.upstream and row.target:
        sighting = await store.sighting(row.upstream, row.target.release.name)
    return explain(
        row,
        read(row.path, row.text),
        sighting=sighting,
        history=await store.proposed(row.key.repository, row.key.package),
    )
