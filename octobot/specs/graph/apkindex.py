"""An `APKINDEX.tar.gz` to an index: read as a stream, capped, its signature checked.

The file is two gzip members after each other: a tar with the signature, `.SIGN.RSA256.NAME`, and a
tar with `DESCRIPTION` and `APKINDEX`.  The signature is over the bytes of the second, as they are
compressed (apk-tools; apko pkg/apk/apk/index.go).  `.SIGN.RSA.` signs a SHA-1, which is broken, and
counts only where that is allowed.
"""

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, utils
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from octobot.model.errors import UserError
from octobot.model.version import is_full_version
from octobot.specs.graph.index import Built, Index, index_of

LARGEST = 128 << 20
"""Bytes as they are fetched; a distro of 12,000 packages with all their versions has 20 MB."""
LARGEST_UNPACKED = 1 << 30
LONGEST_LINE = 1 << 20
"""Bytes; Alpine's community index has one `p:` of 72 kB."""
MOST = 2_000_000
"""Packages."""
_BLOCK = 512
_SIGNED = 2
"""The member that a signature is over."""
_LARGEST_SIGNATURE = 16 << 10
_SIGNATURE = ".SIGN."
_STEP = 1 << 20


class BadIndexError(UserError):
    """An index that is torn, too large, unsigned or not what it should be."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The public keys whose signatures count, by file name."""

    known: Mapping[str, RSAPublicKey] = field(default_factory=dict)
    """Empty: no signature is asked for."""
    allow_sha1: bool = False


def public_key(name: str, pem: bytes) -> RSAPublicKey:
    """Read an RSA public key; anything else is a `BadIndexError`."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadIndexError(f"{name} is no public key in PEM form") from error
    if not isinstance(key, RSAPublicKey):
        raise BadIndexError(f"{name} is no RSA key")
    return key


def read_index(chunks: Iterable[bytes], keys: Keys) -> Index:
    """Read an index as it arrives; whatever is wrong with it is a `BadIndexError`.

    Each gzip member is a tar of its own, so that nothing that is signed can be taken for the
    content of something that is not.  With keys only what the second member has is read.
    """
    source = _Gzip(chunks)
    signatures: dict[str, bytes] = {}
    packages: list[Built] | None = None
    text = hashlib.sha256()
    for member in source.members():
        for name, content in _files(member):
            if name.startswith(_SIGNATURE) and source.number == 1:
                signatures[name] = _short(content)
            elif keys.known and source.number != _SIGNED:
                raise BadIndexError(f"the index contains {name[:80]!r}, which is not signed")
            elif name == "APKINDEX" and packages is None:
                packages = list(_packages(_lines(content, text)))
            elif name != "DESCRIPTION":
                raise BadIndexError(f"the index contains an unexpected file, {name[:80]!r}")
    if packages is None:
        raise BadIndexError("the index contains no APKINDEX")
    if keys.known:
        _verify(signatures, source, keys)
    return index_of(packages, text.hexdigest())


class _Gzip:
    """Unpacks gzip members that follow each other, and hashes the bytes of the second."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.number = 0
        self.digests = {"RSA256": hashlib.sha256(), "RSA": hashlib.sha1()}  # noqa: S324
        self._chunks = iter(chunks)
        self._rest = b""
        self._size = self._unpacked = 0

    def members(self) -> Iterator[Iterator[bytes]]:
        """Yield the members; each must be read before the next."""
        while self._fill():
            self.number += 1
            yield self._member()

    def _fill(self) -> bool:
        while not self._rest and (chunk := next(self._chunks, None)) is not None:
            self._rest = chunk
            self._size += len(chunk)
            if self._size > LARGEST:
                raise BadIndexError(f"the index is larger than {LARGEST >> 20} MiB")
        return bool(self._rest)

    def _member(self) -> Iterator[bytes]:
        member = zlib.decompressobj(wbits=31)
        full = False
        while not member.eof:
            # Output may wait inside when all input is consumed: then there is no need of more.
            if not full and not self._fill():
                raise BadIndexError("the index is torn: it ends in the middle")
            data = self._rest
            try:
                unpacked = member.decompress(data, _STEP)
            except zlib.error as error:
                raise BadIndexError("the index is no gzip file, or torn") from error
            full = len(unpacked) == _STEP
            self._rest = member.unconsumed_tail or member.unused_data
            self._unpacked += len(unpacked)
            if self._unpacked > LARGEST_UNPACKED:
                raise BadIndexError(f"the index unpacks to more than {LARGEST_UNPACKED >> 20} MiB")
            if self.number == _SIGNED:
                for digest in self.digests.values():
                    digest.update(data[: len(data) - len(self._rest)])
            yield unpacked


