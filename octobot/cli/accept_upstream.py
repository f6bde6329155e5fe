"""`octobot accept-upstream OWNER/NAME`: a person trusts the repository that has the name now."""

import asyncio

import click

from octobot.app.database import database_url
from octobot.app.environment import settings_with_logs
from octobot.app.upstreams import identifiers_of
from octobot.model.errors import UserError
from octobot.model.ids import Repository
from octobot.settings import Settings
from octobot.store.store import Store

GITHUB = "github"
"""The only datasource whose repositories have numbers."""


@click.command("accept-upstream")
@click.argument("name", metavar="OWNER/NAME")
def command(name: str) -> None:
    """Trust the repository that has an upstream's name now.

    octobot remembers each upstream on GitHub by its number.  Another repository under the same name
    freezes the packages that follow it, until a person has checked it and runs this.
    """
    asyncio.run(accept_upstream(settings_with_logs(quiet=True), name))


async def accept_upstream(settings: Settings, name: str) -> None:
    """Accept the other repository as the upstream, and check its packages soon."""
    async with database_url(settings) as url, Store.open(url) as store:
        before = await store.identities.accept(GITHUB, name)
        if before is None:
            raise UserError(f"no other repository was ever seen under the name {name}")
        packages = await store.schedule.check_upstreams_now(identifiers_of(Repository.parse(name)))
        packages += await store.checked_pins.select_again_at(name)
    click.echo(f"{name} is repository {before.other} from now on, and was {before.first};")
    click.echo(f"packages to be checked again: {packages}")
