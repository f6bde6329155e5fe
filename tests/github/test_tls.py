"""Who is at the other end?  Rows 79 and 80 of SAFETY.md, for the connection to GitHub."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from octobot.github.transport.request import open_http
from octobot.github.transport.session import Session
from octobot.github.transport.throttle import UNLIMITED
from octobot.model.errors import TryLater
from tests.github.loopback import Ticker

NOW = datetime.now(UTC)


@dataclass
class FarEnd:
    """A TLS server with some certificate, which answers everything."""

    port: int = 0
    heard: bytes = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        self.heard += await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n")
        writer.write(b"Connection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def far_end(folder: Path, *, name: str, until: datetime) -> AsyncIterator[FarEnd]:
    """Serve on loopback with a certificate of its own making."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=9))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    pem = folder / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    made = FarEnd()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


def trusting(folder: Path) -> ssl.SSLContext:
    """Trust the far end's certificate as an authority."""
    return ssl.create_default_context(cafile=str(folder / "server.pem"))


def road(session: aiohttp.ClientSession, url: str, ticker: Ticker) -> Session:
    """Open a client with a token that must not get into wrong hands."""
    limits = replace(UNLIMITED, deadline=5)
    return Session.for_token(session, url, "ghp_secret", limits=limits, clock=ticker.clock)


@pytest.mark.parametrize(
    ("name", "until", "trusted"),
    [
        ("localhost", NOW + timedelta(days=9), False),
        ("localhost", NOW - timedelta(days=1), True),
        ("api.example.org", NOW + timedelta(days=9), True),
    ],
    ids=["self-signed", "expired", "wrong-host"],
)
async def test_a_certificate_that_is_not_githubs_gets_no_word(
    tmp_path: Path,
    name: str,
    until: datetime,
    *,
    trusted: bool,
) -> None:
    """Nothing is sent, not even the first byte of a request; it may be better later."""
    async with far_end(tmp_path, name=name, until=until) as made:
        async with open_http(trusting(tmp_path) if trusted else None) as session:
            with pytest.raises(TryLater, match="no connection"):
                await road(session, f"https://localhost:{made.port}", Ticker()).get("/user")
        assert made.heard == b""


async def test_no_downgrade_and_no_such_host() -> None:
    """A name that does not resolve, and a port that does not speak TLS."""
    async with open_http() as session:
        with pytest.raises(TryLater, match="no connection"):
            await road(session, "https://api.github.invalid", Ticker()).get("/user")
    heard = bytearray()

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(1))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, open_http() as session:
        with pytest.raises(TryLater, match="no connection"):
            await road(session, f"https://localhost:{port}", Ticker()).get("/user")
    assert set(bytes(heard)) == {0x16}  # a TLS handshake, and never a G of GET


async def test_a_proxy_of_the_environment_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 80: whoever can set a variable does not read the tokens."""
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for variable in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(variable, address)
    until = NOW + timedelta(days=9)
    async with server, far_end(tmp_path, name="localhost", until=until) as made:
        async with open_http(trusting(tmp_path)) as session:
            url = f"https://localhost:{made.port}"
            assert await road(session, url, Ticker()).get("/user") == {}
        assert made.heard.startswith(b"GET /user")
    assert asked == []
