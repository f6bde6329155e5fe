"""Lives in which people give orders: together they use every command that does something.

What people say comes as the real delivery does: signed, through the bot's own door and its table,
and is obeyed by the process that works the table off; what a death left is found by the list of
comments.  However it dies, each comment has one answer, each command one line in the audit log and
one effect.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from octobot.app.events import keys_of
from octobot.commands.listening import listen
from octobot.commands.obey import obey
from octobot.flows.watch.sync_specs import sync_specs
from octobot.messages.commands.replies import mark
from octobot.model.events import Commented, Event, PullRequestChanged, Pushed
from octobot.model.orders import TextKind, TextRef
from octobot.model.reasons import ReasonCode
from octobot.sandbox.state.nouns import Pull
from octobot.triage.model.ask import Adviser
from tests.faults.lives.bump_life import checked, found, left_behind, released
from tests.faults.lives.dying import SILENT, Act, Fate, Script
from tests.faults.test_deliveries import Doors, doors
from tests.stories.story import CONFIG, NAME, Story
from tests.stories.test_commands import LOG, TAIL
from tests.stories.texts import write

SPEAKER = "mia"
"""She may do everything."""
NO_MERGING = "minimum-release-age: 0s\nautomerge: false\n"
ENDS = (ReasonCode.MERGED, ReasonCode.UP_TO_DATE)


@dataclass(frozen=True, slots=True)
class Saying:
    """Somebody says a command, on the newest pull request or in an issue of its own."""

    text: str
    on_issue: bool
    kind: TextKind = "comment"

    async def __call__(self, tale: Story) -> None:
        """Say it."""
        tale.clock.ahead += timedelta(seconds=2)
        mia = tale.sandbox.person(SPEAKER, "admin")
        number = await mia.open_issue(NAME, "Please") if self.on_issue else _newest(tale)
        if number is not None:
            head = "" if self.on_issue else _pulls(tale)[-1].head_sha
            await write(mia, self.kind, number, f"/octobot {self.text.replace('HEAD', head)}")


_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A life, and what it comes to when nobody meddles with it."""

    acts: tuple[Act | Saying, ...]
    proposed: tuple[str, ...]
    """The versions for which octobot opened pull requests, in their order."""
    merged: tuple[str, ...]
    """Of those, what octobot merged."""
    applied: int = 0
    """Suggestions that were committed."""
    run_again: int = 0
    """Orders to run failed checks again."""

    @property
    def says(self) -> tuple[str, ...]:
        """Every command that is said, as it is said."""
        return tuple(act.text for act in self.acts if isinstance(act, Saying))


@dataclass(slots=True)
class Queued(Doors):
    """The door, and what the process that works its table off has still to do."""

    waiting: list[Event] = field(default_factory=list)

    async def on_event(self, event: Event) -> None:
        """Take it to the process: it is done when that has done it."""
        self.waiting.append(event)


def said(text: str, *, on_issue: bool = False, kind: TextKind = "comment") -> Saying:
    """Let somebody say a command in a kind of text; an `issue` is one of its own."""
    return Saying(text, on_issue, kind)


def _pulls(tale: Story) -> Sequence[Pull]:
    """Return the pull requests that octobot opened, oldest first."""
    state, here = tale.sandbox.hub.state, tale.world.watched.id
    found_ = sorted(state.pulls.of(here), key=lambda pull: pull.number)
    issues = {pull.number: state.issue(here, pull.number) for pull in found_}
    return [p for p in found_ if (i := issues[p.number]) and i.author == tale.world.bot]


def _newest(tale: Story) -> int | None:
    return next((pull.number for pull in reversed(_pulls(tale))), None)


async def failed(tale: Story) -> None:
    """Let the build fail on every open pull request, for want of a package."""
    for pull, _ in tuple(tale.sandbox.hub.state.open_pulls(tale.world.watched.id)):
        tale.sandbox.post_check_run(
            NAME, pull.head_sha, "build", conclusion="failure", summary="failure", log=LOG
        )


