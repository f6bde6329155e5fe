"""What one step of a lane came to: a reason to record, and when to return."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import structlog

from octobot.flows.seams.seams import World
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.model.memory import Row
from octobot.model.reasons import Reason, ReasonCode

log = structlog.get_logger()

T = TypeVar("T")

FREEZING = frozenset({ReasonCode.TAG_MOVED, ReasonCode.UPSTREAM_REPLACED})
"""Reasons of a look that stop a package until a person says otherwise."""

RETURNING = frozenset(
    {ReasonCode.PAUSED, ReasonCode.BAD_CONFIG, ReasonCode.HELD, ReasonCode.QUEUE_FULL}
)
"""Rests that the repository's file causes: looked at again, since the file may change."""


@dataclass(frozen=True, slots=True)
class Done:
    """The step's end: the package's reason now, and when to return."""

    reason: Reason
    issue: int | None = None
    """The open issue about the package; None when there is none (any more)."""
    due: timedelta | None = None
    """From now; None: when a look or a hint brings it back."""
    again: bool = False
    """True: the next step should follow at once."""
    package: str = ""
    """Of a group: whose reason it is, the others wait for it; empty: it is every package's."""


async def with_remedy(world: World, issue: int | None, work: Awaitable[T]) -> T | Done:
    """Do the work; an error that somebody can mend ends it with its reason."""
    try:
        return await work
    except TryLater as later:
        return Done(Reason(ReasonCode.TRY_LATER, str(later)), issue, due=later.after)
    except UserError as error:
        return Done(Reason(ReasonCode.FOREIGN_COMMIT, str(error)), issue, due=world.recheck)
    except Misconfigured as error:
        log.warning("misconfigured", error=str(error))
        return Done(Reason(ReasonCode.MISCONFIGURED, str(error)), issue, due=timedelta(hours=1))


def lasting(row: Row, reason: Reason) -> Reason:
    """Give the reason to record after a step: no step ends a freeze, least of all one that failed.

    What another tag than the target's did is remembered nowhere else.
    """
    return row.reason if row.reason.code in FREEZING else reason
