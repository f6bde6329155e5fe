"""Deliveries come twice, late, in any order or not at all: SAFETY.md's rows 32 to 42.

The real door runs on loopback with the real store; the sandbox posts what GitHub would.  What the
door does with one delivery is tested in `tests/web` and `tests/github/test_deliveries.py`.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from octobot.app.events import keys_of
from octobot.flows.watch.sync_specs import sync_specs
from octobot.model.events import Event, Pushed
from octobot.model.reasons import ReasonCode
from octobot.sandbox.state.deliveries import DeliveryFaults
from octobot.sandbox.state.nouns import CI_APP
from octobot.web.application import application
from tests.stories.story import NAME, Story
from tests.stories.test_gate import NO_AGE, proposed

PATIENCE = 60.0


async def ready() -> bool:
    """Be ready."""
    return True


@dataclass(slots=True)
class Doors:
    """The door of the bot, and what came in through it."""

    tale: Story
    address: str = ""
    heard: list[Event] = field(default_factory=list)

    async def on_event(self, event: Event) -> None:
        """Turn an event into hints, as the bot does."""
        self.heard.append(event)
        if isinstance(event, Pushed) and event.is_default:
            await sync_specs(self.tale.world)
        for key in await keys_of(event, self.tale.store):
            await self.tale.queue.hint(key)

    async def worked_off(self) -> None:
        """Wait until GitHub has posted everything and all of it was handled."""
        await self.tale.sandbox.settle()
        async with asyncio.timeout(PATIENCE):
            while await self._waiting():
                pass  # each look at the database lets the others work

    async def _waiting(self) -> bool:
        async with self.tale.store.deliveries._database.connection() as connection:  # noqa: SLF001
            cursor = await connection.execute("select 1 from delivery where done is null limit 1")
            return await cursor.fetchone() is not None


@asynccontextmanager
async def doors(tale: Story, made: Doors | None = None) -> AsyncIterator[Doors]:
    """Open the bot's door and let GitHub deliver there."""
    made = made or Doors(tale)
    secret = tale.sandbox.app.webhook_secret
    app = application(tale.store.deliveries, made.on_event, secrets=[secret], ready=ready)
    async with TestServer(app) as server:
        made.address = str(server.make_url("/deliveries"))
        tale.sandbox.deliver_to(made.address)
        yield made
        tale.sandbox.hub.outbox.url = None


async def live(made: Doors) -> None:
    """Let 1.1 be proposed and checked, driven by deliveries alone between the looks."""
    tale = made.tale
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    await made.worked_off()
    await tale.work()
    for pull in await tale.pulls():
        tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
    await made.worked_off()
    await tale.work()


def once(tale: Story) -> None:
    """See that there was one pull request and one merge."""
    done = [one for one in tale.sandbox.log.whole() if one.status < 300]
    assert len([one for one in done if one.method == "POST" and one.path.endswith("/pulls")]) == 1
    assert len([one for one in done if one.path.endswith("/merge")]) == 1


async def test_a_delivery_alone_brings_the_merge(tale: Story) -> None:
    """Nothing is due yet: the delivery of the check is what wakes the lane."""
    async with doors(tale) as made:
        await live(made)
    assert (await tale.row()).reason.code is ReasonCode.MERGED
    once(tale)


@pytest.mark.parametrize(
    "lossy",
    [
        DeliveryFaults(doubled=1.0),
        DeliveryFaults(dropped=0.5),
        DeliveryFaults(dropped=1.0),
        DeliveryFaults(0.3, 0.5),
    ],
    ids=["all-twice", "half-lost", "all-lost", "some-of-each"],
)
async def test_whatever_happens_to_deliveries_it_is_done_once(
    tale: Story, lossy: DeliveryFaults
) -> None:
    """Rows 32, 33 and 36: lost ones are repaired by the next pass, double ones have no effect."""
    tale.sandbox.hub.outbox.faults = lossy
    async with doors(tale) as made:
        await live(made)
        await tale.later(hours=3)
        await made.worked_off()
        await tale.work()
    assert (await tale.row()).reason.code is ReasonCode.MERGED
    once(tale)


async def test_deliveries_in_any_order_come_to_the_same(tale: Story) -> None:
    """Row 35: everything of a whole life is held back, shuffled and then delivered."""
    tale.sandbox.hub.outbox.faults = DeliveryFaults(held=True)
    async with doors(tale) as made:
        await live(made)
        await tale.check()
        await tale.later(hours=1)
        assert made.heard == []
        tale.sandbox.log.clear()
        tale.sandbox.hub.outbox.release_held()
        await made.worked_off()
        await tale.work()
    assert len(made.heard) > 5
    assert tale.sandbox.log.content_writes() == []
    once(tale)


async def test_two_hooks_are_one(tale: Story) -> None:
    """Rows 33 and 34: the same object under another GUID is taken, and nobody hears of it."""
    async with doors(tale) as made, aiohttp.ClientSession() as session:
        await live(made)
        outbox, heard = tale.sandbox.hub.outbox, len(made.heard)
        tale.sandbox.log.clear()
        for number, delivery in enumerate(tuple(tale.sandbox.hub.state.deliveries)):
            headers = {**outbox.headers(delivery), "X-GitHub-Delivery": f"again-{number}"}
            async with session.post(made.address, data=delivery.body, headers=headers) as answer:
                assert answer.status == 202
        await made.worked_off()
        await tale.work()
        assert len(made.heard) == heard
    assert tale.sandbox.log.content_writes() == []
    once(tale)


