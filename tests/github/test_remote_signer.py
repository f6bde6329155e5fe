import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from octobot.github.app.app import App
from octobot.github.app.remote_signer import KeyService
from octobot.github.transport.throttle import UNLIMITED
from octobot.model.errors import Misconfigured, TryLater
from tests.github.loopback import Say, Scene

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLAIMS: dict[str, int | str] = {"iat": 1, "exp": 600, "iss": "7"}


@dataclass
class Vault:
    """A key service on loopback: it signs what is a JWT of this App, for who has the token."""

    url: str = ""
    answer: web.Response | None = None
    asked: list[str] = field(default_factory=list)

    async def sign(self, request: web.Request) -> web.Response:
        """Sign, as the contract says."""
        if request.headers.get("Authorization") != "Bearer let me":
            return web.Response(status=403)
        if self.answer:
            return self.answer
        wanted = await request.json()
        self.asked.append(wanted["input"])
        header, claims = (json.loads(_decode(part)) for part in wanted["input"].split("."))
        assert (wanted["algorithm"], header["alg"]) == ("RS256", "RS256")
        if claims["iss"] != "7" or claims["exp"] - claims["iat"] > 600:
            return web.Response(status=403)
        signature = KEY.sign(wanted["input"].encode(), padding.PKCS1v15(), SHA256())
        return web.json_response(
            {"signature": base64.urlsafe_b64encode(signature).decode().rstrip("=")}
        )


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@asynccontextmanager
async def vault() -> AsyncIterator[Vault]:
    """Start the key service."""
    made = Vault()
    application = web.Application()
    application.router.add_post("/sign", made.sign)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/sign"
    try:
        yield made
    finally:
        await runner.cleanup()


async def test_a_jwt_is_signed_elsewhere(stage: Scene) -> None:
    """GitHub's own check of it passes, with the public key."""
    async with vault() as made:
        signed = await KeyService(stage.session, made.url, "let me").sign(CLAIMS)
    options = {"verify_exp": False, "verify_iat": False}
    assert jwt.decode(signed, KEY.public_key(), ["RS256"], options) == CLAIMS  # type: ignore[arg-type]  # a plain dict will do


async def test_the_app_works_without_a_key(stage: Scene) -> None:
    """Its client is authorized by the service, once for several requests."""
    async with vault() as made:
        signer = KeyService(stage.session, made.url, "let me")
        app = App(
            stage.session, base_url=stage.far.url, issuer="7", signer=signer, limits=UNLIMITED,
            clock=stage.ticker.clock,
        )  # fmt: skip
        stage.far.say(Say(json={"id": 7}), Say(json={"id": 7}))
        assert [await app.session.get("/app") for _ in range(2)] == [{"id": 7}] * 2
        assert len(made.asked) == 1
    assert all(one.headers["authorization"].count(".") == 2 for one in stage.far.heard)


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_a_service_that_is_away_is_waited_for(stage: Scene, status: int) -> None:
    """Nothing is signed and nothing is sent meanwhile."""
    async with vault() as made:
        made.answer = web.Response(status=status)
        service = KeyService(stage.session, made.url, "let me")
        with pytest.raises(TryLater, match=str(status)):
            await service.sign(CLAIMS)
    with pytest.raises(TryLater, match="does not answer"):
        await service.sign(CLAIMS)


async def test_a_service_that_refuses_is_the_operators(stage: Scene) -> None:
    """A wrong token, claims that it does not sign; the token is in no error."""
    async with vault() as made:
        with pytest.raises(Misconfigured, match="403") as told:
            await KeyService(stage.session, made.url, "let them").sign(CLAIMS)
        assert "let them" not in str(told.value)
        with pytest.raises(Misconfigured, match="403"):
            await KeyService(stage.session, made.url, "let me").sign({**CLAIMS, "exp": 9999})


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"signature": 1}', b'{"signature": "a.b"}', b"[" * 9]
)
async def test_an_answer_without_a_signature_is_refused(stage: Scene, body: bytes) -> None:
    """Nothing but base64url goes into a header."""
    async with vault() as made:
        made.answer = web.Response(body=body)
        with pytest.raises(Misconfigured, match="no signature"):
            await KeyService(stage.session, made.url, "let me").sign(CLAIMS)


@pytest.mark.parametrize(
    "url", ["http://vault.example/sign", "ftp://127.0.0.1/", "sign", "http://10.0.0.1/", "http://["]
)
async def test_claims_do_not_travel_in_the_clear(stage: Scene, url: str) -> None:
    """https, or this machine."""
    with pytest.raises(Misconfigured, match="OCTOBOT_SIGNER_URL"):
        KeyService(stage.session, url)


async def test_addresses_that_are_fine(stage: Scene) -> None:
    """A sidecar, and a service elsewhere."""
    for url in ("http://localhost:1/", "http://[::1]:1/sign", "https://vault.example/sign"):
        KeyService(stage.session, url)
