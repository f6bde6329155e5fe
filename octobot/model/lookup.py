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
    """One query to GitHub's GraphQL API; sent with the App's token and rate limit."""

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
    """True: there is no token for this API, or it is too old, so trying again is useless; another
    way may work."""


Response = HttpResponse | GraphQLResponse | Unreachable

Findings = Mapping[Upstream, tuple[Release, ...] | Reason]
"""The releases of each upstream, or why there are none."""

Lookup = Generator[Request, Response, Findings]


class Datasource(Protocol):
    """One upstream source; `datasources` has the table of them."""

    name: str
    summary: str
    """One line for the manual's table."""
    batch: int
    """How many upstreams one lookup may ask for at once."""

    def lookup(self, upstreams: Sequence[Upstream]) -> Lookup:
        """Ask for all of `upstreams` (at most `batch`); a failure is one upstream's alone."""
        ...


# Conditional lookups: with a mark of the last answer, so that "unchanged" is cheap.


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored about an upstream's last lookup."""

    mark: str = ""
    """The datasource's digest of the last answer; empty: read everything."""
    prefixes: tuple[str, ...] = ("",)
    """Every name of interest starts with one of these; a hint that may be ignored."""


@dataclass(frozen=True, slots=True)
class Recall:
    """A request to the driver: the releases of the last lookup."""

    upstreams: tuple[Upstream, ...]


@dataclass(frozen=True, slots=True)
class Recalled:
    """The stored releases of each upstream, where they are still stored."""

    releases: Mapping[Upstream, tuple[Release, ...]]


@dataclass(frozen=True, slots=True)
class Shown:
    """All releases, and the mark by which to recognise that they did not change."""

    releases: tuple[Release, ...]
    mark: str
    """Empty: the pages contradict each other; read everything again next time."""
    whole: bool = True
    """Read completely now, not combined with recalled releases."""
    identity: int | None = None
    """GitHub's number of the repository; None: the source has no such number."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The answer still has the known mark."""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not asked, or not completely: the rate limit is reserved or used up."""

    because: str
    until: datetime | None = None
    """When the rate limit resets, if the answer said so."""


LookupResult = Shown | Unchanged | Postponed | Reason
ConditionalLookup = Generator[
    Request | Recall, Response | Recalled, Mapping[Upstream, LookupResult]
]


@runtime_checkable
class ConditionalDatasource(Datasource, Protocol):
    """A datasource that can cheaply detect that nothing changed since a mark."""

    def lookup_if_changed(self, known: Mapping[Upstream, Known]) -> ConditionalLookup:
        """Ask for all of `known` (at most `batch`); the driver answers `Recall`."""
        ...
