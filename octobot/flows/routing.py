"""From an event to the lanes that should look again.

An event is believed in one thing only: that looking may be worth it.
"""

from typing import assert_never

from octobot.flows.seams.seams import Store
from octobot.model.config import LANE
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
from octobot.model.ids import Key, Repository, RepositoryId


async def keys_of(event: Event, store: Store) -> tuple[Key, ...]:
    """Give the packages that an event is about; none when it is about a whole repository."""
    match event:
        case Pinged() | InstallationChanged() | Published() | Commented():
            return ()
        case (
            Pushed(repository=repository, branch=branch)
            | PullRequestChanged(repository=repository, branch=branch)
        ):
            return _of_branch(repository, branch)
        case ChecksChanged(repository=repository, head=head, branch=branch):
            if branch:
                return _of_branch(repository, branch)
            packages = await store.packages_of(repository, head)
            return tuple(Key(repository, package) for package in packages)
        case _:
            assert_never(event)


def identifiers_of(repository: Repository) -> tuple[str, ...]:
    """Give the ways in which specs name a repository on GitHub as their upstream."""
    url = f"https://github.com/{repository}"
    return str(repository), url, f"{url}.git"


def _of_branch(repository: RepositoryId, branch: str) -> tuple[Key, ...]:
    """Read the package out of `octobot/NAME/VERSION`, or the lane out of a group's branch."""
    match branch.split("/"):
        case ["octobot", package, _]:
            return (Key(repository, package),)
        case ["octobot", "group", name, _]:
            return (Key(repository, f"{LANE}{name}"),)
        case _:
            return ()
