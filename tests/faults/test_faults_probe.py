"""The probes: refused by octobot's real doors, and noticed where a door stands open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from octobot.porch.house import House
from octobot.porch.probe import keep_trying, probe, probes
from octobot.porch.stage import bot_settings
from octobot.sandbox.server import Sandbox
from octobot.sandbox.upstreams import Upstreams
from octobot.store.store import Store
from octobot.web.application import application

SECRET = "a webhook secret"


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve an application on loopback; give its address."""
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def nothing(_event: object) -> None:
    """Do nothing."""


async def yes() -> bool:
    """Be ready."""
    return True


async def test_every_probe_is_refused_by_the_real_doors(store: Store) -> None:
    """With the secret known, so that replays are truly signed; nothing is stored of any."""
    app = application(store.deliveries, nothing, secrets=[SECRET], ready=yes)
    async with serving(app) as address:
        found = await probe(address, SECRET)
    assert [str(each) for each in found if not each.refused] == []
    assert len(found) == len(probes(SECRET)) > len(probes(None))
    assert await store.deliveries.pending(limit=10) == ()


def gullible(status: int) -> web.Application:
    """Make a server that answers everything alike."""

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=status)

    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{path:.*}", answer)
    return app


@pytest.mark.parametrize("status", [200, 202, 302, 500])
async def test_an_open_door_is_noticed_by_every_probe(status: int) -> None:
    """Whatever is not a refusal is a door that stands open, a crash included."""
    async with serving(gullible(status)) as address:
        found = await probe(address, SECRET)
    assert [str(each) for each in found if each.refused] == []


async def test_nobody_there_is_not_refused(unused_tcp_port: int) -> None:
    """An instance that does not answer has shown nothing."""
    found = await probe(f"http://127.0.0.1:{unused_tcp_port}", None)
    assert {each.status for each in found} == {None}
    assert not any(each.refused for each in found)


async def test_what_is_let_in_is_reported_until_it_is_not() -> None:
    """The schedule reports each round, and ends when told."""
    stop, rounds = asyncio.Event(), []

    def report(let_in: tuple[str, ...]) -> None:
        rounds.append(let_in)
        if len(rounds) == 2:
            stop.set()

    async with serving(gullible(202)) as address:
        await keep_trying(address, SECRET, report, stop=stop, every=timedelta())
    assert len(rounds) == 2
    assert any("forged signature: answered 202" in said for said in rounds[0])


async def test_octobot_is_not_ready_while_a_probe_is_let_in(
    tmp_path: Path, database_url: str
) -> None:
    """What was let in shows at /readyz, and no more once it is shut."""
    async with Sandbox(tmp_path / "github") as sandbox:
        upstreams = Upstreams(sandbox, tmp_path / "upstreams")
        settings = replace(bot_settings(tmp_path, sandbox, upstreams), database_url=database_url)
        async with House.open(settings) as house:
            house.lanes.working.set()
            assert await house.ready()
            house.suspect(("forged signature: answered 202",))
            assert not await house.ready()
            house.suspect(())
            assert await house.ready()
