"""The required checks: every one of them, from the right App, completed, on exactly this head.

Empty is not green, unknown is not green, and neither is anything but `success`: GitHub accepts a
skipped or neutral check, octobot does not.

A commit status has no App, so everybody who can write can set one with any name.  It counts only
where the repository's file names it together with a user, and only when that user set it.
"""

from octobot.model.config import Config
from octobot.model.pull_request import CheckRun, CommitStatus, RequiredCheck
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Outcome, Ruling, Snapshot


def required(snapshot: Snapshot) -> tuple[RequiredCheck, ...]:
    """List the checks that must succeed: from protection, rulesets and the file, without octobot's.

    octobot's own check run shows this very verdict; were it required, nothing could ever merge.
    """
    config = snapshot.config
    wanted = set(snapshot.state.required)
    if isinstance(config, Config):
        wanted |= set(config.required_checks)
    posted = {run.name for run in snapshot.state.checks}
    statuses = {check.name for check in wanted if check.creator is not None} - posted
    return tuple(
        sorted(
            (
                check
                for check in wanted
                if not _is_octobots(snapshot, check) and not _is_a_status(check, statuses)
            ),
            key=lambda check: (check.name, check.app or 0, check.creator or 0),
        )
    )


def _is_a_status(check: RequiredCheck, statuses: set[str]) -> bool:
    """Return whether protection requires, without an App, the name of a status in the file.

    The file's entry is required in its place.  A check run of that name makes both count.
    """
    return check.app is None and check.creator is None and check.name in statuses


def _is_octobots(snapshot: Snapshot, check: RequiredCheck) -> bool:
    if check.creator is not None:
        return False
    if check.app is not None:
        return check.app == snapshot.app
    apps = {run.app for run in snapshot.state.checks if run.name == check.name}
    return apps == {snapshot.app}


def something_is_required(snapshot: Snapshot) -> Ruling:
    """Refuse a base branch on which nothing is required: empty is not green."""
    checks = required(snapshot)
    if checks:
        detail = f"required: {_listed(checks)}"
        return Ruling("checks-required", Outcome.MERGE, Reason(ReasonCode.READY, detail))
    detail = (
        "neither branch protection, nor a ruleset, nor .github/octobot.yaml requires a check of"
        " another App; require at least one"
    )
    return Ruling("checks-required", Outcome.BLOCK, Reason(ReasonCode.NO_REQUIRED_CHECKS, detail))


def required_checks_succeeded(snapshot: Snapshot) -> Ruling:
    """Wait for unfinished checks, refuse failed ones; failures are reported first."""
    pending: list[str] = []
    failed: list[str] = []
    checks = required(snapshot)
    for check in checks:
        runs, statuses = _runs(snapshot, check), _statuses(snapshot, check)
        if unfinished := _unfinished(runs, statuses):
            pending.append(f"{_named(check)} {unfinished}")
        else:
            ends = [*(run.conclusion for run in runs), *(status.state for status in statuses)]
            failed += [f"{_named(check)}: {end}" for end in ends if end != "success"]
    return _ruling(checks, pending=pending, failed=failed)


def _unfinished(runs: list[CheckRun], statuses: list[CommitStatus]) -> str:
    """Return what the first unfinished run or status is still at; empty when all are finished."""
    if not runs and not statuses:
        return "has not been posted"
    states = [run.status for run in runs if run.status != "completed" or run.conclusion is None]
    states += [status.state for status in statuses if status.state == "pending"]
    return f"is {states[0]}" if states else ""


def _ruling(checks: tuple[RequiredCheck, ...], *, pending: list[str], failed: list[str]) -> Ruling:
    rule = "checks-succeeded"
    if failed:
        return Ruling(
            rule, Outcome.BLOCK, Reason(ReasonCode.CHECKS_FAILED, "; ".join(sorted(set(failed))))
        )
    if pending or not checks:
        detail = "; ".join(pending) or "no check is required, so none can succeed"
        return Ruling(rule, Outcome.WAIT, Reason(ReasonCode.CHECKS_PENDING, detail))
    detail = f"succeeded on this commit: {_listed(checks)}"
    return Ruling(rule, Outcome.MERGE, Reason(ReasonCode.READY, detail))


def _runs(snapshot: Snapshot, check: RequiredCheck) -> list[CheckRun]:
    """Return the runs that count: of the named App, or of every App when protection names none."""
    return [
        run
        for run in snapshot.state.checks
        if run.name == check.name and check.app in {None, run.app} and check.creator is None
    ]


def _statuses(snapshot: Snapshot, check: RequiredCheck) -> list[CommitStatus]:
    """Return the status that counts: of the named user; none where no user is named."""
    return [
        status
        for status in snapshot.state.statuses
        if status.context == check.name and status.creator == check.creator
    ]


def _named(check: RequiredCheck) -> str:
    if check.creator is not None:
        return f"{check.name} (status by user {check.creator})"
    return f"{check.name} (any App)" if check.app is None else f"{check.name} (App {check.app})"


def _listed(checks: tuple[RequiredCheck, ...]) -> str:
    return ", ".join(_named(check) for check in checks)
