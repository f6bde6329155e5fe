"""Whoever visits the sandbox in its own tests: a client with a token, and a listener for events."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import aiohttp
import jwt
from aiohttp import web

from octobot.sandbox.server import Sandbox

DISTRO = "acme/distro"
FILES = {"foo.yaml": b"version: 1\n", "bar.yaml": b"version: 1\n", "docs/a b.txt": b"text\n"}


@dataclass
class Watch:
    """A clock that moves only on request."""

    now: datetime = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Visitor:
    """A client of the sandbox's API with one credential."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession, token: str = "") -> None:
        self.sandbox, self.session, self.token = sandbox, session, token

    def with_token(self, token: str) -> "Visitor":
        """The same, with another credential."""
        return Visitor(self.sandbox, self.session, token)

    async def send(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        """Ask REST (a path) or anything (a whole address)."""
        url = path if path.startswith("http") else self.sandbox.api_url + path
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        async with self.session.request(
            method, url, json=body, headers=sent, allow_redirects=False
        ) as response:
            content = await response.read()
            is_json = "json" in response.headers.get("Content-Type", "")
            return Reply(
                response.status, json.loads(content) if is_json else content, response.headers
            )

    async def get(self, path: str, **headers: str) -> Any:  # noqa: ANN401  (JSON, asserted on as it is)
        """Ask for JSON that is there."""
        reply = await self.send("GET", path, **headers)
        assert reply.status == 200, reply
        return reply.body

    async def graphql(self, query: str, **variables: object) -> Any:  # noqa: ANN401  (JSON, asserted on as it is)
        """Ask GraphQL; errors are beside the data."""
        url = f"{self.sandbox.url}/api/graphql"
        reply = await self.send("POST", url, {"query": query, "variables": variables})
        assert reply.status == 200, reply
        return reply.body


def app_jwt(sandbox: Sandbox, now: datetime, **claims: object) -> str:
    """Make an App's JWT."""
    at = int(now.timestamp())
    payload = {"iss": str(sandbox.app.app_id), "iat": at - 60, "exp": at + 540, **claims}
    return jwt.encode(payload, sandbox.app.private_key, algorithm="RS256")


COMMIT = """
mutation($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!) {
  createRef(input: $ref) { ref { id name } }
  createCommitOnBranch(input: $commit) { commit { oid signature { isValid } } }
}
"""


def commit_variables(repo: str, branch: str, base: str, text: str) -> dict[str, object]:
    """Say which branch and commit to make, in GraphQL's words."""
    return {
        "ref": {"repositoryId": repo, "name": f"refs/heads/{branch}", "oid": base},
        "commit": {
            "branch": {"repositoryNameWithOwner": DISTRO, "branchName": branch},
            "expectedHeadOid": base,
            "message": {"headline": "foo/2 package update", "body": "because"},
            "fileChanges": {"additions": [{"path": "foo.yaml", "contents": text}]},
        },
    }


@dataclass
class Listener:
    """A real HTTP server that hears deliveries and checks their signatures."""

    secret: Callable[[], str]
    heard: list[tuple[str, Any, str]] = field(default_factory=list)
    """(event, payload, GUID)."""
    status: int = 202
    url: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=30 * 1024 * 1024)
        application.router.add_post("/hook", self._hear)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        digest = hmac.new(self.secret().encode(), body, hashlib.sha256).hexdigest()
        if request.headers["X-Hub-Signature-256"] != f"sha256={digest}":
            return web.Response(status=401)
        event, guid = request.headers["X-GitHub-Event"], request.headers["X-GitHub-Delivery"]
        self.heard.append((event, json.loads(body), guid))
        return web.Response(status=self.status, text="heard")

    def names(self) -> list[str]:
        """What was heard, as `event.action`."""
        return sorted(
            f"{event}.{payload['action']}" if "action" in payload else event
            for event, payload, _ in self.heard
        )

    def payloads(self, event: str) -> list[Any]:
        """The payloads of one event."""
        return [payload for name, payload, _ in self.heard if name == event]
