"""What to record after a step: an error with a remedy as its reason, and a freeze that lasts."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

import structlog

from octobot.flows.deciding import FREEZING
from octobot.flows.outcome import Done
from octobot.flows.seams import World
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.model.memory import Row
from octobot.model.reasons import Reason, ReasonCode

log = structlog.get_logger()


T = TypeVar("T")


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
