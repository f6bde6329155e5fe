"""Where the settings of an organisation are: in its repository `.github`, if the App is on it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from octobot.github.app.app import App
from octobot.github.app.installations import BotAccount
from octobot.github.repository.config_files import Organisation
from octobot.github.repository.handle import Handle
from octobot.model.ids import RepositoryId, Watched

NAME = ".github"
_READING: Mapping[str, str] = MappingProxyType({"contents": "read", "metadata": "read"})


def organisations(watched: Sequence[Watched]) -> Mapping[RepositoryId, Watched]:
    """Give the owner's `.github` for each repository that has one within its installation."""
    above = {
        (each.installation, each.repository.owner): each
        for each in watched
        if each.repository.name == NAME
    }
    return {
        each.id: found
        for each in watched
        if (found := above.get((each.installation, each.repository.owner))) and found.id != each.id
    }


def organisation(app: App, above: Watched | None, bot: BotAccount) -> Organisation | None:
    """Open the road to an organisation's file, with a token that reads this repository alone."""
    if above is None:
        return None
    scope = frozenset({above.id})
    road = app.installation(above.installation, repositories=scope, permissions=_READING)
    return Organisation(Handle(road, above, bot))
