"""Suggestions: fixes for one failing head commit, as an edit of its spec, and their outcome.

A suggestion is bound to the commit that it was made for.  Nothing here is ever a reason to merge.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never

from octobot.model.ids import PullNumber, Sha
from octobot.model.orders import Person
from octobot.model.triage import (
    AddBuildPackage,
    Cause,
    Diagnosis,
    DropCherryPick,
    DropDependency,
    DropPatch,
    Fix,
    RaiseDependency,
    SetField,
)

FixClass = Literal[
    "add-build-package",
    "drop-patch",
    "drop-cherry-pick",
    "drop-dependency",
    "raise-dependency",
    "set-field",
]
"""The classes of edits that a repository's file may allow."""

SuggestionState = Literal["offered", "applying", "applied"]


def class_of(fix: Fix) -> FixClass:
    """Return the class of a fix, by its name in the repository's file."""
    match fix:
        case AddBuildPackage():
            return "add-build-package"
        case DropPatch():
            return "drop-patch"
        case DropCherryPick():
            return "drop-cherry-pick"
        case DropDependency():
            return "drop-dependency"
        case RaiseDependency():
            return "raise-dependency"
        case SetField():
            return "set-field"
        case _:
            assert_never(fix)


@dataclass(frozen=True, slots=True)
class SpecEdit:
    """One spec of a suggestion's edit."""

    path: str
    before: str
    """The spec at the commit whose checks failed."""
    after: str
    """The spec with the fixes."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """octobot's explanation of one failing head commit, and the edit that it offers."""

    number: PullNumber
    package: str
    path: str
    branch: str
    head: Sha
    """The commit whose checks failed; the edit fits this one only."""
    fingerprint: str
    templates: tuple[str, ...]
    cause: Cause
    """With the fixes of the edit; without any, only an explanation was offered."""
    before: str
    """The spec at `head`."""
    after: str
    """The spec with the fixes; equal to `before` when there is no edit."""
    at: datetime
    helped_in: PullNumber | None = None
    """The pull request of a similar failure that these fixes helped; None: they are new."""
    state: SuggestionState = "offered"
    commit: Sha | None = None
    """The commit that applied it."""
    others: tuple[SpecEdit, ...] = ()
    """The same fixes in other specs of a group that failed in the same way."""

    @property
    def has_edit(self) -> bool:
        """Return whether there is something to apply."""
        return self.after != self.before

    @property
    def edits(self) -> tuple[SpecEdit, ...]:
        """Return every spec that it edits; none when only an explanation was offered."""
        first = SpecEdit(self.path, self.before, self.after)
        return (first, *self.others) if self.has_edit else ()


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier suggestion, with the votes of people and the result of its checks."""

    number: PullNumber
    fingerprint: str
    templates: tuple[str, ...]
    cause: Cause
    ups: int = 0
    """People with write access who found it helpful."""
    downs: int = 0
    green: bool | None = None
    """Whether the checks succeeded once it was applied; None: it was not, or they run still."""

    @property
    def score(self) -> int:
        """Its weight: the result of the checks counts more than a few votes."""
        checks = 0 if self.green is None else (5 if self.green else -5)
        return checks + self.ups - self.downs


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked; it sees nothing else."""

    package: str
    version: str
    """The version that the failing commit brings."""
    text: str
    """The spec at the failing commit."""
    diagnosis: Diagnosis
    places: tuple[str, ...] = ()
    """The fields that an edit may name, each with the text that it has now."""
    examples: tuple[Past, ...] = ()
    """Similar failures whose fixes helped, the best first."""


@dataclass(frozen=True, slots=True)
class Unasked:
    """The model gave no usable answer: refused, unreadable, timed out, or over budget."""

    because: str
    """For the log and the operator; never quotes what the model wrote."""


@dataclass(frozen=True, slots=True)
class AppliedFixes:
    """The fixes of octobot's own suggestions that the judged commit contains."""

    classes: frozenset[FixClass]
    by_model: bool
    """True: a model proposed at least one of the edits."""


@dataclass(frozen=True, slots=True)
class Thumb:
    """One reaction on a comment of octobot's."""

    person: Person
    up: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many questions a model may be asked in a day."""

    day: int
    """Of all repositories together."""
    repository: int


NO_QUESTIONS = Allowance(0, 0)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the comment on a failing head says besides the log."""

    suggestion: Suggestion
    same_as: PullNumber | None = None
    """The pull request whose comment explains the same failure in full."""
    refused: str = ""
    """Why the proposed edit is not shown: it does not fit, or touches a field that it may not."""
    pending: bool = False
    """True: another process is asking a model; the comment will be completed."""
    applies_itself: bool = False
    """True: the repository's file lets octobot apply this without a person."""
