"""What leaving a merge to GitHub needs of it."""

from typing import Protocol

from octobot.model.ids import PullNumber, Sha
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
