"""What asking for failed deliveries again needs of the outside."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from octobot.model.delivery import Attempt, Attempts, Reading


class HookLog(Protocol):
    """GitHub's own list of the deliveries to this App."""

    async def attempts(self, cursor: str | None) -> Attempts:
        """Read one page; the newest without a cursor."""
        ...

    async def again(self, attempt: int) -> bool:
        """Ask for a delivery once more; False when GitHub has it no more."""
        ...


class Redeliveries(Protocol):
    """What is remembered of deliveries that failed, for all processes together."""

    async def begin(self, *, every: timedelta) -> Reading | None:
        """Begin to read the list; None when a process did so less than `every` ago."""
        ...

    async def learn(self, attempts: Sequence[Attempt]) -> None:
        """Note what failed and did not arrive in another way, and what arrived at last."""
        ...

    async def finish(self, reading: Reading) -> None:
        """Remember how far the list was read."""
        ...

    async def take(self, *, limit: int) -> tuple[int, ...]:
        """Take the attempts to ask for again now, oldest first; no other process gets them."""
        ...
