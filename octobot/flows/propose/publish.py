"""Publish a draft in the repository: one signed commit, one pull request, one ledger row.

Order matters for a crash at any point: the intent is written before the first effect, a commit
counts only once its id was returned and entered into the ledger, and everything that is there
already is used instead of made again.  What is recreated keeps its pull request: its next commit
is in the ledger before the branch is moved to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.propose.close import supersede
from octobot.flows.settings import configured
from octobot.flows.steps import Done
from octobot.messages.rebuilds import FAMILY
from octobot.model.bump import Proposed
from octobot.model.config import Config
from octobot.model.errors import Misconfigured, TryLater, UserError
from octobot.model.ids import PullNumber, Sha, Version
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.policy.rules import blob_id

log = structlog.get_logger()

TOO_OFTEN = 5
"""Pull requests that octobot opens for one version; after so many it goes round in circles."""

SOON = 12
"""What was just recreated is checked so many times sooner than other pull requests."""

RECREATED_TOO_OFTEN = 100
"""Commits for one version: on each newest base, where protection wants that in a busy distro."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal in the making."""

    package: str
    """The change: a package's name, or what stands for a group's."""
    version: Version
    before: Mapping[str, Sha]
    """Path → blob id of the spec that the new text was made of."""
    after: Mapping[str, str]
    """Path → new text."""
    title: str
    body: str
    message: tuple[str, str]
    """The commit's headline and body."""
    label: str = ""
    """Says how much is rebuilt behind the merge; empty: none does."""

    @property
    def branch(self) -> str:
        """The deterministic branch, as `Bump.branch`."""
        return f"octobot/{self.package}/{self.version}"

    @property
    def blobs(self) -> Mapping[str, Sha]:
        """Path → blob id of the new text."""
        return {path: Sha(blob_id(text)) for path, text in self.after.items()}


async def publish(ctx: RepoContext, draft: Draft, replaces: Sequence[PullRequest]) -> Done:
    """Open the draft's pull request and close those that it replaces, or return why not."""
    history = await ctx.store.ledger.proposed(ctx.watched.id, draft.package)
    left = next((past for past in history if past.branch == draft.branch), None)
    if left and left.state == "open" and left.renews:
        reason = await _recreated(ctx, draft, left, left.renews)
        pending = reason.code is ReasonCode.CHECKS_PENDING
        # Not at once: while GitHub's list lags, it would be recreated again and again.
        return Done(reason, due=ctx.recheck / SOON if pending else ctx.recheck)
    if await _ended(ctx, draft, history, left):
        return Done(None, again=True)  # its end is recorded next
    proposed = await _intent(ctx, draft, history, left)
    if isinstance(proposed, Reason):
        return Done(proposed, due=ctx.recheck)
    head = proposed.head or await _commit(ctx, draft, proposed, is_new=left is None)
    number = await _open(ctx, draft)
    log.info("proposed", version=draft.version, pull=number, head=head)
    for old in replaces:
        await supersede(ctx, old, number)
    return Done(Reason(ReasonCode.CHECKS_PENDING, f"#{number}"), again=True)


async def _intent(
    ctx: RepoContext, draft: Draft, history: Sequence[Proposed], left: Proposed | None
) -> Proposed | Reason:
    """Write down what is about to be done, or return the intent that a crash left."""
    # A branch that the ledger never had is read only where it cannot be created.
    head = await ctx.github.branches.head(draft.branch) if left else None
    if left and head and (left.state, left.expected) == ("intended", draft.blobs):
        return left
    made = {past.number for past in history if past.branch == draft.branch and past.head}
    if len(made) >= TOO_OFTEN:
        return Reason(ReasonCode.OSCILLATING, f"{draft.version}: {len(made)} times")
    base = await _base(ctx, draft)
    if isinstance(base, Reason):
        return base
    proposed = _intended(ctx, draft, base=base)
    if head:
        await _clear(ctx, draft, left, head)
    return await _recorded(ctx, proposed)


async def _recorded(ctx: RepoContext, proposed: Proposed) -> Proposed | Reason:
    """Write an intent into the ledger, unless it is one more than the file allows in an hour."""
    config = (await configured(ctx)).config
    most = config.new_pull_requests_per_hour if isinstance(config, Config) else None
    if not await ctx.store.ledger.intend(ctx.watched.id, proposed, at_most=most):
        return Reason(ReasonCode.PR_LIMIT_REACHED, f"{most} were opened within the last hour")
    return proposed


async def _base(ctx: RepoContext, draft: Draft) -> Sha | Reason:
    """Return the default branch's commit, if it still has what the draft was made of."""
    outline = await ctx.github.trees.outline()
    specs = dict(outline.specs)
    if any(specs.get(path) != blob for path, blob in draft.before.items()):
        return Reason(ReasonCode.RETRY_LATER, "the spec changed since it was read")
    return outline.commit


