"""A bump, the lookups that it needs, and the resulting text.

A bump is a generator: it yields an `Ask`, and the driver sends the `Answer`.  In production the
answers come from the upstreams, in a backtest from recorded facts; the code that asks is the same.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from octobot.model.ids import Sha, Version
from octobot.model.package import Package
from octobot.model.reasons import Reason
from octobot.model.release import Candidate


@dataclass(frozen=True, slots=True)
class Bump:
    """The intent: this package goes from this version to that one."""

    package: str
    path: str
    current: Version
    target: Candidate

    @property
    def branch(self) -> str:
        """The deterministic branch `octobot/NAME/VERSION`."""
        return f"octobot/{self.package}/{self.target.version}"


@dataclass(frozen=True, slots=True)
class CommitOf:
    """Which commit does this ref of this repository name?  Answer: a peeled `Sha`, or None."""

    repository: str
    """The checkout's own evaluated URL."""
    ref: str
    """`refs/tags/NAME`, `refs/heads/NAME` or `HEAD`."""


@dataclass(frozen=True, slots=True)
class DigestOf:
    """What is the digest of the file at this address?  Answer: lower-case hex, or None."""

    uri: str
    algorithm: Literal["sha256", "sha512"]


@dataclass(frozen=True, slots=True)
class GoModOf:
    """What is built by the tag's `go.mod`?  Answer: module path to version, or None.

    A module that is replaced by a fork or a folder has no known version.
    """

    repository: str
    ref: str
    directory: str = "."


@dataclass(frozen=True, slots=True)
class ContainedIn:
    """Which of these commits are ancestors of the ref?  Answer: a frozenset, or None."""

    repository: str
    ref: str
    commits: tuple[str, ...]


Ask = CommitOf | DigestOf | GoModOf | ContainedIn
Answer = str | Mapping[str, str] | frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Change:
    """One scalar (or removed step) that the bump rewrote."""

    field: str
    """A readable path such as `package.version` or `pipeline[0].with.expected-commit`."""
    line: int
    """Line in the text before, counted from 1."""
    before: str
    after: str
    """Empty when the lines were removed."""


@dataclass(frozen=True, slots=True)
class Bumped:
    """The spec's text after a bump; every byte that is not in `changes` is the same."""

    text: str
    changes: tuple[Change, ...]


Bumping = Generator[Ask, Answer, Bumped | Reason]
"""The conversation of one bump; it ends in new text or in the reason why not."""


REMOVED = "removed"
"""The fate of a merged spec that was removed from the default branch."""

ProposalState = Literal["intended", "open", "merged", "superseded", "closed-by-person", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the store remembers of a proposal: the ledger's row."""

    package: str
    version: Version
    branch: str
    base: Sha
    """The commit of the default branch that the proposal was made on."""
    blob: Sha
    """The git blob id of the proposed text."""
    head: Sha | None
    """The commit that the API returned; None between the intent and the answer."""
    number: int | None
    """The pull request, once it is known."""
    state: ProposalState
    at: datetime
    files: tuple[tuple[str, Sha], ...] = ()
    """(path, blob id) of every spec that a group's proposal sets, by path; empty: `package`'s."""
    renews: Sha | None = None
    """The head that is or was replaced by one on the newest base; its pull request stays open."""
    fates: tuple[tuple[str, str], ...] = ()
    """(path, the commit of the default branch that reverted the merged version, or `removed`)."""

    @property
    def expected(self) -> Mapping[str, Sha]:
        """Every path that the proposal changes, with the blob it must have afterwards."""
        return dict(self.files) or {f"{self.package}.yaml": self.blob}

    def is_removed(self, path: str) -> bool:
        """Return whether the spec was removed since: one that is added again is a new package."""
        return (path, REMOVED) in self.fates

    @property
    def is_rebuild(self) -> bool:
        """Whether it keeps the version and raises the epoch alone: no version has an epoch."""
        return "-r" in self.version


def rebuilt(package: Package) -> Version:
    """Return what a rebuild's proposal has for a version: the full version that it makes."""
    return Version(f"{package.version}-r{package.epoch + 1}")
