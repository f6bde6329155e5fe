"""Tags of a container repository, with the anonymous token that most registries ask for.

Sources: OCI distribution-spec, "Listing Tags"; distribution/distribution, docs/spec/auth/token.md.
"""

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from octobot.datasources.reading import read_json
from octobot.datasources.registry import (
    Requests,
    accepted,
    each,
    fetch,
    not_an_identifier,
    pages,
    unreadable,
)
from octobot.model.addresses import scheme_of
from octobot.model.lookup import HttpRequest, HttpResponse, Lookup, Request, Response
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_NAME = re.compile(f"{_PART}(?:/{_PART}){{0,9}}")
"""Source: distribution-spec, `<name>`."""
_HOST = re.compile("[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?")
_DOCKER_HUB = {"docker.io", "index.docker.io", "registry-1.docker.io"}
_CHALLENGE = re.compile(r'([a-z]+)="([^"]*)"')
_TOKEN = re.compile("[A-Za-z0-9._~+/=-]{1,16384}")
"""Source: RFC 6750, `b64token`; anything else could be more than one header."""
_UNAUTHORIZED = 401
_SMALL = 1 << 20


class Oci:
    """The datasource `oci`."""

    name = "oci"
    summary = "tags of a container repository; `ghcr.io/owner/name`, or a name on Docker Hub"
    batch = 1

    def lookup(self, upstreams: Sequence[Upstream]) -> Lookup:
        """List each repository's tags, page by page."""
        return (yield from each(upstreams, _ask))


@dataclass(frozen=True, slots=True)
class _Image:
    host: str
    name: str

    @property
    def tags(self) -> str:
        return f"https://{self.host}/v2/{self.name}/tags/list?n=1000"


def _image(identifier: str) -> _Image | None:
    first, slash, rest = identifier.partition("/")
    if not slash or not ("." in first or ":" in first):  # as container tools do it
        first, rest = "docker.io", identifier
    if not _HOST.fullmatch(first) or not _NAME.fullmatch(rest):
        return None
    if first in _DOCKER_HUB:
        return _Image("registry-1.docker.io", rest if "/" in rest else f"library/{rest}")
    return _Image(first, rest)


def _ask(upstream: Upstream) -> Requests:
    image = _image(upstream.identifier)
    if image is None:
        return not_an_identifier(upstream)
    headers: Mapping[str, str] = {"Accept": "application/json"}
    first = yield HttpRequest(image.tags, headers=headers)
    if isinstance(first, HttpResponse) and first.status == _UNAUTHORIZED:
        token = yield from _token(image, first.headers.get("www-authenticate", ""))
        if isinstance(token, Reason):
            return token
        headers = {**headers, "Authorization": f"Bearer {token}"}
    elif isinstance(refused := accepted(image.tags, first), Reason):
        return refused
    return (yield from pages(image.tags, headers, _read))


def _token(image: _Image, challenge: str) -> Generator[Request, Response, str | Reason]:
    """Get an anonymous token from the token server that the registry names."""
    scheme, _, parameters = challenge.partition(" ")
    fields = dict(_CHALLENGE.findall(parameters))
    realm = fields.get("realm", "")
    if scheme.lower() != "bearer" or scheme_of(realm) != "https":
        detail = f"{image.host} does not let anybody list {image.name}"
        return Reason(ReasonCode.UPSTREAM_MISSING, detail)
    asked = {"scope": f"repository:{image.name}:pull"}
    if "service" in fields:
        asked["service"] = fields["service"]
    joint = "&" if "?" in realm else "?"
    answer = yield from fetch(f"{realm}{joint}{urlencode(asked)}", {}, limit=_SMALL)
    if isinstance(answer, Reason):
        return answer
    match read_json(answer.body):
        case {"token": str(token)} | {"access_token": str(token)} if _TOKEN.fullmatch(token):
            return token
        case _:
            return unreadable(realm, "the answer holds no token")


def _read(_: str, body: bytes) -> Sequence[Release] | None:
    match read_json(body):
        case {"tags": [*tags]}:
            return [Release(tag) for tag in tags if isinstance(tag, str)]
        case _:
            return None
