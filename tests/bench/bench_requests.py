"""Prints what octobot asks of GitHub: for a merged bump, and for open pull requests at rest.

`python tests/bench/bench_requests.py [--bumps N] [--rest N]`: both on the stage of the stories, on
which deliveries are hints as in `app/events.py`, a pass is made each minute and an open pull
request is checked at the interval that is the default.  The counts are those of the sandbox's log:
REST reads that GitHub counts, those answered with 304, which it does not count, content writes, and
GraphQL points by GitHub's own formula.  They depend on nothing but the code.
"""

import argparse
import asyncio
import json
import logging
import re
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from sys import path as places

import structlog
from aiohttp import web

ROOT = Path(__file__).parents[2]
places.insert(0, str(ROOT))

from octobot.app.events import keys_of  # noqa: E402  (found through the line above)
from octobot.flows.watch.sync_specs import sync_specs  # noqa: E402
from octobot.github.webhooks.deliveries import read  # noqa: E402
from octobot.model.events import Pushed  # noqa: E402
from octobot.model.ids import Sha  # noqa: E402
from octobot.model.reasons import ReasonCode  # noqa: E402
from octobot.sandbox.graphql.door import price  # noqa: E402
from octobot.sandbox.graphql.door import read as document  # noqa: E402
from octobot.sandbox.oracle.log import Exchange  # noqa: E402
from octobot.store.store import Store  # noqa: E402
from tests.databases import Databases, own_folder  # noqa: E402
from tests.stories import story as stories  # noqa: E402
from tests.stories.story import NAME, Story, spec, story  # noqa: E402

RECHECK = timedelta(minutes=5)
"""`OCTOBOT_PR_RECHECK_INTERVAL` as it is when nobody sets it."""
_NUMBER = re.compile(r"[0-9a-f]{40}|(?<=/)[0-9]+(?=/|$)|(?<=/)p\d+")
_NOT_MODIFIED = 304


@dataclass
class Costs:
    """What a stretch of the log costs."""

    reads: Counter[str] = field(default_factory=Counter)
    """REST reads that GitHub counts, by path."""
    unchanged: Counter[str] = field(default_factory=Counter)
    """Those that were answered with 304."""
    writes: Counter[str] = field(default_factory=Counter)
    """All writes but tokens, by what they do."""
    points: Counter[str] = field(default_factory=Counter)
    """GraphQL points, by what is asked for."""
    content: int = 0
    """Content writes; a branch that is deleted creates no content."""
    requests: int = 0

    @classmethod
    def of(cls, log: Iterable[Exchange], bot: str) -> "Costs":
        """Sort what the bot sent."""
        costs = cls()
        for each in log:
            if each.actor == bot and "/access_tokens" not in each.path:
                costs.add(each)
        return costs

    def add(self, each: Exchange) -> None:
        """Sort one exchange."""
        self.requests += 1
        if each.path == "/api/graphql":
            name, points = _asked(each)
            self.points[name] += points
        elif not each.is_write:
            (self.unchanged if each.status == _NOT_MODIFIED else self.reads)[_shape(each)] += 1
        if each.is_write:
            self.writes[each.mutations[-1] if each.mutations else _shape(each)] += 1
            self.content += each.is_content_write and b"0" * 40 not in each.body


def _shape(each: Exchange) -> str:
    path, _, query = each.path.partition("?")
    shape = _NUMBER.sub("N", path.removeprefix(f"/repos/{NAME}")) or "/"
    shown = [part for part in query.split("&") if part.startswith(("state=", "check_name="))]
    shape = re.sub(r"heads/.*", "heads/B", shape)
    return f"{each.method} {shape}{'?' if shown else ''}{'&'.join(shown)}"


def _asked(each: Exchange) -> tuple[str, int]:
    """Name a GraphQL document by its mutation or by its fields; return its points."""
    sent = json.loads(each.body)
    if each.mutations:
        return each.mutations[-1], 1
    text = sent["query"]
    tree = document(text)
    points = price(tree, sent["variables"]).points if not isinstance(tree, Exception) else 1
    for word, name in NAMES:
        if word in text:
            return name, points
    return text.split("{", 2)[1].strip()[:30], points


NAMES = (
    ("fragment Glance", "query: many pull requests at a glance"),
    ("timelineItems", "query: one pull request's people and settings"),
    ("... on Blob", "query: blobs"),
    ("mergeQueueEntry", "query: left to GitHub"),
    ("lastEditedAt", "query: a comment"),
    ("rateLimit", "watching upstreams"),
)


@asynccontextmanager
async def stage(databases: Databases, home: Path, packages: int) -> AsyncIterator[Story]:
    """Open a stage with packages `p0`, `p1` …, and octobot's deliveries as hints."""
    with databases.fresh() as url:
        async with (
            Store.open(url) as store,
            story(home, store) as tale,
            distro(tale, packages),
        ):
            yield tale


@asynccontextmanager
async def distro(tale: Story, packages: int) -> AsyncIterator[None]:
    """Put packages `p0`, `p1` … on a stage, and octobot's deliveries as hints."""
    files: dict[str, bytes | None] = {}
    for number in range(packages):
        text = spec("1.0", await _publish(tale, number, "1.0"))
        files[f"p{number}.yaml"] = text.replace("hello", f"p{number}").encode()
    await tale.sandbox.commit_files(NAME, "main", files, "Packages")
    tale.world = replace(tale.world, recheck=RECHECK)
    async with _deliveries(tale):
        await tale.look()
        yield


