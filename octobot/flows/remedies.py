"""Errors that have a remedy, as the reason that names it."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

import structlog

from octobot.flows.outcome import Done
from octobot.flows.seams import World
from octobot.model.errors import Misconfigured, TryLater, UserError
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
