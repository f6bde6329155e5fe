"""What an upstream or a spec makes octobot's own code raise costs that upstream or spec alone.

Everything that a stranger wrote is read by code that should never raise.  Where it does, it is a
bug in octobot: one line in the log, one package with the reason `internal-error`, and all others
are checked as ever.  This is the one place beside the lanes, the web door and the command line that
catches everything.  What concerns the whole pass is let through: a cancellation, a setup to be
corrected, a host that is not ready.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar

import structlog

from octobot.model.errors import Misconfigured, TryLater
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode

log = structlog.get_logger()

T = TypeVar("T")

_FOR_ALL = (TryLater, Misconfigured)


class Caught:
    """Catches what is raised in its block, but for what the whole pass must hear."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        """What was raised; None: nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception) or _is_for_all(error):
            return False
        self.error = error
        return True

    def reason(self, doing: str, **about: object) -> Reason:
        """Log it in one line, and return the reason of the package that it is about."""
        log.error("contained", doing=doing, exc_info=self.error, **about)
        return Reason(ReasonCode.INTERNAL_ERROR, f"{doing}: {type(self.error).__name__}")


def is_of_a_check(reason: Reason) -> bool:
    """Return whether a check failed, and not a lane's step: only the former says at what."""
    return reason.code is ReasonCode.INTERNAL_ERROR and bool(reason.detail)


def _is_for_all(error: Exception) -> bool:
    inside = isinstance(error, ExceptionGroup) and error.subgroup(_FOR_ALL) is not None
    return inside or isinstance(error, _FOR_ALL)


Asked = Callable[[Sequence[Upstream]], Awaitable[Mapping[Upstream, T] | Caught]]
"""Asks some upstreams in one conversation, of which nothing is known when it raised."""


async def halving(asked: Sequence[Upstream], ask: Asked[T]) -> dict[Upstream, T | Reason]:
    """Ask for all of them; where that raises for each half, until the culprit is alone."""
    found = await ask(asked)
    if not isinstance(found, Caught):
        return {one: found[one] if one in found else _unsaid(one) for one in asked}
    if len(asked) == 1:
        return {asked[0]: found.reason("asking an upstream", upstream=_named(asked[0]))}
    middle = len(asked) // 2
    return {**await halving(asked[:middle], ask), **await halving(asked[middle:], ask)}


def _unsaid(upstream: Upstream) -> Reason:
    doing = "the datasource said nothing of it"
    log.error("contained", doing=doing, upstream=_named(upstream))
    return Reason(ReasonCode.INTERNAL_ERROR, doing)


def _named(upstream: Upstream) -> str:
    return f"{upstream.datasource} {upstream.identifier}"
