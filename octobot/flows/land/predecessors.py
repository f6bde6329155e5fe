"""Which pull requests one continues: objections to them hold, and its own end may be undone."""

from collections.abc import Iterable, Iterator, Sequence

from octobot.flows.context import RepoContext
from octobot.flows.view import Member
from octobot.model.bump import ProposalState, Proposed
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest, PullState
from octobot.model.version import is_greater

_REPLACED: frozenset[ProposalState] = frozenset({"superseded", "withdrawn", "closed-by-person"})


async def replaced_by(
    ctx: RepoContext, members: Sequence[Member], pull: PullRequest
) -> tuple[int, ...]:
    """Return the unmerged pull requests of the members since the last merge, newest first.

    Those of other changes count, too: a package may move into a group and out of it.
    """
    found: set[int] = set()
    for member in members:
        ledger = await ctx.store.ledger.proposed(ctx.watched.id, member.package.name)
        found.update(_unmerged(ledger, member.package))
    return tuple(sorted(found - {pull.number}, reverse=True))


def _unmerged(ledger: Iterable[Proposed], package: Package) -> Iterator[int]:
    for past in ledger:
        if past.state == "merged":
            return
        if past.number and past.state in _REPLACED and _is_ahead(past, package):
            yield past.number


def _is_ahead(past: Proposed, package: Package) -> bool:
    """Return whether the default branch has not come to this version by other means."""
    base = package.full_version if past.is_rebuild else package.version
    return is_greater(past.version, base)


def is_reopened(proposed: Proposed, state: PullState) -> bool:
    """Return whether a person reopened a pull request that a person had closed."""
    pull = state.pull
    closed = proposed.state == "closed-by-person" and proposed.number == pull.number
    return closed and state.reopened and pull.state == "open"
