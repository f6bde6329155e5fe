import asyncio
import gzip
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import psycopg
import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from octobot.model.errors import TryLater
from octobot.model.events import Event, Pinged, Pushed
from octobot.model.ids import Guid, RepositoryId, Sha
from octobot.store.store import Store
from octobot.web.application import LARGEST, application

SECRET = "a webhook secret"
PATIENCE = 60.0
"""Seconds after which a test gives up waiting; never how long one waits."""

PUSH = {
    "ref": "refs/heads/main",
    "after": "a" * 40,
    "deleted": False,
    "commits": [],
    "repository": {"id": 101, "default_branch": "main"},
    "installation": {"id": 7},
}
PUSHED = Pushed(RepositoryId(101), "main", Sha("a" * 40), is_default=True)

Client = TestClient[Request, Application]


class Heard:
    """An `on_event` that notes what it was given."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()

    async def __call__(self, event: Event) -> None:
        await self.events.put(event)

    async def next(self) -> Event:
        """Wait for the next event."""
        async with asyncio.timeout(PATIENCE):
            return await self.events.get()


@asynccontextmanager
async def serving(
    store: Store,
    on_event: Callable[[Event], Awaitable[None]],
    *,
    ready: bool | Exception = True,
) -> AsyncIterator[Client]:
    """Serve the application on loopback."""

    async def is_ready() -> bool:
        if isinstance(ready, Exception):
            raise ready
        return ready

    app = application(store.deliveries, on_event, secrets=[SECRET], ready=is_ready)
    async with asyncio.timeout(PATIENCE), TestClient(TestServer(app)) as client:
        yield client


def signed(body: bytes, *, guid: str = "g-1", event: str = "push") -> dict[str, str]:
    """Make the headers that GitHub would send."""
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": event,
        "X-Hub-Signature-256": f"sha256={signature}",
    }


async def post(client: Client, body: bytes, headers: Mapping[str, str]) -> int:
    """Post a delivery; return the status."""
    async with client.post("/deliveries", data=BytesIO(body), headers=headers) as answer:
        text = await answer.text()
    assert len(text.splitlines()) == 1
    return answer.status


def body_of(payload: Mapping[str, object]) -> bytes:
    """Write a payload."""
    return json.dumps(payload).encode()


async def test_a_delivery_is_stored_answered_and_handled(store: Store) -> None:
    """The way of a hint: 202, then the event, then done."""
    heard, body = Heard(), body_of(PUSH)
    async with serving(store, heard) as client:
        assert await post(client, body, signed(body)) == 202
        assert await heard.next() == PUSHED
        await _worked_off(store)


async def test_a_duplicate_is_answered_and_has_no_effect(store: Store) -> None:
    """A redelivery keeps its GUID; a hundred of them at once are one."""
    heard, body = Heard(), body_of(PUSH)
    async with serving(store, heard) as client:
        copies = [post(client, body, signed(body)) for _ in range(100)]
        assert set(await asyncio.gather(*copies)) == {202}
        assert (
            await post(client, b'{"zen": "z"}', signed(b'{"zen": "z"}', guid="g-2", event="ping"))
            == 202
        )
        assert [await heard.next(), await heard.next()] == [PUSHED, Pinged()]
    assert heard.events.empty()


async def test_a_copy_under_another_guid_has_no_effect(store: Store) -> None:
    """A stored body sent again, and a second hook's: the same push, whichever hook sent it."""
    heard, body = Heard(), body_of(PUSH)
    other_hook = body_of({**PUSH, "installation": {"id": 8}, "sender": {"id": 1}})
    async with serving(store, heard) as client:
        assert await post(client, body, signed(body)) == 202
        for number in range(50):
            copy = (body, other_hook)[number % 2]
            assert await post(client, copy, signed(copy, guid=f"again-{number}")) == 202
        ping = b'{"zen": "z"}'
        assert await post(client, ping, signed(ping, guid="g-2", event="ping")) == 202
        assert [await heard.next(), await heard.next()] == [PUSHED, Pinged()]
    assert heard.events.empty()


@pytest.mark.parametrize(
    "change",
    [
        {"X-Hub-Signature-256": "sha256=" + "0" * 64},
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": "sha1=" + "0" * 40},
        {"X-Hub-Signature-256": "sha256=0"},
    ],
    ids=["forged", "missing", "sha1", "short"],
)
async def test_a_bad_signature_is_refused_before_anything_is_read(
    store: Store, change: Mapping[str, str]
) -> None:
    """Even a body that is no JSON gets 401, and nothing is stored."""
    body = b"{not json"
    async with serving(store, Heard()) as client:
        assert await post(client, body, {**signed(body), **change}) == 401
    assert await store.deliveries.record(Guid("g-1"), name="n", digest="d", event=None)


@pytest.mark.parametrize(
    ("body", "change", "status"),
    [
        (b"{not json", {}, 400),
        (b"[]", {}, 400),
        (b'\xef\xbb\xbf{"zen": ""}', {}, 400),
        (b'{"a": 1, "a": 2}', {}, 400),
        (b'{"a": NaN}', {}, 400),
        (b"[" * 100_000, {}, 400),
        (b'{"a": ' + b"9" * 1_000_000 + b"}", {}, 400),
        (b"{}", {}, 400),
        (b'{"zen": ""}', {"X-GitHub-Delivery": ""}, 400),
        (b"payload={}", {"Content-Type": "application/x-www-form-urlencoded"}, 400),
        (gzip.compress(b'{"zen": ""}'), {"Content-Encoding": "gzip"}, 415),
    ],
    ids=[
        *("garbage", "list", "bom", "twice", "nan", "deep", "digits", "shape", "guid", "form"),
        "gzip",
    ],
)
async def test_what_github_would_not_send_is_refused(
    store: Store, body: bytes, change: Mapping[str, str], status: int
) -> None:
    """Signed or not: four hundred, no crash."""
    async with serving(store, Heard()) as client:
        assert await post(client, body, {**signed(body), **change}) == status
        async with client.get("/healthz") as answer:
            assert answer.status == 200


