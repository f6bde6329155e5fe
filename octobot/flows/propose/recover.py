"""Recover what octobot proposed before its database was lost.

The ledger is what octobot trusts, and names prove nothing: not the branch's, not the author's, not
the committer's.  So a pull request that the ledger does not know is trusted only for what it holds.
octobot computes the bump again, from the text of the commit that the branch left the default branch
at and from what the upstreams say today, and the head must be that: one commit, one file (of a
group: files of its packages alone), the same bytes.  Merging it then merges what octobot would
make now.  Its origin is recorded.

Anything else stays with people: never merged, never closed, and said once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.lookup.drive import answer
from octobot.flows.lookup.published import published
from octobot.flows.ownership import version_of
from octobot.flows.say import say
from octobot.flows.view import Member, View
from octobot.messages import notices
from octobot.model.bump import Proposed
from octobot.model.config import Config
from octobot.model.ids import Sha, Version, group_named
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest, PullState, TreeChange
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate
from octobot.policy.rules import blob_id
from octobot.specs.bump.bump import bump as bumping

log = structlog.get_logger()

_PLAIN = "100644"

_PASSING = frozenset({ReasonCode.PIN_UNRESOLVED, ReasonCode.UPSTREAM_UNREACHABLE})
"""Reasons of a bump that may be gone at the next step: nothing is recorded of them."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A pull request of octobot's that the ledger does not know, and what it may be."""

    package: str
    """The change: a package's name, or what stands for a group's."""
    pull: PullRequest
    members: Mapping[str, Member]
    """Path → a package that it may bump."""
    candidates: Mapping[str, Candidate]
    """Path → the release that it says it is, where the upstream shows one."""

    @property
    def version(self) -> Version:
        """The version that its branch names."""
        return Version(version_of(self.pull))


async def recover_unknown(ctx: RepoContext, view: View) -> bool:
    """Enter the view's pull requests that the ledger lost and octobot would make again.

    True when there was one: what was gathered is old then.
    """
    known = {proposed.branch for proposed in view.history}
    unknown = [p for p in view.pulls if p.branch not in known and p.author == ctx.bot]
    if not unknown or not _may_act(view):
        return False
    members = [Member(m.row, m.package) for m in view.members if isinstance(m.package, Package)]
    return any([await _recover(ctx, view.key.package, members, pull) for pull in unknown])


def _may_act(view: View) -> bool:
    removed = view.key.group is not None and view.group is None
    unread = any(isinstance(member.package, Reason) for member in view.members)
    known = isinstance(view.config, Config) and not view.config.paused
    return known and not removed and not unread


async def _recover(
    ctx: RepoContext, package: str, members: Sequence[Member], pull: PullRequest
) -> bool:
    here, ledger = ctx.watched.id, ctx.store.ledger
    if await ledger.heads(here, pull.branch) or await ledger.is_foreign(here, pull.head):
        return False
    candidates = {
        m.row.path: await published(ctx, m.row, m.package, version_of(pull)) for m in members
    }
    shown = {path: candidate for path, candidate in candidates.items() if candidate}
    if not shown:
        return False
    by_path = {member.row.path: member for member in members}
    found = await _verified(ctx, _Found(package, pull, by_path, shown))
    if isinstance(found, Proposed):
        await _record(ctx, pull, refused=None)
        await ledger.intend(here, found)  # with its head: one transaction
        return True
    if found.code not in _PASSING:
        await _record(ctx, pull, refused=found.detail or found.code.value)
    return False


async def _record(ctx: RepoContext, pull: PullRequest, *, refused: str | None) -> None:
    """Record where a pull request is from, and say once what octobot does with it."""
    await ctx.store.ledger.record_adoption(
        ctx.watched.id, pull.number, branch=pull.branch, head=pull.head, refused=refused
    )
    words = notices.recovered() if refused is None else notices.not_recovered(refused)
    await say(ctx, pull.number, tag="adoption", body=words)
    log.info("found without a ledger", pull=pull.number, head=pull.head, refused=refused)


async def _verified(ctx: RepoContext, found: _Found) -> Proposed | Reason:
    """Return the ledger's row when the head is what octobot would make, else what is different."""
    pull = found.pull
    state = await ctx.github.snapshots.state(pull.number)
    parents = (await ctx.github.trees.commit(pull.head)).parents
    if because := _another_shape(ctx, found, state, parents):
        return Reason(ReasonCode.UNKNOWN_COMMIT, because)
    files: dict[str, Sha] = {}
    for change in state.changes:
        made = await _made(ctx, found, change)
        if isinstance(made, Reason):
            return made
        files[change.path] = Sha(blob_id(made))
    alone = group_named(found.package) is None
    return Proposed(
        package=found.package,
        version=found.version,
        branch=pull.branch,
        base=parents[0],
        blob=files[min(files)],
        head=pull.head,
        number=pull.number,
        state="open",
        at=ctx.clock(),
        files=() if alone else tuple(sorted(files.items())),
    )


async def _made(ctx: RepoContext, found: _Found, change: TreeChange) -> str | Reason:
    """Compute a file again from what it was; its text must be that."""
    candidate = found.candidates.get(change.path)
    if candidate is None:
        detail = f"upstream of {change.path} does not show {found.version}"
        return Reason(ReasonCode.UPSTREAM_UNREACHABLE, detail)
    made = await answer(bumping(change.path, change.before or "", candidate), ctx.upstreams)
    if isinstance(made, Reason):
        return made
    if made.text != change.after:
        return Reason(ReasonCode.UNEXPECTED_CHANGE, "its text is not the one that octobot computes")
    return made.text


def _another_shape(
    ctx: RepoContext, found: _Found, state: PullState, parents: tuple[Sha, ...]
) -> str:
    """Return what octobot would not have made so; empty: nothing.

    The one commit that GitHub lists beyond the base branch is the head, so that its one parent is
    on the base branch.
    """
    pull = state.pull
    modes = {(change.before_mode, change.after_mode) for change in state.changes}
    faults = (
        (pull.head != found.pull.head, "it was pushed to just now"),
        (pull.state != "open", "it is not open"),
        (pull.author != ctx.bot, "octobot did not open it"),
        (pull.head_repository != ctx.watched.id, "its branch is in another repository"),
        (pull.base != ctx.watched.default_branch, "its base is not the default branch"),
        (state.commits != (pull.head,), "it has not exactly one commit"),
        (len(parents) != 1, "its commit has not exactly one parent"),
        (not _changes_its_own(found, state), "it changes other files"),
        (modes != {(_PLAIN, _PLAIN)}, "it is not an edit of a plain file"),
    )
    return next((words for wrong, words in faults if wrong), "")


def _changes_its_own(found: _Found, state: PullState) -> bool:
    """Return whether only specs that it may bump are changed, each once."""
    paths = [change.path for change in state.changes]
    return bool(paths) and len(set(paths)) == len(paths) and set(paths) <= set(found.members)
