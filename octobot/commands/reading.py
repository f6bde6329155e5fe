"""Read the words of a command, before anything is done.

A command declares what it is about and which words it takes; any other words are refused here, so a
sentence that happens to begin with a command does nothing.  The thread's package is never acted on
where another one is named.  Where a word may be a name or begin a reason, the answer shows how to
write either.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from octobot.commands.calls import Answer, Call, Command, refused
from octobot.commands.naming import Names, ends_names, is_surely_name
from octobot.messages.commands import reading as said
from octobot.messages.commands import replies as words

MOST_NAMES = 20
"""Packages in one command: each is a pull request and a build."""

CONFIRM, USERS_OF, PIPELINE = "confirm", "users-of", "pipeline"
KEYWORDS = frozenset({CONFIRM, USERS_OF, PIPELINE})
"""The first words of orders for many specs."""

_BECAUSE = "because"
_GLOB = frozenset("*?[")
_COMMIT = re.compile(r"[0-9a-fA-F]{7,40}")
_STREAM = "stream"
_JOINERS = frozenset({"and", "or", "&", "+"})


async def read(call: Call, command: Command, spoken: Sequence[str]) -> Call | Answer:
    """Return the call with the names and words that the command takes, or why it is refused."""
    if command.takes_many and is_for_many(await _names(call), spoken):
        return replace(call, many=tuple(spoken))
    if command.about in {"package", "packages"}:
        return await _about_package(call, command, spoken)
    if not spoken:
        return call
    if command.about == "wave":
        return _taken(call, command, spoken)
    if command.about == "repository":
        return refused(said.not_taken(command.name, command.usage, command.about, command.rest))
    return await _about_pull(call, command, spoken)


def is_for_many(names: Names, spoken: Sequence[str]) -> bool:
    """Return whether words order something for many specs, and are not names with a reason.

    `users-of NAME`, `pipeline NAME`, `confirm`, globs, and more names than a command takes.
    """
    front, _ = split(spoken)
    if not front:
        return False
    if front[0].lower() in KEYWORDS or is_glob(front[0]):
        return True
    known = all(is_glob(word) or names.of(word) for word in front)
    return known and (any(map(is_glob, front)) or len(front) > MOST_NAMES)


def split(spoken: Sequence[str]) -> tuple[Sequence[str], str]:
    """Part an order for many from its reason, which begins with `because`."""
    lower = [word.lower() for word in spoken]
    end = lower.index(_BECAUSE) if _BECAUSE in lower else len(spoken)
    return spoken[:end], " ".join(spoken[end + 1 :])


def is_glob(word: str) -> bool:
    """Return whether a word is a pattern of names."""
    return not _GLOB.isdisjoint(word)


def beside(call: Call, answer: Answer) -> Answer:
    """Return the answer; what was done for another package than the thread's says so."""
    names = Names(call.config, frozenset(), call.package)
    about = answer.package.split()
    if not (answer.done and call.package and about) or any(map(names.related, about)):
        return answer
    return replace(answer, said=said.not_the_threads(answer.said, call.package))


async def _about_pull(call: Call, command: Command, spoken: Sequence[str]) -> Call | Answer:
    """Let the thread's own package be named, and no other one."""
    if call.pull is None or not call.package:
        return refused(words.not_own() if call.pull else words.only_on_pulls())
    rest = spoken
    if not _COMMIT.fullmatch(spoken[0]):
        name = (await _names(call)).of(spoken[0])
        if name and name != call.package:
            return refused(said.other_thread(command.name, call.package, name), call.package)
        rest = spoken[1:] if name else spoken
    return _taken(call, command, rest)


async def _about_package(call: Call, command: Command, spoken: Sequence[str]) -> Call | Answer:
    """Take the names from the front; the words after them are the command's."""
    if not spoken:
        return call if call.package else refused(words.which_package())
    names = await _names(call)
    found = _leading(names, spoken, MOST_NAMES + 1 if command.about == "packages" else 1)
    if not found and (not call.package or is_surely_name(spoken[0])):
        return refused(words.no_package(spoken[0]))
    if len(found) > MOST_NAMES:
        return refused(words.usage(command.usage, f"Those are more than {MOST_NAMES} packages."))
    doubt = _doubt(names, command, found, spoken)
    if doubt:
        return refused(doubt, call.package)
    return _taken(replace(call, names=found), command, spoken[len(found) :])


async def _names(call: Call) -> Names:
    paths = await call.ctx.store.specs.blobs(call.ctx.watched.id)
    packages = frozenset(path.removesuffix(".yaml") for path in paths)
    return Names(call.config, packages, call.package)


def _leading(names: Names, spoken: Sequence[str], most: int) -> tuple[str, ...]:
    found: list[str] = []
    for word in spoken[:most]:
        name = names.of(word)
        if name is None:
            break
        found.append(name)
        if ends_names(word):
            break
    return tuple(found)


def _doubt(names: Names, command: Command, found: Sequence[str], spoken: Sequence[str]) -> str:
    """Say why it is not clear which package is meant; empty when it is."""
    rest, last = spoken[len(found) :], spoken[len(found) - 1] if found else ""
    if command.rest == "reason" and found and (not rest or ends_names(last)):
        return ""
    second = _second(names, command, found, rest)
    if second or command.rest != "reason" or not names.own or is_surely_name(last):
        return second
    return _either(names, command, found, spoken)


def _either(names: Names, command: Command, found: Sequence[str], spoken: Sequence[str]) -> str:
    """Say that the first words may be another package, or begin the reason."""
    inside = None if found else names.within(spoken[0])
    named, after = ((inside,), spoken[1:]) if inside else (found, spoken[len(found) :])
    if not named or any(map(names.related, named)):
        return ""
    return said.either(command.name, " ".join(named), after, names.own, spoken)


def _second(names: Names, command: Command, found: Sequence[str], rest: Sequence[str]) -> str:
    """Say that one more package is named right after those that the command is about."""
    after = [word for word in rest if word.casefold() not in _JOINERS][:1]
    if not found or not after or (command.rest == "version" and after == [_STREAM]):
        return ""
    second = names.within(after[0]) if command.rest == "reason" else names.of(after[0])
    if second is None or second in found:
        return ""
    reason = " ".join(rest) if command.rest == "reason" else ""
    return said.one_more(command.name, " ".join(found), second, reason)


def _taken(call: Call, command: Command, rest: Sequence[str]) -> Call | Answer:
    """Return the call with the words that are left, if they are such as the command takes."""
    left = tuple(rest)
    match command.rest:
        case "nothing":
            fits = not left
        case "commit":
            fits = len(left) <= 1 and all(map(_COMMIT.fullmatch, left))
            left = tuple(map(str.lower, left))
        case "version":
            fits = len(left) <= 1
        case "reason":
            fits = True
        case never:
            assert_never(never)
    if fits:
        return replace(call, words=left)
    text = said.not_taken(command.name, command.usage, command.about, command.rest)
    head = call.pull.head if call.pull and command.about == "pull request" else None
    return refused(text, call.package, head)
