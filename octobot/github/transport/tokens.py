"""Installation tokens: narrow, few, and patiently believed.

A token is minted for the repositories and permissions of one job, by one task at a time.  It lives
as long as it may, because GitHub's ETags belong to one token, and is dropped when GitHub refuses
it.  A new one is not known everywhere at once: for some seconds GitHub may answer 401 (or 404 where
the repository is private), and then 403 while its permissions are not known yet.
Source: docs.github.com, "Generating an installation access token for a GitHub App";
octokit/auth-app.js, issues 65 and 589.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from math import inf

from octobot.github.transport.refusals import Denial
from octobot.github.transport.scopes import EVERYTHING, Needs
from octobot.github.transport.throttle import Clock, ServerClock
from octobot.model.ids import InstallationId, RepositoryId

_RENEW_EARLY = 2 * 60
"""Seconds: a request waits at most one minute for its turn, and has 40 seconds from then on."""
PAUSES = (0.5, 1.0, 2.0, 2.0)
"""Seconds between the tries with a new token that GitHub refuses."""
_NEW = 5.0
"""Seconds in which a refusal is repeated with the same token."""
_YOUNG = 60.0
"""Seconds in which nothing is concluded from a refusal."""


def may_be_lag(denial: Denial, age: float, *, has_read: bool) -> bool:
    """Return whether the same request with the same token may soon be answered.

    `has_read`: the token has read something, so what it does not find is not there.
    """
    return age < _NEW and (
        denial in ("unknown", "forbidden") or (denial == "absent" and not has_read)
    )


def is_inconclusive(denial: Denial, age: float) -> bool:
    """Return whether a refusal may still be GitHub's lag, which is no reason to give up."""
    return age < _YOUNG and denial in ("unknown", "forbidden")


@dataclass(frozen=True, slots=True)
class Scope:
    """What one job may touch."""

    installation: InstallationId
    repositories: frozenset[RepositoryId] = frozenset()
    """Empty: all repositories of the installation."""
    permissions: Needs = EVERYTHING


@dataclass(frozen=True, slots=True)
class Minted:
    """A fresh installation token."""

    token: str = field(repr=False)
    expires: float
    """By GitHub's clock, in seconds since the epoch."""
    since: float
    """By the steady clock, when it was there."""


class Installed:
    """The installation token of one scope, shared by all sessions of that scope."""

    def __init__(
        self,
        scope: Scope,
        mint: Callable[[Scope], Awaitable[Minted]],
        clock: Clock,
        server: ServerClock,
    ) -> None:
        self._scope, self._mint = scope, mint
        self._clock, self._server = clock, server
        self._lock = asyncio.Lock()
        self._minted: Minted | None = None

    @property
    def live(self) -> str | None:
        """The token in use, for those who must keep it out of texts."""
        return self._minted.token if self._minted else None

    async def header(self, needs: Needs) -> str | None:  # noqa: ARG002  (its scope is fixed)
        """Return a token with two minutes or more to live; many askers cause one minting."""
        async with self._lock:
            if self._minted is None or self._server.now() > self._minted.expires - _RENEW_EARLY:
                self._minted = await self._mint(self._scope)
            return f"token {self._minted.token}"

    def refused(self, header: str) -> bool:
        """Drop the token, unless another task has already replaced it."""
        if self._minted is not None and header == f"token {self._minted.token}":
            self._minted = None
        return True

    def age(self, header: str) -> float:
        """Return the age of the token with this header, in seconds; infinite for any other."""
        if self._minted is None or header != f"token {self._minted.token}":
            return inf
        age = self._clock.steady() - self._minted.since
        return age if age >= 0 else inf  # the clock was set back: it proves nothing of a lag


class Tokens(dict[Scope, Installed]):
    """The installation tokens in use, by scope, shared by all sessions of that scope.

    Each is minted when it is first needed.
    """

    def __init__(
        self, mint: Callable[[Scope], Awaitable[Minted]], clock: Clock, server: ServerClock
    ) -> None:
        super().__init__()
        self._mint, self._clock, self._server = mint, clock, server
        self._fresh: dict[Scope, Installed] = {}

    def __missing__(self, scope: Scope) -> Installed:
        """Return a new token of this scope."""
        return self.setdefault(scope, self._new(scope))

    def fresh(self, scope: Scope) -> Installed:
        """Return a token of this moment, beside the one that others of this scope share."""
        self._fresh[scope] = self._new(scope)
        return self._fresh[scope]

    def _new(self, scope: Scope) -> Installed:
        return Installed(scope, self._mint, self._clock, self._server)

    def live(self) -> frozenset[str]:
        """Return all tokens in use, for those who must keep them out of texts."""
        used = (*self.values(), *self._fresh.values())
        return frozenset(token for each in used if (token := each.live))


class Narrowest:
    """Installation tokens of some repositories: for each request the one that can do just that."""

    def __init__(
        self,
        installation: InstallationId,
        repositories: frozenset[RepositoryId],
        tokens: Tokens,
    ) -> None:
        self._installation, self._repositories = installation, repositories
        self._tokens = tokens
        self._used: set[Scope] = set()

    async def header(self, needs: Needs) -> str | None:
        """Return a token with exactly these permissions."""
        scope = Scope(self._installation, self._repositories, needs)
        self._used.add(scope)
        return await self._tokens[scope].header(needs)

    def refused(self, header: str) -> bool:
        """Drop the token with this header."""
        for scope in self._used:
            self._tokens[scope].refused(header)
        return True

    def age(self, header: str) -> float:
        """Return the age of the token with this header, in seconds; infinite for any other."""
        return min((self._tokens[scope].age(header) for scope in self._used), default=inf)
