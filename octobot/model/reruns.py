"""Failed checks that can be run again."""

from dataclasses import dataclass

from octobot.model.pull_request import CheckRun


@dataclass(frozen=True, slots=True)
class Rerun:
    """One order that runs some failed checks again."""

    checks: tuple[CheckRun, ...]
    run: int | None
    """The workflow run of GitHub Actions that they belong to, whose failed jobs run again
    together; None: the one check is asked of its own App."""
    ready: bool = True
    """False while the workflow run is still at work: it cannot be run again before its end."""
