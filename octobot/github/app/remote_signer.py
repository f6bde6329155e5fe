"""Signing by a key service, which never reveals the App's key.

The contract is one request, so that a few lines before any key store can offer it:

    POST URL                                   Authorization: Bearer TOKEN   (when one is set)
    {"algorithm": "RS256", "input": "HEADER.CLAIMS"}
    200 {"signature": "..."}

`input` is the JWT's signing input, two parts in base64url; the service may read the claims and
refuse others than `iss`, `iat` and an `exp` within ten minutes.  `signature` is RSASSA-PKCS1-v1_5
with SHA-256 over its ASCII bytes, in base64url without padding.  Source: RFC 7515, appendix A.2.
"""

import base64
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address

import aiohttp
from yarl import URL

from octobot.github.transport.json_fields import at
from octobot.github.transport.request import lenient
from octobot.model.errors import Misconfigured, TryLater

_DEADLINE = aiohttp.ClientTimeout(total=10, connect=5)
_SIGNATURE = re.compile(r"[0-9A-Za-z_-]{171,1366}")
"""Of a key of 1,024 to 8,192 bits; GitHub's have 2,048."""
_LARGEST = 64 << 10
_AGAIN = timedelta(seconds=30)
_OK = 200
_SERVER_ERRORS = 500
_TOO_MANY = 429


class KeyService:
    """Asks a service to sign; holds no key."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str = "") -> None:
        """Take the service's address: https, or http on this machine."""
        self._session, self._url = session, _trustworthy(url)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def sign(self, claims: Mapping[str, int | str]) -> str:
        """Return the JWT (RS256) of these claims; `TryLater` while the service is away."""
        header = _encode({"alg": "RS256", "typ": "JWT"})
        signing = f"{header}.{_encode(claims)}"
        status, body = await self._ask({"algorithm": "RS256", "input": signing})
        if status == _TOO_MANY or status >= _SERVER_ERRORS:
            raise TryLater(f"the key service answers {status}", after=_AGAIN)
        if status != _OK:
            raise Misconfigured(f"the key service refuses to sign: it answers {status}")
        signature = at(lenient(body), "signature")
        if not isinstance(signature, str) or not _SIGNATURE.fullmatch(signature):
            raise Misconfigured("the key service's answer has no signature in base64url")
        return f"{signing}.{signature}"

    async def _ask(self, wanted: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            async with self._session.post(
                self._url,
                json=wanted,
                headers=self._headers,
                allow_redirects=False,
                timeout=_DEADLINE,
            ) as answer:
                return answer.status, await answer.content.read(_LARGEST)
        except (aiohttp.ClientError, TimeoutError) as error:
            because = f"the key service does not answer ({type(error).__name__})"
            raise TryLater(because, after=_AGAIN) from error


def _encode(value: Mapping[str, object]) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _trustworthy(url: str) -> URL:
    try:
        found = URL(url)
    except ValueError:
        raise Misconfigured("OCTOBOT_SIGNER_URL is not an address") from None
    if found.scheme == "https" or (found.scheme == "http" and _is_here(found.host or "")):
        return found
    raise Misconfigured("OCTOBOT_SIGNER_URL must be https, or http on this machine")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
