"""The options that name an index of built packages, and its reader."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from octobot.app.environment import settings_with_logs
from octobot.app.upstreams import client_of
from octobot.flows.plan.index import fetch
from octobot.messages.terminal import inert
from octobot.model.errors import UserError
from octobot.settings import Settings
from octobot.specs.graph.apkindex import BadIndexError, Keys, public_key, read_index
from octobot.specs.graph.index import Index, merged

_CHUNK = 1 << 20
_HTTPS = "https://"

_INDEX = click.option(
    "--index",
    "places",
    multiple=True,
    metavar="APKINDEX.tar.gz",
    help="The index of built packages, a file or an https address, one for each architecture:"
    " sonames are exact with it.",
)
_KEY = click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="NAME.rsa.pub",
    help="A public key: every index must be signed by one of those given.",
)
_SHA1 = click.option(
    "--allow-sha1", is_flag=True, help="Accept `.SIGN.RSA.` signatures too, which are over a SHA-1."
)


def reads_index(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the index, and pass what they name as `index`."""

    @wraps(function)
    def run(
        *arguments: object,
        places: Sequence[str],
        keys: Sequence[Path],
        allow_sha1: bool,
        **rest: object,
    ) -> object:
        index = read_indexes(places, keys, allow_sha1=allow_sha1)
        return function(*arguments, index=index, **rest)

    return _INDEX(_KEY(_SHA1(run)))


def read_indexes(places: Sequence[str], keys: Sequence[Path], *, allow_sha1: bool) -> Index | None:
    """Read the indexes of all architectures as one; None without any.

    Each is a path or an https address; whatever is wrong with one is a `UserError` that names it.
    """
    known = Keys({path.name: _key(path) for path in keys}, allow_sha1=allow_sha1)
    found = []
    for place in places:
        try:
            found.append(
                _fetched(place, known) if place.startswith(_HTTPS) else _read(place, known)
            )
        except BadIndexError as error:
            raise UserError(f"{inert(place)}: {error}") from error
    return merged(found) if found else None


async def fetched(settings: Settings, address: str, keys: Keys) -> Index:
    """Fetch an index through the guarded client, as the bot does."""
    async with client_of(settings) as client:
        return (await fetch(client, address, keys)).index


def _fetched(address: str, keys: Keys) -> Index:
    return asyncio.run(fetched(settings_with_logs(quiet=True), address, keys))


def _read(place: str, keys: Keys) -> Index:
    path = Path(place)
    if not path.is_file():
        raise BadIndexError("there is no such file; name one, or an https address")
    return read_index(_chunks(path), keys)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _key(path: Path) -> RSAPublicKey:
    try:
        return public_key(str(path), path.read_bytes())
    except BadIndexError as error:
        raise UserError(str(error)) from error
