"""From a text to what is done about it: once, and only for who may, at this very moment.

A delivery, or a list, only says that there may be something.  The text is read from GitHub again:
gone, edited, of a bot or of octobot itself it is nothing.  Then GitHub is asked what its author may
do here, each command is carried out or refused and written into the audit log, and the thread's one
reply is written again from that log.  A process that dies in between leaves the text to another
one, which takes what is in the log for done: an order takes effect in the transaction that writes
its line.

Who can only read gets a reaction and no answer, and only so many in an hour get even that: GitHub
counts every write, and those are for merges.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from octobot.commands.calls import Answer, Call, Command, Hints, refused
from octobot.commands.grammar import MOST, Spoken, Unclear, addressed
from octobot.commands.reading import beside, read
from octobot.commands.reply import reply
from octobot.commands.table import TABLE, not_read
from octobot.flows.context import RepoContext
from octobot.flows.ownership import package_of
from octobot.flows.settings import configured, group_lane, needed
from octobot.flows.upstreams import Remembering, Upstreams
from octobot.messages.commands import replies as words
from octobot.messages.commands.replies import REPLY
from octobot.model.config import Config
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.model.ids import Key, PullNumber
from octobot.model.orders import FORMER_COMMANDS, Act, Comment, Level, Person, TextRef, may
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason

log = structlog.get_logger()

OLDEST = timedelta(days=3)
"""A text that is older is not obeyed any more: what it was about has moved on."""
PATIENCE = 60.0
"""Seconds to wait for GitHub's answer about a person's role; without one nothing is done."""
HOUR = timedelta(hours=1)
RATE = 60
"""Commands of one person in an hour; more are not carried out."""
REFUSALS = 10
"""The same for somebody who can only read here: more get no reaction."""
STRANGERS = 20
"""Texts in an hour, of all who can only read a repository; more get no reaction."""
_WORDS = 300
_THUMBS = frozenset({"+1", "-1"})


async def obey(ctx: RepoContext, text: TextRef | int, *, author: int | None = None) -> None:
    """Do what a text says, if it says anything to octobot, and answer it.

    A number is that of a comment; `author` is who wrote it as the delivery said.  May raise
    `TryLater`, as when GitHub does not show whether it was edited; the text is then taken up again
    later.
    """
    here = ctx.watched.id
    ref = text if isinstance(text, TextRef) else TextRef("comment", text)
    taken = await ctx.store.comments.take(here, ref, now=ctx.clock())
    if taken == "no":
        return
    comment = await ctx.github.people_comments.get(ref)
    if comment is not None:
        with structlog.contextvars.bound_contextvars(comment=ref.id, thread=comment.thread):
            await _hear(ctx, comment, author, again=taken == "again")
    await ctx.store.comments.finish(here, ref, now=ctx.clock())


async def _hear(ctx: RepoContext, comment: Comment, author: int | None, *, again: bool) -> None:
    if comment.author.id == ctx.bot or author not in (None, comment.author.id):
        return
    # Whoever can write can edit anybody's words: those of somebody else are not the author's.
    if comment.edited is None or (comment.edited and comment.editor != comment.author.id):
        return
    commands = _commands(ctx, comment)
    if not commands:
        return
    config = (await configured(ctx)).config
    if comment.author.bot and not _is_listed(config, comment.author):
        return
    # A database that was lost must not make anybody's order be carried out twice.
    if not again and await _is_answered(ctx, comment):
        return
    await _Hearing(ctx, comment, config, again=again).carry_out(commands)


def _commands(ctx: RepoContext, comment: Comment) -> list[Spoken]:
    """Return what a text says to octobot; nothing in an edited or old one can be obeyed."""
    whole: Unclear | None = "edited" if comment.edited else None
    if ctx.clock() - comment.created > OLDEST:
        whole = "old"
    return [
        replace(each, name=FORMER_COMMANDS.get(each.name, each.name), unclear=whole or each.unclear)
        for each in addressed(comment.body, ctx.github.people_comments.slug)
    ]


async def _is_answered(ctx: RepoContext, comment: Comment) -> bool:
    """Return whether octobot's reaction or, to a review, its answer shows that it was handled."""
    if comment.kind != "review":
        return bool(_THUMBS & await ctx.github.reactions.own(comment.ref))
    shown = await ctx.github.comments.shown(comment.thread, REPLY)
    return words.mark((comment.kind, comment.id)) in shown.splitlines()


