"""The probes: refused by octobot's real doors, and noticed where a door is open."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from octobot.app.bot import Bot
from octobot.app.self_test.commands import commands_accepted
from octobot.app.self_test.gate import CHANGES, gate_accepted
from octobot.app.self_test.probe import inside, is_ready, keep_probing, probe, probes
from octobot.cli.demo.stage import bot_settings
from octobot.commands.obey import obey
from octobot.flows.context import RepoContext
from octobot.github.repository.people_comments import PeopleComments
from octobot.model.orders import Level, Person
from octobot.model.verdict import Outcome, Snapshot, Verdict
from octobot.policy.judge import judge
from octobot.sandbox.server import Sandbox
from octobot.sandbox.upstreams.upstreams import Upstreams
from octobot.store.store import Store
from octobot.web.application import application

SECRET = "a webhook secret"


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve an application on loopback; yield its address."""
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
    """Whatever is not a refusal is an open door, a crash included."""
    async with serving(gullible(status)) as address:
        found = await probe(address, SECRET)
    assert [str(each) for each in found if each.refused] == []


async def test_nobody_there_is_not_refused(unused_tcp_port: int) -> None:
    """An instance that does not answer has shown nothing."""
    found = await probe(f"http://127.0.0.1:{unused_tcp_port}", None)
    assert {each.status for each in found} == {None}
    assert not any(each.refused for each in found)


async def test_what_is_let_in_is_reported_until_it_is_not() -> None:
    """The schedule reports each round, and ends on request."""
    stop, rounds = asyncio.Event(), []

    def report(let_in: tuple[str, ...]) -> None:
        rounds.append(let_in)
        if len(rounds) == 2:
            stop.set()

    async with serving(gullible(202)) as address:
        await keep_probing(address, SECRET, report, stop=stop, every=timedelta())
    assert len(rounds) == 2
    assert any("forged signature: answered 202" in said for said in rounds[0])


async def test_octobot_is_not_ready_while_a_probe_is_let_in(
    tmp_path: Path, database_url: str
) -> None:
    """What was let in shows at /readyz, and no more once it is shut."""
    async with Sandbox(tmp_path / "github") as sandbox:
        upstreams = Upstreams(sandbox, tmp_path / "upstreams")
        settings = replace(bot_settings(tmp_path, sandbox, upstreams), database_url=database_url)
        async with Bot.open(settings) as bot:
            bot.surveyed.set()
            bot.lanes.working.set()
            assert await bot.ready()
            bot.suspect(("forged signature: answered 202",))
            assert not await bot.ready()
            bot.suspect(())
            assert await bot.ready()


async def test_gate_and_commands_refuse_every_probe() -> None:
    """A foreign head, an unchecked one, a command without permission: of this very code."""
    assert await inside() == ()


def test_a_gate_that_lets_everything_through_is_noticed() -> None:
    """Each fault is reported by its name; a gate that is always shut proves nothing."""

    def always(outcome: Outcome) -> Callable[[Snapshot], Verdict]:
        return lambda snapshot: replace(judge(snapshot), outcome=outcome)

    let_in = gate_accepted(always(Outcome.MERGE))
    assert [said.partition(":")[0] for said in let_in] == list(CHANGES)
    assert "merges nothing at all" in gate_accepted(always(Outcome.BLOCK))[0]


async def test_commands_that_are_obeyed_without_permission_are_noticed() -> None:
    """A hearing that asks nobody, and one that obeys nobody."""

    async def anybody(world: RepoContext, number: int) -> None:
        generous = cast("PeopleComments", Generous(world.github.people_comments))
        await obey(replace(world, github=replace(world.github, people_comments=generous)), number)

    async def nobody_(_world: RepoContext, _number: int) -> None:
        return None

    let_in = await commands_accepted(anybody)
    assert any(said.startswith("command pause of somebody") for said in let_in)
    assert await commands_accepted(nobody_) == ("no command is obeyed at all: help is ignored",)


class Generous:
    """The comments of a GitHub on which everybody may do everything."""

    def __init__(self, comments: PeopleComments) -> None:
        self._comments = comments

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever they have by that name)
        return getattr(self._comments, name)

    async def level_of(self, _person: Person) -> Level:
        """Let everybody do everything."""
        return "admin"


@pytest.mark.parametrize(("status", "said"), [(200, True), (503, False)])
async def test_an_instance_is_asked_for_its_own_probes(status: int, said: bool) -> None:  # noqa: FBT001  (a table)
    """`/readyz` shows whether something was let in from inside."""
    async with serving(gullible(status)) as address:
        assert await is_ready(address) is said