async def test_a_replay_under_another_name_is_refused(tale: Story) -> None:
    """Row 34: the event's name is not signed, so each body fits its own name only."""
    async with doors(tale) as made, aiohttp.ClientSession() as session:
        await live(made)
        outbox, heard = tale.sandbox.hub.outbox, len(made.heard)
        told = {each.event: each for each in tale.sandbox.hub.state.deliveries}
        names = {"push", "pull_request", "check_run", "check_suite", "status", "ping"}
        for event, delivery in told.items():
            for name in sorted(names - {event}):
                headers = {**outbox.headers(delivery), "X-GitHub-Event": name}
                headers["X-GitHub-Delivery"] = f"{event}-as-{name}"
                async with session.post(
                    made.address, data=delivery.body, headers=headers
                ) as answer:
                    assert answer.status == 400, (event, name)
        await made.worked_off()
        assert len(made.heard) == heard
    once(tale)


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("sponsorship", {"action": "created"}),
        ("pull_request", {"action": "enqueued", "pull_request": {}}),
        ("check_run", {"action": "created", "check_run": {}}),
        ("issue_comment", {"action": "created", "comment": {"body": "/merge"}, "issue": {}}),
    ],
)
async def test_what_octobot_does_not_know_is_taken_and_ignored(
    tale: Story, name: str, payload: dict[str, object]
) -> None:
    """Rows 41 and 42: unknown events and actions, and comments, its own ones among them."""
    async with doors(tale) as made:
        await made.worked_off()
        heard = len(made.heard)
        tale.sandbox.hub.outbox.judge = lambda _event, _payload: None
        tale.sandbox.hub.outbox.send(name, payload, installation=1, repository=1)
        await made.worked_off()
        assert len(made.heard) == heard
        assert [each.status_code for each in tale.sandbox.hub.state.deliveries][-1] == 202


async def test_a_foreign_repositorys_event_touches_nothing(tale: Story) -> None:
    """Row 41: truly signed, but of a repository that octobot does not watch."""
    foreign = {
        "ref": "refs/heads/octobot/hello/1.1",
        "after": "a" * 40,
        "commits": [],
        "deleted": False,
        "repository": {"id": 424242, "default_branch": "main"},
        "installation": {"id": 31337},
    }
    await tale.look()
    async with doors(tale) as made:
        tale.sandbox.log.clear()
        tale.sandbox.hub.outbox.judge = lambda _event, _payload: None
        tale.sandbox.hub.outbox.send("push", foreign, installation=1, repository=1)
        await made.worked_off()
        keys = list(tale.queue.keys)
        await tale.work()
    assert [key.repository for key in keys] == [424242]
    assert [one for one in tale.sandbox.log.whole() if "424242" in one.path] == []
    assert tale.sandbox.log.content_writes() == []


async def test_a_slow_sender_holds_nobody_up(tale: Story) -> None:
    """Row 38: connections that never end their bodies; the next delivery is taken all the same."""
    async with doors(tale) as made, contextlib.AsyncExitStack() as slow:
        port = int(made.address.rsplit(":", 1)[1].split("/")[0])
        for _ in range(50):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            slow.callback(writer.close)
            writer.write(b"POST /deliveries HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{")
            await writer.drain()
        await live(made)
    once(tale)


async def test_a_storm_is_stored_to_the_last_delivery(tale: Story) -> None:
    """Row 40: a thousand at once, every one answered 202 is heard; one package is one hint."""
    async with doors(tale) as made, aiohttp.ClientSession() as session:
        await live(made)
        push = next(each for each in tale.sandbox.hub.state.deliveries if each.event == "push")
        before = len(made.heard)

        async def post(number: int) -> int:
            body = json.dumps({**json.loads(push.body), "number": number}).encode()
            own = replace(push, guid=f"storm-{number}", body=body)
            headers = tale.sandbox.hub.outbox.headers(own)
            async with session.post(made.address, data=body, headers=headers) as answer:
                return answer.status

        told = await asyncio.gather(*(post(number) for number in range(1000)))
        await made.worked_off()
        assert len(made.heard) - before == told.count(202)
        assert told.count(202) + told.count(503) == 1000
        assert len(tale.queue.keys) <= 1
    assert json.loads(push.body)["repository"]["id"] == tale.world.watched.id
    once(tale)


NO: dict[str, tuple[str, ReasonCode]] = {
    "labeled": ("queue", ReasonCode.BLOCKING_LABEL),
    "dequeued": ("queue", ReasonCode.DEQUEUED),
    "auto_merge_disabled": ("auto", ReasonCode.AUTO_MERGE_DISABLED),
}


@pytest.mark.parametrize("action", NO)
async def test_a_no_is_seen_at_once(tale: Story, action: str) -> None:
    """The delivery alone cancels what was left to GitHub: nothing is due for an hour."""
    merge_by, code = NO[action]
    pull = await proposed(tale, config=NO_AGE + f"merge-by: {merge_by}\n")
    tale.world = replace(tale.world, recheck=timedelta(hours=1))
    if merge_by == "queue":
        tale.sandbox.require_queue(NAME, "main")
    else:
        tale.sandbox.protect(NAME, "main", [("build", CI_APP)], reviews=1)
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    ann = tale.sandbox.person("ann", "write", on=NAME)
    async with doors(tale) as made:
        if action == "labeled":
            await ann.label(NAME, pull.number, "do-not-merge")
        else:
            await ann.cancel(NAME, pull.number, "queue" if merge_by == "queue" else "auto")
        await made.worked_off()
        assert await tale.work() is code
        assert await tale.world.github.merge_queue.left_to_github(pull.number) is None
        if action == "labeled":
            await ann.unlabel(NAME, pull.number, "do-not-merge")
            await made.worked_off()
            assert await tale.work() is ReasonCode.LEFT_TO_GITHUB