async def test_up_to_25_megabytes_are_taken_and_no_more(store: Store) -> None:
    """GitHub's own limit, with and without a stated length."""
    heard = Heard()
    padding = LARGEST - len(body_of({**PUSH, "padding": ""}))
    body = body_of({**PUSH, "padding": "x" * padding})
    assert len(body) == LARGEST
    async with serving(store, heard) as client:
        assert await post(client, body, signed(body)) == 202
        assert await heard.next() == PUSHED
        larger = body + b" "
        assert await post(client, larger, signed(larger, guid="g-2")) == 413
        async with client.post(
            "/deliveries", data=_chunks(larger), headers=signed(larger, guid="g-3")
        ) as answer:
            assert answer.status == 413


async def test_what_cannot_be_stored_is_not_accepted(database_url: str) -> None:
    """With the database away it is 503: never a 2xx for a delivery that could be lost."""
    async with Store.open(database_url) as store:
        pass
    body = body_of(PUSH)
    async with (
        serving(store, Heard()) as client,
        client.post("/deliveries", data=body, headers=signed(body)) as answer,
    ):
        assert (answer.status, await answer.text()) == (503, "try again later\n")


async def test_a_bug_shows_nothing_outside(store: Store, database_url: str) -> None:
    """The answer is one line; the log has the details."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("drop table delivery")
    body = body_of(PUSH)
    async with (
        serving(store, Heard()) as client,
        client.post("/deliveries", data=body, headers=signed(body)) as answer,
    ):
        assert (answer.status, await answer.text()) == (500, "internal error\n")


async def test_what_a_killed_process_left_is_handled_at_the_start(store: Store) -> None:
    """Answered and not handled: the next process does it."""
    await store.deliveries.record(Guid("g-1"), name="push", digest="d", event=PUSHED)
    heard = Heard()
    async with serving(store, heard):
        assert await heard.next() == PUSHED
        await _worked_off(store)


async def test_an_event_that_must_wait_stays_pending(store: Store) -> None:
    """When the queue's database is away the event is kept, and the next one is still accepted."""
    heard = Heard()

    async def on_event(event: Event) -> None:
        await heard(event)
        if event == PUSHED:
            raise TryLater("away", after=timedelta(seconds=1))

    body, ping = body_of(PUSH), b'{"zen": "z"}'
    async with serving(store, on_event) as client:
        assert await post(client, body, signed(body)) == 202
        assert await heard.next() == PUSHED
        assert await post(client, ping, signed(ping, guid="g-2", event="ping")) == 202
        assert await heard.next() == Pinged()
    left = await store.deliveries.pending(limit=9, taken=timedelta(0))
    assert (Guid("g-1"), PUSHED) in left


async def test_a_bug_in_an_event_ends_only_that_event(store: Store) -> None:
    """It is logged and done with: the tick repairs what is lost."""
    heard = Heard()

    async def on_event(event: Event) -> None:
        await heard(event)
        raise ValueError("a bug of ours")

    body = body_of(PUSH)
    async with serving(store, on_event) as client:
        assert await post(client, body, signed(body)) == 202
        assert await heard.next() == PUSHED
        await _worked_off(store)
        later = body_of({**PUSH, "after": "b" * 40})
        assert await post(client, later, signed(later, guid="g-2")) == 202
        assert await heard.next() == replace(PUSHED, head=Sha("b" * 40))


async def test_events_of_no_use_are_accepted_and_nothing_happens(store: Store) -> None:
    """An event that GitHub invents tomorrow is no error."""
    heard, body, ping = Heard(), b'{"action": "created"}', b'{"zen": "z"}'
    async with serving(store, heard) as client:
        assert await post(client, body, signed(body, event="star")) == 202
        assert await post(client, ping, signed(ping, guid="g-2", event="ping")) == 202
        assert await heard.next() == Pinged()
    assert heard.events.empty()


@pytest.mark.parametrize(
    ("ready", "status"),
    [(True, 200), (False, 503), (TryLater("away", after=timedelta(seconds=1)), 503)],
    ids=["ready", "not", "away"],
)
async def test_health_distinguishes_alive_and_ready(
    store: Store,
    ready: bool | Exception,  # noqa: FBT001  (a parameter of the test, given by name)
    status: int,
) -> None:
    """A process that waits for its database must not be killed for it."""
    async with serving(store, Heard(), ready=ready) as client:
        async with client.get("/healthz") as answer:
            assert answer.status == 200
        async with client.get("/readyz") as answer:
            assert answer.status == status
        async with client.get("/") as answer:
            assert (answer.status, await answer.text()) == (404, "Not Found\n")
        async with client.get("/deliveries") as answer:
            assert answer.status == 405


async def _worked_off(store: Store) -> None:
    """Wait until nothing is pending, also nothing that was taken."""
    async with asyncio.timeout(PATIENCE):
        while await store.deliveries.pending(limit=1, taken=timedelta(0)):
            pass  # each look is a round trip to PostgreSQL


async def _chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 1 << 20):
        yield body[start : start + (1 << 20)]
