"""A stage for passes: the real store, and upstreams and a distro that are dictionaries."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, Self, cast

from octobot.datasources.osv import BATCH_ADDRESS
from octobot.flows.context import RepoContext
from octobot.flows.watch.watch import watch
from octobot.github.repository.repository import WatchedRepository
from octobot.model.config import ConfigFile
from octobot.model.ids import InstallationId, Key, Repository, RepositoryId, Sha, Watched
from octobot.model.lookup import (
    GraphQLRequest,
    GraphQLResponse,
    HttpRequest,
    HttpResponse,
    Request,
    Response,
    Unreachable,
)
from octobot.model.memory import Row
from octobot.model.pull_request import Outline
from octobot.store.store import Store
from octobot.triage.log.triage import LogTriage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DISTRO = Watched(InstallationId(1), RepositoryId(1), Repository("d", "distro"), "main")
OTHER = Watched(InstallationId(1), RepositoryId(2), Repository("d", "other"), "main")
SPEC = """\
package:
  name: {name}
  version: {version}
  epoch: 0

update:
  enabled: true
  {source}
    strip-prefix: v
"""
GITHUB = "github:\n    identifier: {}\n    use-tag: true"
CHECKOUT = """
pipeline:
  - uses: git-checkout
    with:
      repository: {}
      tag: {}
