"""Parse untrusted addresses, here only: it never raises.

`urllib.parse` raises on brackets without an IPv6 address, on characters that look like others, and
on invalid ports; and a host's name may be one that no resolver accepts.
"""

from urllib.parse import SplitResult, urljoin, urlsplit

_PUNYCODE = "xn--"


def split(address: str) -> SplitResult | None:
    """Split an address; None when it is not valid."""
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
    """Return the target of a link in a document at `base`; None when it is not valid."""
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
