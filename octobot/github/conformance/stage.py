"""The repository that conformance plays on: whether it may be touched, and how it is left clean.

Only a repository whose name says `scratch` and in which every commit is one of conformance's own is
touched; all that is opened there is closed, and every branch deleted, before and after.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from octobot.github.app.app import App
from octobot.github.app.installations import identify, watched_repositories
from octobot.github.repository.branch_protection import BranchProtection, Guard
from octobot.github.repository.repository import WatchedRepository
from octobot.github.transport.json_fields import at, items, sha, text
from octobot.github.transport.request import refusal
from octobot.github.transport.session import Handle
from octobot.model.errors import UserError
from octobot.model.ids import PullNumber, Repository, Sha
from octobot.model.pull_request import PullRequest

PREFIX = "octobot/conformance-"
"""Of every branch."""
TITLE = "conformance: "
"""Of every commit and pull request."""
TAG = "conformance"
FILE, BESIDE = "conformance.md", "conformance-beside.md"
_EMPTY = 409
"""The status of an empty repository's commits; source: docs.github.com, REST "List commits"."""


@dataclass(slots=True)
class Stage:
    """What the trials share, and what the ones before left to those after."""

    app: App
    handle: Handle
    github: WatchedRepository
    public: Sequence[Repository]
    """Repositories that everybody may read, for the sizes of queries."""
    guard: Guard | None = None
    pull: PullRequest | None = None
    """Open, for everything that needs one."""
    commits: int = 0

    @property
    def main(self) -> str:
        """The default branch."""
        return self.handle.watched.default_branch

    async def read_guard(self) -> Guard:
        """Read what the default branch requires, once."""
        if self.guard is None:
            self.guard = await BranchProtection(self.handle).guard(self.main)
        return self.guard

    async def tip(self) -> Sha | None:
        """Read the head of the default branch; None while the repository is empty."""
        return await self.github.branches.head(self.main)

    async def commit(self, file: str = FILE) -> tuple[str, Sha]:
        """Make a branch with one more commit to a file; return its name and the commit."""
        base = await self.tip()
        if base is None:
            raise UserError("the repository is still empty")
        self.commits += 1
        branch = f"{PREFIX}{self.commits}"
        made = await self.github.commits.create(
            branch=branch,
            base=base,
            files={file: f"octobot conformance, commit {self.commits} on {base}\n"},
            message=(f"{TITLE}commit {self.commits}", ""),
        )
        return branch, made

    async def propose(self, file: str = FILE) -> PullRequest:
        """Open a pull request with one commit to a file."""
        branch, _ = await self.commit(file)
        title = f"{TITLE}{branch}"
        return await self.github.pulls.open(branch=branch, title=title, body="It is closed soon.")


async def enter(app: App, name: str, public: Sequence[Repository]) -> Stage:
    """Return the stage of a scratch repository; `UserError` says why it must not be touched."""
    if "scratch" not in name.rpartition("/")[2].lower():
        raise UserError(
            f"{name} is not touched: conformance writes, so it wants a repository of its own;"
            " create an empty one with `scratch` in its name"
        )
    bot = await identify(app)
    known = {str(each.repository).lower(): each for each in await watched_repositories(app)}
    if (watched := known.get(name.lower())) is None:
        raise UserError(f"the App is not installed on {name}; add the repository to it on GitHub")
    session = app.installation(watched.installation, repositories=frozenset({watched.id}))
    handle = Handle(session, watched, bot)
    await _refuse_others(handle)
    stage = Stage(app, handle, WatchedRepository.open(session, watched, bot), public)
    await clean(stage)
    return stage


async def _refuse_others(handle: Handle) -> None:
    """Raise `UserError` for a commit or a branch that conformance did not make."""
    name = handle.watched.repository
    path = handle.path("commits")
    first = await handle.session.exchange("GET", path, fresh=True)
    if first.status == _EMPTY:
        return
    if not first.fine:
        raise refusal(f"GET {path}", first)
    for commit in await handle.session.pages(path, fresh=True):
        own = at(commit, "author", "id") == handle.bot.id
        if not own or not text(commit, "commit", "message").startswith(TITLE):
            raise UserError(
                f"{name} is not touched: commit {sha(commit, 'sha')} is not conformance's;"
                " create an empty repository for it"
            )
    for branch in await handle.session.pages(handle.path("branches"), fresh=True):
        shown = text(branch, "name")
        if shown != handle.watched.default_branch and not shown.startswith(PREFIX):
            raise UserError(f"{name} is not touched: the branch {shown} is not conformance's")


async def clean(stage: Stage) -> None:
    """Close and delete all that conformance left open; what it merged stays."""
    for pull in await stage.github.pulls.list_open():
        if pull.branch.startswith(PREFIX) and pull.author == stage.handle.bot.id:
            await stage.github.pulls.close(PullNumber(pull.number))
    if await stage.tip() is None:
        return
    path = stage.handle.path("git/matching-refs/heads", PREFIX.rstrip("-"))
    for ref in items(await stage.handle.session.get(path, fresh=True)):
        branch = text(ref, "ref").removeprefix("refs/heads/")
        await stage.github.branches.delete(branch, expected=sha(ref, "object", "sha"))
