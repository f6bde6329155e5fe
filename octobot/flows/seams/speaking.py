"""What saying something once needs: what GitHub shows, and what was begun."""

from datetime import datetime, timedelta
from typing import Protocol

from octobot.model.ids import RepositoryId


class Shown(Protocol):
    """One watched repository, for what octobot said there."""

    async def has_said(self, thread: int | None, tag: str) -> bool:
        """Tell whether a comment of ours with this tag is shown; `thread` None: an open issue."""
        ...


class Spoken(Protocol):
    """What is remembered of what octobot set out to say."""

    async def begin_to_speak(
        self, repository: RepositoryId, thread: int, tag: str, *, now: datetime, lag: timedelta
    ) -> bool:
        """Note that something is about to be said; False when that began less than `lag` ago."""
        ...
