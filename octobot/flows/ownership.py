"""Which open pull requests are octobot's own, and which of them it has ended itself."""

from collections.abc import Iterable, Sequence

from octobot.flows.context import RepoContext
from octobot.model.bump import ProposalState, Proposed
from octobot.model.pull_request import PullRequest

OVER: frozenset[ProposalState] = frozenset({"merged", "superseded", "withdrawn"})
"""States that octobot entered after its own act on GitHub."""

UNFINISHED: frozenset[ProposalState] = frozenset({"intended", "open"})
"""States of what may still become a merge."""


def is_of(ctx: RepoContext, package: str, pull: PullRequest) -> bool:
    """Return whether the branch and its repository are octobot's; policy asks for the commits.

    `package` is a package's name, or a group's lane.
    """
    name, _, version = pull.branch.removeprefix("octobot/").rpartition("/")
    own = pull.head_repository == ctx.watched.id
    return own and name == package and bool(version)


def is_over(history: Sequence[Proposed], pull: PullRequest) -> bool:
    """Return whether octobot ended this pull request itself: a list that shows it open lags."""
    return any(p.number == pull.number and p.state in OVER for p in history)


def replaced(
    history: Sequence[Proposed], pulls: Sequence[PullRequest], by: PullRequest
) -> tuple[PullRequest, ...]:
    """Return what another pull request replaces and is still open: closing it may have failed."""
    newest = {past.branch: past for past in reversed(history)}
    others = (pull for pull in pulls if pull.branch != by.branch)
    return tuple(
        pull
        for pull in others
        if (past := newest.get(pull.branch)) and past.state == "open" and past.number == pull.number
    )


def is_recreating(history: Sequence[Proposed], pull: PullRequest) -> bool:
    """Return whether this pull request's head is to be replaced by one on the newest base."""
    newest = next((past for past in history if past.branch == pull.branch), None)
    return newest is not None and newest.state == "open" and newest.renews == pull.head


def package_of(pull: PullRequest) -> str:
    """Return the package, or the group's lane, that a branch of octobot's names; else empty."""
    name, _, version = pull.branch.removeprefix("octobot/").rpartition("/")
    return name if pull.branch.startswith("octobot/") and version else ""


def version_of(pull: PullRequest) -> str:
    """Return the version that a branch of octobot's names."""
    return pull.branch.rpartition("/")[2]


async def made_head(ctx: RepoContext, pull: PullRequest) -> bool:
    """Return whether octobot made the head commit, by the ledger."""
    return pull.head in await ctx.store.ledger.heads(ctx.watched.id, pull.branch)


def unfinished(ledger: Iterable[Proposed]) -> tuple[Proposed, ...]:
    """Return what may still become a merge: the newest row of each branch, if it is open.

    `ledger` is newest first.  An older row of a branch is over, whatever a crash left it as.
    """
    newest: dict[str, Proposed] = {}
    for past in ledger:
        newest.setdefault(past.branch, past)
    return tuple(past for past in newest.values() if past.state in UNFINISHED)
