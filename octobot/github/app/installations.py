"""Where the App is installed, on which repositories, and who octobot is there."""

from collections.abc import Sequence
from urllib.parse import quote

import structlog

from octobot.github.app.app import App
from octobot.github.transport.json_fields import at, number, text
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import BotAccount, InstallationId, Repository, RepositoryId, Watched

log = structlog.get_logger()


async def installations(app: App) -> tuple[InstallationId, ...]:
    """List the installations that are not suspended."""
    found = await app.session.pages("/app/installations")
    return tuple(
        InstallationId(number(each, "id")) for each in found if at(each, "suspended_at") is None
    )


async def watched_repositories(app: App, known: Sequence[Watched] = ()) -> tuple[Watched, ...]:
    """List every repository that the App was given, of all installations; archived ones not.

    An installation that cannot be read now must not stop the others: it has what it had, which is
    in `known`.  One that gives octobot nothing is left out and logged.
    """
    found: list[Watched] = []
    for installation in await installations(app):
        try:
            found += await _repositories(app, installation)
        except TryLater as later:
            log.warning("installation not read", installation=installation, because=str(later))
            found += [each for each in known if each.installation == installation]
        except Misconfigured as error:
            log.warning("installation left out", installation=installation, because=str(error))
    return tuple(found)


async def identify(app: App) -> BotAccount:
    """Read who the App is, and its bot's user id."""
    me = await app.session.get("/app")
    slug = text(me, "slug")
    login = f"{slug}[bot]"
    here = await installations(app)
    session = app.reader(here[0]) if here else app.anonymous()
    user = await session.get(f"/users/{quote(login)}")
    return BotAccount(number(me, "id"), slug, number(user, "id"), login)


async def _repositories(app: App, installation: InstallationId) -> list[Watched]:
    found = await app.lister(installation).pages("/installation/repositories", "repositories")
    return [
        Watched(
            installation,
            RepositoryId(number(each, "id")),
            Repository(text(each, "owner", "login"), text(each, "name")),
            text(each, "default_branch"),
        )
        for each in found
        if not (at(each, "archived") is True or at(each, "disabled") is True)
    ]
