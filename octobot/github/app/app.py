"""The App on GitHub: one channel for each installation, one token for each scope.

`App` is what `app/` builds once; from it come the roads, and from a road the rooms' edges.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

import aiohttp

from octobot.github.transport.auth import (
    LISTING,
    AppIdentity,
    Installed,
    Minted,
    Narrowest,
    Scope,
    Signer,
)
from octobot.github.transport.clock import Clock, ServerClock
from octobot.github.transport.json_fields import Unexpected, text
from octobot.github.transport.shared_limits import Channel
from octobot.github.transport.throttle import UNHURRIED, Limits
from octobot.github.transport.transport import Transport, refusal
from octobot.model.errors import Misconfigured
from octobot.model.ids import InstallationId, RepositoryId
from octobot.model.spent import Keeper


class App:
    """octobot's GitHub App."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
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
        self._session, self._base_url, self._limits = session, base_url, limits
        self._keepers: Callable[[int], Keeper] | None = None
        self._clock = clock or Clock()
        self._server = ServerClock(self._clock)
        self._channels: dict[InstallationId | None, Channel] = {}
        self._tokens: dict[Scope, Installed] = {}
        self._listing: dict[InstallationId, Installed] = {}
        self._identity = AppIdentity(issuer, signer, self._clock, self._server)
        self.road = self._own_road()
        """Signed as the App itself, for `/app` only."""

    def share_limits(self, keepers: Callable[[int], Keeper]) -> None:
        """Keep GitHub's limits together with other processes; to be called before anything is sent.

        `keepers` gives what is shared, by the installation's number; 0 is the App itself.
        """
        self._keepers = keepers
        self._channels.clear()
        self.road = self._own_road()

    def _own_road(self) -> Transport:
        return Transport(self._session, self._base_url, self._identity, self._channel(None))

    def anonymous(self) -> Transport:
        """Open a road without credentials."""
        return Transport.for_token(
            self._session, self._base_url, limits=self._limits, clock=self._clock
        )

    def installation(
        self,
        installation: InstallationId,
        *,
        repositories: frozenset[RepositoryId] = frozenset(),
        permissions: Mapping[str, str] | None = None,
    ) -> Transport:
        """Open a road narrowed to these repositories (none: all).

        Each request travels with a token of `permissions` or, without, of what it itself needs.
        """
        if permissions is None:
            narrowest = Narrowest(installation, repositories, self._token)
            return Transport(self._session, self._base_url, narrowest, self._channel(installation))
        token = self._token(Scope(installation, repositories, frozenset(permissions.items())))
        return Transport(self._session, self._base_url, token, self._channel(installation))

    def _token(self, scope: Scope) -> Installed:
        return self._tokens.setdefault(scope, Installed(scope, self._mint, self._server))

    def reader(self, installation: InstallationId) -> Transport:
        """Open a road that can read what is public: for the datasources' GraphQL."""
        return self.installation(installation, permissions=LISTING)

    def lister(self, installation: InstallationId) -> Transport:
        """Open a road with a token of this moment: an older one may not list what was added."""
        scope = Scope(installation, permissions=frozenset(LISTING.items()))
        self._listing[installation] = fresh = Installed(scope, self._mint, self._server)
        return Transport(self._session, self._base_url, fresh, self._channel(installation))

    def live_tokens(self) -> frozenset[str]:
        """Give all installation tokens in use, for those who must keep them out of texts."""
        used = (*self._tokens.values(), *self._listing.values())
        return frozenset(token for each in used if (token := each.live))

    def _channel(self, installation: InstallationId | None) -> Channel:
        if installation not in self._channels:
            keeper = self._keepers(installation or 0) if self._keepers else None
            fresh = Channel.open(self._limits, self._clock, self._server, keeper)
            self._channels[installation] = fresh
        return self._channels[installation]

    async def _mint(self, scope: Scope) -> Minted:
        """Ask for a token that can do this and nothing else.

        Source: docs.github.com, REST "Create an installation access token for an app".
        """
        wanted: dict[str, object] = {"permissions": dict(sorted(scope.permissions))}
        if scope.repositories:
            wanted["repository_ids"] = sorted(scope.repositories)
        path = f"/app/installations/{scope.installation}/access_tokens"
        answer = await self.road.exchange("POST", path, wanted)
        if answer.status in (404, 422):
            raise Misconfigured(
                f"installation {scope.installation} gives no token: it is gone, or lacks one of "
                f"{', '.join(f'{n}={v}' for n, v in sorted(scope.permissions))} ({answer.words})"
            )
        if not answer.fine:
            raise refusal(f"POST {path}", answer)
        return Minted(text(answer.data, "token"), _moment(text(answer.data, "expires_at")))


def _moment(iso: str) -> float:
    try:
        return datetime.fromisoformat(iso).timestamp()
    except ValueError:
        raise Unexpected("expires_at", "time") from None
