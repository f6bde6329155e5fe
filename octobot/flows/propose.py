"""Bring a bump before the repository: new text, one signed commit, one pull request.

Order matters for a crash at any point: the intent is written before the first effect, a commit
counts only once its id was returned to us and entered into the ledger, and everything that is
there already is adopted instead of made again.
"""

import structlog

from octobot.flows.conversing import answer
from octobot.flows.deciding import Propose
from octobot.flows.last_look import unconfirmed
from octobot.flows.outcome import Done
from octobot.flows.seams import World
from octobot.flows.withdraw import step_back, take_back
from octobot.messages import pull_request as words
from octobot.model.bump import Bump, Bumped, Proposed
from octobot.model.ids import Sha
from octobot.model.memory import Row
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.policy.rules import blob_id
from octobot.specs.bump import bump as bumping

log = structlog.get_logger()

TOO_OFTEN = 5
"""Commits that octobot makes for one version; after so many something goes round in circles."""

PATIENCE = 12
"""A refused bump is tried again this many times less often than a pull request is looked at."""


async def propose(world: World, row: Row, step: Propose) -> Done:
    """Open the pull request of a bump, or say why there is none."""
    bump = step.bump
    doubt = await unconfirmed(world, step.package, step.policy, bump.target.version)
    if doubt:
        return Done(doubt, row.issue, due=world.recheck * PATIENCE)
    made = await answer(bumping(row.path, row.text, bump.target), world.upstreams)
    if isinstance(made, Reason):
        log.info("bump refused", reason=str(made))
        return Done(made, row.issue, due=world.recheck * PATIENCE)
    if await _ended(world, bump, made):
        return Done(row.reason, row.issue, again=True)  # to be settled
    proposed = await _intent(world, row, bump, made)
    if isinstance(proposed, Reason):
        return Done(proposed, row.issue, due=world.recheck)
    head = proposed.head or await _commit(world, bump, made, proposed)
    number = await _open(world, row, step, made)
    log.info("proposed", version=bump.target.version, pull=number, head=head)
    for old in step.replaces:
        await _supersede(world, old, number)
    return Done(Reason(ReasonCode.CHECKS_PENDING, f"#{number}"), row.issue, again=True)


async def _intent(world: World, row: Row, bump: Bump, made: Bumped) -> Proposed | Reason:
    """Write down what is about to be done, or take up the intent that a crash left."""
    blob = Sha(blob_id(made.text))
    history = await world.store.proposed(world.watched.id, bump.package)
    left = next((p for p in history if p.branch == bump.branch), None)
    standing = await world.github.branch_head(bump.branch)
    if left and standing and left.state == "intended" and left.blob == blob:
        return left
    made_before = len(await world.store.heads(world.watched.id, bump.branch))
    if made_before >= TOO_OFTEN:
        return Reason(ReasonCode.OSCILLATING, f"{bump.target.version}: {made_before} times")
    outline = await world.github.outline()
    if dict(outline.specs).get(bump.path) != row.blob:
        return Reason(ReasonCode.TRY_LATER, "the spec changed since it was read")
    proposed = _intended(world, bump, made, base=outline.commit)
    if standing:
        await _clear(world, bump, left, standing)
    await world.store.intend(world.watched.id, proposed)
    return proposed


def _intended(world: World, bump: Bump, made: Bumped, *, base: Sha) -> Proposed:
    return Proposed(
        package=bump.package,
        version=bump.target.version,
        branch=bump.branch,
        base=base,
        blob=Sha(blob_id(made.text)),
        head=None,
        number=None,
        state="intended",
        at=world.clock(),
    )


async def _clear(world: World, bump: Bump, left: Proposed | None, standing: Sha) -> None:
    """Remove a branch of ours that an earlier proposal left, so that the new one starts clean."""
    known = await world.store.heads(world.watched.id, bump.branch)
    if standing in known or (left and standing == left.base):
        await world.github.delete_branch(bump.branch, expected=standing)


async def _ended(world: World, bump: Bump, made: Bumped) -> bool:
    """Find a pull request that was opened, and ended, without octobot's knowing its number.

    It died before it could note it, or its database was lost.  Somebody may have closed it, and
    must not be asked again: it is entered as open, so that it is settled by what became of it.
    """
    history = await world.store.proposed(world.watched.id, bump.package)
    left = next((p for p in history if p.branch == bump.branch), None)
    if left and left.state != "intended":
        return False
    pull = await world.github.pull_of(bump.branch)
    if pull is None or pull.state == "open" or pull.author != world.bot:
        return False
    if left and left.head not in (None, pull.head):
        return False
    if left is None:
        unknown = _intended(world, bump, made, base=pull.head)
        await world.store.intend(world.watched.id, unknown)
    await world.store.update_proposed(
        world.watched.id, bump.branch, state="open", number=pull.number
    )
    return True


async def _commit(world: World, bump: Bump, made: Bumped, proposed: Proposed) -> Sha:
    head = await world.github.commit_file(
        branch=bump.branch,
        base=proposed.base,
        path=bump.path,
        text=made.text,
        message=words.commit_message(bump),
    )
    await world.store.enter(world.watched.id, bump.branch, head)
    return head


async def _open(world: World, row: Row, step: Propose, made: Bumped) -> int:
    bump, seen = step.bump, None
    if row.upstream:
        seen = await world.store.sighting(row.upstream, bump.target.release.name)
    pull = await world.github.open_pull(
        branch=bump.branch,
        title=words.title(bump),
        body=words.body(
            bump,
            made,
            upstream=row.upstream,
            observation=seen.first if seen else None,
            policy=step.policy,
            supersedes=[old.number for old in step.replaces],
        ),
    )
    await world.store.update_proposed(
        world.watched.id, bump.branch, state="open", number=pull.number
    )
    return pull.number


async def _supersede(world: World, old: PullRequest, by: int) -> None:
    """Close an older pull request, unless somebody else's work is on it."""
    if old.head in await world.store.heads(world.watched.id, old.branch):
        await take_back(world, old, words.superseded(by), state="superseded")
    else:
        await step_back(world, old)
