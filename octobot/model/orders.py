"""What people ordered by slash commands, and which permission each command needs.

A command is only text until GitHub confirms who wrote it and what that person may do.  It results
in an order: a value that flows and policy read, never an act by itself.  An order about a pull
request names the head commit that it was given for, so it ends when that commit changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from octobot.model.ids import PullNumber, RepositoryId, Sha
from octobot.model.release import Candidate

Level = Literal["none", "read", "triage", "write", "maintain", "admin"]
"""What GitHub lets a person do in a repository, from least to most."""

LEVELS: tuple[Level, ...] = ("none", "read", "triage", "write", "maintain", "admin")

COMMANDS: Mapping[str, Level] = {
    "help": "triage",
    "status": "triage",
    "explain": "triage",
    "bump": "write",
    "recreate": "write",
    "recheck": "triage",
    "retry": "triage",
    "merge": "write",
    "hold": "triage",
    "unhold": "write",
    "ignore": "write",
    "unignore": "write",
    "close": "write",
    "rebuild": "write",
    "wave": "write",
    "apply": "write",
    "reset": "write",
    "accept-tag-move": "maintain",
    "pause": "maintain",
    "resume": "maintain",
}
"""Every command with the lowest permission that may use it; the repository's file may differ."""

FORMER_COMMANDS: Mapping[str, str] = {
    "release": "unhold",
    "rebase": "recreate",
    "adopt": "reset",
    "epoch": "rebuild",
}
"""What commands were called until 0.1 → their names; read wherever somebody writes one."""

WAIVABLE: Mapping[str, Level | None] = {"automerge": "write", "hold": "maintain", "age": None}
"""The rules that `merge` may waive, with the lowest permission; the repository's file may differ.

None: nobody may.  All other rules keep a distro safe and are never waived.
"""


def may(level: Level, needed: Level | None) -> bool:
    """Return whether a level is at least the needed one; nobody may do what needs None."""
    if needed is None or level == "none":
        return False
    return LEVELS.index(level) >= LEVELS.index(needed)


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote a comment, as GitHub says."""

    id: int
    """The numeric user id; a login can change hands."""
    login: str
    bot: bool = False
    """An App's account, or a comment that was written through an App."""


TextKind = Literal["comment", "review", "review comment", "issue"]
"""Where people write: GitHub numbers each of these apart.

`issue` is the first text of an issue or a pull request.
"""


@dataclass(frozen=True, slots=True)
class TextRef:
    """Which text: enough to read it from GitHub."""

    kind: TextKind
    id: int
    """GitHub's id; of an `issue` its number."""
    thread: int = 0
    """The pull request of a `review`, which is not found without it; else it may be 0."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote on a pull request or issue, as GitHub shows it at this moment."""

    id: int
    thread: int
    """The number of the pull request or issue."""
    is_pull: bool
    author: Person
    body: str
    created: datetime
    """By GitHub's clock."""
    updated: datetime
    """When GitHub changed anything about it.  Equal to `created` it proves nothing, being of whole
    seconds, and different neither: GitHub sometimes dates an unedited comment a second later."""
    edited: bool | None = None
    """Whether the text is not the one that was first written; None: not known, so not obeyed."""
    editor: int | None = None
    """Who edited it last; None: nobody, or not known."""
    kind: TextKind = "comment"
    about: Sha | None = None
    """The commit that a review or a review comment is about."""

    @property
    def ref(self) -> TextRef:
        """Which text this is."""
        return TextRef(self.kind, self.id, self.thread)


