"""How well the rules do on logs whose cause is known.

A case is right in two ways that are counted apart: the true line is among those kept, which is
what a person or a model gets to see; and the cause is of the true class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from octobot.model.pull_request import CheckRun, FailedCheck
from octobot.model.triage import CauseClass, Diagnosis
from octobot.triage.log.budget import TOKENS, shown, tokens
from octobot.triage.log.triage import LogTriage

LINES, CLASSES = 0.95, 0.85
"""The least shares of cases with the true line kept, and with the true class."""


@dataclass(frozen=True, slots=True)
class Case:
    """A log of which somebody knows why it failed."""

    name: str
    log: str
    kind: CauseClass
    line: int
    """The decisive one, counted from 1."""
    made: str = ""
    """When it was written: `rules` beside them, `held-out` after they were done."""


@dataclass(frozen=True, slots=True)
class Score:
    """How one case came out."""

    case: Case
    found: CauseClass
    kept: bool
    """The true line is among those shown."""
    tokens: int

    @property
    def right(self) -> bool:
        """Whether the class is the true one."""
        return self.found is self.case.kind


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How all cases came out."""

    scores: tuple[Score, ...]

    @property
    def lines(self) -> float:
        """The share of cases whose true line is shown."""
        return _share([score.kept for score in self.scores])

    @property
    def classes(self) -> float:
        """The share of cases whose class is right."""
        return _share([score.right for score in self.scores])

    @property
    def most_tokens(self) -> int:
        """Of any one case."""
        return max((score.tokens for score in self.scores), default=0)

    @property
    def median_tokens(self) -> int:
        """Of the cases."""
        return round(median([score.tokens for score in self.scores] or [0]))

    @property
    def good(self) -> bool:
        """Whether every aim is reached; no cases reach none."""
        return (
            self.lines >= LINES and self.classes >= CLASSES and self.most_tokens <= TOKENS
        ) and bool(self.scores)

    def of(self, made: str) -> "Evaluation":
        """Return the part of the cases that were made at one time."""
        return Evaluation(tuple(score for score in self.scores if score.case.made == made))


def evaluate(cases: Sequence[Case]) -> Evaluation:
    """Diagnose every case by rules alone, and score it."""
    triage = LogTriage()
    return Evaluation(tuple(_score(triage, case) for case in cases))


def cost(diagnosis: Diagnosis) -> int:
    """Estimate the tokens of the lines that are shown."""
    return tokens("".join(shown(line.number, line.text) for line in diagnosis.lines))


def _score(triage: LogTriage, case: Case) -> Score:
    check = CheckRun(0, case.name, 0, "completed", "failure")
    found = triage.diagnose(FailedCheck(check, case.log))
    kept = any(line.number == case.line for line in found.lines)
    return Score(case, found.why.kind, kept, cost(found))


def _share(right: Sequence[bool]) -> float:
    return sum(right) / len(right) if right else 0.0
