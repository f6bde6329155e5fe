"""`octobot why NAME`: the reason code of a package and what it rests on, from the store.

With `--candidates` the upstream is queried again: the store has the chosen version only.
"""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from octobot.app.database import database_url
from octobot.app.environment import settings_with_logs
from octobot.app.upstreams import open_upstreams
from octobot.flows.report.explain import WAVES
from octobot.flows.watch.survey import survey
from octobot.messages.terminal import inert
from octobot.messages.why import candidates as funnel
from octobot.messages.why import explain
from octobot.model.ids import InstallationId
from octobot.model.memory import Row
from octobot.settings import Settings
from octobot.specs.read.package import read
from octobot.store.store import Store


@click.command("why")
@click.argument("name")
@click.option(
    "--candidates", is_flag=True, help="Ask upstream, and show how each release fares in the spec."
)
def command(name: str, *, candidates: bool) -> None:
    """Show why a package has not moved.

    Prints its reason code and the observations behind it.  Exit status 1 when octobot does not
    know the package.
    """
    known = asyncio.run(why(settings_with_logs(quiet=True), name, candidates=candidates))
    sys.exit(0 if known else 1)


async def why(settings: Settings, name: str, *, candidates: bool = False) -> bool:
    """Print what is known of the package in every repository; False when it is known in none."""
    async with database_url(settings) as url, Store.open(url) as store:
        rows = await store.packages.find(name.removesuffix(".yaml"))
        watched = {each.id: each for each in await store.repositories.watched()}
        if not rows:
            names = [str(each.repository) for each in watched.values()]
            click.echo(
                f"octobot does not know a package {inert(name)!r}; {_watches(names)}", err=True
            )
        for row in rows:
            here = watched.get(row.key.repository)
            click.echo(inert(str(here.repository) if here else "a repository of the past"))
            lines = await _lines(store, row)
            if candidates:
                lines += await _candidates(settings, row, here.installation if here else None)
            click.echo("\n".join(lines) + "\n")
    return bool(rows)


def _watches(names: Sequence[str]) -> str:
    if names:
        return f"it watches {', '.join(names)}"
    return "it watches nothing: are OCTOBOT_DATABASE_URL and OCTOBOT_HOME those of `octobot serve`?"


async def _lines(store: Store, row: Row) -> tuple[str, ...]:
    sighting = None
    if row.upstream and row.target:
        sighting = await store.sightings.find(row.upstream, row.target.release.name)
    return explain(
        row,
        read(row.path, row.text),
        sighting=sighting,
        history=await store.ledger.proposed(row.key.repository, row.key.package),
        waves=await store.waves.recent(row.key.repository, since=datetime.now(UTC) - WAVES),
    )


async def _candidates(
    settings: Settings, row: Row, installation: InstallationId | None
) -> tuple[str, ...]:
    """Ask the upstream now; every release it shows, with the stage that dropped it."""
    async with open_upstreams(settings, installation) as upstreams:
        (finding,) = await survey({row.path: row.text}, upstreams)
    if finding.found.selection is None:
        return (f"candidates: none: {inert(str(finding.found.reason))}",)
    return ("candidates, as upstream shows them now:", *funnel(finding.found.selection))
