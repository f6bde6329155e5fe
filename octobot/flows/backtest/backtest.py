"""What would octobot have done?  Recorded bumps, made again by the code of a real bump.

A case has the spec before a recorded bump and the version it went to.  The bump's questions are
answered from facts, never from the outside; everything else is what `propose` runs.
"""

import difflib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

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
from octobot.model.stream import is_inside, stream_of
from octobot.model.version import is_greater, parse
from octobot.specs.bump.bump import bump
from octobot.specs.history import history
from octobot.specs.history.facts import ANYWHERE, Facts, facts_of
from octobot.specs.read.parsing import read_tree
from octobot.specs.read.sources import Target

REFUSALS: Mapping[str, ReasonCode] = {
    history.TAG_MOVED: ReasonCode.TAG_MOVED,
    history.EPOCH_ONLY: ReasonCode.EPOCH_ONLY,
    history.UNMOVED: ReasonCode.PINS_UNCHANGED,
    history.LEFT_STREAM: ReasonCode.LEAVES_STREAM,
}
"""Classes of recorded bumps that are to be refused, and with what."""
UNKNOWN_KIND = "unknown"
"""The class of a case that names none and has no text after."""
SOON = 14 * 24 * 60 * 60
"""Seconds within which a bump counts as reverted."""
_TITLE = " package update"
"""How the subject of a package update ends: `NAME/VERSION package update`."""


class Outcome(StrEnum):
    """How a case ended."""

    SAME = "same bytes"
    DIFFERENT = "different"
    REFUSED = "refused"
    WRITTEN = "written"
    """The case has no text after to compare with."""


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded bump."""

    id: str
    time: int
    """Of the commit, in seconds since 1970; 0 when it is not known."""
    path: str
    """The spec's path in the distro, `NAME.yaml`."""
    kind: str
    """The class that the case names; empty when it names none."""
    source: str
    """The version before."""
    target: str
    before: str
    after: str | None
    """The recorded text; None in a case whose answer is kept back."""
    facts: Facts

    @property
    def package(self) -> str:
        """The package's name."""
        return self.path.rpartition("/")[2].removesuffix(".yaml")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that changed one spec: maybe a bump."""

    id: str
    time: int
    path: str
    subject: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Result:
    """What octobot made of one case."""

    id: str
    time: int
    package: str
    kind: str
    """The case's class, or, where it names none, that of the recorded or else of our own text."""
    source: str
    target: str
    outcome: Outcome
    reason: Reason | None
    """Why nothing was written."""
    text: str
    """The resulting spec; empty when the bump was refused."""
    diff: str
    """From the recorded text to octobot's, when they differ."""

    @property
    def as_wanted(self) -> bool:
        """Whether the bytes are the recorded ones or, where that is right, nothing was written."""
        if self.kind == history.TAKEN_BACK:
            return self.reason is not None
        if self.outcome is Outcome.SAME and self.kind not in REFUSALS:
            return True
        # A version that stays is a moved tag, whatever else the recorded bump did.
        same = self.source == self.target
        pruned = same and self.kind in (history.PRUNED_DEPS, history.PRUNED_PICKS)
        wanted = ReasonCode.TAG_MOVED if pruned else REFUSALS.get(self.kind)
        return self.reason is not None and self.reason.code is wanted


def replay(case: Case) -> Result:
    """Make one recorded bump again, unless its version would not be chosen."""
    left = _leaves_stream(case)
    made = left or _answered(case)
    text = made.text if isinstance(made, Bumped) else ""
    reason = made if isinstance(made, Reason) else None
    outcome = Outcome.REFUSED if reason else _compared(case, text)
    return Result(
        id=case.id,
        time=case.time,
        package=case.package,
        kind=history.LEFT_STREAM if left else case.kind or _kind_of(case, text),
        source=case.source,
        target=case.target,
        outcome=outcome,
        reason=reason,
        text=text,
        diff=_diff(case.after or "", text) if outcome is Outcome.DIFFERENT else "",
    )


