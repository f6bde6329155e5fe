"""Deliveries as typed, past-tense events that carry only what is used.

An event is a hint to check again, never an instruction.
"""

from dataclasses import dataclass

from octobot.model.ids import InstallationId, PullNumber, RepositoryId, Sha
from octobot.model.orders import TextKind, TextRef


@dataclass(frozen=True, slots=True)
class Pinged:
    """GitHub sent a ping."""


@dataclass(frozen=True, slots=True)
class InstallationChanged:
    """The App was installed, removed or suspended, or its repositories changed."""

    installation: InstallationId


@dataclass(frozen=True, slots=True)
class Pushed:
    """A branch moved."""

    repository: RepositoryId
    branch: str
    head: Sha
    is_default: bool


@dataclass(frozen=True, slots=True)
class Published:
    """A tag or branch was created, or a release was published, edited or withdrawn."""

    repository: RepositoryId


@dataclass(frozen=True, slots=True)
class ChecksChanged:
    """A check run, check suite or status moved on a commit."""

    repository: RepositoryId
    head: Sha
    branch: str | None
    """None when GitHub does not say: statuses, and runs from forks."""


@dataclass(frozen=True, slots=True)
class Commented:
    """Somebody wrote a text that may contain a command; the text is read from GitHub again."""

    repository: RepositoryId
    comment: int
    """The text's id, as in `TextRef`."""
    author: int
    """The numeric user id of who wrote it, as the delivery says."""
    text_kind: TextKind = "comment"
    """Not `kind`, under which a stored event has its own name."""
    thread: int = 0

    @property
    def ref(self) -> TextRef:
        """Which text it is."""
        return TextRef(self.text_kind, self.comment, self.thread)


@dataclass(frozen=True, slots=True)
class PullRequestChanged:
    """A pull request was opened, pushed to, closed, merged, reviewed or edited."""

    repository: RepositoryId
    number: PullNumber
    branch: str
    text: Commented | None = None
    """The description or review that came with it, where that may hold a command."""


Event = (
    Pinged
    | InstallationChanged
    | Pushed
    | Published
    | PullRequestChanged
    | ChecksChanged
    | Commented
)
