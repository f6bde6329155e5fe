"""The one place where addresses that strangers wrote are taken apart: it never raises.

`urllib.parse` raises on brackets that hold no IPv6 address, on characters that look like others,
on ports that are none; and a host's name may be one that no resolver can carry.
"""

from urllib.parse import SplitResult, urljoin, urlsplit

_PUNYCODE = "xn--"


def split(address: str) -> SplitResult | None:
    """Take an address apart; None for what cannot be read as one."""
    try:
        parts = urlsplit(address)
        _ = parts.port
        host = parts.hostname or ""
    except ValueError:
        return None
    return parts if all(_is_readable(label) for label in host.split(".")) else None


def scheme_of(address: str) -> str:
    """Return the scheme of an address, in lower case; empty for what cannot be read."""
    parts = split(address)
    return parts.scheme if parts else ""


def join(base: str, link: str) -> str | None:
    """Return where a link of a document at `base` leads; None for what cannot be read."""
    try:
        there = urljoin(base, link)
    except ValueError:
        return None
    return there if split(there) else None


def _is_readable(label: str) -> bool:
    if not label.startswith(_PUNYCODE):
        return True
    try:
        return bool(label.removeprefix(_PUNYCODE).encode("ascii").decode("punycode"))
    except UnicodeError:
        return False
