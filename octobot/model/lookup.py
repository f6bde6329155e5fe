"""A network conversation of a datasource: it yields a `Request`, the driver sends the `Response`.

Neither side knows the other, so pagination and retries on content stay pure.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from octobot.model.package import Upstream
from octobot.model.reasons import Reason
from octobot.model.release import Release


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One guarded request to an upstream host."""

    url: str
    method: Literal["GET", "POST"] = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    limit: int = 32 << 20
    """Bytes of decoded body after which the driver gives up."""
    partial: bool = False
    """At `limit`, answer what was read instead of giving up: the beginning is enough."""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One query to GitHub's GraphQL; travels GitHub's own road and its budget."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)


Request = HttpRequest | GraphQLRequest


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What the host answered; never a redirect."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    url: str = ""
    """Where the answer came from in the end, after redirects; empty: from where it was asked."""


@dataclass(frozen=True, slots=True)
class GraphQLResponse:
    """`data` and `errors` as GitHub gave them: HTTP 200 may carry both."""

    data: Mapping[str, Any] | None
    errors: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No answer: refused by a guard, timed out, too large, or a server error after retries."""

    because: str
    closed: bool = False
    """There is no such road (no token): another way may lead there, the same one never will."""


Response = HttpResponse | GraphQLResponse | Unreachable

Findings = Mapping[Upstream, tuple[Release, ...] | Reason]
"""For each upstream asked: its releases, or why there are none to tell of."""

Lookup = Generator[Request, Response, Findings]


class Datasource(Protocol):
    """One upstream source; `datasources` has the table of them."""

    name: str
    summary: str
    """One line for the manual's table."""
    batch: int
    """How many upstreams one look-up may ask for at once."""

    def lookup(self, upstreams: Sequence[Upstream]) -> Lookup:
        """Ask for all of `upstreams` (at most `batch`); a failure is one upstream's alone."""
        ...


# The second conversation: with memory, so that "nothing changed" costs next to nothing.


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of an upstream's last look."""

    mark: str = ""
    """The datasource's own digest of what was shown; empty: read everything."""
    prefixes: tuple[str, ...] = ("",)
    """Every name of interest starts with one of these; a hint that may be ignored."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Asked of the driver: everything that was shown at the last look."""

    upstreams: tuple[Upstream, ...]


@dataclass(frozen=True, slots=True)
class Recalled:
    """The releases of each upstream of which they are still known."""

    releases: Mapping[Upstream, tuple[Release, ...]]


@dataclass(frozen=True, slots=True)
class Shown:
    """All releases, and the mark by which to recognise that they did not change."""

    releases: tuple[Release, ...]
    mark: str
    """Empty: what was read does not fit together; read everything again next time."""
    whole: bool = True
    """Read from end to end at this look, and not put together with what was recalled."""
    identity: int | None = None
    """GitHub's number of the repository that shows this; None: the source has no such number."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What was shown has still the mark that was known."""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not asked, or not to the end: the budget is kept for something else, or is used up."""

    because: str
    until: datetime | None = None
    """When there is a budget again, as far as the answer said."""


News = Shown | Unchanged | Postponed | Reason
Glance = Generator[Request | Recall, Response | Recalled, Mapping[Upstream, News]]


@runtime_checkable
class Remembering(Datasource, Protocol):
    """A datasource that can tell cheaply that nothing changed since a mark was made."""

    def look_again(self, known: Mapping[Upstream, Known]) -> Glance:
        """Ask for all of `known` (at most `batch`); what is recalled is asked of the driver."""
        ...
