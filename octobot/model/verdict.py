"""The judgement of a pull request: a value with its reasons, failing closed."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from octobot.model.bump import Proposed
from octobot.model.config import Config
from octobot.model.ids import Sha, Watched
from octobot.model.pull_request import PullState
from octobot.model.reasons import Reason
from octobot.model.release import Observation


class Outcome(Enum):
    """What a rule, or all rules together, say; the worst wins."""

    MERGE = "merge"
    WAIT = "wait"
    """Time, a check or GitHub will change this."""
    BLOCK = "block"
    """Only a person or a new version will change this."""


@dataclass(frozen=True, slots=True)
class LastLook:
    """What was looked up again once nothing else stood in the way of the merge."""

    pins: Reason | None
    """Why a pin of the proposed text does not hold any more; None: each is as proposed."""
    witness: Reason | None
    """Why the second source does not confirm the version; None: it does, or there is none."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What octobot itself remembers of the pull request it judges."""

    proposed: Proposed | None
    """The ledger's row for the pull request's branch; None: octobot never proposed it."""
    ledger: frozenset[Sha]
    """Every head commit that the API ever returned to octobot for this repository's branch."""
    observation: Observation | None
    """The target release as first seen."""
    tag_now: Sha | None
    """The commit that the upstream tag names now; None: it could not be read."""
    line_stopped: str | None = None
    """Why nothing may be merged in this repository until a person releases the line."""
    last_look: LastLook | None = None
    """None: not made yet; without it nothing is merged."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a judgement may rest on, gathered before it is made."""

    watched: Watched
    state: PullState
    memory: Memory
    config: Config | Reason
    """A Reason when the repository's file cannot be read."""
    foreign: tuple[str, ...]
    """What the pull request changes outside the allow-list of fields; computed by `specs`.

    Without a default on purpose: a caller that forgets it must not get an empty, that is good, one.
    """
    bot: int
    """octobot's own numeric user id."""
    app: int
    """octobot's own App id; its own check runs are never required of it."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one rule says."""

    rule: str
    outcome: Outcome
    reason: Reason


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
    """Of a group: whose ruling decides; empty when all say the same."""
