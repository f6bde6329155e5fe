"""The required checks: every one of them, from the right App, completed, on exactly this head.

Empty is not green, unknown is not green, and neither is anything but `success`: GitHub lets a
skipped or neutral check pass, octobot does not.
"""

from octobot.model.config import Config
from octobot.model.pull_request import CheckRun, RequiredCheck
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Outcome, Ruling, Snapshot


def required(snapshot: Snapshot) -> tuple[RequiredCheck, ...]:
    """List what must succeed: from protection, rulesets and the repository's file, but not ours.

    octobot's own check run shows this very verdict; were it required, nothing could ever merge.
    """
    config = snapshot.config
    wanted = set(snapshot.state.required)
    if isinstance(config, Config):
        wanted |= set(config.required_checks)
    return tuple(
        sorted(
            (check for check in wanted if not _is_ours(snapshot, check)),
            key=lambda check: (check.name, check.app or 0),
        )
    )


def _is_ours(snapshot: Snapshot, check: RequiredCheck) -> bool:
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
    """Wait for what has not finished, refuse what did not succeed; a failure is told first."""
    pending: list[str] = []
    failed: list[str] = []
    checks = required(snapshot)
    for check in checks:
        runs = _runs(snapshot, check)
        unfinished = [run for run in runs if run.status != "completed" or run.conclusion is None]
        if not runs:
            pending.append(f"{_named(check)} has not been posted")
        elif unfinished:
            pending.append(f"{_named(check)} is {unfinished[0].status}")
        else:
            failed += [f"{_named(check)}: {run.conclusion}" for run in runs if not _green(run)]
    return _ruling(checks, pending=pending, failed=failed)


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
    """Pick the runs that count: of the named App, or of every App when protection names none."""
    return [
        run
        for run in snapshot.state.checks
        if run.name == check.name and check.app in {None, run.app}
    ]


def _green(run: CheckRun) -> bool:
    return run.status == "completed" and run.conclusion == "success"


def _named(check: RequiredCheck) -> str:
    return f"{check.name} (any App)" if check.app is None else f"{check.name} (App {check.app})"


def _listed(checks: tuple[RequiredCheck, ...]) -> str:
    return ", ".join(_named(check) for check in checks)
