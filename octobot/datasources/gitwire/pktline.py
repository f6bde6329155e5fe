"""Git's framing: each packet carries its own length in four hexadecimal digits.

Lengths 0 to 3 are marks without content: flush ends a message, the others divide it.
Source: gitprotocol-common(5) and gitprotocol-v2(5).
"""

from collections.abc import Iterable
from dataclasses import dataclass

FLUSH = b"0000"
DELIMITER = b"0001"

_HEADER = 4
_LONGEST = 65520
_BAND_PACK, _BAND_ERROR = 1, 3


@dataclass(frozen=True, slots=True)
class Packets:
    """The packets of a message, marks left out."""

    lines: tuple[bytes, ...]
    whole: bool
    """The message ended where a mark says so; False: cut off, or not of this framing."""


def packet(line: str) -> bytes:
    """Frame one line of text."""
    content = f"{line}\n".encode()
    return b"%04x%b" % (len(content) + _HEADER, content)


def message(command: str, *, arguments: Iterable[str]) -> bytes:
    """Frame a command of protocol v2 with its arguments."""
    head = (f"command={command}", "agent=octobot", "object-format=sha1")
    return b"".join([*map(packet, head), DELIMITER, *map(packet, arguments), FLUSH])


def unpack(data: bytes) -> Packets:
    """Split a message into packets, as far as it is valid."""
    lines: list[bytes] = []
    at, marked = 0, False
    while at + _HEADER <= len(data):
        size = _size(data[at : at + _HEADER])
        if size is None or at + size > len(data):
            return Packets(tuple(lines), whole=False)
        marked = size < _HEADER
        if not marked:
            lines.append(data[at + _HEADER : at + size])
        at += max(size, _HEADER)
    return Packets(tuple(lines), whole=marked and at == len(data))


def _size(header: bytes) -> int | None:
    # int() would also take "+1 " or "1_0", which git never writes.
    if not all(byte in b"0123456789abcdefABCDEF" for byte in header):
        return None
    size = int(header, 16)
    return size if size <= _LONGEST else None


def pack_of(packets: Packets) -> bytes:
    """Join what a fetch sent on the side band for the pack; empty when the server gave an error."""
    if any(line[0] == _BAND_ERROR for line in packets.lines if line):
        return b""
    return b"".join(line[1:] for line in packets.lines if line and line[0] == _BAND_PACK)
