"""The clients for upstreams, opened for a command or for one watched repository."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import aiohttp

from octobot.app.signing import signer_of
from octobot.github.app.app import App
from octobot.github.transport.schema import Unknown
from octobot.github.transport.session import Session
from octobot.model.errors import TryLater
from octobot.model.ids import InstallationId, Repository
from octobot.model.lookup import GraphQLRequest, Request, Response, Unreachable
from octobot.settings import Settings
from octobot.upstream.client import Client
from octobot.upstream.gate import UNLIMITED, Limits


class UpstreamClient:
    """Sends requests: to upstream hosts by the guarded client, GraphQL by the GitHub client."""

    def __init__(self, client: Client, github: Session | None) -> None:
        self._client, self._github = client, github

    async def send(self, request: Request) -> Response:
        """Send one request; failures are answers, not exceptions."""
        if not isinstance(request, GraphQLRequest):
            return await self._client.send(request)
        if self._github is None:
            return Unreachable("no GitHub token", closed=True)
        try:
            return await self._github.graphql_response(request.query, request.variables)
        except Unknown as error:  # an older server: git shows what its GraphQL does not
            return Unreachable(str(error), closed=True)
        except TryLater as later:
            return Unreachable(str(later))

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download and hash, streamed and capped; None when it cannot be downloaded."""
        return await self._client.digest(uri, algorithm)


def client_of(settings: Settings) -> Client:
    """Return the client of a command for other hosts, to be used as a context."""
    limits = Limits() if settings.mirror is None else UNLIMITED
    return Client(mirror=settings.mirror, limits=limits)


@asynccontextmanager
async def open_upstreams(
    settings: Settings, installation: InstallationId | None = None
) -> AsyncIterator[UpstreamClient]:
    """Open the clients of a command: with a person's token, or as an installation of the App.

    Without either, GitHub is used like any other git host.
    """
    async with (
        aiohttp.ClientSession(trust_env=False) as session,
        client_of(settings) as client,
    ):
        yield UpstreamClient(client, _github(settings, session, installation))


def _github(
    settings: Settings, session: aiohttp.ClientSession, installation: InstallationId | None
) -> Session | None:
    if settings.token:
        return Session.for_token(session, settings.github_url, settings.token.reveal())
    if settings.app is None or installation is None:
        return None
    signer = signer_of(settings.app, session)
    app = App(session, base_url=settings.github_url, issuer=str(settings.app.id), signer=signer)
    return app.reader(installation)


def identifiers_of(repository: Repository) -> tuple[str, ...]:
    """Return the identifiers by which specs name a repository on GitHub as their upstream."""
    url = f"https://github.com/{repository}"
    return str(repository), url, f"{url}.git"
