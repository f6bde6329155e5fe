"""A process that dies (or is lied to) at any one of its effects, and what lives it goes through.

An effect is a write on GitHub or a write in the store; both are counted by their names, in the
order of one run.  What happens in a life is a `Script`: `bump_life.py` has the one of a bump,
`command_life.py` those in which people give orders.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal, get_args

from octobot.model.errors import TryLater
from octobot.sandbox.http.call import Answer, Call
from octobot.sandbox.http.faults import Answering, Faults, fault, is_effect
from octobot.store.store import Store
from tests.faults.oracle import violations
from tests.stories.story import NAME, Story

Side = Literal["before", "after", "lost", "refused"]
"""Dead before or after the effect; or alive, and the answer lost, or refused with a 502."""
Pattern = Literal["plain", "stale", "base moves", "branch is pushed to", "closed by a person"]
SIDES: tuple[Side, ...] = get_args(Side)
PATTERNS: tuple[Pattern, ...] = get_args(Pattern)
SILENT: tuple[Pattern, ...] = ("branch is pushed to", "closed by a person")
"""After these a person decides how the life ends; the invariants hold all the same."""

TOGETHER = "together"
"""The end of a transaction in the store."""
MEMORIES = frozenset(
    {
        *("specs.put", "schedule.record", "schedule.unchanged", "schedule.put_off"),
        *("schedule.recheck_now", "upstream_cache.remember", "upstream_cache.asked"),
        *("packages.begin", "packages.record", "packages.wake", "sightings.observe"),
        *("ledger.intend", "ledger.enter", "ledger.update_proposed", "ledger.record_adoption"),
        *(
            "posted.record_verdict",
            "posted.claim_reruns",
            "identities.identify",
            "config_files.keep",
        ),
        *("comments.take", "comments.finish", "comments.listen_from", "audit.append"),
        *("orders.order", "orders.revoke", "suggestions.put", "suggestions.begin_applying"),
        *("suggestions.applied", "suggestions.not_applied", "suggestions.judged", TOGETHER),
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
    """One process: it intercepts calls to GitHub and the store, and counts them."""

    tale: Story
    faults: Faults
    fate: Fate
    dead: bool = False
    over: bool = False
    """Whether nothing strikes any more."""
    effects: list[str] = field(default_factory=list)
    task: asyncio.Task[Any] | None = None

    @property
    def struck(self) -> bool:
        """Whether the fate's point was reached."""
        if self.fate.named:
            return self.fate.named in self.effects
        return 0 < self.fate.point <= len(self.effects)

    def strikes(self, name: str) -> bool:
        """Count an effect; return whether this is the one."""
        if self.over:
            return False
        self.effects.append(name)
        if self.fate.named:
            return name == self.fate.named and self.effects.count(name) == 1
        return len(self.effects) == self.fate.point

    async def __call__(self, call: Call, dispatch: Answering) -> Answer:
        """Intercept the sandbox's calls."""
        if self.dead:
            return fault(503, "nobody is there to ask")
        if not is_effect(call) or not self.strikes(_named(call)):
            return await self.faults(call, dispatch)
        match self.fate.side:
            case "refused":
                return fault()
            case "lost":
                told = await self.faults(call, dispatch)
                return replace(fault(), headers=_mutations(told))
            case "before":
                self.die()
                return fault()
            case "after":
                told = await self.faults(call, dispatch)
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


class Memory(Store):
    """The store of a process that may die at one of its writes."""

    def __init__(self, store: Store, mortal: Mortal) -> None:
        super().__init__(store.database)
        self._mortal = mortal
        for name, noun in vars(store).items():
            if name != "database":
                setattr(self, name, Noun(name, noun, mortal))

    @contextlib.asynccontextmanager
    async def together(self) -> AsyncIterator[Store]:
        """Yield what takes effect as one, and is one effect more: that it does."""
        async with super().together() as store:
            yield Memory(store, self._mortal)
            struck = self._mortal.strikes(TOGETHER)
            if struck and self._mortal.fate.side == "before":
                self._mortal.dead = True
                raise Died
        if struck and self._mortal.fate.side == "after":
            self._mortal.dead = True
            raise Died


