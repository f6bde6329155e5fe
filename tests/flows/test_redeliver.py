from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from octobot.flows.redeliver import OVERLAP, redeliver
from octobot.github.webhooks.delivery_log import HookLog
from octobot.model.delivery import Attempt, Attempts, Reading
from octobot.model.ids import Guid
from octobot.store.deliveries import PAUSE, Redeliveries

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OLD = NOW - timedelta(days=3)


def attempt(
    number: int, minutes: int, outcome: Literal["fine", "failed", "pending"] = "fine"
) -> Attempt:
    """Make an attempt of so many minutes ago."""
    at = NOW - timedelta(minutes=minutes)
    return Attempt(number, Guid(f"g{number}"), at, outcome, again=False)


@dataclass
class Hook(HookLog):
    """GitHub's list, in pages."""

    pages: Sequence[Sequence[Attempt]]
    read: list[str | None] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    gone: frozenset[int] = frozenset()

    async def attempts(self, cursor: str | None) -> Attempts:
        """Read one page."""
        self.read.append(cursor)
        place = int(cursor or 0)
        more = str(place + 1) if place + 1 < len(self.pages) else None
        return Attempts(tuple(self.pages[place]), more)

    async def again(self, attempt: int) -> bool:
        """Note what is asked for."""
        self.asked.append(attempt)
        return attempt not in self.gone


@dataclass
class Memory(Redeliveries):
    """What is remembered, as values."""

    reading: Reading | None = field(default_factory=lambda: Reading(OLD))
    failed: list[int] = field(default_factory=list)

    async def begin(self, *, every: timedelta) -> Reading | None:
        """Return the reading, unless it is not time yet."""
        return self.reading if every else None

    async def learn(self, attempts: Sequence[Attempt]) -> None:
        """Note what failed."""
        self.failed += [each.id for each in attempts if each.outcome == "failed"]

    async def finish(self, reading: Reading) -> None:
        """Note how far it was read."""
        self.reading = reading

    async def take(self, *, limit: int, pause: timedelta = PAUSE) -> tuple[int, ...]:  # noqa: ARG002  (no second try here)
        """Return all that failed."""
        return tuple(self.failed[:limit])


async def test_what_failed_is_asked_for_and_the_rest_is_left() -> None:
    """Every page down to what was read before."""
    hook = Hook([[attempt(9, 1), attempt(8, 2, "failed")], [attempt(7, 3, "failed")]])
    memory = Memory()
    assert await redeliver(hook, memory) == 2
    assert (hook.read, hook.asked) == ([None, "1"], [8, 7])
    assert memory.reading == Reading(NOW - timedelta(minutes=1) - OVERLAP)


async def test_nothing_is_read_twice_but_for_the_overlap() -> None:
    """The second pass ends on the page where the first began."""
    hook = Hook([[attempt(9, 1), attempt(8, 60)], [attempt(7, 90)]])
    memory = Memory(Reading(NOW - timedelta(minutes=30)))
    assert await redeliver(hook, memory) == 0
    assert hook.read == [None]


async def test_a_reading_beyond_the_budget_continues_next_time() -> None:
    """Nothing between the two passes is left out."""
    hook = Hook([[attempt(9 - page, page)] for page in range(4)])
    memory = Memory()
    await redeliver(hook, memory, pages=2)
    assert memory.reading == Reading(OLD, "2", NOW)
    await redeliver(hook, memory, pages=2)
    assert hook.read == [None, "1", "2", "3"]
    assert memory.reading == Reading(NOW - OVERLAP)


async def test_what_is_under_way_is_read_again() -> None:
    """A delivery that still waits for its answer may yet fail."""
    hook = Hook([[attempt(9, 1), attempt(8, 5, "pending"), attempt(7, 6)]])
    memory = Memory()
    await redeliver(hook, memory)
    assert memory.reading == Reading(NOW - timedelta(minutes=5) - OVERLAP)


async def test_an_empty_list_changes_nothing() -> None:
    """An App without a hook."""
    memory = Memory()
    assert await redeliver(Hook([[]]), memory) == 0
    assert memory.reading == Reading(OLD)


async def test_nobody_reads_when_another_did() -> None:
    """One process for all."""
    hook, memory = Hook([[attempt(9, 1, "failed")]]), Memory(None)
    assert await redeliver(hook, memory) == 0
    assert hook.read == []


async def test_what_github_has_no_more_is_not_counted() -> None:
    """The others are asked for all the same."""
    hook = Hook([[attempt(9, 1, "failed"), attempt(8, 2, "failed")]], gone=frozenset({9}))
    assert await redeliver(hook, Memory()) == 1