def _is_listed(config: Config | Reason, person: Person) -> bool:
    return isinstance(config, Config) and person.id in config.command_bots


@dataclass(frozen=True, slots=True)
class _Hearing:
    """One comment, being obeyed."""

    ctx: RepoContext
    comment: Comment
    config: Config | Reason
    again: bool
    """Whether a process took it up before, and left it."""

    async def carry_out(self, commands: Sequence[Spoken]) -> None:
        known = await self.ctx.store.audit.acts(
            self.ctx.watched.id, self.comment.id, self.comment.kind
        )
        said, last = (0, None) if known else await self._before()
        if last is not None and _is_enough(last, said):
            return
        level = await self._level()
        stranger = level is not None and not may(level, "triage")
        if stranger and not known and await self._strangers() >= STRANGERS:
            log.warning("too many strangers", login=self.comment.author.login)
            return
        if not stranger:
            # A reaction that cannot be had keeps no order from being carried out.
            with contextlib.suppress(TryLater, Misconfigured):
                await self.ctx.github.reactions.add(self.comment.ref, "eyes")
        acts = await self._acts(commands, level, said)
        if not stranger:
            await reply(self.ctx, PullNumber(self.comment.thread))
        good = all(one.outcome == "done" for one in acts)
        await self.ctx.github.reactions.add(self.comment.ref, "+1" if good else "-1")

    async def _before(self) -> tuple[int, Act | None]:
        """Return how many commands the author gave within an hour, and the last of all."""
        ctx, person = self.ctx, self.comment.author
        since = ctx.clock() - HOUR
        said = await ctx.store.audit.acts_by(ctx.watched.id, person.id, since=since)
        return said, await ctx.store.audit.last_by(ctx.watched.id, person.id) if said else None

    async def _strangers(self) -> int:
        ctx = self.ctx
        return await ctx.store.audit.unanswered_texts(ctx.watched.id, since=ctx.clock() - HOUR)

    async def _too_often(self, first: Spoken, level: Level | None) -> Act:
        log.warning("too many commands", login=self.comment.author.login, level=level)
        return await self._write(0, first, level, refused(words.too_often()))

    async def _level(self) -> Level | None:
        """Return the author's role; None: GitHub did not answer, so nothing is done."""
        person = self.comment.author
        if person.bot:  # listed in the repository's file: GitHub knows no role of an App
            return "write"
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.ctx.github.people_comments.level_of(person)
        except (TryLater, Misconfigured, TimeoutError) as error:
            log.warning("level unknown", login=person.login, because=str(error))
            return None

    async def _acts(
        self, commands: Sequence[Spoken], level: Level | None, said: int
    ) -> Sequence[Act]:
        """Carry the commands out in their order, unless there were too many within an hour.

        Those in the log already are done.
        """
        ctx, comment = self.ctx, self.comment
        if said >= RATE:
            return [await self._too_often(commands[0], level)]
        if len(commands) > MOST:
            many = refused(words.too_many(MOST))
            return [await self._write(0, Spoken(f"({len(commands)} commands)", ()), level, many)]
        acts = await ctx.store.audit.acts(ctx.watched.id, comment.id, comment.kind)
        known = {act.position: act for act in acts}
        for act in known.values():
            await self._hint(Key(ctx.watched.id, name) for name in act.package.split())
        return [
            known.get(position) or await self._act(position, each, level)
            for position, each in enumerate(commands)
        ]

    async def _act(self, position: int, each: Spoken, level: Level | None) -> Act:
        """Carry a command out; its order takes effect together with its line in the log."""
        command, ctx = TABLE.get(each.name), self.ctx
        if level is None or command is None or command.outside or each.unclear:
            return await self._write(position, each, level, await self._answer(each, level))
        hints, upstreams = Hints(), await self._look(each, level, command)
        async with ctx.store.together() as store:
            inside = replace(ctx, store=store, lanes=hints, upstreams=upstreams)
            bound = replace(self, ctx=inside)
            answer = await bound._answer(each, level)  # noqa: SLF001  (its own kind)
            act = await bound._write(position, each, level, answer)  # noqa: SLF001
        await self._hint(hints.keys)
        return act

    async def _hint(self, keys: Iterable[Key]) -> None:
        """Have packages looked at now; a death may have lost that, so it is done again."""
        for key in keys:
            await self.ctx.lanes.hint(key, urgent=True)

    async def _answer(self, each: Spoken, level: Level | None) -> Answer:
        command = TABLE.get(each.name or "help")
        if level is None or command is None or each.unclear:
            return refused(not_read(each, known=level is not None))
        try:
            call = await self._allowed(each, level, command)
            return call if isinstance(call, Answer) else beside(call, await command.act(call))
        except TryLater as later:
            return refused(words.put_off(str(later)))
        except (UserError, Misconfigured) as error:
            return refused(words.impossible(str(error)))

    async def _allowed(self, each: Spoken, level: Level, command: Command) -> Call | Answer:
        """Return what is to be carried out, or why the author may not, or it cannot be read."""
        config = self.config if isinstance(self.config, Config) else Config()
        minimum = needed(config, command.name)
        if not may(level, minimum):
            return refused(words.not_allowed(level, minimum))
        return await read(await self._call(level), command, each.words)

    async def _look(self, each: Spoken, level: Level, command: Command) -> Upstreams:
        """Ask upstreams before the transaction begins; return what answers for them within."""
        memory = Remembering(self.ctx.upstreams)
        asking = replace(self, ctx=replace(self.ctx, upstreams=memory))
        # What keeps this from being carried out is met again within, and entered into the log.
        with contextlib.suppress(TryLater, UserError, Misconfigured):
            call = await asking._allowed(each, level, command) if command.look else None  # noqa: SLF001  (its own kind)
            if command.look and isinstance(call, Call):
                await command.look(call)
        return memory.recalled()

    async def _call(self, level: Level) -> Call:
        """Find out what the thread is about, for each command: one may change it."""
        ctx, comment = self.ctx, self.comment
        pull, package = None, ""
        if comment.is_pull:
            pull = await ctx.github.pulls.get(PullNumber(comment.thread))
            package = package_of(pull) if _is_own(ctx, pull) else ""
        else:
            package = await ctx.store.packages.of_issue(ctx.watched.id, comment.thread) or ""
            # A group's packages share their issue: it is about all of them.
            package = group_lane(self.config, package) or package
        return Call(ctx, comment, level, self.config, pull, package, self.again)

    async def _write(self, position: int, each: Spoken, level: Level | None, answer: Answer) -> Act:
        """Enter the outcome of a command into the audit log."""
        ctx, comment = self.ctx, self.comment
        act = Act(
            repository=ctx.watched.id,
            thread=comment.thread,
            comment=comment.id,
            position=position,
            person=comment.author,
            level=level or "none",
            command=each.name[:_WORDS],
            words=each.rest[:_WORDS],
            package=answer.package,
            head=answer.head,
            outcome="done" if answer.done else "refused",
            answer=answer.said,
            at=ctx.clock(),
            kind=comment.kind,
            answered=level is None or may(level, "triage"),
        )
        await ctx.store.audit.append(act)
        log.info("command", command=act.command, login=act.person.login, outcome=act.outcome)
        return act


def _is_own(ctx: RepoContext, pull: PullRequest) -> bool:
    return pull.author == ctx.bot and pull.head_repository == ctx.watched.id


def _is_enough(last: Act, said: int) -> bool:
    """Return whether an author gets no answer any more, and no reaction, for about an hour."""
    if not last.answered:
        return said >= REFUSALS
    return said >= RATE and last.answer == words.too_often()
