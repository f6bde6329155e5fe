"""What goes wrong between GitHub and those who ask it: answers lost, refused, cut, or old.

One object stands at the door's `intercept` and is turned while the sandbox runs.  A fault comes
before the effect (nothing happened) or after it (it happened and nobody was told): whoever asked
cannot tell the two apart, which is the point.
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
    """Make the answer of a server that broke down."""
    return Answer({"message": message}, status, broken=True)


def is_effect(call: Call) -> bool:
    """Tell whether a call wants to change something; a token is nothing that anybody sees."""
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
    """Give the first half of an answer, as a line that broke would."""
    whole = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    return replace(answer, body=whole[: len(whole) // 2], broken=True)


def _still_noted(shown: Answer, real: Answer) -> Answer:
    """Let the log know of mutations whose answer nobody gets."""
    noted = {key: value for key, value in real.headers.items() if key == "X-Mutations"}
    return replace(shown, headers={**shown.headers, **noted})


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which nothing may be asked."""

    since: datetime
    until: datetime
    resource: str
    """`core` or `graphql`; empty: neither."""


@dataclass(slots=True)
class _Fault:
    matches: Matches
    side: Side
    change: Callable[[Answer], Answer]
    left: int
    act: Act | None = None


@dataclass(slots=True)
class Knobs:
    """Everything that can be turned; as it is made, nothing goes wrong."""

    state: State
    lag: timedelta = timedelta()
    """For so long after a change each address that was read before shows what it showed then."""
    lying: bool = False
    """Conditional reads are told 304, whatever has changed."""
    windows: list[Window] = field(default_factory=list)
    """When the asker was told to keep still."""
    met: Counter[str] = field(default_factory=Counter)
    """How often each fault struck, by its name."""
    _faults: list[tuple[str, _Fault]] = field(default_factory=list)
    _shown: dict[tuple[str, str], tuple[Answer, int]] = field(default_factory=dict)
    """Address → what it showed last, and how many changes there had been."""
    _changes: list[datetime] = field(default_factory=list)
    """When each of them was made."""
    _old: dict[tuple[str, str], tuple[Answer, datetime]] = field(default_factory=dict)
    """Address → what it goes on showing, and until when."""

    def strike(
        self,
        name: str,
        matches: Matches,
        *,
        side: Side = "before",
        answer: Answer | Callable[[Answer], Answer] | None = None,
        times: int = 1,
    ) -> None:
        """Answer the next matching calls so (502 unless told), before or after their effect."""
        said = answer or fault()
        change = said if callable(said) else lambda _: said
        self._faults.append((name, _Fault(matches, side, change, times)))

    def meanwhile(self, name: str, matches: Matches, act: Act, *, side: Side = "before") -> None:
        """Let something happen right before (or after) the next matching call is carried out."""
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
        """Refuse the next matching call for a limit, and remember for how long.

        `RESET` in a header is put in; without a `resource` it is a secondary limit, of all.
        """
        message = "API rate limit exceeded" if resource else SECONDARY

        def refuse(_answer: Answer) -> Answer:
            now = self.state.now()
            self.windows.append(Window(now, now + timedelta(seconds=seconds), resource))
            reset = str(int(now.timestamp()) + seconds)
            said = {key: value.replace("RESET", reset) for key, value in headers.items()}
            return Answer({"message": message}, status, said, broken=True)

        self._faults.append((name, _Fault(matches, "before", refuse, 1)))

    def mend(self) -> None:
        """Let everything go right again."""
        self._faults.clear()
        self._old.clear()
        self.lag, self.lying = timedelta(), False

    async def __call__(self, call: Call, dispatch: Answering) -> Answer:
        """Stand between a call and its answer."""
        name, struck = self._next(call)
        if struck is None:
            return await self._carry(call, dispatch)
        self.met[name] += 1
        if struck.act is None:
            answer = Answer() if struck.side == "before" else await self._carry(call, dispatch)
            return _still_noted(struck.change(answer), answer)
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
        if self.lying and call.conditional:
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
        """After a change: what is shown goes on being shown for a while."""
        now = self.state.now()
        self._changes.append(now)
        if self.lag:
            going_on = {a: old for a, (old, until) in self._old.items() if now < until}
            shown = {a: old for a, (old, seen) in self._shown.items() if self._lags(seen, now)}
            self._old = {a: (old, now + self.lag) for a, old in {**shown, **going_on}.items()}

    def _lags(self, seen: int, now: datetime) -> bool:
        """Tell whether the first change that a replica has not shown is still on its way there."""
        return now < self._changes[seen] + self.lag
