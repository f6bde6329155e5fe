"""No connection to anything but the public internet, decided at the socket.

A name may resolve to something harmless when it is checked and to the metadata service when it is
used, so the check is on the address that a socket is about to be opened to, not on names.  Nothing
is ever sent to a refused address.  In the sandbox everything goes to the mirror, and nowhere else.
"""

import errno
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import AddrInfoType
from yarl import URL

from octobot.model.lookup import Unreachable

_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_V4_COMPATIBLE = IPv6Network("::/96")
# What IANA assigns to the internet, and the one block that Python 3.11 wrongly counts as global.
_UNICAST = IPv6Network("2000::/3")
_PROTOCOL_ASSIGNMENTS = IPv4Network("192.0.0.0/24")


class RefusedAddress(OSError):  # noqa: N818  (an OSError is what a socket factory may raise)
    """The guard does not open a socket to this address; no retry changes that."""

    def __init__(self) -> None:
        # The same text for every address: the connector then keeps the type when it merges errors.
        super().__init__(errno.EACCES, "the address is not public")


def read_url(text: str) -> URL | None:
    """Read an address with a usable host; None for anything else."""
    try:
        url = URL(text)
        # Both are parsed only now: the port may be invalid, and so may the host.
        _ = url.port, url.host
    except ValueError:
        return None
    return url


@dataclass(frozen=True, slots=True)
class Guard:
    """Checks every hop of an exchange, first its address, then its socket."""

    mirror: URL | None = None
    """The sandbox's upstreams: `https://HOST/PATH` is requested as `{mirror}/HOST/PATH`."""

    def route(self, url: str) -> URL | Unreachable:
        """Return the address to request, or why it is refused: https only, no user name."""
        asked = read_url(url)
        if asked is None:
            return Unreachable(f"{url[:200]!r} is not an address")
        if asked.scheme != "https" or not asked.host:
            return Unreachable(f"{url[:200]!r} is not an https address")
        if asked.user is not None or asked.password is not None:
            return Unreachable("the address carries a user name or password")
        if self.mirror is None:
            return asked.with_fragment(None)
        host, port = asked.host, asked.port
        shown = host if port == asked.with_port(None).port else f"{host}:{port}"
        path = f"{self.mirror.raw_path.rstrip('/')}/{shown}{asked.raw_path}"
        return self.mirror.with_path(path, encoded=True).with_query(asked.query)

    def socket(self, address: AddrInfoType) -> socket.socket:
        """Open the socket for a resolved address, or refuse it."""
        family, kind, protocol, _, target = address
        if not self._admits(str(target[0]), int(target[1])):
            raise RefusedAddress
        return socket.socket(family=family, type=kind, proto=protocol)

    def _admits(self, host: str, port: int) -> bool:
        address = ip_address(host.partition("%")[0])
        if self.mirror is not None:
            return address.is_loopback and port == self.mirror.port
        return is_public(address)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address is on the public internet, whatever it is wrapped in."""
    if isinstance(address, IPv6Address):
        inner = _unwrapped(address)
        if inner is not None:
            return is_public(inner)
        if address not in _UNICAST:
            return False
    return (
        address.is_global
        and address not in _PROTOCOL_ASSIGNMENTS
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
    )


def _unwrapped(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address inside an IPv6 address: mapped, 6to4, Teredo, NAT64."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _V4_COMPATIBLE or any(address in network for network in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
