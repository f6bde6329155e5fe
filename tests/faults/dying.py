"""A bump's whole life, and a process that dies (or is lied to) at any one of its effects.

The life goes on through everything octobot writes: proposed, failed with its comment, superseded,
merged, proposed again, its tag moved, withdrawn, and the issue about that.  An effect is a write
on GitHub or a write in the store; both are counted by their names, in the order of one run.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal, cast, get_args

from oracle import violations
from story import NAME, Story

from octobot.flows.seams import Store
from octobot.model.errors import TryLater
from octobot.model.reasons import ReasonCode
from octobot.sandbox.call import Answer, Call
from octobot.sandbox.knobs import Answering, Knobs, fault, is_effect

Side = Literal["before", "after", "lost", "refused"]
"""Dead before or after the effect; or alive, and the answer lost, or refused with a 502."""
Pattern = Literal["plain", "stale", "base moves", "branch is pushed to", "closed by a person"]
SIDES: tuple[Side, ...] = get_args(Side)
PATTERNS: tuple[Pattern, ...] = get_args(Pattern)
SILENT: tuple[Pattern, ...] = ("branch is pushed to", "closed by a person")
"""After these a person decides how the life ends; the invariants hold all the same."""

MEMORIES = frozenset(
    {
        *("put_specs", "looked", "record_looks", "remember", "asked", "unchanged", "put_off"),
        *("begin", "record", "observe", "intend", "enter", "update_proposed", "say"),
        *("identify", "keep_config", "claim_reruns", "put_suggestion", "record_adoption", "learn"),
    }
)
"""The store's writes."""


class Died(BaseException):
    """The process is gone: nothing may catch this."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens at which effect; counted from 1, 0 for never."""

    point: int = 0
    side: Side = "before"
    pattern: Pattern = "plain"
    named: str = ""
    """Instead of a point: the first effect of this name."""

    def __str__(self) -> str:
        return f"{self.side} {self.named or f'effect {self.point}'}, {self.pattern}"


@dataclass(slots=True)
class Mortal:
    """One process: it stands in GitHub's way and before the store, and counts."""

    tale: Story
    knobs: Knobs
    fate: Fate
    dead: bool = False
    effects: list[str] = field(default_factory=list)
    task: asyncio.Task[Any] | None = None

    def strikes(self, name: str) -> bool:
        """Count an effect; tell whether this is the one."""
        self.effects.append(name)
        if self.fate.named:
            return name == self.fate.named and self.effects.count(name) == 1
        return len(self.effects) == self.fate.point

    async def __call__(self, call: Call, dispatch: Answering) -> Answer:
        """Stand at the sandbox's door."""
        if self.dead:
            return fault(503, "nobody is there to ask")
        if not is_effect(call) or not self.strikes(_named(call)):
            return await self.knobs(call, dispatch)
        match self.fate.side:
            case "refused":
                return fault()
            case "lost":
                told = await self.knobs(call, dispatch)
                return replace(fault(), headers=_mutations(told))
            case "before":
                self.die()
                return fault()
            case "after":
                told = await self.knobs(call, dispatch)
                self.die()
                return replace(fault(), headers=_mutations(told))

    def die(self) -> None:
        """Be gone, in the middle of whatever is going on."""
        self.dead = True
        if self.task:
            self.task.cancel()


def _mutations(answer: Answer) -> dict[str, str]:
    return {key: value for key, value in answer.headers.items() if key == "X-Mutations"}


def _named(call: Call) -> str:
    if "graphql" in call.path:
        return "createCommitOnBranch" if b"createCommitOnBranch" in call.body else "updateRefs"
    path = call.path.removeprefix(f"/repos/{NAME}")
    return f"{call.method} {re.sub('[0-9]+', 'N', path)}"


class Memory:
    """The store of a process that may die at one of its writes."""

    def __init__(self, store: Store, mortal: Mortal) -> None:
        self._store, self._mortal = store, mortal

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever the store has by that name)
        act: Callable[..., Awaitable[Any]] = getattr(self._store, name)
        return self._dying(name, act) if name in MEMORIES else act

    def _dying(
        self, name: str, act: Callable[..., Awaitable[Any]]
    ) -> Callable[..., Awaitable[Any]]:
        async def acting(*args: object, **named: object) -> object:
            if self._mortal.dead:
                raise Died
            struck = self._mortal.strikes(name)
            if struck and self._mortal.fate.side == "before":
                self._mortal.dead = True
                raise Died
            result = await act(*args, **named)
            if struck and self._mortal.fate.side == "after":
                self._mortal.dead = True
                raise Died
            return result

        return acting


@dataclass(frozen=True, slots=True)
class Life:
    """How a life went."""

    effects: tuple[str, ...]
    wrong: tuple[str, ...]
    """Violations; empty when all is well."""
    struck: bool
    """Whether the fate's point was reached."""


Act = Callable[[Story], Awaitable[None]]