def _intended(ctx: RepoContext, draft: Draft, *, base: Sha) -> Proposed:
    files = tuple(sorted(draft.blobs.items()))
    return Proposed(
        package=draft.package,
        version=draft.version,
        branch=draft.branch,
        base=base,
        blob=files[0][1],
        head=None,
        number=None,
        state="intended",
        at=ctx.clock(),
        files=() if list(draft.after) == [f"{draft.package}.yaml"] else files,
    )


async def _clear(ctx: RepoContext, draft: Draft, left: Proposed | None, head: Sha) -> None:
    """Delete a branch that an earlier proposal left, so that the new one starts clean."""
    known = await ctx.store.ledger.heads(ctx.watched.id, draft.branch)
    if head in known or (left and head == left.base):
        await ctx.github.branches.delete(draft.branch, expected=head)


async def _ended(
    ctx: RepoContext, draft: Draft, history: Sequence[Proposed], left: Proposed | None
) -> bool:
    """Return whether a pull request was opened, and ended, without octobot's knowing its number.

    It crashed before it could record it, or its database was lost.  A person may have closed it,
    and must not be asked again: it is entered as open, so that its end is recorded.
    """
    if left and left.state != "intended":
        return False
    pull = await ctx.github.pulls.of_branch(draft.branch)
    if pull is None or pull.state == "open" or pull.author != ctx.bot:
        return False
    if left and left.head not in (None, pull.head):
        return False
    if any(past.number == pull.number for past in history):
        return False  # of an earlier try, whose end is known
    if left is None:
        await ctx.store.ledger.intend(ctx.watched.id, _intended(ctx, draft, base=pull.head))
    await ctx.store.ledger.update_proposed(
        ctx.watched.id, draft.branch, state="open", number=pull.number
    )
    return True


async def _commit(ctx: RepoContext, draft: Draft, proposed: Proposed, *, is_new: bool) -> Sha:
    head = await ctx.github.commits.create(
        branch=draft.branch,
        base=proposed.base,
        files=draft.after,
        message=draft.message,
        is_new=is_new,
    )
    await ctx.store.ledger.enter(ctx.watched.id, draft.branch, head)
    return head


async def _open(ctx: RepoContext, draft: Draft) -> int:
    pull = await ctx.github.pulls.open(branch=draft.branch, title=draft.title, body=draft.body)
    await _label(ctx, draft, pull.number)
    await ctx.store.ledger.update_proposed(
        ctx.watched.id, draft.branch, state="open", number=pull.number
    )
    return pull.number


async def _label(ctx: RepoContext, draft: Draft, number: PullNumber) -> None:
    """Label a pull request; nothing depends on it, so no refusal holds a proposal up."""
    if not draft.label:
        return
    try:
        await ctx.github.pulls.label(number, draft.label, family=FAMILY)
    except (TryLater, Misconfigured, UserError) as error:
        log.warning("label not set", pull=number, label=draft.label, because=str(error))


async def _recreated(ctx: RepoContext, draft: Draft, left: Proposed, replaced: Sha) -> Reason:
    """Move the branch from the head that is to be replaced to a commit on the newest base.

    The commit is in the ledger before anybody can see it, and made once for one base and text.
    """
    base = await _base(ctx, draft)
    if isinstance(base, Reason):
        return base
    draft = await _with_suggestions(ctx, draft, left)
    head = left.head if (left.base, left.expected) == (base, draft.blobs) else None
    if head in (None, replaced):
        made_before = len(await ctx.store.ledger.heads(ctx.watched.id, draft.branch))
        if made_before >= RECREATED_TOO_OFTEN:
            return Reason(ReasonCode.OSCILLATING, f"{draft.version}: {made_before} commits")
        head = await ctx.github.commits.create_aside(
            base=base, files=draft.after, message=draft.message
        )
        number = PullNumber(left.number or 0)
        await ctx.github.pulls.edit(number, title=draft.title, body=draft.body)
        await _label(ctx, draft, number)
        await ctx.store.ledger.renewed(
            ctx.watched.id,
            draft.branch,
            base=base,
            head=head,
            files=draft.blobs,
            # Another text may have other pins: these are no older than this look-up.
            at=left.at if left.expected == draft.blobs else ctx.clock(),
        )
    if not await ctx.github.branches.move(draft.branch, expected=replaced, to=head):
        return Reason(ReasonCode.RETRY_LATER, f"{draft.branch} was moved by somebody else")
    log.info("recreated", version=draft.version, pull=left.number, head=head)
    return Reason(ReasonCode.CHECKS_PENDING, f"#{left.number}")


async def _with_suggestions(ctx: RepoContext, draft: Draft, left: Proposed) -> Draft:
    """Put in the suggestions that were applied to exactly these texts."""
    after = dict(draft.after)
    for one in await ctx.store.suggestions.applied_on(ctx.watched.id, PullNumber(left.number or 0)):
        edits = (each for each in one.edits if after.get(each.path) == each.before)
        after |= {each.path: each.after for each in edits}
    return replace(draft, after=after)