def _files(member: Iterable[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield name and content of each file of a tar; what is not read of a content is skipped."""
    source = _Source(member)
    while (header := source.take(_BLOCK)) is not None:
        if not header.strip(b"\0"):
            continue
        name, size, kind = _header(header)
        content = source.limited(size)
        if kind in (b"0", b"\0"):
            yield name, content
        for _ in content:
            pass
        source.take(-size % _BLOCK)


def _header(header: bytes) -> tuple[str, int, bytes]:
    checksum = sum(header) - sum(header[148:156]) + 8 * ord(" ")
    try:
        size = int(header[124:136].strip(b"\0 ") or b"0", 8)
        stored = int(header[148:156].strip(b"\0 ") or b"0", 8)
    except ValueError as error:
        raise BadIndexError("the index contains a torn tar header") from error
    if stored != checksum or size > LARGEST_UNPACKED:
        raise BadIndexError("the index contains a torn tar header")
    return header[:100].rstrip(b"\0").decode("utf-8", "replace"), size, header[156:157]


class _Source:
    """Bytes in order, taken in pieces."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._held = b""

    def take(self, size: int) -> bytes | None:
        """Return exactly `size` bytes; None at the end."""
        parts = list(self.limited(size)) if size else []
        return b"".join(parts) if parts or not size else None

    def limited(self, size: int) -> Iterator[bytes]:
        """Yield the next `size` bytes; less is a torn index, none at all the end."""
        wanted = size
        while size:
            if not self._held:
                self._held = next((each for each in self._chunks if each), b"")
                if not self._held:
                    break
            piece, self._held = self._held[:size], self._held[size:]
            size -= len(piece)
            yield piece
        if size and (size < wanted or wanted != _BLOCK):
            raise BadIndexError("the index is torn: it ends in the middle")


def _short(content: Iterator[bytes]) -> bytes:
    found = b""
    for piece in content:
        found += piece
        if len(found) > _LARGEST_SIGNATURE:
            raise BadIndexError("the index has a signature that is too long")
    return found


def _lines(content: Iterator[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    rest = b""
    for piece in content:
        digest.update(piece)
        *whole, rest = (rest + piece).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise BadIndexError(f"the index has a line of more than {LONGEST_LINE >> 20} MiB")
        yield from whole
    yield rest
    yield b""


def _packages(lines: Iterator[bytes]) -> Iterator[Built]:
    fields: dict[str, str] = {}
    count = 0
    for number, line in enumerate(lines, 1):
        if line:
            if line[1:2] != b":":
                raise BadIndexError(f"APKINDEX:{number}: a line begins with a letter and a colon")
            fields[line[:1].decode("latin-1")] = line[2:].decode("utf-8", "replace")
        elif fields:
            count += 1
            if count > MOST:
                raise BadIndexError(f"the index has more than {MOST} packages")
            yield _built(fields, number)
            fields = {}


def _built(fields: Mapping[str, str], number: int) -> Built:
    name, version, time = fields.get("P", ""), fields.get("V", ""), fields.get("t", "")
    if not name or not is_full_version(version):
        raise BadIndexError(f"APKINDEX:{number}: a package has no name or no valid version")
    provides, depends = (frozenset(_bare(fields.get(key, ""))) for key in "pD")
    return Built(
        name=name,
        version=version,
        origin=fields.get("o") or name,
        time=int(time) if time.isascii() and time.isdecimal() and len(time) < len("9" * 12) else 0,
        commit=fields.get("c", ""),
        provides=provides,
        depends=depends,
        sonames=_sonames(provides),
        needs_sonames=_sonames(depends),
    )


def _bare(words: str) -> Iterator[str]:
    for word in words.split():
        for position, letter in enumerate(word):
            if letter in "=<>~":
                yield word[:position]
                break
        else:
            yield word


def _sonames(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word.removeprefix("so:") for word in words if word.startswith("so:"))


def _verify(signatures: Mapping[str, bytes], source: _Gzip, keys: Keys) -> None:
    """Raise unless one signature is by a known key."""
    if source.number != _SIGNED or not signatures:
        raise BadIndexError("the index is not signed")
    forms = ("RSA256", "RSA") if keys.allow_sha1 else ("RSA256",)
    for name, signature in signatures.items():
        form, _, key_name = name.removeprefix(_SIGNATURE).partition(".")
        key = keys.known.get(key_name)
        if key is None or form not in forms:
            continue
        algorithm = hashes.SHA256() if form == "RSA256" else hashes.SHA1()  # noqa: S303
        digest = source.digests[form].digest()
        try:
            key.verify(signature, digest, padding.PKCS1v15(), utils.Prehashed(algorithm))
        except InvalidSignature:
            raise BadIndexError(f"the signature by {key_name} does not fit the index") from None
        return
    made_by = ", ".join(name.removeprefix(_SIGNATURE) for name in sorted(signatures))
    raise BadIndexError(f"the index is signed by no known key, only by {made_by[:200]}")
