"""Bring a draft before the repository: one signed commit, one pull request, one ledger row.

Order matters for a crash at any point: the intent is written before the first effect, a commit
counts only once its id was returned to us and entered into the ledger, and everything that is
there already is adopted instead of made again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from octobot.flows.outcome import Done
from octobot.flows.seams import World
from octobot.flows.withdraw import step_back, take_back
from octobot.messages import pull_request as words
from octobot.model.bump import Proposed
from octobot.model.ids import Sha, Version
from octobot.model.memory import Row
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.policy.rules import blob_id

log = structlog.get_logger()

TOO_OFTEN = 5
"""Commits that octobot makes for one version; after so many something goes round in circles."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal in the making."""

    package: str
    """The package's name, or a group's lane."""
    version: Version
    before: Mapping[str, Sha]
    """Path → blob id of the spec that the new text was made of."""
    after: Mapping[str, str]
    """Path → new text."""
    title: str
    body: str
    message: tuple[str, str]
    """The commit's headline and body."""

    @property
    def branch(self) -> str:
        """The deterministic branch, as `Bump.branch`."""
        return f"octobot/{self.package}/{self.version}"


async def bring(world: World, row: Row, draft: Draft, replaces: Sequence[PullRequest]) -> Done:
    """Open the draft's pull request and close those that it replaces, or say why there is none."""
    if await _ended(world, draft):
        return Done(row.reason, row.issue, again=True)  # to be settled
    proposed = await _intent(world, draft)
    if isinstance(proposed, Reason):
        return Done(proposed, row.issue, due=world.recheck)
    head = proposed.head or await _commit(world, draft, proposed)
    number = await _open(world, draft)
    log.info("proposed", version=draft.version, pull=number, head=head)
    for old in replaces:
        await _supersede(world, old, number)
    return Done(Reason(ReasonCode.CHECKS_PENDING, f"#{number}"), row.issue, again=True)


async def _intent(world: World, draft: Draft) -> Proposed | Reason:
    """Write down what is about to be done, or take up the intent that a crash left."""
    history = await world.store.proposed(world.watched.id, draft.package)
    left = next((p for p in history if p.branch == draft.branch), None)
    standing = await world.github.branch_head(draft.branch)
    wanted = {path: blob_id(text) for path, text in draft.after.items()}
    if left and standing and left.state == "intended" and left.expected == wanted:
        return left
    made_before = len(await world.store.heads(world.watched.id, draft.branch))
    if made_before >= TOO_OFTEN:
        return Reason(ReasonCode.OSCILLATING, f"{draft.version}: {made_before} times")
    outline = await world.github.outline()
    specs = dict(outline.specs)
    if any(specs.get(path) != blob for path, blob in draft.before.items()):
        return Reason(ReasonCode.TRY_LATER, "the spec changed since it was read")
    proposed = _intended(world, draft, base=outline.commit)
    if standing:
        await _clear(world, draft, left, standing)
    await world.store.intend(world.watched.id, proposed)
    return proposed


def _intended(world: World, draft: Draft, *, base: Sha) -> Proposed:
    files = tuple((path, Sha(blob_id(text))) for path, text in sorted(draft.after.items()))
    return Proposed(
        package=draft.package,
        version=draft.version,
        branch=draft.branch,
        base=base,
        blob=files[0][1],
        head=None,
        number=None,
        state="intended",
        at=world.clock(),
        files=() if list(draft.after) == [f"{draft.package}.yaml"] else files,
    )


async def _clear(world: World, draft: Draft, left: Proposed | None, standing: Sha) -> None:
    """Remove a branch of ours that an earlier proposal left, so that the new one starts clean."""
    known = await world.store.heads(world.watched.id, draft.branch)
    if standing in known or (left and standing == left.base):
        await world.github.delete_branch(draft.branch, expected=standing)


async def _ended(world: World, draft: Draft) -> bool:
    """Find a pull request that was opened, and ended, without octobot's knowing its number.

    It died before it could note it, or its database was lost.  Somebody may have closed it, and
    must not be asked again: it is entered as open, so that it is settled by what became of it.
    """
    history = await world.store.proposed(world.watched.id, draft.package)
    left = next((p for p in history if p.branch == draft.branch), None)
    if left and left.state != "intended":
        return False
    pull = await world.github.pull_of(draft.branch)
    if pull is None or pull.state == "open" or pull.author != world.bot:
        return False
    if left and left.head not in (None, pull.head):
        return False
    if left is None:
        await world.store.intend(world.watched.id, _intended(world, draft, base=pull.head))
    await world.store.update_proposed(
        world.watched.id, draft.branch, state="open", number=pull.number
    )
    return True


async def _commit(world: World, draft: Draft, proposed: Proposed) -> Sha:
    head = await world.github.commit_files(
        branch=draft.branch, base=proposed.base, files=draft.after, message=draft.message
    )
    await world.store.enter(world.watched.id, draft.branch, head)
    return head


async def _open(world: World, draft: Draft) -> int:
    pull = await world.github.open_pull(branch=draft.branch, title=draft.title, body=draft.body)
    await world.store.update_proposed(
        world.watched.id, draft.branch, state="open", number=pull.number
    )
    return pull.number


async def _supersede(world: World, old: PullRequest, by: int) -> None:
    """Close an older pull request, unless somebody else's work is on it."""
    if old.head in await world.store.heads(world.watched.id, old.branch):
        await take_back(world, old, words.superseded(by), state="superseded")
    else:
        await step_back(world, old)
