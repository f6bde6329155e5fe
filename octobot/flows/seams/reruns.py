"""What running failed checks again needs: the order from GitHub, its memory from the store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from octobot.model.ids import RepositoryId, Sha
from octobot.model.pull_request import CheckRun
from octobot.model.reruns import Rerun


class Reruns(Protocol):
    """The part of GitHub that runs checks again."""

    async def rerunnable(self, checks: Sequence[CheckRun]) -> tuple[Rerun, ...]:
        """Find how these failed checks can be run again, now or when their run has ended.

        Those that GitHub cannot run again are left out.
        """
        ...

    async def rerun_failed(self, rerun: Rerun) -> bool:
        """Give one order; False when GitHub refused it for certain."""
        ...


class RerunMemory(Protocol):
    """The part of the store that remembers which checks were run again."""

    async def claim_reruns(
        self, repository: RepositoryId, head: Sha, checks: Sequence[CheckRun], *, now: datetime
    ) -> bool:
        """Claim the one re-run of all these checks; False when one of them had its own already."""
        ...
