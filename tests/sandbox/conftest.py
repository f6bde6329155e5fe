"""One sandbox with an installed App a test; in the end the judge must have had no objection."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from octobot.sandbox.server import Sandbox
from tests.sandbox.visitor import DISTRO, FILES, Listener, Visitor, Watch, app_jwt


@pytest.fixture
def watch() -> Watch:
    """The sandbox's clock."""
    return Watch()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Yield a session that is closed in the end."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def sandbox(tmp_path: Path, watch: Watch) -> AsyncIterator[Sandbox]:
    """Yield a sandbox of its own; the judge speaks last."""
    async with Sandbox(tmp_path / "sandbox", clock=watch) as sandbox:
        sandbox.hub.state.live.mergeability_lag = timedelta()  # the clock moves only on request
        yield sandbox
        assert sandbox.judge.objections == []


@pytest.fixture
async def anybody(sandbox: Sandbox, session: aiohttp.ClientSession) -> Visitor:
    """Return a caller without a credential."""
    return Visitor(sandbox, session)


@pytest.fixture
async def bot(sandbox: Sandbox, anybody: Visitor, watch: Watch) -> Visitor:
    """Return a caller with a token of the App, installed on a repository with files."""
    await sandbox.create_repository(DISTRO, FILES)
    number = await sandbox.install_app(DISTRO)
    app = anybody.with_token(app_jwt(sandbox, watch.now))
    reply = await app.send("POST", f"/app/installations/{number}/access_tokens")
    assert reply.status == 201
    return anybody.with_token(reply.body["token"])


@pytest.fixture
async def app(sandbox: Sandbox, anybody: Visitor, bot: Visitor, watch: Watch) -> Visitor:
    """Return a caller with the App's own JWT."""
    assert bot.token  # the App is installed
    return anybody.with_token(app_jwt(sandbox, watch.now))


@pytest.fixture
async def listener(sandbox: Sandbox) -> AsyncIterator[Listener]:
    """Yield somebody who hears deliveries, once `deliver_to` names them."""
    async with Listener(lambda: sandbox.app.webhook_secret) as listener:
        yield listener
        await sandbox.settle()
