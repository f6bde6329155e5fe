"""Primary rate limits: so many points an hour for each caller and resource."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from octobot.sandbox.http.call import Actor, Refusal
from octobot.sandbox.http.fields import Json

Resource = Literal["core", "graphql", "search"]
HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Limits:
    """GitHub's allowances; a test may make them smaller."""

    core: int = 5000
    graphql: int = 5000
    search: int = 30
    anonymous: int = 60

    def of(self, resource: Resource, actor: Actor) -> int:
        """Return a caller's hourly limit for a resource."""
        if actor.kind == "anonymous":
            return self.anonymous
        match resource:
            case "core":
                return self.core
            case "graphql":
                return self.graphql
            case "search":
                return self.search


@dataclass(slots=True)
class Meter:
    """What was used, per caller and resource, in windows of an hour."""

    clock: Callable[[], datetime]
    limits: Limits = field(default_factory=Limits)
    _used: dict[tuple[str, str], tuple[datetime, int]] = field(default_factory=dict)

    def _window(self, actor: Actor, resource: Resource) -> tuple[datetime, int]:
        until, used = self._used.get((actor.bucket, resource), (self.clock(), 0))
        return (until, used) if until > self.clock() else (self.clock() + HOUR, 0)

    def use(self, actor: Actor, resource: Resource, points: int = 1) -> None:
        """Take points; 403 when there are none left."""
        until, used = self._window(actor, resource)
        if used + points > self.limits.of(resource, actor):
            raise Refusal(403, "API rate limit exceeded")
        self._used[actor.bucket, resource] = until, used + points

    def refund(self, actor: Actor, resource: Resource) -> None:
        """Return the point of a call that was answered 304: those are free."""
        until, used = self._window(actor, resource)
        self._used[actor.bucket, resource] = until, max(0, used - 1)

    def show(self, actor: Actor, resource: Resource) -> dict[str, int]:
        """Return a caller's limit, use and `reset` time (seconds since 1970)."""
        until, used = self._window(actor, resource)
        limit = self.limits.of(resource, actor)
        left = max(0, limit - used)
        return {"limit": limit, "remaining": left, "reset": int(until.timestamp()), "used": used}

    def headers(self, actor: Actor, resource: Resource) -> dict[str, str]:
        """Return the `x-ratelimit-…` headers."""
        shown = self.show(actor, resource)
        return {
            **{f"X-RateLimit-{name.capitalize()}": str(value) for name, value in shown.items()},
            "X-RateLimit-Resource": resource,
        }

    def overview(self, actor: Actor) -> Json:
        """Answer `GET /rate_limit`."""
        resources: tuple[Resource, ...] = ("core", "search", "graphql")
        shown = {name: self.show(actor, name) for name in resources}
        return {"resources": shown, "rate": shown["core"]}
