"""The guarded client against hosts on loopback, kind ones and hostile ones."""

import asyncio
import gzip
import hashlib
import io
from itertools import count
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from octobot.model.lookup import (
    GraphQLRequest,
    GraphQLResponse,
    HttpRequest,
    HttpResponse,
    Response,
    Unreachable,
)
from octobot.upstream.client import Client
from octobot.upstream.gate import Limits

if TYPE_CHECKING:
    from tests.upstream.conftest import Handler, Hosts

FILE = "https://files.example.org/widget-1.0.tar.gz"
BODY = b"widget" * 1000


def always(body: bytes = BODY, status: int = 200, **headers: str) -> "Handler":
    """Answer every request alike; `_` in the headers' names stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, headers=named)

    return handler


async def endless(request: web.Request) -> web.StreamResponse:
    """Send zeros for as long as anybody listens."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(bytes(1 << 16))


async def test_an_answer_is_what_the_host_said(hosts: "Hosts") -> None:
    """Status, body, and header names in lower case; the address is the one asked for."""
    client = await hosts.client(always(status=404, X_Mark="here"))
    answer = await client.send(HttpRequest(f"{FILE}?a=b%2Fc"))
    assert isinstance(answer, HttpResponse)
    assert (answer.status, answer.body, answer.url) == (404, BODY, f"{FILE}?a=b%2Fc")
    assert answer.headers["x-mark"] == "here"
    assert hosts.asked == ["GET /mirror/files.example.org/widget-1.0.tar.gz"]
    assert hosts.requests[0].query_string == "a=b/c"


async def test_a_question_is_posted_unchanged(hosts: "Hosts") -> None:
    """Body and headers of a POST arrive."""

    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await request.read(), content_type=request.content_type)

    client = await hosts.client(echo)
    headers = {"Content-Type": "application/x-question"}
    answer = await client.send(HttpRequest(FILE, "POST", headers, b"what?"))
    assert isinstance(answer, HttpResponse)
    assert answer.body == b"what?"
    assert answer.headers["content-type"] == "application/x-question"


async def test_a_bomb_is_cut_at_its_decoded_size(hosts: "Hosts") -> None:
    """Fifty kilobytes that unfold to fifty megabytes stop at the limit."""
    bomb = gzip.compress(bytes(50 << 20))
    client = await hosts.client(always(bomb, Content_Encoding="gzip"))
    answer = await client.send(HttpRequest(FILE, limit=1 << 20))
    assert isinstance(answer, Unreachable)
    assert "larger than" in answer.because


async def test_an_endless_answer_ends_at_the_limit(hosts: "Hosts") -> None:
    """Chunks without end are given up, or cut where the beginning is enough."""
    client = await hosts.client(endless)
    assert isinstance(await client.send(HttpRequest(FILE, limit=1 << 20)), Unreachable)
    beginning = await client.send(HttpRequest(FILE, limit=1 << 20, partial=True))
    assert isinstance(beginning, HttpResponse)
    assert len(beginning.body) == 1 << 20


async def test_an_announced_giant_is_not_read(hosts: "Hosts") -> None:
    """A Content-Length over the limit is enough to say no, for answers and for downloads."""

    async def giant(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(10 << 30)})
        await response.prepare(request)
        return response

    client = await hosts.client(giant)
    answer = await client.send(HttpRequest(FILE))
    assert isinstance(answer, Unreachable)
    assert str(10 << 30) in answer.because
    assert await client.digest(FILE, "sha256") is None


