"""A command as it is called: who called it, where, and what it is about."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from octobot.flows.context import RepoContext
from octobot.flows.reconcile.gather import rows_of
from octobot.flows.settings import group_lane, is_former
from octobot.flows.view import Found, Member
from octobot.messages.commands import replies as words
from octobot.model.config import Config
from octobot.model.ids import Key, Sha, display_name, group_named
from octobot.model.memory import Row
from octobot.model.orders import Comment, Issued, Level, Order
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason

About = Literal["repository", "pull request", "package", "packages", "wave"]
"""What a command is about: a pull request or wave only of the thread, of packages one or many."""
Rest = Literal["nothing", "commit", "version", "reason"]
"""What a command takes after names: nothing, at most one commit or version, or any words."""


@dataclass(frozen=True, slots=True)
class Call:
    """One command, to be carried out now."""

    ctx: RepoContext
    comment: Comment
    level: Level
    """What GitHub lets the person do here, asked just now."""
    config: Config | Reason
    pull: PullRequest | None
    """The pull request that was commented on; None: it was an issue."""
    package: str
    """What the thread is about: a package, a group's lane, or nothing."""
    again: bool
    """A process may have carried it out, and died before it could write that down."""
    names: tuple[str, ...] = ()
    """The packages or groups' lanes that the command names; empty: the thread's is meant."""
    words: tuple[str, ...] = ()
    """The words after the names; such as the command takes, and a commit in lower case."""
    many: tuple[str, ...] = ()
    """All words of an order for many specs at once; empty: it is about those that are named."""

    @property
    def said(self) -> Issued:
        """Who said it, and when."""
        author = self.comment.author
        return Issued(author.id, author.login, self.comment.created)

    def key(self, package: str) -> Key:
        """Return the lane of a package."""
        return Key(self.ctx.watched.id, package)

    async def order(self, package: str, order: Order) -> None:
        """Record an order, and have the package checked right away."""
        await self.ctx.store.orders.order(self.ctx.watched.id, package, order)
        await self.hint(package)

    async def hint(self, package: str) -> None:
        """Have a package checked right away."""
        await self.ctx.lanes.hint(self.key(package), urgent=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of a command."""

    done: bool
    said: str
    """Markdown, safe to post."""
    package: str = ""
    """What it was about, for the audit log."""
    head: Sha | None = None
    """The head commit that it was bound to."""


def done(said: str, package: str = "", head: Sha | None = None) -> Answer:
    """Answer that it was done."""
    return Answer(done=True, said=said, package=package, head=head)


def refused(said: str, package: str = "", head: Sha | None = None) -> Answer:
    """Answer that it was not done, and why."""
    return Answer(done=False, said=said, package=package, head=head)


def together(answers: Sequence[Answer], package: str) -> Answer:
    """Return several answers as one, each of them listed once; done when all are."""
    texts = list(dict.fromkeys(answer.said for answer in answers))
    text = "\n".join(f"- {each}" for each in texts) if len(texts) > 1 else texts[0]
    return Answer(all(answer.done for answer in answers), text, package)


@dataclass(frozen=True, slots=True)
class Command:
    """One slash command."""

    name: str
    usage: str
    """As people write it, without `/octobot`."""
    summary: str
    """One line for the table."""
    act: Callable[[Call], Awaitable[Answer]]
    about: About
    """What it is about; `reading` refuses the name of anything else."""
    rest: Rest
    """The words that it takes after names; `reading` refuses all others."""
    look: Callable[[Call], Awaitable[None]] | None = None
    """Asks upstreams all that `act` will ask: that one is answered from memory.

    No transaction may be open while a foreign host answers.
    """
    takes_many: bool = False
    """It also takes orders for many specs at once: globs, users of a package, of a pipeline."""
    outside: bool = False
    """Whether it changes something on GitHub itself, which no transaction undoes.

    All others leave orders in the store, in one transaction with their line in the audit log.
    """


@dataclass(frozen=True, slots=True)
class Named:
    """What a command is about."""

    name: str
    """A package's name, or a group's lane."""
    rows: tuple[Row, ...]
    """The package's; of a group those of all packages that are kept current, by name."""
    members: tuple[Member, ...]
    """The same, as far as their specs can be read."""
    unread: Reason | None = None
    """Why one of a group's specs cannot be read."""

    @property
    def is_group(self) -> bool:
        """Whether it is about a group."""
        return group_named(self.name) is not None

    @property
    def packages(self) -> tuple[str, ...]:
        """Name the packages."""
        return tuple(row.key.package for row in self.rows)


async def named(call: Call, *, whole: bool = False) -> Named | Answer:
    """Find the package or group that the command names, or else the thread's own.

    `whole`: a package of a group stands for the group, which moves together.
    """
    name = call.names[0] if call.names else call.package
    lane = group_lane(call.config, name) if whole else None
    return await _read(call, lane or name)


async def _read(call: Call, name: str) -> Named | Answer:
    rows = await rows_of(call.ctx, call.key(name))
    found = [Found(row, call.ctx.reader.read(row.path, row.blob, row.text)) for row in rows]
    if group_named(name) is not None:
        found = [one for one in found if one.is_kept_current]
    if not found:
        return refused(words.no_package(display_name(name)), name)
    members = [Member(one.row, one.package) for one in found if isinstance(one.package, Package)]
    fault = next((one.package for one in found if isinstance(one.package, Reason)), None)
    if not members:
        return refused(words.impossible(str(fault)), name)
    return Named(name, tuple(one.row for one in found), tuple(members), fault)


async def our_pull(call: Call) -> PullRequest | Answer:
    """Return octobot's open pull request that was commented on, or a refusal."""
    pull = call.pull
    if pull is None:
        return refused(words.only_on_pulls(), call.package)
    if pull.author != call.ctx.bot or not call.package:
        return refused(words.not_own())
    if pull.state != "open":
        return refused(words.is_over(pull.state), call.package, pull.head)
    if lane := group_lane(call.config, call.package):
        return refused(words.now_in_a_group(display_name(lane)), call.package, pull.head)
    if is_former(call.config, call.package):
        return refused(words.no_group(display_name(call.package)), call.package, pull.head)
    return pull


async def is_own(call: Call, pull: PullRequest) -> bool:
    """Return whether octobot made the head commit."""
    return pull.head in await call.ctx.store.ledger.heads(call.ctx.watched.id, pull.branch)


async def bound(call: Call, pull: PullRequest) -> Answer | None:
    """Refuse when the head is not the one that the comment was about; None: it is.

    Somebody who names a commit means it, and a review is about its own.  Otherwise the head, which
    must be octobot's own, must have been made before the comment was: GitHub itself dates octobot's
    commits.
    """
    if call.words:
        if pull.head.startswith(call.words[0]):
            return None
        return refused(words.other_head(pull.head), call.package, pull.head)
    if call.comment.about not in (None, pull.head):
        return refused(words.moved(pull.head), call.package, pull.head)
    if await call.ctx.github.commits.committed_at(pull.head) <= call.comment.created:
        return None
    return refused(words.moved(pull.head), call.package, pull.head)


@dataclass(slots=True)
class Hints:
    """Lanes that are hinted once the orders are recorded."""

    keys: dict[Key, None] = field(default_factory=dict)

    async def hint(self, key: Key, *, urgent: bool = False) -> None:
        """Keep it: all of these are urgent."""
        del urgent
        self.keys[key] = None
