"""What each delivery causes: the table event → flow, on one screen.

An event is only a hint that something may have changed.  The next pass finds what a lost one would
have reported.
"""

from typing import assert_never

from octobot.app.bot import Bot
from octobot.model.events import (
    ChecksChanged,
    Commented,
    Event,
    InstallationChanged,
    Pinged,
    Published,
    PullRequestChanged,
    Pushed,
)
from octobot.model.ids import Key, RepositoryId, change_of_group
from octobot.store.store import Store


async def on_event(bot: Bot, event: Event) -> None:
    """Start the flow that an event causes."""
    match event:
        case Pinged():
            pass
        case InstallationChanged():
            await bot.survey()
        case Commented():
            await bot.obey(event)
        case Published():
            await bot.check_soon(event.repository)
        case Pushed(is_default=True):
            await bot.follow(event.repository)
            await bot.check_soon(event.repository)
        case Pushed():
            await _reconcile(bot, event)
            await bot.check_soon(event.repository)
        case PullRequestChanged(text=Commented() as text):
            await bot.obey(text)  # before the lane, which may be about to merge
            await _reconcile(bot, event)
        case PullRequestChanged() | ChecksChanged():
            await _reconcile(bot, event)
        case _:
            assert_never(event)


async def _reconcile(bot: Bot, event: Event) -> None:
    for key in await keys_of(event, bot.store):
        await bot.lanes.hint(key)


async def keys_of(event: Event, store: Store) -> tuple[Key, ...]:
    """Return the lanes that an event is about; none when it is about a whole repository."""
    match event:
        case Pushed() | PullRequestChanged():
            return _of_branch(event.repository, event.branch)
        case ChecksChanged(branch=str(branch)) if branch:
            return _of_branch(event.repository, branch)
        case ChecksChanged():
            packages = await store.ledger.packages_of(event.repository, event.head)
            return tuple(Key(event.repository, package) for package in packages)
        case _:
            return ()


def _of_branch(repository: RepositoryId, branch: str) -> tuple[Key, ...]:
    """Read the package from `octobot/NAME/VERSION`, or the lane out of a group's branch."""
    match branch.split("/"):
        case ["octobot", package, _]:
            return (Key(repository, package),)
        case ["octobot", "group", name, _]:
            return (Key(repository, change_of_group(name)),)
        case _:
            return ()
