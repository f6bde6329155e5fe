"""What the stories need to be remembered, a small part for each kind of work."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from octobot.model.bump import ProposalState, Proposed
from octobot.model.config import ConfigFile, ConfigIssue
from octobot.model.ids import PullNumber, RepositoryId, Sha
from octobot.model.memory import Identity
from octobot.model.package import Upstream
from octobot.model.pull_request import CheckRun


class Ledger(Protocol):
    """The ledger of proposals: made, made again, recovered, and left without a spec."""

    async def intend(self, repository: RepositoryId, proposed: Proposed) -> None:
        """Write the ledger's row before the first effect; replaces an intent without a head."""
        ...

    async def enter(self, repository: RepositoryId, branch: str, head: Sha) -> None:
        """Enter a head commit that the API returned into the ledger."""
        ...

    async def update_proposed(
        self, repository: RepositoryId, branch: str, *, state: ProposalState, number: int | None
    ) -> None:
        """Move a ledger row on; a number once known stays."""
        ...

    async def proposed(self, repository: RepositoryId, package: str) -> tuple[Proposed, ...]:
        """Return a package's ledger rows, newest first."""
        ...

    async def heads(self, repository: RepositoryId, branch: str) -> frozenset[Sha]:
        """Return every head commit ever entered for a branch."""
        ...

    async def packages_of(self, repository: RepositoryId, head: Sha) -> tuple[str, ...]:
        """Return the packages whose ledger has this head commit."""
        ...

    async def orphans(self, repository: RepositoryId) -> tuple[str, ...]:
        """Name the packages without a spec that have a proposal which may still be merged."""
        ...

    async def is_foreign(self, repository: RepositoryId, head: Sha) -> bool:
        """Return whether this head was looked at and is not what octobot would have made."""
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

    async def renew(self, repository: RepositoryId, branch: str, *, number: int, head: Sha) -> bool:
        """Let a head be replaced; False when the ledger does not know the branch's pull request."""
        ...

    async def renewed(
        self,
        repository: RepositoryId,
        branch: str,
        *,
        base: Sha,
        head: Sha,
        files: Mapping[str, Sha],
        at: datetime,
    ) -> None:
        """Enter the head that takes the other's place, with its base and texts (path → blob).

        `at`: when these texts were proposed first.
        """
        ...


class GoodConfigs(Protocol):
    """The part of the store that remembers settings."""

    async def good_config(self, repository: RepositoryId) -> tuple[ConfigFile, ...]:
        """Return the files as they could be read last, by path."""
        ...

    async def keep_config(self, repository: RepositoryId, files: Sequence[ConfigFile]) -> None:
        """Make exactly these the good ones; every package that waits is due at once."""
        ...

    async def config_issue(self, repository: RepositoryId) -> ConfigIssue | None:
        """Return the issue about settings that cannot be read, if octobot means there to be one."""
        ...

    async def intend_config_issue(
        self, repository: RepositoryId, digest: str, *, now: datetime
    ) -> bool:
        """Take it upon us to say this; False when it is said, or somebody else is about to."""
        ...

    async def enter_config_issue(self, repository: RepositoryId, digest: str, number: int) -> None:
        """Note the issue in which it was said."""
        ...

    async def forget_config_issue(self, repository: RepositoryId) -> None:
        """Note that there is none any more."""
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


class RerunMemory(Protocol):
    """The part of the store that remembers which checks were run again."""

    async def claim_reruns(
        self, repository: RepositoryId, head: Sha, checks: Sequence[CheckRun], *, now: datetime
    ) -> bool:
        """Claim the one re-run of all these checks; False when one of them had its own already."""
        ...


class Spoken(Protocol):
    """What is remembered of what octobot set out to say."""

    async def begin_to_speak(
        self, repository: RepositoryId, thread: int, tag: str, *, now: datetime, lag: timedelta
    ) -> bool:
        """Note that something is about to be said; False when that began less than `lag` ago."""
        ...
