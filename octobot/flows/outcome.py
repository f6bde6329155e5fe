"""What one step of a lane came to: a reason to record, and when to return."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.view import Reasons
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.model.memory import Row
from octobot.model.reasons import Reason, ReasonCode

log = structlog.get_logger()

FREEZING = frozenset({ReasonCode.TAG_MOVED, ReasonCode.UPSTREAM_REPLACED})
"""Reasons of a look that stop a package until a person says otherwise."""

RETURNING = frozenset(
    {ReasonCode.PAUSED, ReasonCode.BAD_CONFIG, ReasonCode.ON_HOLD, ReasonCode.PR_LIMIT_REACHED}
)
"""Rests that the repository's file causes: looked at again, since the file may change."""


@dataclass(frozen=True, slots=True)
class Done:
    """The step's end: each package's reason now, and when to return."""

    reason: Reason | None
    """None: each package keeps its own."""
    due: timedelta | None = None
    """From now; None: when a look or a hint brings it back."""
    again: bool = False
    """True: the next step should follow at once."""
    package: str = ""
    """Whose reason it is, the other members wait for it; empty: it is every package's."""
    reasons: Reasons | None = None
    """Package → its reason, where the step told them apart; who is not in it keeps its own."""
    issues: Mapping[str, int | None] = field(default_factory=dict)
    """Package → its open issue, or None for none any more, where the step changed that."""


async def with_remedy(ctx: RepoContext, work: Awaitable[Done]) -> Done:
    """Do the work; an error that somebody can remedy ends it with its reason."""
    try:
        return await work
    except TryLater as later:
        return Done(Reason(ReasonCode.RETRY_LATER, str(later)), due=later.after)
    except UserError as error:
        return Done(Reason(ReasonCode.UNKNOWN_COMMIT, str(error)), due=ctx.recheck)
    except Misconfigured as error:
        log.warning("misconfigured", error=str(error))
        return Done(Reason(ReasonCode.MISCONFIGURED, str(error)), due=timedelta(hours=1))


def lasting(row: Row, reason: Reason) -> Reason:
    """Return the reason to record after a step: no step ends a freeze, least of all a failed one.

    What another tag than the target's did is remembered nowhere else.
    """
    return row.reason if row.reason.code in FREEZING else reason
