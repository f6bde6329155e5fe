"""The judgement of a pull request: a value with its reasons, failing closed."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Literal

from octobot.model.bump import Proposed
from octobot.model.config import Config
from octobot.model.ids import Sha, Version, Watched
from octobot.model.orders import Waiver
from octobot.model.pull_request import MergeTry, PullState
from octobot.model.reasons import Reason
from octobot.model.release import Observation
from octobot.model.suggestion import AppliedFixes


class Outcome(Enum):
    """The result of a rule, or of all rules together; the worst wins."""

    MERGE = "merge"
    WAIT = "wait"
    """Time, a check or GitHub will change this."""
    BLOCK = "block"
    """Only a person or a new version will change this."""


@dataclass(frozen=True, slots=True)
class FinalCheck:
    """What was looked up again when nothing else prevented the merge."""

    pins: Reason | None
    """Why a pin of the proposed text does not hold any more; None: each is as proposed."""
    second_source: Reason | None
    """Why the second source does not confirm the version; None: confirmed, or no second source."""
    overrides: Reason | None
    """Why a dependency override that was dropped is still needed, or may be; None: none is."""


JumpSize = Literal["major", "minor", "patch"]


@dataclass(frozen=True, slots=True)
class Jump:
    """How far a spec's version goes, from the text of the base to that of the head."""

    before: Version
    after: Version
    size: JumpSize
    steps: int
    """Of the first number; of a date, in years; 0 for a running number that rises a little."""
    scheme: str = ""
    """How the way of numbering changed, such as `plain to date`; empty: it did not."""

    def unusual(self, largest: int) -> str:
        """Say what is unusual where the first number may rise by `largest`; empty: nothing is."""
        if self.scheme:
            return f"from {self.before} to {self.after} the numbering goes from {self.scheme}"
        if self.size == "major" and self.steps > largest:
            return f"from {self.before} to {self.after} are {self.steps} steps, not {largest}"
        return ""


@dataclass(frozen=True, slots=True)
class Urgency:
    """What allows a merge before the full age: both signals are needed."""

    fixed: tuple[str, ...]
    """Ids of known vulnerabilities of the old version that the new one does not have."""
    confirmed_by: str
    """The second source that knows the version, in words; empty: none does."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What octobot itself has recorded about the pull request that it judges."""

    proposed: Proposed | None
    """The ledger's row for the pull request's branch; None: octobot never proposed it."""
    ledger: frozenset[Sha]
    """Every head commit that the API ever returned to octobot for this repository's branch."""
    observation: Observation | None
    """The target release as first seen."""
    tag_now: Sha | None
    """The commit that the upstream tag names now; None: it could not be read."""
    base_unchanged: bool | None = None
    """Whether the default branch still has the text that was bumped; None: not known."""
    merging_halted: str | None = None
    """Why nothing may be merged in this repository until a person ends the halt."""
    final_check: FinalCheck | None = None
    """None: not made yet; without it nothing is merged."""
    urgency: Urgency | None = None
    """None: not asked; the full age applies."""
    fixes: AppliedFixes | None = None
    """The suggested fixes that were applied; `unexpected` does not list their edits."""
    waiver: Waiver | None = None
    """What a person waived for exactly this head commit."""
    tries: tuple[MergeTry, ...] = ()
    """What octobot asked GitHub for in this pull request, newest first."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a judgement may rest on, gathered before it is made."""

    watched: Watched
    state: PullState
    memory: Memory
    config: Config | Reason
    """A Reason when the repository's file cannot be read."""
    unexpected: tuple[str, ...]
    """The fields that the pull request changes and a bump may not; computed by `specs`.

    Without a default on purpose: a caller that forgets it must not get an empty one, which is good.
    """
    bot: int
    """octobot's own numeric user id."""
    app: int
    """octobot's own App id; its own check runs are never required."""
    now: datetime
    """The earlier of octobot's clock and GitHub's: a clock that is ahead makes nothing older."""
    jump: Jump | None = None
    """How far the package's version goes; None: not known, and that is not small."""


OPEN = "open"
"""The rule that the pull request is open: without it, nothing is judged any more."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """The result of one rule."""

    rule: str
    outcome: Outcome
    reason: Reason
    later: bool = False
    """Not checked yet: that follows once no other rule stops the merge, so it is no failure."""
    pages: tuple[str, ...] = ()
    """GitHub's pages of the check runs that stop it, as they are named in the reason."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every ruling, and the one that decides."""

    head: Sha
    """The verdict holds for this commit only."""
    rulings: tuple[Ruling, ...]
    outcome: Outcome
    reason: Reason
    """Of the first ruling with the worst outcome."""
    again: datetime | None = None
    """When time alone will change the verdict."""
    package: str = ""
    """Of a group: the package whose ruling decides; empty when all rulings agree."""
