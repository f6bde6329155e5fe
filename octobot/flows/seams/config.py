"""What the stories need to know which settings hold: the files, and what they said last."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from octobot.model.config_file import ConfigFile, ConfigIssue
from octobot.model.ids import RepositoryId


class ConfigFiles(Protocol):
    """The part of GitHub that has the settings files."""

    async def config_files(self, *, fresh: bool = False) -> tuple[ConfigFile, ...]:
        """Read the files that stand on default branches, the organisation's before the own one.

        `fresh` reads them in full, whatever was kept of them.
        """
        ...


class GoodConfigs(Protocol):
    """The part of the store that remembers settings."""

    async def good_config(self, repository: RepositoryId) -> tuple[ConfigFile, ...]:
        """Give the files as they could be read last, by path."""
        ...

    async def keep_config(self, repository: RepositoryId, files: Sequence[ConfigFile]) -> None:
        """Make exactly these the good ones; every package that waits is due at once."""
        ...

    async def config_issue(self, repository: RepositoryId) -> ConfigIssue | None:
        """Give the issue about settings that cannot be read, if octobot means there to be one."""
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
