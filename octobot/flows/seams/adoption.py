"""What taking up pull requests needs whose ledger was lost, and giving up those without a spec."""

from typing import Protocol

from octobot.model.ids import PullNumber, RepositoryId, Sha


class Lineage(Protocol):
    """One watched repository, for where a commit comes from."""

    async def parents(self, commit: Sha) -> tuple[Sha, ...]:
        """Read a commit's parents."""
        ...


class Adoptions(Protocol):
    """What is remembered of pull requests that lack their ledger, or their spec."""

    async def orphans(self, repository: RepositoryId) -> tuple[str, ...]:
        """Name the packages without a spec that have a proposal which may still be merged."""
        ...

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
