"""All upstreams of a bench on loopback, light: GitHub's GraphQL and REST, git, release-monitoring.

`python watch_server.py COUNT FOLDER` makes the world and prints its address.  Hosts are the first
part of a path, as with the sandbox's mirror.  It counts what it is asked and charges GraphQL by
GitHub's formula.
"""

import asyncio
import hashlib
import json
import re
import struct
import sys
import zlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from aiohttp import web

from tests.bench.watch_world import Place, read_world, write

_ALIAS = re.compile(r"^r(\d+): repository\(.*?\) \{ (.*) \}$", re.MULTILINE)
_TAGS = re.compile(r"tags: refs\(.*?first: (\d+)")
_RELEASES = re.compile(r"releases\(first: (\d+)")
_BRANCH = re.compile(r"(b\d+): (?:defaultBranchRef|ref\()")
_RESULT = "application/x-git-upload-pack-result"
_DATE = "2026-01-02T03:04:05Z"
_COMMIT = (
    b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
    b"author A <a@example.org> 1767323045 +0000\n"
    b"committer A <a@example.org> 1767323045 +0000\n\nx\n"
)
_HEAD = hashlib.sha1(b"commit %d\0" % len(_COMMIT) + _COMMIT, usedforsecurity=False).hexdigest()


class World:
    """The upstreams and what was asked of them."""

    def __init__(self, places: dict[str, Place]) -> None:
        self.places = places
        self.counts: Counter[str] = Counter()
        self.left = 5000

    async def graphql(self, request: web.Request) -> web.Response:
        """Answer octobot's query, alias by alias."""
        asked = await request.json()
        variables, data = asked["variables"], {}
        connections = 0
        for number, fields in _ALIAS.findall(asked["query"]):
            name = f"{variables[f'owner{number}']}/{variables[f'name{number}']}"
            told: dict[str, object] = {
                "databaseId": zlib.crc32(name.encode()),
                "nameWithOwner": name,
            }
            for kind, pattern in (("tags", _TAGS), ("releases", _RELEASES)):
                if found := pattern.search(fields):
                    connections += 1
                    after = variables[f"{kind}{number}"]
                    told[kind] = self._page(name, kind, int(found[1]), after)
            for alias in _BRANCH.findall(fields):
                target = {"__typename": "Commit", "oid": _HEAD, "committedDate": _DATE}
                told[alias] = {"name": "main", "target": target}
            data[f"r{number}"] = told
        cost = max(1, round(connections / 100))
        self.counts["points"] += cost
        self.left -= cost
        data["rateLimit"] = {
            "cost": cost,
            "limit": 5000,
            "remaining": max(self.left, 1000),
            "resetAt": "2099-01-01T00:00:00Z",
        }
        return self._said("queries", json.dumps({"data": data}).encode(), "application/json")

    def _page(self, name: str, kind: str, size: int, after: str | None) -> dict[str, object]:
        key, start = f"github.com/{name.lower()}", int(after or 0)
        spot = self.places[key]
        names = spot.names(start, start + size)
        nodes = [
            (_tag if kind == "tags" else _release)(one, spot.commit(key, one)) for one in names
        ]
        more = start + size < spot.total
        about = {"hasNextPage": more, "endCursor": str(start + size)}
        return {"totalCount": spot.total, "pageInfo": about, "nodes": nodes}

    async def rest(self, request: web.Request) -> web.Response:
        """Answer nvchecker: all tags of a repository, or its latest release."""
        key = f"github.com/{request.match_info['name'].lower()}"
        spot = self.places[key]
        if request.path.endswith("/releases/latest"):
            told: object = {
                "tag_name": next(spot.names(0, 1)),
                "name": "",
                "html_url": "",
                "published_at": _DATE,
            }
        else:
            told = [
                {"ref": f"refs/tags/{one}", "object": {"sha": spot.commit(key, one)}}
                for one in spot.names(0, spot.total)
            ]
        return self._said("rest", json.dumps(told).encode(), "application/json")

    async def monitor(self, request: web.Request) -> web.Response:
        """Answer as release-monitoring.org does."""
        spot = self.places[f"release-monitor/{request.query['project_id']}"]
        names = list(spot.names(0, spot.total))
        told = {"latest_version": names[0], "versions": names, "stable_versions": names}
        return self._said("monitor", json.dumps(told).encode(), "application/json")

    async def upload_pack(self, request: web.Request) -> web.Response:
        """Answer ls-refs, or a fetch of the one commit that every branch has."""
        body = await request.read()
        if b"command=fetch" in body:
            return self._said("git", _fetched(), _RESULT)
        wanted = [
            line.partition(b"ref-prefix ")[2].decode().strip()
            for line in body.split(b"\n")
            if b"ref-prefix " in line
        ]
        key = request.match_info["path"]
        spot = self.places.get(key) or self.places.get(f"{key}.git")
        if spot is None:  # a repository on GitHub whose name has another case there
            spot = self.places[key.lower()]
        lines = [f"{_HEAD} HEAD symref-target:refs/heads/main", f"{_HEAD} refs/heads/main"]
        lines += [f"{spot.commit(key, n)} refs/tags/{n}" for n in spot.names(0, spot.total)]
        shown = [one for one in lines if not wanted or one[41:].startswith(tuple(wanted))]
        return self._said("git", _packets(shown), _RESULT)

    async def info_refs(self, _: web.Request) -> web.Response:
        """Say that protocol v2 is spoken here."""
        hello = _packets(["version 2", "agent=bench", "ls-refs=unborn", "object-format=sha1"])
        kind = "application/x-git-upload-pack-advertisement"
        return self._said("git", _packets(["# service=git-upload-pack"]) + hello, kind)

    async def publish(self, request: web.Request) -> web.Response:
        """Add tags: place to name."""
        for key, name in (await request.json()).items():
            self.places[key].new.append(name)
        return web.Response()

    async def figures(self, _: web.Request) -> web.Response:
        """Return the counts since the last time."""
        found, self.counts, self.left = dict(self.counts), Counter(), 5000
        return web.json_response(found)

    def _said(self, what: str, body: bytes, kind: str) -> web.Response:
        self.counts[what] += 1
        self.counts["bytes"] += len(body)
        return web.Response(body=body, content_type=kind)


