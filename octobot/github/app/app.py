"""The App on GitHub: one throttle and cache for each installation, one token for each scope.

`App` is what `app/` builds once; from it come the sessions, and from a session the rooms' edges.
"""

from collections.abc import Callable, Mapping

import aiohttp

from octobot.github.transport.json_fields import moment, text
from octobot.github.transport.request import Cache, refusal
from octobot.github.transport.schema import Unknowns
from octobot.github.transport.scopes import (
    LISTING,
    UPSTREAM,
    AppIdentity,
    Credential,
    Signer,
)
from octobot.github.transport.session import Session
from octobot.github.transport.throttle import UNHURRIED, Clock, Limits, ServerClock, Throttle
from octobot.github.transport.tokens import Minted, Narrowest, Scope, Tokens
from octobot.model.errors import Misconfigured
from octobot.model.ids import InstallationId, RepositoryId
from octobot.model.spent import Keeper


class App:
    """octobot's GitHub App."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        *,
        base_url: str,
        issuer: str,
        signer: Signer,
        limits: Limits = UNHURRIED,
        clock: Clock | None = None,
    ) -> None:
        """Take what was read from the environment; nothing is sent yet.

        `issuer` is the App id or the client id.
        """
        self._http, self._base_url, self._limits = http, base_url, limits
        self._keepers: Callable[[int], Keeper] | None = None
        self._clock = clock or Clock()
        self._server, self._unknowns = ServerClock(self._clock), Unknowns()
        self._shared: dict[InstallationId | None, tuple[Throttle, Cache]] = {}
        self._tokens = Tokens(self._mint, self._clock, self._server)
        self._identity = AppIdentity(issuer, signer, self._clock, self._server)
        self.session = self._own_session()
        """Signed as the App itself, for `/app` only."""

    def share_limits(self, keepers: Callable[[int], Keeper]) -> None:
        """Keep GitHub's limits together with other processes; to be called before anything is sent.

        `keepers` returns what is shared, by the installation's number; 0 is the App itself.
        """
        self._keepers = keepers
        self._shared.clear()
        self.session = self._own_session()

    def _own_session(self) -> Session:
        return self._open(self._identity, None)

    def anonymous(self) -> Session:
        """Open a session without credentials."""
        return Session.for_token(self._http, self._base_url, limits=self._limits, clock=self._clock)

    def installation(
        self,
        installation: InstallationId,
        *,
        repositories: frozenset[RepositoryId] = frozenset(),
        permissions: Mapping[str, str] | None = None,
    ) -> Session:
        """Open a session narrowed to these repositories (none: all).

        Each request travels with a token of `permissions` or, without, of what it itself needs.
        """
        if permissions is None:
            narrowest = Narrowest(installation, repositories, self._tokens)
            return self._open(narrowest, installation)
        scope = Scope(installation, repositories, frozenset(permissions.items()))
        return self._open(self._tokens[scope], installation)

    def reader(self, installation: InstallationId) -> Session:
        """Open a session that can read what is public: for the datasources' GraphQL."""
        return self.installation(installation, permissions=UPSTREAM)

    def lister(self, installation: InstallationId) -> Session:
        """Open a session with a token of this moment: an older one may not list what was added."""
        scope = Scope(installation, permissions=frozenset(LISTING.items()))
        return self._open(self._tokens.fresh(scope), installation)

    def live_tokens(self) -> frozenset[str]:
        """Return all installation tokens in use, for those who must keep them out of texts."""
        return self._tokens.live()

    def _open(self, credential: Credential, installation: InstallationId | None) -> Session:
        """Open a session; all of one installation share its limits and its cache."""
        if installation not in self._shared:
            keeper = self._keepers(installation or 0) if self._keepers else None
            throttle = Throttle(self._limits, self._clock, self._server, keeper)
            self._shared[installation] = throttle, Cache(self._unknowns)
        throttle, cache = self._shared[installation]
        return Session(self._http, self._base_url, credential, throttle, cache)

    async def _mint(self, scope: Scope) -> Minted:
        """Ask for a token that can do this and nothing else.

        Source: docs.github.com, REST "Create an installation access token for an app".
        """
        wanted: dict[str, object] = {"permissions": dict(sorted(scope.permissions))}
        if scope.repositories:
            wanted["repository_ids"] = sorted(scope.repositories)
        path = f"/app/installations/{scope.installation}/access_tokens"
        answer = await self.session.exchange("POST", path, wanted)
        if answer.status in (404, 422):
            raise Misconfigured(
                f"installation {scope.installation} has no such token: it is gone, or lacks one of "
                f"{', '.join(f'{n}={v}' for n, v in sorted(scope.permissions))} ({answer.words})"
            )
        if not answer.fine:
            raise refusal(f"POST {path}", answer)
        return Minted(
            text(answer.data, "token"),
            expires=moment(answer.data, "expires_at").timestamp(),
            since=self._clock.steady(),
        )
