"""What taking up pull requests again needs, after the ledger was lost."""

from typing import Protocol

from octobot.model.ids import PullNumber, RepositoryId, Sha


class Lineage(Protocol):
    """One watched repository, for where a commit comes from."""

    async def parents(self, commit: Sha) -> tuple[Sha, ...]:
        """Read a commit's parents."""
        ...


class Adoptions(Protocol):
    """What is remembered of pull requests that were found without the ledger knowing them."""

    async def is_foreign(self, repository: RepositoryId, head: Sha) -> bool:
        """Tell whether this head was looked at and is not what octobot would have made."""
        ...

    async def record_adoption(
        self,
        repository: RepositoryId,
        number: PullNumber,
        *,
        branch: str,
        head: Sha,
        refused: str | None,
    ) -> None:
        """Record where a head of the ledger comes from, or why it is not entered into it."""
        ...