"""
_ASKED = re.compile(r"first: (\d+)")


def sha(text: str) -> Sha:
    """Make an object id that only depends on `text`."""
    return Sha(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


@dataclass
class Upstreams:
    """What is published, by repository on GitHub or by URL; and what was asked."""

    tags: dict[str, list[str]]
    moved: dict[str, Sha] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    """Ids of repositories on GitHub; any other has 1."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Former names of repositories → what they are called now."""
    remaining: int = 5000
    away: bool = False
    vulnerable: frozenset[str] = frozenset()
    """Commits of which OSV.dev knows something."""
    asked: list[str] = field(default_factory=list)
    """Names of repositories and addresses, in the order in which they were asked for."""

    async def send(self, request: Request) -> Response:
        """Answer one request."""
        if self.away:
            return Unreachable("timed out")
        if isinstance(request, HttpRequest) and request.url == BATCH_ADDRESS:
            return self._advisories(request)
        if isinstance(request, HttpRequest):
            return self._git(request)
        return self._graphql(request)

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download nothing."""
        raise AssertionError((uri, algorithm))

    def _advisories(self, request: HttpRequest) -> Response:
        self.asked.append(request.url)
        commits = [query["commit"] for query in json.loads(request.body)["queries"]]
        told = [{"vulns": [{"id": "OSV-1"}]} if c in self.vulnerable else {} for c in commits]
        return HttpResponse(200, {}, json.dumps({"results": told}).encode())

    def _git(self, request: HttpRequest) -> Response:
        url = request.url.removesuffix("/git-upload-pack")
        self.asked.append(url)
        refs = [f"{self._commit(tag)} refs/tags/{tag}\n" for tag in self.tags[url]]
        body = "".join(f"{len(line) + 4:04x}{line}" for line in refs) + "0000"
        kind = {"content-type": "application/x-git-upload-pack-result"}
        return HttpResponse(200, kind, body.encode(), request.url)

    def _graphql(self, request: GraphQLRequest) -> GraphQLResponse:
        told: dict[str, object] = {
            "rateLimit": {
                "cost": 1,
                "limit": 5000,
                "remaining": self.remaining,
                "resetAt": "2026-03-01T12:40:00Z",
            }
        }
        errors = []
        for line in request.query.splitlines():
            if not (found := re.match(r"r(\d+): repository", line)):
                continue
            alias, variables = found[1], request.variables
            name = f"{variables[f'owner{alias}']}/{variables[f'name{alias}']}"
            name = self.renamed.get(name, name)
            self.asked.append(name)
            if name not in self.tags:
                errors.append({"type": "NOT_FOUND", "path": [f"r{alias}"], "message": "?"})
                continue
            if not (sizes := _ASKED.findall(line)):
                told[f"r{alias}"] = self._pins(alias, name, variables)
                continue
            (size,) = sizes
            page = self._page(name, int(variables[f"tags{alias}"] or 0), int(size))
            known_as = {"databaseId": self.ids.get(name, 1), "nameWithOwner": name}
            told[f"r{alias}"] = {**known_as, "tags": page}
        return GraphQLResponse(told, errors)

    def _pins(self, alias: str, name: str, variables: Mapping[str, object]) -> object:
        """Say whether the repository has the tags that specs pin."""
        refs = [str(value) for key, value in variables.items() if key.startswith(f"ref{alias}x")]
        there = (ref.removeprefix("refs/tags/") in self.tags[name] for ref in refs)
        shown = {f"t{i}": {"name": "?"} if has else None for i, has in enumerate(there)}
        return {"databaseId": self.ids.get(name, 1), **shown}

    def _page(self, name: str, start: int, size: int) -> object:
        tags = self.tags[name]
        nodes = [
            {"name": tag, "target": {"__typename": "Commit", "oid": self._commit(tag)}}
            for tag in tags[start : start + size]
        ]
        about = {"hasNextPage": start + size < len(tags), "endCursor": str(start + size)}
        return {"totalCount": len(tags), "pageInfo": about, "nodes": nodes}

    def _commit(self, tag: str) -> Sha:
        return self.moved.get(tag) or sha(tag)


@dataclass
class Distro:
    """The watched repository: specs by name."""

    specs: dict[str, str]
    settings: str = ""

    @property
    def config_files(self) -> Self:
        """It is its own settings files."""
        return self

    @property
    def trees(self) -> Self:
        """It is its own trees."""
        return self

    async def read(self, *, fresh: bool = False) -> tuple[ConfigFile, ...]:  # noqa: ARG002 (never cached)
        """Read the settings."""
        if not self.settings:
            return ()
        return (ConfigFile(".github/octobot.yaml", sha(self.settings), self.settings),)

    async def outline(self) -> Outline:
        """List them."""
        listed = tuple((f"{name}.yaml", sha(text)) for name, text in self.specs.items())
        return Outline(sha("head"), listed, NOW)

    async def blobs(self, ids: Sequence[Sha]) -> Mapping[Sha, str]:
        """Read them."""
        texts = {sha(text): text for text in self.specs.values()}
        return {blob: texts[blob] for blob in ids}


@dataclass
class Lanes:
    """Who was hinted."""

    hinted: list[str] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    """Those that go before all others."""

    async def hint(self, key: Key, *, urgent: bool = False) -> None:
        """Take a hint."""
        (self.first if urgent else self.hinted).append(key.package)


@dataclass
class Stage:
    """Everything a test touches."""

    store: Store
    upstreams: Upstreams
    distro: Distro
    lanes: Lanes
    now: datetime = NOW

    def world(self, watched: Watched = DISTRO) -> RepoContext:
        """Return the world of one watched repository."""
        return RepoContext(
            watched=watched,
            github=cast("WatchedRepository", self.distro),
            upstreams=self.upstreams,
            store=self.store,
            lanes=self.lanes,
            triage=LogTriage(),
            clock=lambda: self.now,
            check_interval=MINUTE,
            check_interval_other_hosts=MINUTE * 10,
            recheck=MINUTE * 5,
            bot=1,
            app=1,
        )

    def given(self, name: str, version: str, source: str) -> None:
        """Put a spec into the distro."""
        self.distro.specs[name] = SPEC.format(name=name, version=version, source=source)

    async def look(self, *, after: timedelta = MINUTE * 2, far: bool | None = None) -> list[str]:
        """Let time pass and make a pass; return which hosts it asked."""
        self.now += after
        self.upstreams.asked.clear()
        self.lanes.hinted.clear()
        await watch(self.world(), other_hosts=far)
        return sorted(self.upstreams.asked)

    async def row(self, name: str = "a") -> Row:
        """Read a package."""
        row = await self.store.packages.row(Key(DISTRO.id, name))
        assert row
        return row
