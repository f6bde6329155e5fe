"""How often a request is tried, and how long it waits in between."""

import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)
from tenacity.stop import stop_base

from octobot.github.transport.request import Again, Request
from octobot.github.transport.throttle import Clock

log = structlog.get_logger()

_TRIES = 4
_QUERY_TRIES = 2
"""Of a GraphQL query that has no answer: a time-out costs points, so a smaller one is better."""
_PATIENCE = 150
"""Seconds after which nothing is tried again, not counting the try under way."""
_WAIT = wait_random_exponential(multiplier=0.5, max=20)


def retrying(clock: Clock) -> AsyncRetrying:
    """Return what repeats a request that raised `Again`; the request is its first argument."""
    return AsyncRetrying(
        sleep=clock.sleep,
        wait=_pause,
        stop=_Enough() | stop_after_delay(_PATIENCE),
        retry=retry_if_exception_type(Again),
        reraise=True,
    )


class _Enough(stop_base):
    """Ends the tries of a request; a limit is no try of a query."""

    def __call__(self, retry_state: RetryCallState) -> bool:
        """Return whether this was the last try."""
        error = retry_state.outcome.exception() if retry_state.outcome else None
        request = retry_state.args[0] if retry_state.args else None
        query = isinstance(request, Request) and request.kind.bucket == "graphql"
        waited = isinstance(error, Again) and error.paused
        return retry_state.attempt_number >= (_QUERY_TRIES if query and not waited else _TRIES)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    log.info("asking again", because=str(error), attempt=state.attempt_number)
    return 0.0 if isinstance(error, Again) and error.paused else _WAIT(state)
