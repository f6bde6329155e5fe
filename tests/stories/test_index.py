"""The index of built packages by its address: asked seldom, read in full, believed with reason."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from octobot.flows.indexes import Indexes
from octobot.flows.plan.index import EVERY, BuiltPackages, built_packages
from octobot.model.config import IndexKey, IndexRules
from octobot.specs.graph.index import is_published
from tests.specs.graph.apkindexes import NAME, entry, key, packed, signed
from tests.stories.story import Story
from tests.upstream.conftest import Hosts

OS = "https://packages.example.org/os"
HERE = "/mirror/packages.example.org/os"
MANY = [f"p{number}" for number in range(40)]


def pem(number: int) -> str:
    """Write a public key as files have it."""
    public = key(number).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


SIGNED = IndexRules(OS, ("x86_64",), (IndexKey(NAME, pem(0)),))
BOTH = replace(SIGNED, architectures=("x86_64", "aarch64"))


class Published:
    """A repository of packages on loopback, and octobot that reads it."""

    def __init__(self, tale: Story, hosts: Hosts) -> None:
        self.tale, self.hosts = tale, hosts
        self.files: dict[str, bytes] = {}
        self.conditions: list[str] = []

    def publish(
        self, *packages: str, newest: int = 1000, of: Sequence[str] = ("x86_64",), number: int = 0
    ) -> None:
        """Put an index of these packages there."""
        text = "\n".join(entry(name, t=str(newest)) for name in packages)
        for architecture in of:
            self.files[f"{HERE}/{architecture}/APKINDEX.tar.gz"] = signed(
                packed(text), number=number
            )

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as a server of files does."""
        self.conditions.append(request.headers.get("If-None-Match", ""))
        content = self.files.get(request.path)
        if content is None:
            return web.Response(status=404)
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if self.conditions[-1] == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=content, headers={"ETag": etag})

    async def restart(self) -> None:
        """Begin as a process that remembers nothing."""
        client = await self.hosts.client(self.answer)
        self.tale.world = replace(self.tale.world, indexes=Indexes(client))

    async def look(self, rules: IndexRules = SIGNED, *, after: timedelta = EVERY) -> BuiltPackages:
        """Let time pass, and ask what is published."""
        self.tale.clock.ahead += after
        return await built_packages(self.tale.world, rules)


@pytest.fixture
async def published(tale: Story) -> AsyncIterator[Published]:
    """Yield a repository with 40 packages."""
    async with AsyncExitStack() as stack:
        made = Published(tale, Hosts(stack))
        made.publish(*MANY)
        await made.restart()
        yield made


def origins(found: BuiltPackages) -> int:
    """Count what is published; a problem is none."""
    assert (found.index is None) == bool(found.problem)
    return len(found.index.origins) if found.index else 0


async def test_an_index_is_fetched_when_it_changed(published: Published) -> None:
    """Not asked again within minutes; then with its ETag, so that the same is not sent twice."""
    assert await built_packages(published.tale.world, None) == BuiltPackages(None)
    first = await published.look()
    assert origins(first) == 40
    assert (await published.look(after=timedelta(minutes=1))).index is first.index
    assert len(published.conditions) == 1
    assert (await published.look()).index is first.index
    published.publish(*MANY, "new", newest=2000)
    assert origins(await published.look()) == 41
    assert [bool(each) for each in published.conditions] == [False, True, True]


async def test_published_is_what_all_architectures_have(published: Published) -> None:
    """One that is missing or late is not published; one that cannot be read makes it unknown."""
    found = await published.look(BOTH)
    assert origins(found) == 0
    assert found.problem == f"{OS}/aarch64/APKINDEX.tar.gz cannot be used: HTTP 404"
    published.publish(*MANY[1:], of=("aarch64",))
    found = await published.look(BOTH)
    assert found.index
    assert is_published(found.index, "p1", "1-r0")
    assert not is_published(found.index, "p0", "1-r0")


@pytest.mark.parametrize(
    ("content", "because"),
    [
        (packed(entry("a")), "is not signed"),
        (signed(packed(entry("a")), number=1), "does not fit"),
        (signed(packed(entry("a")), form="RSA"), "no known key"),
        (signed(packed(entry("a")))[:-9], "torn"),
        (b"<html>not found</html>", "no gzip file"),
        (signed(packed("P:a\nV:not a version\n")), "no valid version"),
    ],
)
async def test_a_bad_index_is_not_used(published: Published, content: bytes, because: str) -> None:
    """Nothing of it counts, and nothing of what was there before counts as published now."""
    assert origins(await published.look()) == 40
    published.files[f"{HERE}/x86_64/APKINDEX.tar.gz"] = content
    found = await published.look()
    assert origins(found) == 0
    assert because in found.problem
    published.publish(*MANY)
    assert origins(await published.look()) == 40


async def test_other_keys_read_it_again(published: Published) -> None:
    """What one key signed is not believed of another because nothing changed on the server."""
    assert origins(await published.look()) == 40
    other = replace(SIGNED, keys=(IndexKey(NAME, pem(1)),))
    found = await published.look(other, after=timedelta())
    assert "does not fit" in found.problem
    published.publish(*MANY, number=1)
    assert origins(await published.look(other)) == 40
    assert "does not fit" in (await published.look(after=timedelta())).problem


@pytest.mark.parametrize(
    ("packages", "newest", "doubt"),
    [(MANY, 999, "1 s older than before"), (MANY[3:], 2000, "3 of 40 origins are gone")],
)
async def test_an_index_that_lost_something_must_be_seen_twice(
    published: Published, packages: Sequence[str], newest: int, doubt: str
) -> None:
    """Two looks minutes apart; neither a restart nor another process is a second look."""
    await published.look()
    published.publish(*packages, newest=newest)
    found = await published.look()
    assert (origins(found), found.problem.rpartition(": ")[2].endswith(doubt)) == (0, True)
    for _ in range(2):
        await published.restart()
        assert origins(await published.look(after=timedelta(minutes=1))) == 0
    assert origins(await published.look()) == len(packages)
    await published.restart()
    assert origins(await published.look()) == len(packages)


async def test_a_mirror_that_catches_up_ends_the_doubt(published: Published) -> None:
    """What lagged once more is doubted once more."""
    await published.look()
    published.publish(*MANY, newest=500)
    assert origins(await published.look()) == 0
    published.publish(*MANY, newest=1001)
    await published.restart()
    assert origins(await published.look(after=timedelta(minutes=1))) == 40
    published.publish(*MANY, newest=500)
    assert origins(await published.look()) == 0
