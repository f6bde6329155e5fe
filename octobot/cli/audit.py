"""`octobot audit`: the slash commands of people, and their outcomes."""

import asyncio
import json
from datetime import UTC, datetime

import click

from octobot.app.database import database_url
from octobot.app.environment import settings_with_logs
from octobot.messages.terminal import inert, line
from octobot.model.ids import RepositoryId
from octobot.model.orders import Act
from octobot.settings import Settings
from octobot.store.store import Store


@click.command("audit")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    metavar="DATE",
    help="Only commands from this date (UTC) on.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def command(*, since: datetime | None, as_json: bool) -> None:
    """List the slash commands that people gave, and their outcomes.

    The log is append-only and includes refused commands, with their authors' permissions.
    """
    since = since.replace(tzinfo=UTC) if since else None
    asyncio.run(audit(settings_with_logs(quiet=True), since, as_json=as_json))


async def audit(settings: Settings, since: datetime | None, *, as_json: bool) -> None:
    """Print the log, oldest first."""
    async with database_url(settings) as url, Store.open(url) as store:
        names = {each.id: str(each.repository) for each in await store.repositories.watched()}
        acts = await store.audit.whole(since=since)
    if not acts:
        click.echo("no commands" + (" since then" if since else ""), err=True)
    for act in acts:
        where = _where(names, act.repository)
        click.echo(
            json.dumps(_plain(act, where)) if as_json else inert(line(act, where), limit=600)
        )


def _where(names: dict[RepositoryId, str], repository: RepositoryId) -> str:
    return names.get(repository, f"repository {repository}")


def _plain(act: Act, where: str) -> dict[str, object]:
    return {
        "at": act.at.astimezone(UTC).isoformat(),
        "repository": where,
        "repository_id": act.repository,
        "thread": act.thread,
        "comment": act.comment,
        "position": act.position,
        "login": act.person.login,
        "user_id": act.person.id,
        "bot": act.person.bot,
        "level": act.level,
        "command": act.command,
        "words": act.words,
        "package": act.package,
        "head": act.head,
        "outcome": act.outcome,
        "answer": act.answer,
    }