async def with_build_packages(tale: Story) -> None:
    """Let the spec name what it is built with, so that an edit is known for its failure."""
    text = await tale.spec()
    files = {"hello.yaml": (text + TAIL).encode()}
    await tale.sandbox.commit_files(NAME, "main", files, "What it is built with")


async def the_base_moves(tale: Story) -> None:
    """Let somebody commit something else."""
    await tale.sandbox.commit_files(NAME, "main", {"README": b"moved"}, "Move on")


async def somebody_pushes(tale: Story) -> None:
    """Let a person push to the branch of every open pull request."""
    ann = tale.sandbox.person("ann", "write")
    for pull, _ in tuple(tale.sandbox.hub.state.open_pulls(tale.world.watched.id)):
        await ann.push(NAME, pull.head_ref, {"hello.yaml": b"package:\n  name: hello\n"})


def configured(text: str) -> Act:
    """Put the repository's file there."""

    async def act(tale: Story) -> None:
        await tale.configure(text)

    return act


async def tag_moves(tale: Story) -> None:
    """Let the tag of 1.1 move."""
    other = await tale.release("0.1")
    await tale.sandbox.publish_tag("example/hello", "v1.1", commit=other, force=True)


GREEN = checked("success")
CHAPTERS: dict[str, Chapter] = {
    "hold": Chapter(
        (
            *(found, released("1.1"), said("hold for now", kind="review"), GREEN),
            *(said("unhold", kind="review comment"), released("1.2"), said("pause"), GREEN),
            *(said("resume", kind="issue"),),
        ),
        proposed=("1.1", "1.2"),
        merged=("1.1", "1.2"),
    ),
    "anew": Chapter(
        (
            *(found, released("1.1"), the_base_moves, said("recreate")),
            *(somebody_pushes, said("reset HEAD"), GREEN),
        ),
        proposed=("1.1",),
        merged=("1.1",),
    ),
    "retry": Chapter(
        (
            *(with_build_packages, found, released("1.1"), failed, said("retry"), failed),
            *(said("apply"), said("close")),
        ),
        proposed=("1.1",),
        merged=(),
        applied=1,
        run_again=1,
    ),
    "wish": Chapter(
        (
            *(found, configured(NO_MERGING), released("1.1"), said("close"), released("1.2_rc1")),
            *(said("bump hello 1.2_rc1", on_issue=True), GREEN, said("merge")),
            *(configured(CONFIG.decode()),),
        ),
        proposed=("1.1", "1.2_rc1"),
        merged=("1.2_rc1",),
    ),
    "ignore": Chapter(
        (
            *(found, released("1.1"), said("ignore 1.1"), said("unignore 1.1"), said("recheck")),
            *(GREEN, said("rebuild hello new compiler", on_issue=True), GREEN),
        ),
        proposed=("1.1", "1.1-r1"),
        merged=("1.1", "1.1-r1"),
    ),
    "moved": Chapter(
        (
            *(found, released("1.1"), tag_moves),
            *(said("accept-tag-move hello", on_issue=True), GREEN),
        ),
        proposed=("1.1",),
        merged=("1.1",),
    ),
}


