"""What obeying people needs: their comments and rights from GitHub, their orders in the store."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Literal, Protocol, Self

from octobot.model.ids import Key, RepositoryId
from octobot.model.steering import Act, Order, Steering, Taken

Reaction = Literal["eyes", "+1", "-1"]


class Steerings(Protocol):
    """The part of the store that remembers what people said."""

    async def take_comment(self, repository: RepositoryId, comment: int, *, now: datetime) -> Taken:
        """Take a comment up, unless another process did, or it is done."""
        ...

    async def finish_comment(
        self, repository: RepositoryId, comment: int, *, now: datetime
    ) -> None:
        """Remember that a comment needs nothing more, whether or not it was taken up."""
        ...

    async def unfinished_comments(
        self, repository: RepositoryId, *, now: datetime
    ) -> tuple[int, ...]:
        """Give the comments that a process took up and left, oldest first."""
        ...

    async def listened(self, repository: RepositoryId) -> datetime | None:
        """Give the moment up to which the repository's comments are known."""
        ...

    async def listen_from(self, repository: RepositoryId, since: datetime) -> None:
        """Move that moment on; it never goes back."""
        ...

    def together(self) -> AbstractAsyncContextManager[Self]:
        """Give a store whose writes take effect together when all is over, or not at all."""
        ...

    async def order(self, repository: RepositoryId, package: str, order: Order) -> None:
        """Let an order stand, in place of an older one of its kind; no package: for all."""
        ...

    async def revoke(
        self, repository: RepositoryId, package: str, kind: type[Order], name: str = ""
    ) -> bool:
        """Let an order stand no more; False when there was none."""
        ...

    async def steering(self, repository: RepositoryId, package: str) -> Steering:
        """Give every order that concerns a package."""
        ...

    async def steered(
        self, repository: RepositoryId, packages: Sequence[str] | None = None
    ) -> Mapping[str, Steering]:
        """Give the orders of a repository by package; what is for all is in each, and under ""."""
        ...

    async def look_anew(self, key: Key) -> bool:
        """Make a package the first to be looked at, and have it concluded anew.

        A freeze for a moved tag ends with it, unless the look finds a reason to freeze again.
        False when the package is unknown.
        """
        ...

    async def wake(self, repository: RepositoryId) -> None:
        """Make every package of a repository due that rests because it was paused."""
        ...

    async def package_of_issue(self, repository: RepositoryId, number: int) -> str | None:
        """Give the package that an issue of ours is about."""
        ...

    async def append(self, act: Act) -> None:
        """Write an act down; the same command of the same comment is written once."""
        ...

    async def acts(self, repository: RepositoryId, comment: int) -> tuple[Act, ...]:
        """Give what came of a comment's commands, in their order."""
        ...

    async def acts_by(self, repository: RepositoryId, person: int, *, since: datetime) -> int:
        """Count a person's commands since a moment."""
        ...
