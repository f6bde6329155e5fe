"""Faults between GitHub and its callers: answers that are lost, refused, cut or stale.

`Faults` is the door's `intercept`; faults are injected while the sandbox runs.  A fault happens
before the effect (nothing changed) or after it (it changed, but the answer was lost).  The caller
cannot distinguish the two, which is the point.
"""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from octobot.sandbox.http.call import Answer, Call
from octobot.sandbox.state.state import State

Answering = Callable[[Call], Awaitable[Answer]]
Matches = Callable[[Call], bool]
Side = Literal["before", "after"]
Act = Callable[[], Awaitable[None]]

GRAPHQL = "/api/graphql"
SECONDARY = "You have exceeded a secondary rate limit. Please wait."
_MUTATION = re.compile(rb"\bmutation\b")


def fault(status: int = 502, message: str = "Server Error") -> Answer:
    """Return the answer of a broken server."""
    return Answer({"message": message}, status, broken=True)


def is_effect(call: Call) -> bool:
    """Return whether a call changes something visible; minting a token does not."""
    if call.path == GRAPHQL:
        return _MUTATION.search(call.body) is not None
    return call.method not in ("GET", "HEAD") and not call.path.endswith("/access_tokens")


def anything(_call: Call) -> bool:
    """Match every call."""
    return True


def of(method: str, path: str) -> Matches:
    """Match a method and a path, which is a regular expression for the whole of it."""
    pattern = re.compile(path)

    def matches(call: Call) -> bool:
        return call.method == method and pattern.fullmatch(call.path) is not None

    return matches


def mutation(name: str) -> Matches:
    """Match GraphQL calls that name this mutation."""
    return lambda call: call.path == GRAPHQL and name.encode() in call.body


def cut(answer: Answer) -> Answer:
    """Return the first half of an answer, as a broken connection would."""
    whole = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    return replace(answer, body=whole[: len(whole) // 2], broken=True)


def _with_mutations(shown: Answer, real: Answer) -> Answer:
    """Keep the mutations of the real answer for the log: they happened."""
    mutations = {key: value for key, value in real.headers.items() if key == "X-Mutations"}
    return replace(shown, headers={**shown.headers, **mutations})


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which the caller must not send requests."""

    since: datetime
    until: datetime
    resource: str
    """`core` or `graphql`; empty for a secondary limit, which is for all."""


@dataclass(slots=True)
class _Fault:
    matches: Matches
    side: Side
    change: Callable[[Answer], Answer]
    left: int
    act: Act | None = None


@dataclass(slots=True)
class Faults:
    """The faults of one sandbox; at first there are none."""

    state: State
    lag: timedelta = timedelta()
    """How long after a change an address that was read before still shows its old answer."""
    always_unmodified: bool = False
    """Conditional reads are answered 304, whatever has changed."""
    windows: list[Window] = field(default_factory=list)
    """When the caller was asked to wait."""
    met: Counter[str] = field(default_factory=Counter)
    """How often each fault happened, by its name."""
    _faults: list[tuple[str, _Fault]] = field(default_factory=list)
    _shown: dict[tuple[str, str], tuple[Answer, int]] = field(default_factory=dict)
    """Address → its last answer, and the number of changes before it."""
    _changes: list[datetime] = field(default_factory=list)
    """The time of each change."""
    _old: dict[tuple[str, str], tuple[Answer, datetime]] = field(default_factory=dict)
    """Address → the old answer that it still shows, and until when."""

    def strike(
        self,
        name: str,
        matches: Matches,
        *,
        side: Side = "before",
        answer: Answer | Callable[[Answer], Answer] | None = None,
        times: int = 1,
    ) -> None:
        """Replace the answer of the next matching calls (by 502), before or after the effect."""
        new = answer or fault()
        change = new if callable(new) else lambda _: new
        self._faults.append((name, _Fault(matches, side, change, times)))

    def meanwhile(self, name: str, matches: Matches, act: Act, *, side: Side = "before") -> None:
        """Run `act` right before (or after) the next matching call takes effect."""
        self._faults.append((name, _Fault(matches, side, lambda answer: answer, 1, act)))

    def limit(
        self,
        name: str,
        matches: Matches,
        *,
        status: int = 403,
        seconds: int,
        headers: Mapping[str, str],
        resource: str = "",
    ) -> None:
        """Refuse the next matching call by a rate limit, and record how long it lasts.

        `RESET` in a header is replaced by the time; without a `resource` it is a secondary limit.
        """
        message = "API rate limit exceeded" if resource else SECONDARY

        def refuse(_answer: Answer) -> Answer:
            now = self.state.now()
            self.windows.append(Window(now, now + timedelta(seconds=seconds), resource))
            reset = str(int(now.timestamp()) + seconds)
            sent = {key: value.replace("RESET", reset) for key, value in headers.items()}
            return Answer({"message": message}, status, sent, broken=True)

        self._faults.append((name, _Fault(matches, "before", refuse, 1)))

    def clear(self) -> None:
        """End all faults."""
        self._faults.clear()
        self._old.clear()
        self.lag, self.always_unmodified = timedelta(), False

    async def __call__(self, call: Call, dispatch: Answering) -> Answer:
        """Answer a call, with a fault when one matches."""
        name, struck = self._next(call)
        if struck is None:
            return await self._carry(call, dispatch)
        self.met[name] += 1
        if struck.act is None:
            answer = Answer() if struck.side == "before" else await self._carry(call, dispatch)
            return _with_mutations(struck.change(answer), answer)
        if struck.side == "before":
            await struck.act()
        answer = await self._carry(call, dispatch)
        if struck.side == "after":
            await struck.act()
        return answer

    def _next(self, call: Call) -> tuple[str, _Fault | None]:
        for name, one in self._faults:
            if one.left and one.matches(call):
                one.left -= 1
                return name, one
        return "", None

    async def _carry(self, call: Call, dispatch: Answering) -> Answer:
        if is_effect(call):
            answer = await dispatch(call)
            self._age()
            return answer
        if self.always_unmodified and call.conditional:
            return Answer(None, 304, broken=True)
        if call.path == GRAPHQL or call.method != "GET":
            return await dispatch(call)
        return await self._read(call, dispatch)

    async def _read(self, call: Call, dispatch: Answering) -> Answer:
        address = (call.path, str(sorted(call.query.items())))
        old, until = self._old.get(address, (None, None))
        if old is not None and until is not None and self.state.now() < until:
            self.met["stale"] += 1
            return old
        self._old.pop(address, None)
        answer = await dispatch(call)
        self._shown[address] = answer, len(self._changes)
        return answer

    def _age(self) -> None:
        """After a change, keep showing the old answers for a while."""
        now = self.state.now()
        self._changes.append(now)
        if self.lag:
            still = {a: old for a, (old, until) in self._old.items() if now < until}
            shown = {a: old for a, (old, seen) in self._shown.items() if self._lags(seen, now)}
            self._old = {a: (old, now + self.lag) for a, old in {**shown, **still}.items()}

    def _lags(self, seen: int, now: datetime) -> bool:
        """Return whether the first change after `seen` has not reached the replica yet."""
        return now < self._changes[seen] + self.lag