def with_taken_back(results: Sequence[Result]) -> list[Result]:
    """Put bumps that the distro reverted into a class of their own: the next starts below them."""
    by_package: defaultdict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_package[result.package].append(result)
    gone = {id(one) for each in by_package.values() for one in _taken_back(each)}
    return [replace(one, kind=history.TAKEN_BACK) if id(one) in gone else one for one in results]


def _taken_back(results: Sequence[Result]) -> Iterator[Result]:
    in_order = sorted((one for one in results if one.time), key=lambda one: one.time)
    for number, one in enumerate(in_order):
        soon = [it for it in in_order[number + 1 :] if it.time - one.time <= SOON]
        below = any(
            _rises(version, one.target) for it in soon for version in (it.source, it.target)
        )
        if below and _rises(one.source, one.target):
            yield one


def _rises(lower: str, higher: str) -> bool:
    known = parse(lower) is not None and parse(higher) is not None
    return known and is_greater(higher, lower)


def _leaves_stream(case: Case) -> Reason | None:
    stream = stream_of(case.package, case.source)
    if not stream or is_inside(stream, case.target):
        return None
    detail = f"{case.target} is outside the version stream {stream} of the package's name"
    return Reason(ReasonCode.LEAVES_STREAM, detail)


def case_of(commit: Commit) -> Case | None:
    """Make a case of a commit; None when it is not a bump or a text cannot be read.

    A bump changes the version or pins, or claims to by its subject.
    """
    old, new = read_tree(commit.path, commit.before), read_tree(commit.path, commit.after)
    if isinstance(old, Reason) or isinstance(new, Reason):
        return None
    before, after = history.side_of(commit.before, old), history.side_of(commit.after, new)
    changed = before.version != after.version or before.pins != after.pins
    if not changed and not commit.subject.endswith(_TITLE):
        return None
    return Case(
        id=commit.id,
        time=commit.time,
        path=commit.path,
        kind=history.kind_of(before, after),
        source=before.version,
        target=after.version,
        before=commit.before,
        after=commit.after,
        facts=facts_of(old, new),
    )


def answer_from(facts: Facts, ask: Ask) -> Answer:
    """Look the answer to a bump's question up in the facts."""
    match ask:
        case CommitOf(repository=repository, ref=ref):
            return facts.commits.get(Target(repository, ref))
        case DigestOf(uri=uri, algorithm=algorithm):
            return facts.digests.get((uri, algorithm))
        case GoModOf(directory=directory):
            return facts.gomods.get(directory, facts.gomods.get(ANYWHERE))
        case ContainedIn(commits=commits):
            return None if facts.contained is None else facts.contained & frozenset(commits)
        case _:
            assert_never(ask)


def _answered(case: Case) -> Bumped | Reason:
    target = Candidate(Release(case.target), Version(case.target))
    conversation = bump(case.path, case.before, target)
    answer: Answer = None
    while True:
        try:
            ask = conversation.send(answer)
        except StopIteration as end:
            made: Bumped | Reason = end.value
            return made
        answer = answer_from(case.facts, ask)


def _compared(case: Case, text: str) -> Outcome:
    if case.after is None:
        return Outcome.WRITTEN
    return Outcome.SAME if text == case.after else Outcome.DIFFERENT


def _kind_of(case: Case, text: str) -> str:
    after = case.after or text
    old, new = read_tree(case.path, case.before), read_tree(case.path, after)
    if isinstance(old, Reason) or isinstance(new, Reason):
        return UNKNOWN_KIND
    return history.kind_of(history.side_of(case.before, old), history.side_of(after, new))


def _diff(recorded: str, result: str) -> str:
    lines = difflib.unified_diff(
        recorded.splitlines(), result.splitlines(), "recorded", "octobot", n=1, lineterm=""
    )
    return "\n".join(lines)
