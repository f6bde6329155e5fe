"""Names and numbers that must not be mistaken for each other."""

import re
from dataclasses import dataclass
from typing import NewType, Self

Sha = NewType("Sha", str)
"""A git object id: 40 lower-case hexadecimal digits."""

Version = NewType("Version", str)
"""A package version that the apk grammar accepted, without its epoch."""

RepositoryId = NewType("RepositoryId", int)
"""GitHub's number of a repository; survives a rename, changes when a name is taken over."""

InstallationId = NewType("InstallationId", int)
"""GitHub's number of one installation of the App."""

PullNumber = NewType("PullNumber", int)
"""The number of a pull request within its repository."""

Guid = NewType("Guid", str)
"""`X-GitHub-Delivery`: one delivery; a redelivery keeps it."""

_SHA = re.compile("[0-9a-f]{40}")

_GROUP = "group/"
"""The prefix of a group's name in place of a package's; no package has a slash in its name."""


def change_of_group(name: str) -> str:
    """Return the name under which a group's change has its lane, its branch and its ledger."""
    return f"{_GROUP}{name}"


def group_named(change: str) -> str | None:
    """Return the name of the group that a change is of; None: it is of a lone package."""
    return change.removeprefix(_GROUP) if change.startswith(_GROUP) else None


def display_name(change: str) -> str:
    """Return a change's name as people know it: the package's, or the group's."""
    return change.removeprefix(_GROUP)


def read_sha(text: object) -> Sha | None:
    """Return an untrusted text as a git object id; None when it is not one."""
    return Sha(text) if isinstance(text, str) and _SHA.fullmatch(text) else None


@dataclass(frozen=True, slots=True, order=True)
class Repository:
    """A repository by its changeable name."""

    owner: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `owner/name`; anything else is a `ValueError`."""
        owner, slash, name = text.partition("/")
        if not (owner and slash and name) or "/" in name:
            raise ValueError(f"{text!r} is not of the form owner/name")
        return cls(owner, name)

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class Watched:
    """A distro repository on which the App is installed."""

    installation: InstallationId
    id: RepositoryId
    repository: Repository
    default_branch: str


@dataclass(frozen=True, slots=True)
class BotAccount:
    """octobot's own identity, by numbers that nobody can imitate."""

    app: int
    """The App's id: the one that its check runs carry."""
    slug: str
    id: int
    """The numeric user id under which the App writes."""
    login: str
    """`SLUG[bot]`."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A change in one watched repository, or one package of it: the key of a lane."""

    repository: RepositoryId
    package: str
    """The package's name, or what `change_of_group` makes of a group's."""

    @property
    def group(self) -> str | None:
        """The name of the group; None: it is a lone package."""
        return group_named(self.package)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str(key)` wrote."""
        number, _, package = text.partition("/")
        return cls(RepositoryId(int(number)), package)

    def __str__(self) -> str:
        return f"{self.repository}/{self.package}"
