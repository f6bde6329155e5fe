"""Suggestions: mends made into an edit of one failing head, and what became of them.

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
    Mend,
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


def class_of(mend: Mend) -> FixClass:
    """Name the class of a mend as the repository's file does."""
    match mend:
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
            assert_never(mend)


@dataclass(frozen=True, slots=True)
class SpecEdit:
    """One spec of a suggestion's edit."""

    path: str
    before: str
    """The spec at the commit whose checks failed."""
    after: str
    """The spec with the mends."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What octobot said about one failing head, and the edit that it offers."""

    number: PullNumber
    package: str
    path: str
    branch: str
    head: Sha
    """The commit whose checks failed; the edit fits this one only."""
    fingerprint: str
    templates: tuple[str, ...]
    cause: Cause
    """With the mends of the edit; none: nothing but words was offered."""
    before: str
    """The spec at `head`."""
    after: str
    """The spec with the mends; equal to `before` when there is no edit."""
    at: datetime
    helped_in: PullNumber | None = None
    """The pull request of a similar failure that these mends helped; None: they are new."""
    state: SuggestionState = "offered"
    commit: Sha | None = None
    """The commit that applied it."""
    others: tuple[SpecEdit, ...] = ()
    """The same mends in other specs of a group that failed in the same way."""

    @property
    def has_edit(self) -> bool:
        """Return whether there is something to apply."""
        return self.after != self.before

    @property
    def edits(self) -> tuple[SpecEdit, ...]:
        """Return every spec that it edits; none: nothing but words was offered."""
        first = SpecEdit(self.path, self.before, self.after)
        return (first, *self.others) if self.has_edit else ()


@dataclass(frozen=True, slots=True)
class Past:
    """A suggestion of before, with what people and checks said of it."""

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
        """Weigh it: what the checks said counts more than any few votes."""
        checks = 0 if self.green is None else (5 if self.green else -5)
        return checks + self.ups - self.downs


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked; there is nothing else that it gets to see."""

    package: str
    version: str
    """The version that the failing commit brings."""
    text: str
    """The spec at the failing commit."""
    diagnosis: Diagnosis
    places: tuple[str, ...] = ()
    """The fields that an edit may name, each with the text that it has now."""
    examples: tuple[Past, ...] = ()
    """Similar failures whose mends helped, the best first."""


@dataclass(frozen=True, slots=True)
class Unasked:
    """A model's answer that there is none: refused, unreadable, timed out, or over budget."""

    because: str
    """For the log and the operator; never quotes what the model wrote."""


@dataclass(frozen=True, slots=True)
class Mended:
    """What octobot's own suggestions changed of the proposal that is judged."""

    classes: frozenset[FixClass]
    by_model: bool
    """True: at least one of the edits was a model's idea."""


@dataclass(frozen=True, slots=True)
class Thumb:
    """One reaction on a comment of ours."""

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
    """The pull request on which the same failure is told in full."""
    refused: str = ""
    """Why the edit that was proposed is not shown: it did not fit, or touched what it may not."""
    pending: bool = False
    """True: a model is being asked by somebody else; there will be more to say."""
    applies_itself: bool = False
    """True: the repository's file lets octobot apply this without a person."""
