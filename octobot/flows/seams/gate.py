"""What the gate needs of the outside: merges left to GitHub, identities, and counts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from octobot.model.ids import PullNumber, RepositoryId, Sha
from octobot.model.memory import Identity
from octobot.model.package import Upstream
from octobot.model.pull_request import HandedOver, MergeMethod, NotMerged


class Merging(Protocol):
    """The part of a watched repository that merges later by itself."""

    async def handed_over(self, number: PullNumber) -> HandedOver | None:
        """Tell whether octobot left this merge to GitHub; a person's own wish is None."""
        ...

    async def hand_over(
        self,
        number: PullNumber,
        *,
        to: HandedOver,
        head: Sha,
        method: MergeMethod,
        message: tuple[str, str],
    ) -> NotMerged | None:
        """Leave the merge of exactly `head` to GitHub; None when it took it."""
        ...

    async def take_merge_back(self, number: PullNumber) -> None:
        """Take back what octobot left to GitHub; taken back already is fine."""
        ...


class Gate(Protocol):
    """The part of the store that remembers who upstreams are, and how much was opened lately."""

    async def identify(
        self, seen: Mapping[Upstream, int], *, now: datetime
    ) -> Mapping[Upstream, Identity]:
        """Record which repository each upstream is; the first one never changes by itself."""
        ...

    async def opened_since(self, repository: RepositoryId, moment: datetime) -> int:
        """Count the pull requests that octobot opened, or set out to open, since a moment."""
        ...