async def _publish(tale: Story, number: int, version: str) -> Sha:
    url = f"https://github.com/example/p{number}"
    return await tale.upstreams.provide_ref(url, f"refs/tags/v{version}")


@asynccontextmanager
async def _deliveries(tale: Story) -> AsyncIterator[None]:
    """Let every delivery hint the lanes that it is about, as the bot does."""

    async def take(request: web.Request) -> web.Response:
        event = read(request.headers["X-GitHub-Event"], await request.read())
        if isinstance(event, Pushed) and event.is_default:
            await sync_specs(tale.world)
        for key in await keys_of(event, tale.store) if event else ():
            await tale.queue.hint(key)
        return web.Response(status=202)

    application = web.Application(client_max_size=1 << 26)
    application.router.add_post("/", take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    tale.sandbox.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    try:
        yield
    finally:
        await tale.sandbox.hub.outbox.settle()
        tale.sandbox.hub.outbox.silent = True
        await runner.cleanup()


async def hinted(tale: Story) -> None:
    """Work off the deliveries, and those that this causes."""
    await tale.sandbox.hub.outbox.settle()
    while tale.queue.keys:
        await tale.work()
        await tale.sandbox.hub.outbox.settle()


async def bumps(tale: Story, packages: int) -> None:
    """Publish a tag for each package, run the checks as Actions does, until all is merged."""
    for number in range(packages):
        await _publish(tale, number, "1.1")
    await tale.look()
    await hinted(tale)
    pulls = await open_pulls(tale)
    assert len(pulls) == packages, pulls
    runs = []
    for head in pulls:
        runs.append(tale.sandbox.post_check_run(NAME, head, "build", status="queued"))
        await hinted(tale)
    for run in runs:
        tale.sandbox.update_check_run(run, status="in_progress")
    tale.clock.ahead += timedelta(seconds=150)
    await hinted(tale)
    for run in runs:
        tale.sandbox.update_check_run(run, status="completed", conclusion="success")
        await hinted(tale)
    await tale.later(minutes=1)
    await hinted(tale)
    rows = await tale.store.packages.rows(tale.world.watched.id)
    merged = sum(row.reason.code is ReasonCode.MERGED for row in rows)
    assert merged == packages, [str(row.reason) for row in rows]


async def open_pulls(tale: Story) -> list[Sha]:
    """Return the heads of what is open, from the sandbox's own state."""
    state = tale.sandbox.hub.state
    return [pull.head_sha for pull, _ in state.open_pulls(tale.world.watched.id)]


async def rest(tale: Story, packages: int) -> None:
    """Leave all pull requests open and waiting for a check, for an hour of passes."""
    for number in range(packages):
        await _publish(tale, number, "1.1")
    await tale.look()
    await hinted(tale)
    for head in await open_pulls(tale):
        tale.sandbox.post_check_run(NAME, head, "build", status="queued")
    await hinted(tale)
    await tale.later(minutes=10)
    await hinted(tale)
    tale.sandbox.log.clear()
    for _ in range(60):
        tale.clock.ahead += timedelta(seconds=58)
        await tale.look()
    await hinted(tale)


def show(title: str, costs: Costs, by: int) -> None:
    """Print a table; `by` is the number of bumps among which the costs are divided."""
    say(f"\n{title}")
    parts = (
        ("REST reads counted", costs.reads),
        ("REST reads answered with 304", costs.unchanged),
        ("GraphQL points", costs.points),
        ("writes", costs.writes),
    )
    for name, counter in parts:
        say(f"  {sum(counter.values()) / by:8.2f}  {name}")
        for path, count in counter.most_common():
            say(f"           {count / by:8.2f}  {path}")
    say(f"  {costs.content / by:8.2f}  content writes")
    say(f"  {costs.requests / by:8.2f}  requests in all")


def say(line: str) -> None:
    """Print a line."""
    print(line)  # noqa: T201  (a command)


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bumps", default=10, type=int, help="packages bumped in one pass")
    parser.add_argument("--rest", default=50, type=int, help="open pull requests at rest")
    chosen = parser.parse_args()
    stories.STEPS = 100 * (chosen.bumps + chosen.rest)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with own_folder() as home, tempfile.TemporaryDirectory() as stages:
        databases = Databases(home)
        try:
            async with stage(databases, Path(stages) / "bumps", chosen.bumps) as tale:
                tale.sandbox.log.clear()
                await bumps(tale, chosen.bumps)
                costs = Costs.of(tale.sandbox.log, tale.sandbox.app.bot_login)
                show(f"a merged bump ({chosen.bumps} in one pass)", costs, chosen.bumps)
            if chosen.rest:
                async with stage(databases, Path(stages) / "rest", chosen.rest) as tale:
                    await rest(tale, chosen.rest)
                    costs = Costs.of(tale.sandbox.log, tale.sandbox.app.bot_login)
                    show(f"{chosen.rest} open pull requests at rest, an hour", costs, 1)
        finally:
            databases.close()


if __name__ == "__main__":
    asyncio.run(main())