def _tag(name: str, oid: str) -> dict[str, object]:
    return {"name": name, "target": {"__typename": "Commit", "oid": oid}}


def _release(name: str, oid: str) -> dict[str, object]:
    return {
        "tagName": name,
        "isDraft": False,
        "isPrerelease": False,
        "publishedAt": _DATE,
        "tagCommit": {"oid": oid},
        "tag": {"target": {"oid": oid}},
    }


def _packets(lines: Iterable[str]) -> bytes:
    framed = (f"{one}\n".encode() for one in lines)
    return b"".join(b"%04x%b" % (len(one) + 4, one) for one in framed) + b"0000"


def _fetched() -> bytes:
    size = len(_COMMIT)
    header = bytes([0x90 | size & 15, size >> 4])
    pack = b"PACK" + struct.pack(">II", 2, 1) + header + zlib.compress(_COMMIT)
    pack += hashlib.sha1(pack, usedforsecurity=False).digest()
    band = b"\1" + pack
    return b"000dpackfile\n" + b"%04x%b" % (len(band) + 4, band) + b"0000"


async def main() -> None:
    """Serve until killed."""
    folder = Path(sys.argv[2])
    write(int(sys.argv[1]), folder)
    world = World(read_world(folder))
    app = web.Application(client_max_size=1 << 26)
    app.router.add_post("/graphql", world.graphql)
    app.router.add_get("/repos/{name:[^/]+/[^/]+}/{what:.*}", world.rest)
    app.router.add_get("/release-monitoring.org/api/v2/versions/", world.monitor)
    app.router.add_post("/publish", world.publish)
    app.router.add_post("/figures", world.figures)
    app.router.add_post("/{path:.*}/git-upload-pack", world.upload_pack)
    app.router.add_get("/{path:.*}/info/refs", world.info_refs)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)  # noqa: T201  (a command)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
