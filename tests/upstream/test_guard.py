"""No socket to anything but the public internet, or to the mirror and nothing else."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import AddrInfoType, web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from yarl import URL

from octobot.model.lookup import HttpRequest, Unreachable
from octobot.upstream.exchange import Wire, read_body
from octobot.upstream.gate import Limits
from octobot.upstream.guard import Guard, RefusedAddress, is_public

if TYPE_CHECKING:
    from tests.upstream.conftest import Hosts

REFUSED = [
    "127.0.0.1",
    "0.0.0.0",  # noqa: S104  (an address to refuse, not to listen on)
    "10.1.2.3",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2001:0:4136:e378:8000:63bf:5601:5601",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "140.82.121.4", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused(address: str) -> None:
    """Private, local, reserved and multicast addresses, in whatever they are wrapped."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_not(address: str) -> None:
    """The internet stays reachable, also through a translator."""
    assert is_public(ip_address(address))


def resolved(address: str, port: int) -> AddrInfoType:
    """Return an address as the resolver does."""
    return (socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port))


def test_the_sandbox_reaches_its_mirror_and_nothing_else() -> None:
    """Loopback at exactly the mirror's port; not even the public internet."""
    guard = Guard(URL("http://127.0.0.1:8123/mirror"))
    guard.socket(resolved("127.0.0.1", 8123)).close()
    for address, port in [("127.0.0.1", 5432), ("8.8.8.8", 8123), ("10.0.0.1", 8123)]:
        with pytest.raises(RefusedAddress):
            guard.socket(resolved(address, port))


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        (
            "https://host.example/a/b.git/info/refs?service=x",
            "host.example/a/b.git/info/refs?service=x",
        ),
        ("https://host.example:443/a", "host.example/a"),
        ("https://host.example:8443/a", "host.example:8443/a"),
        ("https://host.example/../../etc/passwd", "host.example/etc/passwd"),
        ("https://host.example/a%2Fb%20c#part", "host.example/a%2Fb%20c"),
        ("https://host.example", "host.example/"),
    ],
)
def test_the_mirror_has_a_folder_for_each_host(asked: str, sent: str) -> None:
    """The path is kept as it was written; what climbs out does not."""
    guard = Guard(URL("http://127.0.0.1:8123/mirror/"))
    assert str(guard.route(asked)) == f"http://127.0.0.1:8123/mirror/{sent}"


@pytest.mark.parametrize(
    "address",
    [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
    ],
)
async def test_no_spelling_of_loopback_gets_a_packet(hosts: "Hosts", address: str) -> None:
    """Names, wrapped addresses, decimal and octal ones: the listener never hears a connection."""
    heard = []

    async def listener(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(1)
        writer.close()

    async with await asyncio.start_server(listener, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        client = await hosts.client_of(None)
        answer = await client.send(HttpRequest(f"https://{address}:{port}/"))
        assert isinstance(answer, Unreachable)
        assert await client.digest(f"https://{address}:{port}/", "sha256") is None
    assert heard == []
    assert hosts.waiting.slept == []


class Internet(Guard):
    """As if one host of the internet stood on loopback: all others are judged as ever."""

    def route(self, url: str) -> URL | Unreachable:
        """Send that host's requests to its place."""
        if URL(url).host == "public.example.org" and self.mirror is not None:
            return self.mirror.with_path(URL(url).path)
        return Guard().route(url)

    def socket(self, address: AddrInfoType) -> socket.socket:
        """Open sockets to that host, and those that the real guard opens."""
        if self.mirror is not None and address[4][1] == self.mirror.port:
            return socket.socket(family=address[0], type=address[1], proto=address[2])
        return Guard().socket(address)


@pytest.mark.parametrize("there", ["169.254.169.254", "127.0.0.1", "[::ffff:7f00:1]", "localhost"])
async def test_a_redirect_to_a_private_address_gets_no_socket(there: str) -> None:
    """A public host may point anywhere; what it points to is judged at the socket again."""

    async def pointing(_: web.Request) -> web.Response:
        raise web.HTTPFound(f"https://{there}/latest/meta-data/")

    application = web.Application()
    application.router.add_get("/", pointing)
    request = HttpRequest("https://public.example.org/")
    async with TestServer(application) as server:
        guard = Internet(server.make_url("/"))
        connector = aiohttp.TCPConnector(socket_factory=guard.socket)
        async with aiohttp.ClientSession(connector=connector) as session:
            wire = Wire(session, guard, Limits())
            answer = await wire.carry(
                request, lambda opened: read_body(opened, request), deadline=10, decode=True
            )
    assert isinstance(answer, Unreachable)
    assert "not public" in answer.because


def self_signed(folder: Path) -> ssl.SSLContext:
    """Make a server's context with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36500))
        .sign(key, hashes.SHA256())
    )
    pem, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path = folder / "host.pem"
    path.write_bytes(
        key.private_bytes(pem, private, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    hosts: "Hosts", tmp_path: Path
) -> None:
    """No downgrade and no exception, for the sandbox either."""

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    context = self_signed(tmp_path)
    async with await asyncio.start_server(silent, "127.0.0.1", ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        client = await hosts.client_of(f"https://127.0.0.1:{port}")
        answer = await client.send(HttpRequest("https://files.example.org/"))
    assert isinstance(answer, Unreachable)
    assert "ertificate" in answer.because


@pytest.mark.parametrize(
    "url", ["https://xn--/token", "https://xn--a-ecp.ru/", "https://[::1", "https://a:99999/"]
)
def test_an_address_that_cannot_be_read_is_not_asked(url: str) -> None:
    """A host's name that no resolver can carry is found out here, and raises nowhere."""
    assert isinstance(Guard().route(url), Unreachable)