class Noun:
    """What such a process remembers of one thing."""

    def __init__(self, name: str, noun: object, mortal: Mortal) -> None:
        self._name, self._noun, self._mortal = name, noun, mortal

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever the noun has by that name)
        act: Callable[..., Awaitable[Any]] = getattr(self._noun, name)
        name = f"{self._name}.{name}"
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


class Script:
    """What happens in a life, and how it must end; by default octobot gets no delivery."""

    acts: tuple[Act, ...] = ()

    async def arrive(self) -> None:
        """Wait until all deliveries have arrived; nobody has worked on them yet."""

    async def hear(self) -> None:
        """Let octobot work on what arrived."""

    async def listen(self) -> None:
        """Let octobot look for what did not arrive."""

    async def ended(self, tale: Story, fate: Fate) -> list[str]:
        """Say what is wrong with the end."""
        raise NotImplementedError


async def live(tale: Story, fate: Fate, script: Script) -> Life:
    """Live the whole life once, struck by `fate`; then look at what is left of it."""
    faults = tale.sandbox.faults()
    if fate.pattern == "stale":
        faults.lag = timedelta(seconds=30)
    mortal = Mortal(tale, faults, fate)
    github_store = tale.world.store
    tale.sandbox.door.intercept = mortal
    tale.world = replace(tale.world, store=Memory(github_store, mortal))
    wrong = []
    try:
        for act in script.acts:
            await act(tale)
            await _drive(tale, mortal, script)
        faults.clear()
        mortal.over = True
        await script.arrive()
        await _pass(tale, script, 60)
        wrong += await script.ended(tale, fate)
        tale.sandbox.log.clear()
        await script.arrive()
        await _pass(tale, script, 120)
        wrong += [f"L4: {one.path} after the end" for one in tale.sandbox.log.content_writes()]
    except AssertionError as restless:
        wrong.append(f"L4: {restless}")
    wrong += await violations(tale.sandbox, NAME)
    return Life(tuple(mortal.effects), tuple(wrong), mortal.struck)


async def _drive(tale: Story, mortal: Mortal, script: Script) -> None:
    """Let octobot work until nothing is due; if it dies, another process continues.

    What comes before the fate's effect is as it is where none strikes, so that they are counted
    alike; afterwards octobot has more time.
    """
    await _go_on(tale, mortal, script, minutes=10)
    for minutes in (60, 60) if mortal.struck else ():
        await _go_on(tale, mortal, script, minutes=minutes)


async def _go_on(tale: Story, mortal: Mortal, script: Script, *, minutes: int) -> None:
    await script.arrive()
    mortal.task = asyncio.ensure_future(_pass(tale, script, minutes))
    await asyncio.wait([mortal.task])
    if not mortal.dead and not mortal.task.cancelled():
        mortal.task.result()
        return
    _bury(mortal.task)
    await _meanwhile(tale, mortal.fate.pattern)
    tale.queue.keys.clear()  # hints that were only in memory die too; the sweep repairs that
    mortal.dead = False
    await script.arrive()
    await _pass(tale, script, 60)


async def _pass(tale: Story, script: Script, minutes: int) -> None:
    """Make a pass as the bot does: what asks to come later is put off to the next one."""
    with contextlib.suppress(TryLater):
        await script.hear()
    tale.clock.ahead += timedelta(minutes=minutes)
    with contextlib.suppress(TryLater):
        await script.listen()
    with contextlib.suppress(TryLater):
        await tale.look()


def _bury(task: asyncio.Task[Any]) -> None:
    """Retrieve how it ended, so that no exception counts as never retrieved."""
    if not task.cancelled():
        task.exception()


async def _meanwhile(tale: Story, pattern: Pattern) -> None:
    """While no process ran, and without a delivery."""
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
