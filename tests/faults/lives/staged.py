"""One package on a stage where everything can go wrong, driven step by step from outside a loop."""

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from octobot.commands.listening import listen
from octobot.commands.obey import obey
from octobot.messages.commands.replies import mark
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.events import Commented
from octobot.model.pull_request import Conclusion
from octobot.model.reasons import ReasonCode
from octobot.sandbox.state.deliveries import DeliveryFaults
from octobot.sandbox.state.nouns import CI_APP, Comment, Pull
from octobot.store.store import Store
from tests.databases import Databases
from tests.faults.lives.dying import Fate, Memory, Mortal
from tests.faults.oracle import violations
from tests.faults.test_deliveries import doors
from tests.stories.story import CONFIG, NAME, Story, story

T = TypeVar("T")

COMMANDS = (
    *("hold", "hold until 2999-01-01", "unhold", "pause", "resume", "recreate", "recheck", "close"),
    *(
        "ignore",
        "ignore stream",
        "unignore",
        "unignore stream",
        "reset HEAD",
        "retry",
        "bump hello",
    ),
    *("merge", "rebuild hello again"),
)
"""What people say; it is about the newest pull request, or what they name."""

CYCLES = 8
"""Passes within which all must come to rest once the faults have stopped."""

AT_REST = frozenset(
    {
        *(ReasonCode.UP_TO_DATE, ReasonCode.MERGED, ReasonCode.TAG_MOVED),
        *(ReasonCode.CLOSED_BY_USER, ReasonCode.UNKNOWN_COMMIT, ReasonCode.OSCILLATING),
        *(ReasonCode.WITHDRAWN_UPSTREAM, ReasonCode.NO_CANDIDATE, ReasonCode.IGNORED),
    }
)
"""Where a package may end when nothing is wrong any more."""


