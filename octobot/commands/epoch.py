"""`epoch`: build packages again at the same version, with the epoch raised by one."""

from dataclasses import replace

from octobot.commands.calls import Answer, Call, Command, Named, done, named, refused
from octobot.messages import command as words
from octobot.messages import command_words as said
from octobot.model.bump import rebuilt
from octobot.model.steering import Rebuild

MOST = 20
"""Packages in one command: each is a pull request and a build."""


async def act(call: Call) -> Answer:
    """Order a rebuild of each package that is named; the words after the names are the reason."""
    names = await _names(call)
    if not names and not call.package:
        first = call.spoken.words[:1]
        return refused(words.no_package(first[0]) if first else words.usage(EPOCH.usage))
    reason = " ".join(call.spoken.words[len(names) :])[:200]
    if len(names) > MOST:
        return refused(words.usage(EPOCH.usage, f"That are more than {MOST} packages."))
    answers = [await _one(call, name, reason) for name in names or (call.package,)]
    packages = " ".join(answer.package for answer in answers)
    text = "\n".join(f"- {answer.said}" for answer in answers)
    ordered = all(answer.done for answer in answers)
    return Answer(ordered, text if len(answers) > 1 else answers[0].said, packages)


async def _names(call: Call) -> tuple[str, ...]:
    """Take packages' names from the front, for as long as the words are such."""
    found: list[str] = []
    for word in call.spoken.words[: MOST + 1]:
        name = word.rstrip(",").removesuffix(".yaml")
        if await call.world.store.row(call.key(name)) is None:
            break
        found.append(name)
    return tuple(found)


async def _one(call: Call, name: str, reason: str) -> Answer:
    spoken = replace(call.spoken, words=(name,))
    found = await named(replace(call, spoken=spoken), by_name=True, alone=True)
    if isinstance(found, Answer):
        return found
    version = rebuilt(found.package)
    number = await _standing(call, found, version)
    if number:
        return refused(said.has_a_pull(name, number), name)
    history = await call.world.store.proposed(call.world.watched.id, name)
    despite = tuple(past.number for past in history if past.number and past.state != "open")
    order = Rebuild(found.package.full_version, reason, despite, call.said)
    await call.order(name, order)
    return done(said.rebuilding(name, version), name)


async def _standing(call: Call, found: Named, version: str) -> int | None:
    """Give the open pull request of another version, which builds the package anew as well."""
    history = await call.world.store.proposed(call.world.watched.id, found.name)
    open_ = (past for past in history if past.state == "open" and past.version != version)
    return next((past.number for past in open_ if past.number), None)


EPOCH = Command(
    "epoch",
    "epoch NAME… [REASON]",
    "Build packages again: the epoch rises by one, nothing else changes.",
    act,
)
