"""The required checks: every one of them, from the right App, completed, on exactly this head.

Empty is not green, unknown is not green, and neither is anything but `success`: GitHub accepts a
skipped or neutral check, octobot does only where the repository's file says so for that check.

Of several runs of one name the newest attempt of each workflow must be green (`model.attempts`).

A commit status has no App, so everybody who can write can set one with any name.  It counts only
where the repository's file names it together with a user, and only when that user set it.
"""

from collections.abc import Sequence
from dataclasses import replace

from octobot.model.attempts import newest_attempts, replacement
from octobot.model.config import Config
from octobot.model.pull_request import (
    Accepted,
    CheckRun,
    CommitStatus,
    RequiredCheck,
    Workflow,
)
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Outcome, Ruling, Snapshot


def required(snapshot: Snapshot) -> tuple[RequiredCheck, ...]:
    """List the checks that must succeed: from protection, rulesets and the file, without octobot's.

    octobot's own check run shows this very verdict; were it required, nothing could ever merge.
    """
    config = snapshot.config
    wanted = set(snapshot.state.required)
    if isinstance(config, Config):
        wanted |= {replace(check, accept=()) for check in config.required_checks}
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


def names_a_status(config: Config | Reason) -> bool:
    """Return whether the repository's file names a status: without that, none counts."""
    listed = config.required_checks if isinstance(config, Config) else ()
    return any(check.creator is not None for check in listed)


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
    """Wait for unfinished checks, refuse those without success; the latter are reported first."""
    pending: list[str] = []
    failed: list[str] = []
    checks = required(snapshot)
    for check in checks:
        runs, statuses = _runs(snapshot, check), _statuses(snapshot, check)
        if unfinished := _unfinished(runs, statuses):
            pending.append(f"{_named(check)} {unfinished}")
        else:
            ends = [_ended(run, runs) for run in _bad(snapshot, runs)]
            ends += [status.state for status in statuses if status.state != "success"]
            failed += [f"{_named(check)}: {end}" for end in ends]
    ruling = _ruling(checks, pending=pending, failed=failed)
    pages = [run.url for check in checks for run in _bad(snapshot, _runs(snapshot, check))]
    return replace(ruling, pages=tuple(sorted({page for page in pages if page})))


def only_skipped(snapshot: Snapshot) -> bool:
    """Return whether all that stops here is skipped or neutral: there is no failure to explain."""
    checks = required(snapshot)
    ends = {run.conclusion for check in checks for run in _bad(snapshot, _runs(snapshot, check))}
    states = {status.state for check in checks for status in _statuses(snapshot, check)}
    return bool(ends) and ends <= {"skipped", "neutral", None} and states <= {"success", "pending"}


def _bad(snapshot: Snapshot, runs: Sequence[CheckRun]) -> list[CheckRun]:
    """Return the newest attempts that are neither successful nor accepted."""
    return [
        run
        for run in newest_attempts(runs)
        if run.conclusion != "success" and run.conclusion not in _accepted(snapshot, run)
    ]


def _accepted(snapshot: Snapshot, run: CheckRun) -> tuple[Accepted, ...]:
    """Return what the repository's file accepts beside success, for this name of this App."""
    config = snapshot.config
    listed = () if isinstance(config, Reason) else config.required_checks
    mine = (check for check in listed if (check.name, check.app) == (run.name, run.app))
    return tuple(word for check in mine if check.creator is None for word in check.accept)


def _unfinished(runs: Sequence[CheckRun], statuses: Sequence[CommitStatus]) -> str:
    """Return what the first unfinished run or status is still at; empty when all are finished."""
    if not runs and not statuses:
        return "has not been posted"
    found = [
        f"is {run.status}{_which(run, runs)}"
        for run in newest_attempts(runs)
        if run.status != "completed" or run.conclusion is None
    ]
    found += [f"is {status.state}" for status in statuses if status.state == "pending"]
    return found[0] if found else ""


def _ended(run: CheckRun, runs: Sequence[CheckRun]) -> str:
    """Return how a run ended, which run it is, and why a newer green one does not replace it."""
    said = f"{run.conclusion}{_which(run, runs)}"
    newer = replacement(run, runs)
    if newer is None or newer.conclusion != "success":
        return said
    of = f"of {_titled(newer.workflow)}" if newer.workflow else "perhaps of another workflow"
    return f"{said}; run {newer.id} is newer and green, but {of}; /octobot retry runs it again"


def _which(run: CheckRun, runs: Sequence[CheckRun]) -> str:
    """Return which of several runs it is, with its page."""
    several = len(runs) > 1
    parts = [
        f"in {_titled(run.workflow)}" if run.workflow and several else "",
        f"run {run.id}" if several else "",
        run.url,
    ]
    shown = ", ".join(filter(None, parts))
    return f" {shown}" if shown.startswith("in ") else f", {shown}" if shown else ""


def _titled(workflow: Workflow) -> str:
    return f"workflow {workflow.name} ({workflow.event})"


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