async def test_a_host_that_says_nothing_is_given_up(hosts: "Hosts") -> None:
    """The deadline of an attempt ends it."""

    async def silent(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    client = await hosts.client(silent, Limits(deadline=0.05, attempts=1))
    answer = await client.send(HttpRequest(FILE))
    assert isinstance(answer, Unreachable)


@pytest.mark.parametrize(
    "there",
    [
        "http://files.example.org/widget",
        "file:///etc/passwd",
        "ftp://files.example.org/widget",
        "https://user:secret@files.example.org/widget",
        "https://files.example.org:99999/widget",
        "gopher://[::1",
    ],
)
async def test_a_redirect_to_what_is_no_plain_https_is_not_followed(
    hosts: "Hosts", there: str
) -> None:
    """Each hop is judged like the first address: no downgrade, no file, no user name."""
    client = await hosts.client(always(status=302, Location=there))
    assert isinstance(await client.send(HttpRequest(FILE)), Unreachable)
    assert await client.digest(FILE, "sha256") is None
    assert len(hosts.requests) == 2


async def test_ten_redirects_are_followed_and_an_eleventh_is_not(hosts: "Hosts") -> None:
    """Relative and to other hosts; the answer shows where it came from."""

    async def onward(request: web.Request) -> web.Response:
        *_, host, number = request.path.split("/")
        if number == "0":
            return web.Response(body=host.encode())
        there = {"2": "https://b.example.org/1", "1": "0"}
        raise web.HTTPFound(there.get(number, f"/{int(number) - 1}"))

    # The server is asked for "/9" of the mirrored host, not of its own root.
    client = await hosts.client(onward)
    answer = await client.send(HttpRequest("https://a.example.org/10"))
    assert isinstance(answer, HttpResponse)
    assert (answer.body, answer.url) == (b"b.example.org", "https://b.example.org/0")
    beyond = await client.send(HttpRequest("https://a.example.org/11"))
    assert isinstance(beyond, Unreachable)
    assert "redirects" in beyond.because


@pytest.mark.parametrize(
    ("status", "method"), [(301, "POST"), (302, "POST"), (307, "POST"), (308, "POST"), (303, "GET")]
)
async def test_a_question_stays_a_question_on_its_way(
    hosts: "Hosts", status: int, method: str
) -> None:
    """A redirected POST is posted again, as git needs it; "see other" is a GET."""

    async def moved(request: web.Request) -> web.Response:
        if request.path.endswith("/new"):
            return web.Response(body=request.method.encode())
        return web.Response(status=status, headers={"Location": "/new"})

    client = await hosts.client(moved)
    answer = await client.send(HttpRequest("https://a.example.org/old", "POST", {}, b"?"))
    assert isinstance(answer, HttpResponse)
    assert answer.body.decode() == method


async def test_what_was_meant_for_one_host_is_not_sent_to_another(hosts: "Hosts") -> None:
    """An authorization goes along to the same host, and stays behind where it is left."""

    async def moved(request: web.Request) -> web.Response:
        there = {
            "/mirror/a.example.org/1": "/2",
            "/mirror/a.example.org/2": "https://b.example.org/3",
        }
        if location := there.get(request.path):
            raise web.HTTPFound(location)
        return web.Response()

    client = await hosts.client(moved)
    headers = {"Authorization": "Bearer secret", "Accept": "text/plain"}
    await client.send(HttpRequest("https://a.example.org/1", headers=headers))
    told = [(r.headers.get("Authorization"), r.headers["Accept"]) for r in hosts.requests]
    secret = ("Bearer secret", "text/plain")
    assert told == [secret, secret, (None, "text/plain")]


async def test_the_beginning_of_a_giant_is_enough_where_asked_for(hosts: "Hosts") -> None:
    """An announced length does not matter to somebody who wants the first bytes."""
    client = await hosts.client(always())
    answer = await client.send(HttpRequest(FILE, limit=6, partial=True))
    assert isinstance(answer, HttpResponse)
    assert answer.body == b"widget"


async def test_a_server_error_is_tried_again_with_growing_waits(hosts: "Hosts") -> None:
    """Two errors and an answer are an answer; the waits have jitter."""
    answers = iter([503, 500, 200])

    async def shaky(_: web.Request) -> web.Response:
        return web.Response(status=next(answers))

    client = await hosts.client(shaky, Limits(burst=10, backoff=1))
    answer = await client.send(HttpRequest(FILE))
    assert isinstance(answer, HttpResponse)
    first, second = hosts.waiting.slept
    assert 1 <= first <= 2
    assert 2 <= second <= 3


async def test_a_host_that_keeps_failing_is_left_alone_for_a_while(hosts: "Hosts") -> None:
    """After five failures nobody asks; after a minute one may, and another failure doubles it."""
    client = await hosts.client(always(status=500), Limits(attempts=1, burst=100))
    for _ in range(5):
        await client.send(HttpRequest(FILE))
    refused = await client.send(HttpRequest(FILE))
    assert isinstance(refused, Unreachable)
    assert "left alone for 60" in refused.because
    assert len(hosts.requests) == 5
    hosts.waiting.now += 61
    await client.send(HttpRequest(FILE))
    assert len(hosts.requests) == 6
    again = await client.send(HttpRequest(FILE))
    assert isinstance(again, Unreachable)
    assert "left alone for 120" in again.because
    other = await client.send(HttpRequest("https://other.example.org/"))
    assert isinstance(other, Unreachable)
    assert "HTTP 500" in other.because


async def test_a_host_that_asks_to_wait_is_obeyed(hosts: "Hosts") -> None:
    """429 is not tried again: the host is left alone for as long as it says."""
    client = await hosts.client(always(status=429, Retry_After="30"))
    assert isinstance(await client.send(HttpRequest(FILE)), Unreachable)
    assert isinstance(await client.send(HttpRequest(FILE)), Unreachable)
    assert len(hosts.requests) == 1
    hosts.waiting.now += 31
    await client.send(HttpRequest(FILE))
    assert len(hosts.requests) == 2


async def test_unchanged_answers_are_not_sent_again(hosts: "Hosts") -> None:
    """The second question names the validator; "not modified" returns the stored answer."""

    async def tagged(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"one"':
            return web.Response(status=304, headers={"ETag": '"one"'})
        return web.Response(body=BODY, headers={"ETag": '"one"'})

    client = await hosts.client(tagged)
    first = await client.send(HttpRequest(FILE))
    second = await client.send(HttpRequest(FILE))
    assert first == second
    assert isinstance(second, HttpResponse)
    assert second.body == BODY
    conditions = [request.headers.get("If-None-Match") for request in hosts.requests]
    assert conditions == [None, '"one"']


async def test_a_changed_answer_replaces_the_one_kept(hosts: "Hosts") -> None:
    """A new body with a new validator is what the third question is about."""
    numbers = count(1)

    async def changing(_: web.Request) -> web.Response:
        number = next(numbers)
        return web.Response(text=str(number), headers={"Last-Modified": f"day {number}"})

    client = await hosts.client(changing)
    bodies = [await client.send(HttpRequest(FILE)) for _ in range(3)]
    assert [body.body for body in bodies if isinstance(body, HttpResponse)] == [b"1", b"2", b"3"]
    last = hosts.requests[-1].headers["If-Modified-Since"]
    assert last == "day 2"


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
async def test_a_download_is_hashed(hosts: "Hosts", algorithm: str) -> None:
    """The digest is that of the bytes on the wire, and those were asked for without encoding."""
    client = await hosts.client(always(Content_Encoding="gzip"))
    digest = await client.digest(FILE, "sha256" if algorithm == "sha256" else "sha512")
    assert digest == hashlib.new(algorithm, BODY).hexdigest()
    assert hosts.requests[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "handler",
    [
        always(status=404),
        always(b"<html>not found</html>", Content_Type="text/html; charset=utf-8"),
        always(b""),
        always(status=206),
    ],
)
async def test_what_is_not_the_file_has_no_digest(hosts: "Hosts", handler: "Handler") -> None:
    """Neither errors nor pages, empty files or parts are hashed."""
    client = await hosts.client(handler)
    assert await client.digest(FILE, "sha256") is None


async def test_a_download_without_end_has_no_digest(hosts: "Hosts") -> None:
    """The cap of a download holds without an announced length."""
    client = await hosts.client(endless, Limits(download=1 << 20))
    assert await client.digest(FILE, "sha256") is None


async def test_a_plain_http_file_is_downloaded_over_https(hosts: "Hosts") -> None:
    """Old specs say http; the request never does."""
    client = await hosts.client(always())
    assert await client.digest(FILE.replace("https", "http"), "sha256") is not None
    assert isinstance(await client.send(HttpRequest("http://a.example.org/")), Unreachable)


async def test_a_lie_about_the_length_is_a_failure(hosts: "Hosts") -> None:
    """A body shorter than announced is neither an answer nor a digest."""

    async def liar(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(liar, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        client = await hosts.client_of(f"http://127.0.0.1:{port}")
        assert isinstance(await client.send(HttpRequest(FILE)), Unreachable)
        assert await client.digest(FILE, "sha256") is None


async def test_the_environments_proxy_is_not_asked(
    hosts: "Hosts", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxy settings of the process do not lead upstream traffic elsewhere."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    client = await hosts.client(always())
    assert isinstance(await client.send(HttpRequest(FILE)), HttpResponse)


async def test_graphql_uses_its_own_client() -> None:
    """Handed in, it is used; without it there is no token to ask with."""
    query = GraphQLRequest("{ viewer { login } }")
    told = GraphQLResponse({"viewer": {"login": "octobot"}})

    async def road(request: GraphQLRequest) -> Response:
        assert request == query
        return told

    assert await Client(graphql=road).send(query) == told
    assert await Client().send(query) == Unreachable("no GitHub token", closed=True)


async def test_a_file_is_written_as_it_streams(hosts: "Hosts") -> None:
    """As it was sent, in place of what was there; an answer that broke off leaves no part."""
    times = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal times
        times += 1
        body = gzip.compress(b"x" * 100)
        response = web.StreamResponse(headers={"Content-Encoding": "gzip", "ETag": '"1"'})
        response.content_length = len(body)
        await response.prepare(request)
        if times == 1:
            await response.write(body[:9])
            assert request.transport
            request.transport.abort()
        else:
            await response.write(body)
        return response

    client, file = await hosts.client(answer), io.BytesIO(b"what was there before" * 10)
    found = await client.download(HttpRequest(FILE), file)
    assert isinstance(found, HttpResponse)
    assert (found.status, found.headers["etag"], found.body) == (200, '"1"', b"")
    assert file.getvalue() == gzip.compress(b"x" * 100)
    assert times == 2


async def test_a_file_that_did_not_change_is_not_sent(hosts: "Hosts") -> None:
    """The answer to a condition is passed on, and errors are not."""

    async def answer(request: web.Request) -> web.Response:
        known = request.headers.get("If-None-Match") == '"1"'
        return web.Response(status=304 if known else 404)

    client, file = await hosts.client(answer), io.BytesIO(b"before")
    known = await client.download(HttpRequest(FILE, headers={"If-None-Match": '"1"'}), file)
    assert isinstance(known, HttpResponse)
    assert known.status == 304
    assert await client.download(HttpRequest(FILE), file) == Unreachable("HTTP 404")


async def test_a_file_without_end_is_given_up(hosts: "Hosts") -> None:
    """At the request's limit, with and without an announced length."""
    client, file = await hosts.client(endless), io.BytesIO()
    found = await client.download(HttpRequest(FILE, limit=1 << 20), file)
    assert found == Unreachable(f"the answer is larger than {1 << 20} bytes")
    assert len(file.getvalue()) <= 1 << 20
    announced = await hosts.client(always(b"x" * 100))
    found = await announced.download(HttpRequest(FILE, limit=99), file)
    assert found == Unreachable("the answer is 100 bytes, more than 99")
