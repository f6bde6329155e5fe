"""A route: GitHub's own template, what it needs, and who answers."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar, cast
from urllib.parse import unquote

from octobot.sandbox.http.auth import Need
from octobot.sandbox.http.call import Answer, Call, Page
from octobot.sandbox.http.fields import Json
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Level

T = TypeVar("T")
Handler = Callable[[Hub, Call], Awaitable[Answer]]
Audience = Literal["repository", "app", "installation", "anybody"]

_SLASHED = frozenset({"path", "ref", "branch", "basehead", "tag"})
"""Parameters in which a slash is part of the name."""


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    text = "".join(
        (f"(?P<{part}>{'.+' if part in _SLASHED else '[^/]+'})" if n % 2 else re.escape(part))
        for n, part in enumerate(parts)
    )
    return re.compile(text)


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the REST API."""

    name: str
    """Method and template, exactly as GitHub's description has them."""
    handler: Handler
    needs: tuple[Need, ...] = ()
    """Permissions, any of which will do; none: seeing the repository is enough."""
    audience: Audience = "repository"
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", _pattern(self.template))

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.name.partition(" ")[0]

    @property
    def template(self) -> str:
        """The path with its braces."""
        return self.name.partition(" ")[2]

    def match(self, path: str) -> dict[str, str] | None:
        """Read the parameters out of a percent-encoded path; None when it is another's."""
        found = self.pattern.fullmatch(path)
        return {k: unquote(v) for k, v in found.groupdict().items()} if found else None


def route(name: str, handler: Handler, needs: str = "", audience: Audience = "repository") -> Route:
    """Write a route in one line; `needs` reads `issues:write|pull_requests:write`."""
    pairs = (need.partition(":") for need in needs.split("|") if need)
    return Route(name, handler, tuple((n, cast("Level", level)) for n, _, level in pairs), audience)


def listed(
    hub: Hub,
    call: Call,
    items: Sequence[T],
    show: Callable[[T], Json],
    *,
    under: str = "",
    **more: object,
) -> Answer:
    """Answer with one page of a list; `under` puts it into an object with its total count."""
    page = Page.of(call, len(items))
    shown = [show(one) for one in page.cut(items)]
    body = {"total_count": len(items), **more, under: shown} if under else shown
    return Answer(body, headers=page.links(hub.api, call))


def specific_first(routes: Sequence[Route]) -> list[Route]:
    """Return the routes by precedence: literals before parameters, slashed ones last."""

    def rank(one: Route) -> tuple[int, int]:
        names = re.findall(r"\{(\w+)\}", one.template)
        slashed = sum(name in _SLASHED for name in names)
        return slashed, -one.template.count("/")

    return sorted(routes, key=rank)
