"""Probes of the slash commands: commands of people without permission, through the real code.

Two small objects replace GitHub and the store: somebody writes a comment, GitHub reports their
permission, and only the audit log and the answer may change.  A command that everybody may give
must run, or the probe would prove nothing.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

import structlog

from octobot.commands.obey import obey
from octobot.flows.context import Lanes, RepoContext
from octobot.flows.upstreams import Upstreams
from octobot.github.repository.repository import WatchedRepository
from octobot.model.errors import TryLater
from octobot.model.ids import InstallationId, PullNumber, Repository, RepositoryId, Sha, Watched
from octobot.model.orders import COMMANDS, Act, Comment, Level, Person, Taken, TextKind, TextRef
from octobot.model.pull_request import PullRequest
from octobot.store.store import Store
from octobot.triage.log.triage import LogTriage

Obeying = Callable[[RepoContext, int], Awaitable[None]]

_HERE = RepositoryId(1)
_BOT = 2
_SOMEBODY = Person(3, "somebody")
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_UNKNOWN = ("merge", "apply", "pause")
"""Probed also where GitHub does not report the permission."""


@dataclass(slots=True)
class _Thread:
    """One comment on a pull request of octobot's."""

    comment_there: Comment
    level: Level | None
    slug: str = "octobot"

    async def get(self, _text: TextRef) -> Comment:
        return self.comment_there

    async def level_of(self, _person: Person) -> Level:
        if self.level is None:
            raise TryLater("a probe reports no permission", after=timedelta(minutes=1))
        return self.level


class _NoSettings:
    async def read(self, *, fresh: bool = False) -> tuple[()]:
        del fresh
        return ()


class _NoReactions:
    async def own(self, _text: TextRef) -> frozenset[str]:
        return frozenset()

    async def add(self, _text: TextRef, _content: str) -> None:
        return None


class _NoComments:
    async def post(self, _number: int, *, tag: str, body: str) -> None:
        del tag, body


class _OnePull:
    async def get(self, number: PullNumber) -> PullRequest:
        head, branch = Sha("a" * 40), "octobot/probe/1.1"
        return PullRequest(number, "", "open", _BOT, head, branch, _HERE, "main", mergeable=True)


@dataclass(frozen=True, slots=True)
class _GitHub:
    """GitHub, as far as a refused command uses it."""

    people_comments: _Thread
    config_files: _NoSettings = field(default_factory=_NoSettings)
    reactions: _NoReactions = field(default_factory=_NoReactions)
    comments: _NoComments = field(default_factory=_NoComments)
    pulls: _OnePull = field(default_factory=_OnePull)


class _Log:
    """The store, as far as a refused command uses it; one object for all its tables."""

    def __init__(self) -> None:
        self.comments = self.config_files = self.audit = self.posted = self
        self.acts_there: list[Act] = []

    async def take(self, _here: RepositoryId, _text: TextRef, *, now: datetime) -> Taken:
        del now
        return "new"

    async def finish(self, _here: RepositoryId, _text: TextRef, *, now: datetime) -> None:
        del now

    async def good(self, _here: RepositoryId) -> tuple[()]:
        return ()

    async def acts(self, _here: RepositoryId, _comment: int, _kind: TextKind) -> tuple[Act, ...]:
        return ()

    async def answers(self, _here: RepositoryId, _thread: int, *, limit: int) -> tuple[Act, ...]:
        return tuple(self.acts_there[:limit])

    async def unanswered_texts(self, _here: RepositoryId, *, since: datetime) -> int:
        del since
        return 0

    async def begin_to_post(
        self, _here: RepositoryId, _thread: int, _tag: str, *, now: datetime, lag: timedelta
    ) -> bool:
        del now, lag
        return True

    async def acts_by(self, _here: RepositoryId, _person: int, *, since: datetime) -> int:
        del since
        return 0

    async def append(self, act: Act) -> None:
        self.acts_there.append(act)

    @asynccontextmanager
    async def together(self) -> AsyncIterator["_Log"]:
        yield self


def _context(thread: _Thread, log: _Log) -> RepoContext:
    unused = object()
    return RepoContext(
        watched=Watched(InstallationId(1), _HERE, Repository("octobot", "probe"), "main"),
        github=cast("WatchedRepository", _GitHub(thread)),
        upstreams=cast("Upstreams", unused),
        store=cast("Store", log),
        lanes=cast("Lanes", unused),
        triage=cast("LogTriage", unused),
        clock=lambda: _NOW,
        check_interval=timedelta(minutes=1),
        recheck=timedelta(minutes=1),
        bot=_BOT,
        app=4,
    )


async def _outcome(
    obeying: Obeying, name: str, level: Level | None, by: Person, *, edited: bool = False
) -> str:
    """Run a command of somebody; return `done`, `refused`, `ignored` or how it failed."""
    written = _NOW - timedelta(minutes=1)
    comment = Comment(
        *(1, 1, True, by, f"/octobot {name}\n", written, written),
        edited=edited,  # within its own second, which no time shows
    )
    log = _Log()
    try:
        await obeying(_context(_Thread(comment, level), log), comment.id)
    except Exception as error:  # noqa: BLE001  (any error, since it is not a refusal)
        return f"not refused, it failed: {error!r}"
    return log.acts_there[0].outcome if log.acts_there else "ignored"


async def commands_accepted(obeying: Obeying = obey) -> tuple[str, ...]:
    """Return the commands that ran and must not; empty when all were refused."""
    with structlog.contextvars.bound_contextvars(probing=True):
        control = await _outcome(obeying, "help", "triage", _SOMEBODY)
        if control != "done":
            return (f"no command is obeyed at all: help is {control}",)
        return (*await _without_permission(obeying), *await _ignored(obeying))


async def _without_permission(obeying: Obeying) -> list[str]:
    tried: list[tuple[str, Level | None]] = [
        (name, level) for name in COMMANDS for level in ("none", "read")
    ]
    found = []
    for name, level in (*tried, *((name, None) for name in _UNKNOWN)):
        outcome = await _outcome(obeying, name, level, _SOMEBODY)
        if outcome != "refused":
            found.append(f"command {name} of somebody who may {level or '(unknown)'}: {outcome}")
    return found


async def _ignored(obeying: Obeying) -> list[str]:
    """Probe comments that are ignored: by octobot itself, by other Apps, and edited ones."""
    itself, other = Person(_BOT, "octobot[bot]", bot=True), Person(9, "other[bot]", bot=True)
    found = []
    for by, edited in ((itself, False), (other, False), (_SOMEBODY, True)):
        outcome = await _outcome(obeying, "pause", "admin", by, edited=edited)
        if outcome != "ignored":
            found.append(f"command pause by {by.login}{', edited' if edited else ''}: {outcome}")
    return found
