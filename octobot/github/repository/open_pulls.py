"""The open pull requests as they were listed a moment ago, with what octobot did since.

With a thousand of them the list has ten pages, and each pull request that is opened or merged
changes all of them.  So it is not read for each step: what is remembered will do for a minute,
where the ledger has the same (`flows/reconcile/gather.py`).  It decides what is read next, and
what is acted on is read again.
"""

from dataclasses import dataclass, field

from octobot.model.ids import PullNumber
from octobot.model.pull_request import PullRequest

LASTS = 60.0
"""Seconds: every pass reads the list again, and finds what no delivery said."""


@dataclass(slots=True)
class OpenPulls:
    """What is remembered of one repository's open pull requests."""

    _pulls: dict[PullNumber, PullRequest] | None = None
    """Newest first, as GitHub lists them; None: nothing is remembered."""
    _listed: float = 0.0
    _used: bool = field(default=False)

    def listed(self, pulls: tuple[PullRequest, ...], at: float) -> None:
        """Remember a list that was just read; `at` is on a steady clock, in seconds."""
        self._pulls, self._listed, self._used = {pull.number: pull for pull in pulls}, at, False

    def recall(self, now: float) -> tuple[PullRequest, ...] | None:
        """Return what is remembered; None where that is nothing, or too old."""
        if self._pulls is None or now - self._listed >= LASTS:
            return None
        self._used = True
        return tuple(self._pulls.values())

    def opened(self, pull: PullRequest) -> None:
        """Remember a pull request that octobot opened."""
        if self._pulls is not None:
            self._pulls = {pull.number: pull, **self._pulls}

    def ended(self, number: PullNumber) -> None:
        """Forget a pull request that is merged or closed."""
        if self._pulls is not None:
            self._pulls.pop(number, None)

    def forget(self) -> bool:
        """Forget all; return whether it was used since it was listed."""
        used, self._pulls, self._used = self._used, None, False
        return used