@dataclass(frozen=True, slots=True)
class Issued:
    """Who issued an order, and when, by GitHub's clock."""

    by: int
    login: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is proposed and nothing is merged in the whole repository."""

    issued: Issued


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing of this package is proposed or merged, until `unhold` or until a moment."""

    reason: str
    until: datetime | None
    issued: Issued

    def is_active(self, now: datetime) -> bool:
        """Return whether the hold has not expired."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Ignore:
    """A version (`1.2.3`), or a stream of versions (`1.2.x`), that is not proposed."""

    what: str
    issued: Issued


@dataclass(frozen=True, slots=True)
class Wish:
    """A version that somebody asked for, whichever selection would choose."""

    target: Candidate | None
    """None: the newest one, even if its pull request was closed before."""
    despite: tuple[int, ...]
    """Pull requests that were closed before the order; they do not block it."""
    issued: Issued


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Raise the epoch of this full version, and change nothing else."""

    of: str
    """The full version of the spec when it was asked for, such as `1.2.3-r0`."""
    reason: str
    despite: tuple[int, ...]
    """Pull requests that were closed before the order; they do not block it."""
    issued: Issued


@dataclass(frozen=True, slots=True)
class Waiver:
    """Merge this head commit without the rules that may be waived."""

    head: Sha
    level: Level
    """The person's permission at that time: it decides which rules are waived."""
    issued: Issued


@dataclass(frozen=True, slots=True)
class Recreate:
    """Close the pull request with this head commit and open a new one."""

    head: Sha
    foreign: bool
    """True: commits that octobot did not make are discarded with it."""
    issued: Issued


@dataclass(frozen=True, slots=True)
class Closing:
    """Close this pull request of octobot's; its version is not proposed again."""

    number: PullNumber
    issued: Issued


@dataclass(frozen=True, slots=True)
class Acceptance:
    """This upstream name may now point to this commit, though it was first seen at another one."""

    name: str
    commit: Sha
    issued: Issued


Order = Pause | Hold | Ignore | Wish | Rebuild | Waiver | Recreate | Closing | Acceptance


@dataclass(frozen=True, slots=True)
class PackageOrders:
    """Every order that concerns one package, its repository's included."""

    paused: Pause | None = None
    hold: Hold | None = None
    ignored: tuple[Ignore, ...] = ()
    wish: Wish | None = None
    rebuild: Rebuild | None = None
    waiver: Waiver | None = None
    recreate: Recreate | None = None
    closing: Closing | None = None
    accepted: tuple[Acceptance, ...] = ()

    def ignores(self, version: str) -> Ignore | None:
        """Return the order by which this version is ignored."""
        return next((one for one in self.ignored if covers(one.what, version)), None)

    def accepts(self, name: str, commit: Sha | None) -> Acceptance | None:
        """Return the order by which an upstream name may point to this commit."""
        return next((a for a in self.accepted if (a.name, a.commit) == (name, commit)), None)


NO_ORDERS = PackageOrders()


def covers(what: str, version: str) -> bool:
    """Return whether a version is `what`, or of the stream `what` (`1.2.x`)."""
    if not what.endswith(".x"):
        return version == what
    stream = what.removesuffix("x")
    return version.startswith(stream) or version == stream.removesuffix(".")


def stream_of(version: str) -> str | None:
    """Return the stream of a version, with its last number as `x`; None when it has one number."""
    before, dot, _ = version.partition("_")[0].rpartition(".")
    return f"{before}.x" if dot else None


Taken = Literal["new", "again", "no"]
"""Whether a comment is processed: the first time, after a crashed process, or not at all."""


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the audit log: who asked for what, and the outcome."""

    repository: RepositoryId
    thread: int
    comment: int
    position: int
    """Of the command within its comment, counted from 0."""
    person: Person
    level: Level
    command: str
    words: str
    """Its arguments as they were written, cut; untrusted text."""
    package: str
    """Empty: it was about none, or about the whole repository."""
    head: Sha | None
    """The pull request's head commit when it was carried out."""
    outcome: Literal["done", "refused"]
    answer: str
    """The reply."""
    at: datetime
    kind: TextKind = "comment"
    """Where it was written."""
    answered: bool = True
    """Whether the answer is posted; who can only read gets none."""

    @property
    def text(self) -> tuple[TextKind, int]:
        """The text that it was written in."""
        return self.kind, self.comment
