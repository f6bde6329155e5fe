"""Probes of the gate: pull requests that must not be merged, judged by the very code that judges.

A running octobot cannot push a foreign commit to somebody's repository to see what happens.  It
can show its gate one pull request that is green in everything, which must pass (a gate that lets
nothing through proves nothing), and then the same one with one thing wrong, which must not.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from octobot.model.bump import Proposed
from octobot.model.config import Config
from octobot.model.ids import (
    InstallationId,
    PullNumber,
    Repository,
    RepositoryId,
    Sha,
    Version,
    Watched,
)
from octobot.model.pull_request import CheckRun, PullRequest, PullState, RequiredCheck, TreeChange
from octobot.model.release import Observation
from octobot.model.verdict import Jump, LastLook, Memory, Outcome, Snapshot, Verdict
from octobot.policy.judging import judge
from octobot.policy.rules import blob_id

Change = Callable[[Snapshot], Snapshot]

_OURS, _FOREIGN, _TAG, _BASE = (Sha(digit * 40) for digit in "abcd")
_HERE, _BOT, _APP, _CI = RepositoryId(1), 2, 3, 4
_BEFORE, _AFTER = 'version: "1.0"\n', 'version: "1.1"\n'
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_BRANCH = "octobot/probe/1.1"

_GREEN = Snapshot(
    watched=Watched(InstallationId(1), _HERE, Repository("octobot", "probe"), "main"),
    state=PullState(
        pull=PullRequest(
            number=PullNumber(1),
            title="probe/1.1 package update",
            state="open",
            author=_BOT,
            head=_OURS,
            branch=_BRANCH,
            head_repository=_HERE,
            base="main",
            mergeable=True,
        ),
        commits=(_OURS,),
        changes=(TreeChange("probe.yaml", "100644", "100644", _BEFORE, _AFTER),),
        checks=(CheckRun(1, "build", _CI, "completed", "success"),),
        required=(RequiredCheck("build", _CI),),
        approved=False,
    ),
    memory=Memory(
        proposed=Proposed(
            package="probe",
            version=Version("1.1"),
            branch=_BRANCH,
            base=_BASE,
            blob=Sha(blob_id(_AFTER)),
            head=_OURS,
            number=1,
            state="open",
            at=_NOW - timedelta(days=9),
        ),
        ledger=frozenset({_OURS}),
        observation=Observation("v1.1", _TAG, None, _NOW - timedelta(days=9)),
        tag_now=_TAG,
        last_look=LastLook(pins=None, witness=None, overrides=None),
    ),
    config=Config(),
    foreign=(),
    bot=_BOT,
    app=_APP,
    now=_NOW,
    jump=Jump(Version("1.0"), Version("1.1"), "minor", 0),
)
"""Green in everything."""


def _foreign_head(snapshot: Snapshot) -> Snapshot:
    pull = replace(snapshot.state.pull, head=_FOREIGN)
    return replace(snapshot, state=replace(snapshot.state, pull=pull, commits=(_FOREIGN,)))


def _foreign_below(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, state=replace(snapshot.state, commits=(_FOREIGN, _OURS)))


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


def _moved_tag(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, memory=replace(snapshot.memory, tag_now=_FOREIGN))


CHANGES: Mapping[str, Change] = {
    "foreign head SHA": _foreign_head,
    "foreign commit below the head": _foreign_below,
    "head in another repository": _fork,
    "head without a check": _unchecked,
    "check of another App": _other_app,
    "base without protection": _unprotected,
    "tag that moved": _moved_tag,
}
"""One thing wrong each."""


def gate_let_in(judging: Callable[[Snapshot], Verdict] = judge) -> tuple[str, ...]:
    """Say what the gate would merge that it must not; empty when it is shut."""
    control = judging(_GREEN)
    if control.outcome is not Outcome.MERGE:
        return (f"the gate lets nothing through: {control.reason}",)
    verdicts = {name: judging(change(_GREEN)) for name, change in CHANGES.items()}
    return tuple(
        f"{name}: would be merged"
        for name, verdict in verdicts.items()
        if verdict.outcome is Outcome.MERGE
    )
