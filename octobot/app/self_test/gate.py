"""Probes of the gate: pull requests that must not be merged, judged by the real code.

A running octobot cannot push a foreign commit to somebody's repository to see what happens.  It
can judge one pull request that meets every rule, which must pass (a gate that blocks everything
proves nothing), and then the same one with one thing wrong, which must not.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from octobot.model.ids import RepositoryId, Sha
from octobot.model.pull_request import MergeTry, Objection
from octobot.model.verdict import Outcome, Snapshot, Verdict
from octobot.policy.judge import judge
from octobot.policy.simulate.example import EXAMPLE

Change = Callable[[Snapshot], Snapshot]

_GREEN = replace(EXAMPLE, now=EXAMPLE.now + timedelta(days=7))
"""Meets every rule: the example, once it is old enough."""

_FOREIGN = Sha("e" * 40)


def _foreign_head(snapshot: Snapshot) -> Snapshot:
    pull = replace(snapshot.state.pull, head=_FOREIGN)
    return replace(snapshot, state=replace(snapshot.state, pull=pull, commits=(_FOREIGN,)))


def _foreign_below(snapshot: Snapshot) -> Snapshot:
    commits = (_FOREIGN, *snapshot.state.commits)
    return replace(snapshot, state=replace(snapshot.state, commits=commits))


def _fork(snapshot: Snapshot) -> Snapshot:
    pull = replace(snapshot.state.pull, head_repository=RepositoryId(9))
    return replace(snapshot, state=replace(snapshot.state, pull=pull))


def _unchecked(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, state=replace(snapshot.state, checks=()))


def _other_app(snapshot: Snapshot) -> Snapshot:
    checks = tuple(replace(run, app=9) for run in snapshot.state.checks)
    return replace(snapshot, state=replace(snapshot.state, checks=checks))


def _unprotected(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, state=replace(snapshot.state, required=()))


def _objected(snapshot: Snapshot) -> Snapshot:
    objections = (Objection(8, "somebody"),)
    return replace(snapshot, state=replace(snapshot.state, objections=objections, approved=True))


def _objected_elsewhere(snapshot: Snapshot) -> Snapshot:
    objections = (Objection(8, "somebody", "draft", on=3),)
    return replace(snapshot, state=replace(snapshot.state, objections=objections, approved=True))


def _labeled(snapshot: Snapshot) -> Snapshot:
    objections = (Objection(8, "somebody", "label", label="do-not-merge"),)
    return replace(snapshot, state=replace(snapshot.state, objections=objections))


def _ejected(snapshot: Snapshot) -> Snapshot:
    once = MergeTry(snapshot.state.pull.head, "queue", snapshot.now - timedelta(hours=1))
    return replace(snapshot, memory=replace(snapshot.memory, tries=(once, once)))


def _unread_reviews(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, state=replace(snapshot.state, objections=None))


def _moved_tag(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, memory=replace(snapshot.memory, tag_now=_FOREIGN))


CHANGES: Mapping[str, Change] = {
    "foreign head SHA": _foreign_head,
    "foreign commit below the head": _foreign_below,
    "head in another repository": _fork,
    "head without a check": _unchecked,
    "check of another App": _other_app,
    "base without protection": _unprotected,
    "changes that a writer requested": _objected,
    "draft that this one replaces": _objected_elsewhere,
    "label that forbids the merge": _labeled,
    "commit that the merge queue removed twice": _ejected,
    "reviews that were not read": _unread_reviews,
    "tag that moved": _moved_tag,
}
"""One thing wrong each."""


def gate_accepted(judging: Callable[[Snapshot], Verdict] = judge) -> tuple[str, ...]:
    """Return what the gate would merge and must not; empty when it blocks all of it."""
    control = judging(_GREEN)
    if control.outcome is not Outcome.MERGE:
        return (f"the gate merges nothing at all: {control.reason}",)
    verdicts = {name: judging(change(_GREEN)) for name, change in CHANGES.items()}
    return tuple(
        f"{name}: would be merged"
        for name, verdict in verdicts.items()
        if verdict.outcome is Outcome.MERGE
    )
