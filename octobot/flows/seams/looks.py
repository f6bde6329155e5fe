"""What looking at upstreams needs of the store: what is due, what was shown, what was seen."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Protocol

from octobot.model.ids import Key, RepositoryId
from octobot.model.memory import Due, Looked, Memo, Remembered, Sighting
from octobot.model.package import Upstream
from octobot.model.release import Release


class Looks(Protocol):
    """The part of the store that remembers looks."""

    async def due_looks(
        self, repository: RepositoryId, *, far: bool, now: datetime, limit: int
    ) -> tuple[Due, ...]:
        """Take the packages whose upstream should be asked, longest due first.

        `far`: those of other hosts than GitHub; a spec that is not read yet counts as near.
        """
        ...

    async def record_looks(
        self, repository: RepositoryId, looked: Sequence[Looked]
    ) -> AbstractSet[Key]:
        """Record looks; gives the packages whose target or reason differ from before."""
        ...

    async def unchanged(self, keys: Sequence[Key], *, now: datetime, at_least: timedelta) -> None:
        """Put packages off by their own pause, or a longer one: nothing changed upstream."""
        ...

    async def put_off(self, keys: Sequence[Key], *, until: datetime, far: bool) -> None:
        """Look at packages later, concluding nothing."""
        ...

    async def population(self) -> int:
        """Count the upstreams on GitHub that all watched repositories follow together."""
        ...

    async def remembered(self, upstreams: Sequence[Upstream]) -> Mapping[Upstream, Remembered]:
        """Give what is remembered of those upstreams that were looked at before."""
        ...

    async def recall(self, upstreams: Sequence[Upstream]) -> Mapping[Upstream, tuple[Release, ...]]:
        """Give all releases that those upstreams showed at the last look."""
        ...

    async def remember(self, memos: Mapping[Upstream, Memo], *, now: datetime) -> None:
        """Remember what upstreams showed, in place of what they showed before."""
        ...

    async def asked(self, upstreams: Sequence[Upstream], *, now: datetime) -> None:
        """Note that upstreams were asked, and showed what they had shown."""
        ...

    async def observe(
        self, seen: Mapping[Upstream, Sequence[Release]], *, now: datetime
    ) -> Mapping[Upstream, tuple[Sighting, ...]]:
        """Record that names were seen; the first sighting's commit and time never change."""
        ...

    async def first_seen(
        self, upstreams: Sequence[Upstream]
    ) -> Mapping[Upstream, tuple[datetime, ...]]:
        """Give when names of each upstream were seen first, newest first, each moment once."""
        ...