class Stage:
    """The package, its octobot, and everything that can be turned."""

    def __init__(self, databases: Databases) -> None:
        self._stack, self._async = ExitStack(), AsyncExitStack()
        self._runner = self._stack.enter_context(asyncio.Runner())
        self.by_people = self.frozen = False
        self.deaths = self.heard = 0
        self.said: list[Comment] = []
        """What people said to octobot."""
        self.run(self._open(databases))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something that takes its time."""
        return self._runner.run(work)

    async def _open(self, databases: Databases) -> None:
        url = self._stack.enter_context(databases.fresh())
        home = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        store = await self._async.enter_async_context(Store.open(url, connections=3))
        self.tale: Story = await self._async.enter_async_context(story(home, store))
        await self.tale.look()
        await listen(self.tale.world)  # what is said from a minute later on is said to octobot
        self.tale.clock.ahead += timedelta(minutes=2)
        self.ann = self.tale.sandbox.person("ann", "write")
        self.mia = self.tale.sandbox.person("mia", "admin")
        self.door = await self._async.enter_async_context(doors(self.tale))
        self.faults = self.tale.sandbox.faults()
        self.mortal = Mortal(self.tale, self.faults, Fate())
        self.tale.sandbox.door.intercept = self.mortal
        remembering = Memory(self.tale.world.store, self.mortal)
        self.tale.world = replace(self.tale.world, store=remembering)

    def close(self) -> None:
        """Put everything away."""
        self.run(self._async.aclose())
        self._stack.close()

    async def go_on(self, minutes: int) -> None:
        """Let octobot make a pass, or die in it; then the oracle speaks."""
        self.mortal.task = asyncio.ensure_future(self._pass(minutes))
        await asyncio.wait([self.mortal.task])
        if not self.mortal.task.cancelled():
            error = self.mortal.task.exception()
            if error and not self.mortal.dead:
                raise error
        if self.mortal.dead:  # and another process continues, without its hints
            self.deaths += 1
            self.tale.queue.keys.clear()
            self.mortal.dead, self.mortal.fate = False, Fate()
        said = await violations(self.tale.sandbox, NAME, self.faults.windows)
        assert said == []
        assert await self.tale.store.repositories.merging_halted(self.tale.world.watched.id) is None

    async def _pass(self, minutes: int) -> None:
        """Execute the commands that deliveries report, then make a pass, as the bot does."""
        await self.tale.sandbox.settle()
        for part in (self._obey, partial(self._listen, minutes), self.tale.look):
            with contextlib.suppress(TryLater, Misconfigured):
                await part()

    async def _obey(self) -> None:
        """Obey; what is put off, or was in the hands of a process that died, comes again."""
        while self.heard < len(self.door.heard):
            event = self.door.heard[self.heard]
            if isinstance(event, Commented):
                await obey(self.tale.world, event.ref, author=event.author)
            self.heard += 1

    async def _listen(self, minutes: int) -> None:
        self.tale.clock.ahead += timedelta(minutes=minutes)
        await listen(self.tale.world)

    async def say(self, text: str) -> None:
        """Let somebody say a command, on octobot's newest pull request or in an issue."""
        self.tale.clock.ahead += timedelta(seconds=2)
        state, here = self.tale.sandbox.hub.state, self.tale.world.watched.id
        pull = max(state.pulls.of(here), key=lambda pull: pull.number, default=None)
        number = pull.number if pull else await self.mia.open_issue(NAME, "Please")
        text = text.replace("HEAD", pull.head_sha if pull else "")
        self.said.append(await self.mia.comment(NAME, number, f"/octobot {text}"))

    def open_pulls(self) -> Iterator[Pull]:
        """Return what is open, as the sandbox has it."""
        shown = self.tale.sandbox.hub.state.open_pulls(self.tale.world.watched.id)
        return (pull for pull, _ in tuple(shown))

    async def check(self, conclusion: Conclusion) -> None:
        """Let the CI say so of every open pull request."""
        for pull in self.open_pulls():
            self.tale.sandbox.post_check_run(
                NAME, pull.head_sha, "build", conclusion=conclusion, summary="drawn"
            )

    def protect(self, *, guarded: bool) -> None:
        """Put the protection there, or take it away."""
        if guarded:
            self.tale.sandbox.protect(NAME, "main", required=[("build", CI_APP)])
        else:
            self.tale.sandbox.unprotect(NAME, "main")

    async def move_tag(self, version: str) -> None:
        """Let a version's tag name another commit."""
        other = await self.tale.release(f"0.{version}")
        await self.tale.sandbox.publish_tag(
            "example/hello", f"v{version}", commit=other, force=True
        )

    async def withdraw(self, version: str) -> None:
        """Take a version's tag away; gone already is fine."""
        with contextlib.suppress(LookupError):
            await self.tale.sandbox.delete_ref("example/hello", f"refs/tags/v{version}")

    async def let_go(self) -> None:
        """Send what was held back."""
        self.tale.sandbox.hub.outbox.release_held()
        await self.tale.sandbox.settle()

    async def come_to_rest(self) -> None:
        """Stop all faults; see that it comes to rest, and then writes nothing more (L4)."""
        self.faults.clear()
        self.mortal.fate = Fate()
        self.tale.sandbox.hub.outbox.faults = DeliveryFaults()
        self.tale.world = replace(self.tale.world, clock=self.tale.clock)
        self.protect(guarded=True)
        await self.tale.configure(CONFIG.decode())
        if self.said:
            await self.say("resume\n/octobot unhold")
        for _ in range(CYCLES):
            await self.check("success")
            await self.go_on(60)
        self.tale.sandbox.log.clear()
        for _ in range(2):
            await self.go_on(120)
        writes = [one.path for one in self.tale.sandbox.log.content_writes()]
        assert writes == [], "L4: it goes on writing"
        assert [one for each in self.said for one in await self._unanswered(each)] == []
        code = (await self.tale.row()).reason.code
        assert code in AT_REST, f"L4: it ends as {code}"
        if not self.by_people and not self.frozen:
            await self._nothing_is_left()

    async def _unanswered(self, comment: Comment) -> list[str]:
        """Say what became of a comment, unless it has one answer, and each command one line."""
        tag = mark(("comment", comment.id))
        answers = sum(tag in body for body in self.tale.comments(comment.number))
        acts = await self.tale.store.audit.acts(self.tale.world.watched.id, comment.id)
        if (answers, len(acts)) == (1, len(comment.body.splitlines())):
            return []
        return [f"L3: {comment.body!r}: {answers} answers, {len(acts)} lines in the log"]

    async def _nothing_is_left(self) -> None:
        git = self.tale.sandbox.hub.git(self.tale.sandbox.repository(NAME))
        assert list(self.open_pulls()) == [], "L4: a pull request is left open"
        left = [ref for ref in await git.refs("refs/heads/") if "octobot/" in ref]
        assert left == [], "L3: a branch is left"

    def met(self) -> Counter[str]:
        """Count what really happened."""
        pulls = self.tale.sandbox.hub.state.pulls.of(self.tale.world.watched.id)
        return self.faults.met + Counter(
            deaths=self.deaths,
            said=len(self.said),
            merged=sum(pull.merged_at is not None for pull in pulls),
            proposed=len(pulls),
        )
