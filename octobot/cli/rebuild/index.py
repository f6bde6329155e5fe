"""The options that name an index of built packages, and its reader."""

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from octobot.model.errors import UserError
from octobot.specs.graph.apkindex import BadIndexError, Keys, read_index
from octobot.specs.graph.index import Index, merged

_CHUNK = 1 << 20

_INDEX = click.option(
    "--index",
    "paths",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="APKINDEX.tar.gz",
    help="The index of built packages, one for each architecture: sonames are exact with it.",
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
        paths: Sequence[Path],
        keys: Sequence[Path],
        allow_sha1: bool,
        **rest: object,
    ) -> object:
        index = read_indexes(paths, keys, allow_sha1=allow_sha1)
        return function(*arguments, index=index, **rest)

    return _INDEX(_KEY(_SHA1(run)))


def read_indexes(paths: Sequence[Path], keys: Sequence[Path], *, allow_sha1: bool) -> Index | None:
    """Read the indexes of all architectures as one; None without any."""
    known = Keys({path.name: _key(path) for path in keys}, allow_sha1=allow_sha1)
    found = []
    for path in paths:
        try:
            found.append(read_index(_chunks(path), known))
        except BadIndexError as error:
            raise UserError(f"{path}: {error}") from error
    return merged(found) if found else None


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _key(path: Path) -> RSAPublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UserError(f"{path} is no public key in PEM form") from error
    if not isinstance(key, RSAPublicKey):
        raise UserError(f"{path} is no RSA key")
    return key
