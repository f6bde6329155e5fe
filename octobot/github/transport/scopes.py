"""Who octobot is to GitHub: JWTs for the App, narrowed tokens for an installation, or a person.

Reading never travels with a token that can write, and a token that posts a check run cannot push:
a stolen or logged token is worth as little as possible for the hour that it lives.  It is minted
for the repositories and permissions of one job, by one task at a time, renewed five minutes early,
and dropped when GitHub refuses it.  The private key stays behind `Signer`, so that a key service
can hold it instead of this process.  Nothing here prints a secret.
Source: docs.github.com, "Authenticating as a GitHub App" and "Generating an installation access
token for a GitHub App"; "Permissions required for GitHub Apps".
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from octobot.github.transport.request import Request
from octobot.github.transport.throttle import Clock, ServerClock
from octobot.model.errors import Misconfigured
from octobot.model.ids import InstallationId, RepositoryId

Needs = frozenset[tuple[str, str]]
"""(permission, level) pairs."""

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "actions": "write",  # the logs of failed jobs, and their one re-run
        "checks": "write",  # the check run `octobot`, and everybody else's conclusions
        "contents": "write",  # specs, commits, branches, merges
        "issues": "write",  # issues and the comments on pull requests
        "metadata": "read",  # rulesets, and who may write
        "pull_requests": "write",
        "statuses": "read",  # the event `status`
    }
)
"""Everything the App asks for; `app.yaml` says the same.  `workflows` is left out on purpose."""

EVERYTHING: Needs = frozenset(PERMISSIONS.items())
READING: Needs = frozenset((name, "read") for name in PERMISSIONS)
"""For whatever changes nothing."""

_CONTENTS: Needs = frozenset({("contents", "write"), ("metadata", "read")})
_CHECKS: Needs = frozenset({("checks", "write"), ("metadata", "read")})
_ACTIONS: Needs = frozenset({("actions", "write"), ("metadata", "read")})
_PULLS: Needs = frozenset({("contents", "read"), ("metadata", "read"), ("pull_requests", "write")})
_MERGING: Needs = _CONTENTS | {("pull_requests", "write")}
_WORDS: Needs = frozenset({("issues", "write"), ("metadata", "read"), ("pull_requests", "write")})
"""An issue and the comments on a pull request have one address; GitHub asks for the one of two."""

_PATHS: tuple[tuple[re.Pattern[str], Needs], ...] = tuple(
    (re.compile(pattern), needs)
    for pattern, needs in (
        (r".*/check-(?:runs|suites)(?:/\d+(?:/rerequest)?)?", _CHECKS),
        (r".*/actions/(?:runs|jobs)/\d+/rerun(?:-failed-jobs)?", _ACTIONS),
        (r".*/pulls/\d+/merge", _MERGING),
        (r".*/pulls(?:/\d+(?:/requested_reviewers)?)?", _PULLS),
        (r".*/pulls/comments/\d+/reactions", _WORDS),
        (r".*/(?:git|contents)/.*", _CONTENTS),
        (r".*/issues(?:/.*)?", _WORDS),
    )
)
_MUTATIONS: Mapping[bytes, Needs] = MappingProxyType(
    {
        b"createCommitOnBranch": _CONTENTS,
        b"createRef": _CONTENTS,
        b"updateRefs": _CONTENTS,
        b"deleteRef": _CONTENTS,
        b"enqueuePullRequest": _MERGING,
        b"dequeuePullRequest": _MERGING,
        b"enablePullRequestAutoMerge": _MERGING,
        b"disablePullRequestAutoMerge": _MERGING,
    }
)
_WRITING = frozenset({"POST", "PATCH", "PUT", "DELETE"})
_CALLED = re.compile(rb"\b([a-z][A-Za-z]*)\s*\(\s*input\s*:")
LISTING: Mapping[str, str] = MappingProxyType({"metadata": "read"})
"""Enough to list an installation's repositories and to read public upstreams."""

_JWT_SECONDS = 9 * 60
"""GitHub allows ten minutes."""
_JWT_BACKDATED = 60
_RENEW_EARLY = 5 * 60
_LONG_AGO = float("-inf")
"""Before any moment of the steady clock, whose zero means nothing."""


class Signer(Protocol):
    """Signs JWTs as the App; the key may live in another process."""

    async def sign(self, claims: Mapping[str, int | str]) -> str:
        """Return the JWT (RS256) of these claims."""
        ...


