"""Judge one pull request, post the verdict, and act on it.

Merging is exact: the head that was judged is the head that is merged.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from octobot.flows.context import RepoContext
from octobot.flows.diagnose.apply import finish, learn
from octobot.flows.diagnose.diagnose import diagnose
from octobot.flows.land.after_merge import merged, record_merge
from octobot.flows.land.confirm import still_merges
from octobot.flows.land.judge import judge
from octobot.flows.land.line import keep_place, leave_line, wait_in_line
from octobot.flows.land.merge import Still, cancel_merge, merge, merge_by_of
from octobot.flows.orders import end_closing
from octobot.flows.ownership import package_of
from octobot.flows.propose.close import recreate
from octobot.flows.say import say
from octobot.flows.steps import Done, Resting
from octobot.flows.view import Member
from octobot.messages import check as words
from octobot.messages import notices
from octobot.messages.pull_request import merge_message
from octobot.model.config import Config
from octobot.model.pull_request import Merged, NotMerged, PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Outcome, Snapshot, Verdict
from octobot.policy.checks import only_skipped
from octobot.policy.final_check import base_is_next, is_being_computed

log = structlog.get_logger()

_TIMED = frozenset({ReasonCode.MINIMUM_RELEASE_AGE, ReasonCode.MERGE_REFUSED})
"""Reasons that end at a known time."""

_SHOWN = frozenset(
    {
        ReasonCode.CHECKS_PENDING,
        ReasonCode.CHECKS_FAILED,
        ReasonCode.MINIMUM_RELEASE_AGE,
        ReasonCode.NEEDS_APPROVAL,
        ReasonCode.CHANGES_REQUESTED,
        ReasonCode.DRAFT,
        ReasonCode.BLOCKING_LABEL,
    }
)
"""Reasons whose end a glance shows, or time: of any other, nothing is known but by a full look."""
FULLY_EVERY = timedelta(days=1)
"""How often what waits is read in full though nothing shows that it moved."""

_IN_A_ROW = frozenset({ReasonCode.READY, ReasonCode.NOT_MERGEABLE, ReasonCode.MERGE_NOT_ALLOWED})
"""Reasons for which the looks in a row are counted."""

PATIENCE = 12
"""A blocked pull request is checked this many times less often than a waiting one."""


async def land(
    ctx: RepoContext, members: Sequence[Member], pull: PullRequest, config: Config | Reason
) -> Done:
    """Take a pull request one step further: merged, waiting, or blocked with its diagnosis.

    `members` are all packages that it bumps; each is judged, and the strictest wins.
    """
    await finish(ctx, pull.number)
    snapshots, verdict = await judge(ctx, members, pull, config)
    if snapshots[0].state.pull.state != "open" and ctx.github.pulls.forget_open():
        return Done(None, again=True)  # it ended since it was listed: that is recorded next
    return await _act(ctx, members, snapshots, verdict, config)


async def _act(
    ctx: RepoContext,
    members: Sequence[Member],
    snapshots: Sequence[Snapshot],
    verdict: Verdict,
    config: Config | Reason,
) -> Done:
    """Post the verdict, and do what follows from it."""
    snapshot = await _with_number(ctx, snapshots[0])
    pull = snapshot.state.pull
    await _reopen(ctx, snapshot)
    if verdict.outcome is not Outcome.MERGE:
        await cancel_merge(ctx, snapshot.state.pull, merge_by=merge_by_of(snapshot))
    if isinstance(snapshot.config, Config) and snapshot.config.paused:
        return Done(Reason(ReasonCode.PAUSED), due=ctx.recheck)  # and say nothing
    more = await _say(ctx, snapshot, verdict)
    await learn(ctx, snapshot, verdict)
    await keep_place(ctx, pull, verdict)
    if verdict.reason.code not in _IN_A_ROW:
        ctx.soon_again.end(ctx.watched.id, pull.number)
    if verdict.outcome is Outcome.MERGE:
        still = partial(still_merges, ctx, members, snapshots, config)
        return await _merge(ctx, members, snapshot, still)
    return await _rest(ctx, snapshot, verdict, more)


async def _rest(
    ctx: RepoContext, snapshot: Snapshot, verdict: Verdict, more: timedelta | None
) -> Done:
    """Recreate what is behind or in conflict, or say when the next look is due."""
    pull = snapshot.state.pull
    match verdict.outcome:
        case Outcome.WAIT if base_is_next(verdict):
            if before := await wait_in_line(ctx, pull):
                return Done(before, due=ctx.recheck)
            return await _recreate(ctx, snapshot, verdict)
        case Outcome.WAIT:
            done = Done(verdict.reason, due=_pause(ctx, pull, verdict, snapshot.now))
        case _ if verdict.reason.code is ReasonCode.CONFLICT:
            return await _recreate(ctx, snapshot, verdict)
        case _:
            moved = verdict.reason.code is ReasonCode.TAG_MOVED  # to be quarantined at once
            due = more or ctx.recheck * PATIENCE
            done = Done(verdict.reason, due=due, again=moved)
    resting = _resting(snapshot, verdict, done) if more is None else None
    return replace(done, package=verdict.package, resting=resting)


def _resting(snapshot: Snapshot, verdict: Verdict, done: Done) -> Resting | None:
    """Return how long a glance will do for a pull request that was judged and waits."""
    if verdict.reason.code not in _SHOWN or done.due is None or snapshot.state.left:
        return None
    elsewhere = any(one.on is not None for one in snapshot.state.objections or ())
    # What advisories say may shorten the age at any time.
    if elsewhere or snapshot.memory.urgency is not None:
        return None
    until = snapshot.now + FULLY_EVERY
    return Resting(snapshot.state.pull.number, done.due, min(until, verdict.again or until))


async def _with_number(ctx: RepoContext, snapshot: Snapshot) -> Snapshot:
    """Record the number of a pull request of octobot's that a crash kept from the ledger.

    Before anything else: if it is merged and octobot crashes again, the number finds it.
    """
    pull, proposed = snapshot.state.pull, snapshot.memory.proposed
    if proposed is None or proposed.state != "intended" or proposed.head != pull.head:
        return snapshot
    if pull.author != ctx.bot:
        return snapshot
    await ctx.store.ledger.update_proposed(
        ctx.watched.id, proposed.branch, state="open", number=pull.number
    )
    known = replace(proposed, state="open", number=pull.number)
    return replace(snapshot, memory=replace(snapshot.memory, proposed=known))


async def _reopen(ctx: RepoContext, snapshot: Snapshot) -> None:
    """Undo the end of what a person closed and reopened; an order to close it is over, too.

    The order goes first: a crash in between must not let it close the pull request again.
    """
    pull, proposed = snapshot.state.pull, snapshot.memory.proposed
    if not snapshot.state.reopened or pull.state != "open":
        return
    if proposed and (proposed.state, proposed.number) == ("open", pull.number):
        await end_closing(ctx, package_of(pull))
        await ctx.store.ledger.update_proposed(
            ctx.watched.id, proposed.branch, state="open", number=pull.number
        )


def _pause(ctx: RepoContext, pull: PullRequest, verdict: Verdict, now: datetime) -> timedelta:
    """Wait for the age when it alone is missing, but not so long that a lost hint is missed."""
    if is_being_computed(verdict):
        return ctx.soon_again.pause(ctx.watched.id, pull.number, most=ctx.recheck)
    if verdict.reason.code is ReasonCode.MERGE_NOT_ALLOWED:
        most = ctx.recheck * PATIENCE
        return ctx.soon_again.longer(ctx.watched.id, pull.number, first=ctx.recheck, most=most)
    if verdict.reason.code not in _TIMED or verdict.again is None:
        return ctx.recheck
    return max(min(verdict.again - now, ctx.recheck * PATIENCE), ctx.recheck / PATIENCE)


async def _say(ctx: RepoContext, snapshot: Snapshot, verdict: Verdict) -> timedelta | None:
    """Post the verdict as octobot's check run, and what broke, unless that is there already.

    It is recorded last: after a crash in between it is posted again, in place.  Returns when there
    will be more to say.
    """
    title, summary = words.title(verdict), words.summary(verdict)
    digest = hashlib.sha256(f"{title}\n{summary}".encode()).hexdigest()
    if await ctx.store.posted.verdict(ctx.watched.id, verdict.head) == digest:
        return None
    await ctx.github.checks.post(
        head=verdict.head,
        conclusion=words.conclusion(verdict),
        title=title,
        summary=summary,
        listed=snapshot.state.checks,
    )
    more = None
    if verdict.reason.code is ReasonCode.MERGE_QUEUE_FAILED:
        number = snapshot.state.pull.number
        await say(ctx, number, tag="merge-queue", body=notices.left_to_people(verdict.reason))
    if verdict.reason.code is ReasonCode.CHECKS_FAILED and not only_skipped(snapshot):
        more = await diagnose(ctx, snapshot, verdict)
    if more is None:
        await ctx.store.posted.record_verdict(ctx.watched.id, verdict.head, digest)
    return more


async def _recreate(ctx: RepoContext, snapshot: Snapshot, verdict: Verdict) -> Done:
    """Recreate a pull request whose commit does not fit its base.

    Every other rule comes before this one, so the branch has nobody's work but octobot's.
    """
    await recreate(ctx, snapshot.state.pull, notices.closed(verdict.reason))
    return Done(verdict.reason, again=True)


async def _merge(
    ctx: RepoContext, members: Sequence[Member], snapshot: Snapshot, still: Still
) -> Done:
    pull, proposed = snapshot.state.pull, snapshot.memory.proposed
    if proposed is None or isinstance(snapshot.config, Reason):
        return Done(Reason(ReasonCode.INTERNAL_ERROR, "judged mergeable without ledger"))
    name = proposed.branch.split("/")[-2]
    message = merge_message(name, proposed.version, pull.number)
    match await merge(ctx, snapshot, snapshot.config, message, still=still):
        case Merged(commit=commit):
            log.info("merged", version=proposed.version, pull=pull.number, commit=commit)
            await record_merge(ctx, proposed, pull.number, commit)
            await leave_line(ctx, pull)
            ctx.soon_again.end(ctx.watched.id, pull.number)
            return merged(ctx, [member.row for member in members], proposed)
        case NotMerged(because=because, base_moved=True):
            soon = ctx.soon_again.pause(ctx.watched.id, pull.number, most=ctx.recheck)
            return Done(Reason(ReasonCode.NOT_MERGEABLE, because), due=soon)
        case NotMerged(because=because):
            reason = Reason(ReasonCode.MERGE_REFUSED, because)
            return Done(reason, again=True)  # judged once more, so that the check run says so
        case "queue" | "auto" as left:
            to = {"queue": "GitHub's merge queue", "auto": "GitHub's auto-merge"}[left]
            reason = Reason(ReasonCode.LEFT_TO_GITHUB, f"#{pull.number} is left to {to}")
            return Done(reason, due=ctx.recheck)
