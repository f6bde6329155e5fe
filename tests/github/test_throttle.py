from dataclasses import replace
from datetime import timedelta

import pytest

from octobot.github.transport.request import Cache, CachedAnswer, Kind, kind_of
from octobot.github.transport.scopes import EVERYTHING, AppIdentity
from octobot.github.transport.throttle import Limits, ServerClock, Throttle
from octobot.model.errors import TryLater
from tests.github.loopback import START, Signing, Ticker

READ = Kind("core")
COMMENT = Kind("core", write=True, content=True)
SECONDARY = b'{"message": "You have exceeded a secondary rate limit."}'
CHECK = Kind("core", write=True)


def a_pace(ticker: Ticker, limits: Limits | None = None) -> Throttle:
    """Open a pace on clocks that jump."""
    return Throttle(limits or Limits(), ticker.clock, ServerClock(ticker.clock))


async def test_eighty_content_writes_a_minute() -> None:
    """The 81st waits until the first is a minute old."""
    ticker = Ticker()
    pace = a_pace(ticker, Limits(write_gap=0.1, points_per_minute=10**6))
    for _ in range(80):
        await pace.admit(COMMENT)
    assert ticker.seconds == pytest.approx(7.9)
    await pace.admit(CHECK)
    assert ticker.seconds == pytest.approx(8.0)
    await pace.admit(COMMENT)
    assert ticker.seconds == pytest.approx(60.0)


async def test_five_hundred_content_writes_an_hour() -> None:
    """The 501st has to come later; nothing is lost and nothing is sent."""
    ticker = Ticker()
    pace = a_pace(ticker)
    for _ in range(500):
        await pace.admit(COMMENT)
    with pytest.raises(TryLater) as told:
        await pace.admit(COMMENT)
    assert told.value.after.total_seconds() == pytest.approx(3600 - ticker.seconds)
    await pace.admit(READ)


CHATTER = Kind("core", write=True, content=True, chatter=True)


async def test_comments_leave_a_reserve_to_commits_and_merges() -> None:
    """However many were written, two hundred writes an hour and twenty a minute are not theirs."""
    ticker = Ticker()
    pace = a_pace(ticker, Limits(write_gap=0, points_per_minute=10**6, longest_sleep=0))
    for _ in range(60):
        await pace.admit(CHATTER)
    with pytest.raises(TryLater):
        await pace.admit(CHATTER)
    for _ in range(20):
        await pace.admit(COMMENT)
    with pytest.raises(TryLater):
        await pace.admit(COMMENT)
    pace = a_pace(Ticker())
    for _ in range(300):
        await pace.admit(CHATTER)
    with pytest.raises(TryLater):
        await pace.admit(CHATTER)
    for _ in range(200):
        await pace.admit(COMMENT)


@pytest.mark.parametrize(
    ("method", "path", "chatter"),
    [
        ("POST", "/repos/a/b/issues/5/comments", True),
        ("PATCH", "/repos/a/b/issues/comments/31", True),
        ("POST", "/repos/a/b/issues/comments/31/reactions", True),
        ("POST", "/repos/a/b/pulls/comments/31/reactions", True),
        ("POST", "/repos/a/b/issues/5/reactions", True),
        ("POST", "/repos/a/b/issues", False),
        ("POST", "/repos/a/b/pulls", False),
        ("PUT", "/repos/a/b/pulls/5/merge", False),
        ("POST", "/repos/a/b/check-runs", False),
        ("POST", "/graphql", False),
    ],
)
def test_what_is_chatter(method: str, path: str, *, chatter: bool) -> None:
    """Comments and reactions; what a change itself needs is not."""
    assert kind_of(method, path, b"").chatter is chatter


async def test_points_bound_the_reads() -> None:
    """900 points a minute: a read costs one, a write five."""
    ticker = Ticker()
    pace = a_pace(ticker, Limits(write_gap=0))
    for _ in range(179):
        await pace.admit(CHECK)
    for _ in range(5):
        await pace.admit(READ)
    assert ticker.seconds == 0
    await pace.admit(READ)
    assert ticker.seconds == 60


BEGINNINGS = pytest.mark.parametrize("began", [-3600.0, -1.0, 0.0, 1.0, 1e9])
"""Where a steady clock may start: its zero means nothing, and neither do its first minutes."""


@BEGINNINGS
async def test_nothing_is_closed_before_anything_happened(began: float) -> None:
    """Reads and writes of every kind leave at once, whatever the steady clock shows."""
    ticker = Ticker(began)
    pace = a_pace(ticker)
    for kind in (READ, CHECK, COMMENT):
        await a_pace(ticker).admit(kind)
        await pace.readmit(kind)
        assert ticker.seconds == 0


@BEGINNINGS
async def test_a_closed_gate_is_closed_for_as_long_as_it_was_said(began: float) -> None:
    """Neither for ever nor for no time: GitHub's seconds count from now on any steady clock."""
    ticker = Ticker(began)
    pace = a_pace(ticker)
    assert await pace.learn(READ, (403, {"retry-after": "30"}, SECONDARY))
    await pace.admit(READ)
    assert ticker.seconds == 30
    assert await pace.close("core", {"retry-after": "20"}) == timedelta(seconds=20)
    assert await pace.close("core", {"retry-after": "5"}) == timedelta(seconds=5)
    await pace.admit(READ)
    assert ticker.seconds == 50