class Commanded(Script):
    """A life of one chapter, with the door through which people's words come."""

    def __init__(self, tale: Story, chapter: Chapter, door: Queued) -> None:
        self._tale, self._chapter, self._door = tale, chapter, door
        self.acts = chapter.acts

    async def arrive(self) -> None:
        """Wait until every delivery is in the table, and taken from it."""
        await self._door.worked_off()

    async def hear(self) -> None:
        """Do what the deliveries call for, as the bot does; what is not done stays."""
        world = self._tale.world
        while self._door.waiting:
            event = self._door.waiting[0]
            text = event.text if isinstance(event, PullRequestChanged) else event
            if isinstance(text, Commented):
                await obey(world, text.ref, author=text.author)
            if isinstance(event, Pushed) and event.is_default:
                await sync_specs(world)
            for key in await keys_of(event, self._tale.store):
                await self._tale.queue.hint(key)
            self._door.waiting.remove(event)
        await self._tale.look()  # a command makes octobot look at once

    async def listen(self) -> None:
        """Look for comments that no delivery reported."""
        await listen(self._tale.world)

    async def ended(self, tale: Story, fate: Fate) -> list[str]:
        """Say which commands were lost or carried out twice, and what else is not as it should."""
        silent = fate.pattern in SILENT
        wrong = [one for each in self._said() for one in await self._answered(*each, silent=silent)]
        state, done = (
            await self._tale.store.orders.of_package(self._tale.world.watched.id, "hello"),
            [],
        )
        if state.hold or state.paused or state.ignored:
            wrong.append(f"orders stand: {state}")
        if silent:
            return wrong
        pulls = _pulls(tale)
        done = [pull.head_ref.rpartition("/")[2] for pull in pulls]
        if tuple(dict.fromkeys(done)) != self._chapter.proposed:
            wrong.append(f"end: proposed were {done}")
        done = [pull.head_ref.rpartition("/")[2] for pull in pulls if pull.merged_at]
        if tuple(done) != self._chapter.merged:
            wrong.append(f"end: merged were {done}")
        code = (await tale.row()).reason.code
        if (code in ENDS) != bool(self._chapter.merged):
            wrong.append(f"end: {code}")
        return [*wrong, *await self._acts(), *await left_behind(tale)]

    def _said(self) -> list[tuple[TextRef, str, datetime]]:
        """List what mia wrote: which text, its words, and when."""
        speaker = self._tale.sandbox.person(SPEAKER, "admin").id
        state, here = self._tale.sandbox.hub.state, self._tale.world.watched.id
        found = [
            (TextRef("comment", c.id, c.number), c.body, c.created_at, c.author)
            for c in state.comments.of(here)
        ]
        found += [
            (TextRef("review", r.id, r.number), r.body, r.submitted_at, r.author)
            for r in state.reviews.of(here)
        ]
        found += [
            (TextRef("review comment", c.id, c.number), c.body, c.created_at, c.author)
            for c in state.review_comments.of(here)
        ]
        found += [
            (TextRef("issue", i.number, i.number), i.body or "", i.created_at, i.author)
            for i in state.issues.of(here)
        ]
        return [(ref, body, at) for ref, body, at, author in found if body and author == speaker]

    async def _answered(self, ref: TextRef, body: str, at: datetime, *, silent: bool) -> list[str]:
        """Say what is wrong with one text: one answer, one line, and it was done."""
        tag = mark((ref.kind, ref.id))
        replies = sum(reply.count(tag) for reply in self._tale.comments(ref.thread))
        acts = [
            a
            for a in await self._tale.store.audit.whole(since=None)
            if a.text == (ref.kind, ref.id)
        ]
        wrong = []
        if (replies, len(acts)) != (1, 1):
            wrong.append(f"{body}: {replies} answers, {len(acts)} lines in the log")
        if not silent:
            wrong += [
                f"{body}: {a.answer!r} after {a.at - at}" for a in acts if a.outcome != "done"
            ]
        return wrong

    async def _acts(self) -> list[str]:
        """Say which effects were had more or less often than they were asked for."""
        log, git = self._tale.sandbox.log.whole(), self._tale.sandbox.hub.git
        # A token that is not known yet is refused, and sends the same again.
        done = (one for one in log if one.is_write and one.status not in _REFUSED)
        again = sum(one.path.endswith("/rerun-failed-jobs") for one in done)
        own = {sha for one in log for sha in one.commits}
        repository = self._tale.sandbox.repository(NAME)
        applied = 0
        for pull in _pulls(self._tale):
            on_it = await git(repository).between(pull.base_sha, pull.head_sha)
            applied += max(len(own.intersection(on_it)) - 1, 0)
        wrong = []
        if again != self._chapter.run_again:
            wrong.append(f"end: run again {again} times")
        if applied != self._chapter.applied:
            wrong.append(f"end: applied {applied} suggestions")
        return wrong


@asynccontextmanager
async def commanded(tale: Story, chapter: Chapter) -> AsyncIterator[Commanded]:
    """Open the door for a chapter's commands."""
    async with Adviser.open(None) as adviser, doors(tale, door := Queued(tale)):
        tale.world = replace(tale.world, adviser=adviser)
        yield Commanded(tale, chapter, door)