async def found(_tale: Story) -> None:
    """Let octobot see the distro."""


def released(version: str) -> Act:
    """Let a version come out upstream."""

    async def act(tale: Story) -> None:
        await tale.release(version)

    return act


def checked(conclusion: Literal["success", "failure"]) -> Act:
    """Let the CI report on every open pull request, as the sandbox has them."""

    async def act(tale: Story) -> None:
        log = "##[error]Process completed with exit code 1.\n" if conclusion == "failure" else ""
        for pull, _ in tuple(tale.sandbox.hub.state.open_pulls(tale.world.watched.id)):
            tale.sandbox.post_check_run(
                NAME, pull.head_sha, "build", conclusion=conclusion, summary=conclusion, log=log
            )

    return act


async def moved(tale: Story) -> None:
    """Let the tag of the newest version move."""
    other = await tale.release("0.1")
    await tale.sandbox.publish_tag("example/hello", "v1.3", commit=other, force=True)


ACTS: tuple[Act, ...] = (
    found,
    released("1.1"),
    checked("failure"),
    released("1.2"),
    checked("success"),
    released("1.3"),
    moved,
    checked("success"),
)


async def live(tale: Story, fate: Fate) -> Life:
    """Live the whole life once, struck by `fate`; then look at what is left of it."""
    knobs = tale.sandbox.knobs()
    if fate.pattern == "stale":
        knobs.lag = timedelta(seconds=30)
    mortal = Mortal(tale, knobs, fate)
    github_store = tale.world.store
    tale.sandbox.door.intercept = mortal
    tale.world = replace(tale.world, store=cast("Store", Memory(github_store, mortal)))
    wrong = []
    try:
        for act in ACTS:
            await act(tale)
            await _drive(tale, mortal)
        knobs.mend()
        await tale.later(hours=1)
        wrong += await _ended(tale, fate)
    except AssertionError as restless:
        wrong.append(f"L4: {restless}")
    wrong += await violations(tale.sandbox, NAME)
    struck = fate.named in mortal.effects if fate.named else len(mortal.effects) >= fate.point
    return Life(tuple(mortal.effects), tuple(wrong), struck)


async def _drive(tale: Story, mortal: Mortal) -> None:
    """Let octobot work until nothing is due; if it dies, another process goes on."""
    for pause in (10,) if mortal.fate == Fate() else (10, 60, 60):
        mortal.task = asyncio.ensure_future(_pass(tale, pause))
        await asyncio.wait([mortal.task])
        alive = not mortal.dead and not mortal.task.cancelled()
        if alive:
            mortal.task.result()
            continue
        _bury(mortal.task)
        await _meanwhile(tale, mortal.fate.pattern)
        tale.queue.keys.clear()  # hints that were only in memory die too; the sweep repairs that
        mortal.dead = False
        await _pass(tale, 60)


async def _pass(tale: Story, minutes: int) -> None:
    """Make a pass as the house does: what asks to come later is put off to the next one."""
    with contextlib.suppress(TryLater):
        await tale.later(minutes=minutes)


def _bury(task: asyncio.Task[Any]) -> None:
    """Take note of how it ended, so that nobody is told of a death nobody looked at."""
    if not task.cancelled():
        task.exception()


async def _meanwhile(tale: Story, pattern: Pattern) -> None:
    """While nobody was there, and nobody was told."""
    open_pulls = tuple(tale.sandbox.hub.state.open_pulls(tale.world.watched.id))
    ann = tale.sandbox.person("ann", "write")
    match pattern:
        case "plain" | "stale":
            return
        case "base moves":
            await tale.sandbox.commit_files(NAME, "main", {"README.md": b"# News\n"}, "News")
        case "branch is pushed to":
            for pull, _ in open_pulls:
                await ann.push(NAME, pull.head_ref, {"hello.yaml": b"package:\n  name: hello\n"})
        case "closed by a person":
            for pull, _ in open_pulls:
                await ann.close(NAME, pull.number)


async def _ended(tale: Story, fate: Fate) -> list[str]:
    """Say what is wrong with the end: the version, the reason, one issue, and quiet."""
    code, wrong = (await tale.row()).reason.code, []
    if code is not ReasonCode.TAG_MOVED:
        wrong.append(f"end: {code} instead of tag-moved")
    if fate.pattern not in SILENT:
        if 'version: "1.2"' not in await tale.spec():
            wrong.append("end: 1.2 was not merged")
        if standing := [pull.number for pull in await tale.pulls()]:
            wrong.append(f"end: {standing} are still open")
        git = tale.sandbox.hub.git(tale.sandbox.repository(NAME))
        if left := [ref for ref in await git.refs("refs/heads/") if "octobot/" in ref]:
            wrong.append(f"end: {left} were left behind")
    tale.sandbox.log.clear()
    await tale.later(hours=2)
    wrong += [f"L4: {one.path} after the end" for one in tale.sandbox.log.content_writes()]
    return wrong