@BEGINNINGS
async def test_budgets_count_from_now_on_any_steady_clock(began: float) -> None:
    """The gap between writes and the points of a minute."""
    ticker = Ticker(began)
    pace = a_pace(ticker, Limits(points_per_minute=30, write_gap=2))
    for _ in range(3):
        await pace.admit(COMMENT)
    assert ticker.seconds == 4
    for _ in range(15):
        await pace.admit(READ)
    assert ticker.seconds == 4
    await pace.admit(READ)
    assert ticker.seconds == pytest.approx(60)


@BEGINNINGS
async def test_the_app_signs_on_any_steady_clock(began: float) -> None:
    """The first request has a JWT, a refused one is replaced, and one that is old too."""
    ticker = Ticker(began)
    app = AppIdentity("7", Signing(), ticker.clock, ServerClock(ticker.clock))
    first = await app.header(EVERYTHING)
    assert first
    assert await app.header(EVERYTHING) == first
    ticker.seconds = 1
    assert app.refused(first)
    second = await app.header(EVERYTHING)
    assert second != first
    ticker.seconds = 600
    assert await app.header(EVERYTHING) not in (first, second)


@pytest.mark.parametrize(
    ("now", "reset", "wait"),
    [(START, START + 20, 21), (START, START - 20, 1), (START, 0, 1), (-10.0, 0, 11), (5.0, 0, 1)],
)
async def test_a_reset_at_the_epoch_is_a_reset(now: float, reset: float, wait: float) -> None:
    """The time 0 is a time like any other; what says no time at all closes for a minute."""
    ticker = Ticker()
    clock = replace(ticker.clock, now=lambda: now)
    pace = Throttle(Limits(), clock, ServerClock(clock))
    said = await pace.close("core", {"x-ratelimit-reset": f"{reset:.0f}"})
    assert said == timedelta(seconds=wait)
    assert await pace.close("core", {}) == timedelta(seconds=60)


async def test_a_queue_that_is_too_long_is_reported() -> None:
    """Writers beyond a minute's queue come back later instead of holding their lanes."""
    ticker = Ticker()
    pace = a_pace(ticker, Limits(write_gap=40, longest_sleep=60))
    await pace.admit(COMMENT)
    await pace.admit(COMMENT)
    ticker.seconds = 0
    with pytest.raises(TryLater):
        await pace.admit(COMMENT)


async def test_odd_headers_close_the_gate_for_a_minute() -> None:
    """A limit whose end cannot be read is still a limit."""
    ticker = Ticker()
    pace = a_pace(ticker)
    assert await pace.learn(READ, (403, {"retry-after": "soon"}, b""))
    assert await pace.learn(READ, (403, {"x-ratelimit-remaining": "0"}, b""))
    assert not await pace.learn(READ, (403, {}, b""))
    assert not await pace.learn(READ, (200, {}, b""))


def test_the_servers_clock_ignores_what_is_no_date() -> None:
    """Nor does a second of jitter move it."""
    clock = ServerClock(Ticker().clock)
    for date in (None, "", "yesterday", "Fri, 15 Jan 2027 08:00:01 GMT"):
        clock.observe(date)
        assert clock.now() == START
    clock.observe("Fri, 15 Jan 2027 09:00:00 GMT")
    assert clock.now() == START + 3600


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("GET", "/repos/o/n", b"", Kind("core")),
        ("GET", "/search/issues", b"", Kind("search")),
        ("POST", "/graphql", b'{"query": "query { a }"}', Kind("graphql")),
        (
            "POST",
            "/api/graphql",
            b'{"query": "fragment x on Y { z } mutation { a }"}',
            Kind("graphql", write=True, content=True, repeatable=False),
        ),
        ("POST", "/app/installations/1/access_tokens", b"", Kind("core")),
        ("POST", "/repos/o/n/pulls", b"", Kind("core", write=True, content=True, repeatable=False)),
        ("POST", "/repos/o/n/check-runs", b"", Kind("core", write=True, repeatable=False)),
        ("PATCH", "/repos/o/n/check-runs/1", b"", Kind("core", write=True, repeatable=False)),
        ("PUT", "/repos/o/n/x", b"", Kind("core", write=True, content=True)),
        ("PUT", "/r/pulls/1/merge", b"", Kind("core", write=True, content=True, repeatable=False)),
        ("DELETE", "/repos/o/n/git/refs/heads/x", b"", Kind("core", write=True)),
    ],
)
def test_kinds_of_requests(method: str, path: str, body: bytes, kind: Kind) -> None:
    """What is read, written, counted as content, and safe to repeat."""
    assert kind_of(method, path, body) == kind


def test_the_cache_of_answers_is_bounded() -> None:
    """In entries and in bytes; what was used last stays."""
    etags = Cache(entries=2, size=10)
    for name in "ab":
        etags.store(name, "json", CachedAnswer(name, {}, b"1234"))
    assert etags.find("a", "json") is not None
    assert etags.find("a", "text") is None
    etags.store("c", "json", CachedAnswer("c", {}, b"1"))
    assert [name for name in "abc" if etags.find(name, "json")] == ["a", "c"]
    etags.store("a", "json", CachedAnswer("a2", {}, b"1" * 10))
    assert [name for name in "abc" if etags.find(name, "json")] == ["a"]
    etags.store("d", "json", CachedAnswer("d", {}, b"1" * 11))
    assert etags.find("d", "json") is None
