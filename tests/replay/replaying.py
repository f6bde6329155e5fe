"""Runs recorded bumps: the conversation of a real bump, its look-ups answered from facts.

The cases are real bumps of a public distro (format: `../shared/data/README.md`).  A case gives the
spec before, what upstream showed, and the spec after.
"""

import difflib
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from octobot.model.bump import (
    Answer,
    Ask,
    Bumped,
    CommitOf,
    ContainedIn,
    DigestOf,
    GoModOf,
)
from octobot.model.ids import Version
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Release
from octobot.specs.bump import bump

CASES = Path(__file__).parents[3] / "shared" / "data" / "replay-dev.jsonl.gz"

SAME_BYTES = "same bytes"
DIFFERENT = "different"
REFUSED = "refused"

REFUSALS = {
    "tag-moved": ReasonCode.TAG_MOVED,
    "epoch-only": ReasonCode.EPOCH_ONLY,
    "unmoved": ReasonCode.NOTHING_CHANGES,
}
"""Classes that are to be refused, and with what."""
_BUMPS = ("pruned-deps", "pruned-picks")


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded bump."""

    id: str
    time: int
    path: str
    kind: str
    """The case's class."""
    source: str
    """The version before."""
    target: str
    before: str
    after: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case."""

    case: Case
    outcome: str
    reason: Reason | None
    text: str

    @property
    def as_wanted(self) -> bool:
        """Tell whether the bytes are the same, or the refusal is the right one."""
        wanted = REFUSALS.get(self.case.kind)
        if wanted is None and self.outcome == SAME_BYTES:
            return True
        if self.case.kind in _BUMPS and self.case.source == self.case.target:
            wanted = ReasonCode.TAG_MOVED  # a version that stays is a moved tag, whatever else
        return self.reason is not None and self.reason.code is wanted

    def diff(self) -> str:
        """Give the difference between the recorded text and ours."""
        lines = difflib.unified_diff(
            self.case.after.splitlines(),
            self.text.splitlines(),
            "recorded",
            "ours",
            n=1,
            lineterm="",
        )
        return "\n".join(lines)


def cases(path: Path = CASES) -> Iterator[Case]:
    """Read the cases, newest first."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            yield Case(
                case["id"],
                case["time"],
                case["path"],
                case["class"],
                case["from"],
                case["to"],
                case["before"],
                case["after"],
                case["facts"],
            )


def replay(case: Case) -> Result:
    """Bump the spec of a case."""
    target = Candidate(Release(case.target), Version(case.target))
    conversation = bump(case.path, case.before, target)
    answer: Answer = None
    while True:
        try:
            ask = conversation.send(answer)
        except StopIteration as end:
            return _result(case, end.value)
        answer = answer_from(case.facts, ask)


def answer_from(facts: dict[str, Any], ask: Ask) -> Answer:
    """Look the answer up in the facts."""
    match ask:
        case CommitOf():
            return _commit(facts, ask)
        case DigestOf():
            found = (a.get(ask.algorithm) for a in facts["archives"] if a["uri"] == ask.uri)
            return next((digest for digest in found if digest), None)
        case GoModOf():
            gomod: dict[str, str] | None = facts.get("gomod")
            return gomod
        case ContainedIn():
            contained = facts.get("contained")
            return None if contained is None else frozenset(contained) & frozenset(ask.commits)


def _commit(facts: dict[str, Any], ask: CommitOf) -> str | None:
    for fact in facts["tags"]:
        ref = "HEAD"
        if fact.get("tag"):
            ref = f"refs/tags/{fact['tag']}"
        elif fact.get("branch"):
            ref = f"refs/heads/{fact['branch']}"
        if (fact["repository"], ref) == (ask.repository, ask.ref):
            return str(fact["commit"])
    return None


def _result(case: Case, outcome: Bumped | Reason) -> Result:
    if isinstance(outcome, Reason):
        return Result(case, REFUSED, outcome, "")
    same = outcome.text == case.after
    return Result(case, SAME_BYTES if same else DIFFERENT, None, outcome.text)
