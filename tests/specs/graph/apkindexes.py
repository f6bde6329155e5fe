"""Writes indexes in the shape of apk's: two gzip members, the first with the signature."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

NAME = "build@example.com-5f1c.rsa.pub"
_CUT = 1024
"""Bytes of zeros at the end of a tar, which the first member has not."""


@cache
def key(number: int) -> rsa.RSAPrivateKey:
    """Make a key; the same number is the same key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048 + 8 * number)


def entry(name: str, **fields: str) -> str:
    """Write one package: `P:` and, where nothing else is said, what every package has."""
    given = {"C": "Q1abcdefghijklmnopqrstuvwxyz0=", "V": "1-r0", "A": "x86_64", "t": "1000"}
    lines = {"P": name, **given, **fields}
    return "".join(f"{letter}:{value}\n" for letter, value in lines.items())


def packed(text: str, *, description: str = "v1.0", cut: int = 0) -> bytes:
    """Pack the second member."""
    return member({"DESCRIPTION": description.encode(), "APKINDEX": text.encode()}, cut=cut)


def member(files: Mapping[str, bytes], *, cut: int = 0) -> bytes:
    """Pack files into a tar, without `cut` bytes at its end, and into a gzip member."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    whole = buffer.getvalue().rstrip(b"\0")
    length = -(-len(whole) // 512) * 512
    return gzip.compress(buffer.getvalue()[: length if cut else None], mtime=0)


def signed(data: bytes, *, form: str = "RSA256", name: str = NAME, number: int = 0) -> bytes:
    """Put the member with the signature before the data."""
    algorithm = hashes.SHA256() if form == "RSA256" else hashes.SHA1()  # noqa: S303
    signature = key(number).sign(data, padding.PKCS1v15(), algorithm)
    return member({f".SIGN.{form}.{name}": signature}, cut=_CUT) + data
