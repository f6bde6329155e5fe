"""Who octobot is to GitHub: JWTs for the App, tokens for an installation, or a person.

Reading never travels with a token that can write, and a token that posts a check run cannot push:
a stolen or logged token is worth as little as possible for the hour that it lives (`tokens.py`).
The private key stays behind `Signer`, so that a key service can hold it instead of this process.
Nothing here prints a secret.
Source: docs.github.com, "Authenticating as a GitHub App"; "Permissions required for GitHub Apps".
"""

import asyncio
import re
from collections.abc import Mapping
from math import inf
from types import MappingProxyType
from typing import Protocol

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from octobot.github.transport.request import Request
from octobot.github.transport.throttle import Clock, ServerClock
from octobot.model.errors import Misconfigured

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
"""Enough to list an installation's repositories."""
UPSTREAM: Mapping[str, str] = MappingProxyType({"contents": "read", "metadata": "read"})
"""For reading refs of upstreams, those among the installation's own repositories included."""

_JWT_SECONDS = 9 * 60
"""GitHub allows ten minutes."""
_JWT_BACKDATED = 60
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

    def age(self, header: str) -> float:
        """Return for how many seconds GitHub has had time to make `header` known everywhere."""
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

    def age(self, header: str) -> float:  # noqa: ARG002  (the protocol's; nothing to look up)
        """It was made long ago."""
        return inf


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

    def age(self, header: str) -> float:  # noqa: ARG002  (the protocol's; nothing to look up)
        """Nothing has to become known: GitHub checks the signature."""
        return inf


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