class PemSigner:
    """Signs with a private key in PEM form, as GitHub's settings page hands it out."""

    def __init__(self, private_key: str) -> None:
        try:
            key = load_pem_private_key(private_key.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # `from None`: the cause may quote the key.
            raise Misconfigured("the App's private key is not a readable PEM file") from None
        if not isinstance(key, RSAPrivateKey):
            raise Misconfigured("the App's private key is not an RSA key")
        self._key = key

    async def sign(self, claims: Mapping[str, int | str]) -> str:
        """Return the JWT (RS256) of these claims."""
        return jwt.encode(dict(claims), self._key, algorithm="RS256")


class Credential(Protocol):
    """What a session shows to GitHub."""

    async def header(self, needs: Needs) -> str | None:
        """Return the value of `Authorization` for a request with these needs; None: anonymous."""
        ...

    def refused(self, header: str) -> bool:
        """Record that GitHub answered 401 to `header`; True when another try can help."""
        ...


class Fixed:
    """A person's token, or nobody's."""

    def __init__(self, token: str | None) -> None:
        self._header = f"token {token}" if token else None

    async def header(self, needs: Needs) -> str | None:  # noqa: ARG002  (nothing to choose from)
        """Return the same header every time."""
        return self._header

    def refused(self, header: str) -> bool:  # noqa: ARG002  (the protocol's; nothing to compare)
        """Nothing can be renewed."""
        return False


class AppIdentity:
    """JWTs of the App itself, renewed before they end."""

    def __init__(self, issuer: str, signer: Signer, clock: Clock, server: ServerClock) -> None:
        self._issuer, self._signer = issuer, signer
        self._clock, self._server = clock, server
        self._lock = asyncio.Lock()
        self._header = ""
        self._until = _LONG_AGO

    async def header(self, needs: Needs) -> str | None:  # noqa: ARG002  (the App is all it is)
        """Return a bearer JWT that is valid by GitHub's clock."""
        async with self._lock:
            if self._clock.steady() >= self._until:
                issued = int(self._server.now()) - _JWT_BACKDATED
                until = issued + _JWT_SECONDS
                jwt_ = await self._signer.sign({"iat": issued, "exp": until, "iss": self._issuer})
                self._header = f"Bearer {jwt_}"
                self._until = self._clock.steady() + _JWT_SECONDS - 2 * _JWT_BACKDATED
            return self._header

    def refused(self, header: str) -> bool:
        """Sign again: the first answer showed GitHub's clock."""
        if header == self._header:
            self._until = _LONG_AGO
        return True


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


class Installed:
    """The installation token of one scope, shared by all sessions of that scope."""

    def __init__(
        self, scope: Scope, mint: Callable[[Scope], Awaitable[Minted]], server: ServerClock
    ) -> None:
        self._scope, self._mint, self._server = scope, mint, server
        self._lock = asyncio.Lock()
        self._minted: Minted | None = None

    @property
    def live(self) -> str | None:
        """The token in use, for those who must keep it out of texts."""
        return self._minted.token if self._minted else None

    async def header(self, needs: Needs) -> str | None:  # noqa: ARG002  (its scope is fixed)
        """Return a token with five minutes or more to live; many askers cause one minting."""
        async with self._lock:
            if self._minted is None or self._server.now() > self._minted.expires - _RENEW_EARLY:
                self._minted = await self._mint(self._scope)
            return f"token {self._minted.token}"

    def refused(self, header: str) -> bool:
        """Drop the token, unless another task has already replaced it."""
        if self._minted is not None and header == f"token {self._minted.token}":
            self._minted = None
        return True


class Tokens(dict[Scope, Installed]):
    """The installation tokens in use, by scope, shared by all sessions of that scope.

    Each is minted when it is first needed.
    """

    def __init__(self, mint: Callable[[Scope], Awaitable[Minted]], server: ServerClock) -> None:
        super().__init__()
        self._mint, self._server = mint, server
        self._fresh: dict[Scope, Installed] = {}

    def __missing__(self, scope: Scope) -> Installed:
        """Return a new token of this scope."""
        return self.setdefault(scope, Installed(scope, self._mint, self._server))

    def fresh(self, scope: Scope) -> Installed:
        """Return a token of this moment, beside the one that others of this scope share."""
        self._fresh[scope] = Installed(scope, self._mint, self._server)
        return self._fresh[scope]

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


def needs_of(request: Request) -> Needs:
    """Return what a request to one repository needs.

    A write that no line of the tables describes needs everything: it works, and a test shows it.
    """
    if not request.kind.write:
        return READING
    path = request.url.partition("?")[0]
    if path.endswith("/graphql"):
        called = [_MUTATIONS.get(name, EVERYTHING) for name in _CALLED.findall(request.body)]
        return frozenset().union(*called) if called else EVERYTHING
    found = [needs for pattern, needs in _PATHS if pattern.fullmatch(path)]
    return found[0] if found and request.method in _WRITING else EVERYTHING
