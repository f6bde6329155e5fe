"""GitHub hangs, drips, breaks off: rows 16 to 18, 79 and 80 of SAFETY.md, through the whole bot."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import aiohttp
import pytest

from octobot.github.app.app import App
from octobot.github.app.installations import identify
from octobot.github.repository.repository import WatchedRepository
from octobot.github.transport.request import open_http
from octobot.github.transport.scopes import PemSigner
from octobot.github.transport.throttle import UNLIMITED, Limits
from octobot.model.reasons import ReasonCode
from octobot.sandbox.http.call import Answer, Call
from octobot.sandbox.http.faults import Answering
from octobot.sandbox.server import Sandbox
from tests.faults.lives.lines import Line, Mood, line_to
from tests.faults.test_answers import converge, passing
from tests.sampling import sampled
from tests.stories.processes import PATIENCE, environ, octobot
from tests.stories.story import NAME, Story

IMPATIENT = replace(UNLIMITED, deadline=0.5)
BAD: tuple[Mood, ...] = tuple(mood for mood in get_args(Mood) if mood != "through")


@dataclass(frozen=True, slots=True)
class Way:
    """A line, and octobot's GitHub at its other end."""

    tale: Story
    line: Line
    patient: WatchedRepository
    impatient: WatchedRepository

    def turn(self, mood: Mood) -> None:
        """Turn the line good or bad; only what a bad one swallows is given up soon.

        On a busy machine an honest answer may take longer than a test wants to wait for none.
        """
        self.line.mood = mood
        self.tale.through(self.patient if mood == "through" else self.impatient)


def app_over(session: aiohttp.ClientSession, line: Line, tale: Story, limits: Limits) -> App:
    """Make the App as it sees GitHub through a line."""
    return App(
        session,
        base_url=line.address,
        issuer=str(tale.sandbox.app.app_id),
        signer=PemSigner(tale.sandbox.app.private_key),
        limits=limits,
        clock=tale.clock.machine,
    )


@asynccontextmanager
async def by_way_of(tale: Story) -> AsyncIterator[Way]:
    """Let octobot see its GitHub through a line."""
    async with line_to(tale.sandbox.api_url) as line, open_http() as session:
        watched, bot = tale.world.watched, await identify(app_over(session, line, tale, UNLIMITED))

        def github(limits: Limits) -> WatchedRepository:
            app = app_over(session, line, tale, limits)
            road = app.installation(watched.installation, repositories=frozenset({watched.id}))
            return WatchedRepository.open(road, watched, bot)

        way = Way(tale, line, github(UNLIMITED), github(IMPATIENT))
        way.turn("through")
        yield way


@pytest.mark.parametrize("mood", sampled(BAD, len(BAD)))
async def test_a_line_that_goes_bad_before_the_merge(tale: Story, mood: Mood) -> None:
    """Green, and then GitHub cannot be read: nothing is half done, and then it continues."""
    async with by_way_of(tale) as way:
        await tale.look()
        await tale.release("1.1")
        assert await tale.look() is ReasonCode.CHECKS_PENDING
        (pull,) = await tale.pulls()
        tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
        way.turn(mood)
        await passing(tale, hours=1)
        assert 'version: "1.0"' in await tale.spec()
        way.turn("through")
        await converge(tale)


@pytest.mark.parametrize("mood", sampled(BAD, len(BAD)))
async def test_a_line_that_goes_bad_before_the_proposal(tale: Story, mood: Mood) -> None:
    """A release was found and GitHub is away: the pull request comes later, and only one."""
    async with by_way_of(tale) as way:
        await tale.look()
        await tale.release("1.1")
        way.turn(mood)
        await passing(tale, hours=1)
        way.turn("through")
        assert len(await tale.pulls()) <= 1
        await converge(tale)


async def test_sigterm_ends_it_while_github_hangs(
    sandbox: Sandbox,
    short: Path,
) -> None:
    """Row 7: calls are under way that will never be answered; it ends by itself, and cleanly."""
    never, asked = asyncio.Event(), asyncio.Event()

    async def hang(_call: Call, _dispatch: Answering) -> Answer:
        asked.set()
        await never.wait()
        return Answer()

    async with octobot("serve", env=environ(sandbox, short)) as running:
        await running.says("octobot is serving")
        sandbox.door.intercept = hang
        async with asyncio.timeout(PATIENCE):
            await asked.wait()
        status = await running.stops()
        never.set()
        assert status == 0, running.said()
        assert "octobot is stopping" in running.said()


async def test_doors_are_open_while_github_is_away(
    sandbox: Sandbox,
    short: Path,
) -> None:
    """A start during an outage: deliveries are stored; on a stop signal it stops at once."""
    never = asyncio.Event()

    async def hang(_call: Call, _dispatch: Answering) -> Answer:
        await never.wait()
        return Answer()

    sandbox.door.intercept = hang
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    env = environ(sandbox, short, place)
    async with octobot("serve", env=env) as running:
        sandbox.deliver_to(f"http://{place}/deliveries")
        async with asyncio.timeout(PATIENCE):
            while (delivery := await pinged(sandbox)) != 202:
                assert delivery == 502
        status = await running.stops()
        never.set()
        assert status == 0, running.said()


async def pinged(sandbox: Sandbox) -> int:
    """Let GitHub ping the hook; return the status of the answer."""
    outbox = sandbox.hub.outbox
    outbox.judge = lambda _event, _payload: None
    outbox.send(
        "ping", {"zen": str(len(sandbox.hub.state.deliveries))}, installation=None, repository=None
    )
    await sandbox.settle()
    return [each.status_code for each in sandbox.hub.state.deliveries][-1]
