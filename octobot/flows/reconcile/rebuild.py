"""Rebuild packages at a higher epoch: because a person asked, or for a pin whose tag has moved.

A pull request for a newer version rebuilds them too, so it goes first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from octobot.flows.context import RepoContext
from octobot.flows.land.land import land
from octobot.flows.lookup.drive import answer
from octobot.flows.ownership import is_recreating, made_head, version_of
from octobot.flows.propose.close import close
from octobot.flows.propose.publish import Draft, publish
from octobot.flows.reconcile.decide import limit_reached
from octobot.flows.reconcile.members import reasons_waiting
from octobot.flows.reconcile.open_pulls import files_of
from octobot.flows.steps import Done
from octobot.flows.view import Found, Member, OrderedRebuild, Reasons, View
from octobot.messages.commands import rebuild as words
from octobot.model.bump import Bumped, Proposed, rebuilt
from octobot.model.config import Config
from octobot.model.ids import Version, display_name
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Release
from octobot.model.version import is_greater, order_key
from octobot.policy.config.read import for_package
from octobot.policy.rules import blob_id
from octobot.specs.bump.bump import bump
from octobot.specs.bump.bump import rebuild as raise_epoch

PATIENCE = 12
"""A refused rebuild is tried again this many times less often than a pull request is checked."""

_WHY = 200
"""Characters of the reasons that a commit message and a body have."""


@dataclass(frozen=True, slots=True)
class _Rebuild:
    """One package that is to be rebuilt."""

    order: OrderedRebuild
    text: Bumped | Reason
    """With the epoch raised, or why that cannot be."""

    @property
    def member(self) -> Member:
        """The package."""
        return self.order.member

    @property
    def path(self) -> str:
        """Its spec."""
        return self.member.row.path

    @property
    def version(self) -> Version:
        """The full version that it gets."""
        return rebuilt(self.member.package)

    @property
    def why(self) -> Sequence[str]:
        """What was given as the reason, and the tags that may have moved."""
        given = [] if self.order.reason is None else [self.order.reason]
        moved = (f"{name} may stand for {commit} now" for name, commit in self.order.accepted)
        return [*given, *moved]


async def rebuild(ctx: RepoContext, view: View, config: Config) -> Done | None:
    """Take the next step of a rebuild that is wanted or open; None: there is nothing to do."""
    wanted = await _wanted(ctx, view)
    pulls = [pull for pull in view.pulls if "-r" in version_of(pull)]
    own = next((pull for pull in pulls if _builds(view, pull, wanted)), None)
    if over := [pull for pull in pulls if pull is not own and await _is_over(ctx, view, pull)]:
        done = await close(ctx, over, _why_over(view, wanted))
        return replace(done, reasons={}) if view.group else done
    if not wanted:
        return None
    step = await _pursue(ctx, view, config, wanted, own)
    return None if step is None else replace(step, reasons=_reasons(wanted, step))


async def _pursue(
    ctx: RepoContext,
    view: View,
    config: Config,
    wanted: Sequence[_Rebuild],
    own: PullRequest | None,
) -> Done | None:
    """Propose the rebuild, or take its pull request one step further; None: another is open."""
    if any(pull is not own for pull in view.pulls):
        return None
    if own and not is_recreating(view.history, own):
        return await land(ctx, [one.member for one in wanted], own, config)
    blocked = _blocked(ctx, view, wanted, config, own)
    return blocked or await _propose(ctx, view, wanted, own)


async def _wanted(ctx: RepoContext, view: View) -> tuple[_Rebuild, ...]:
    """Return the packages, also those that are not kept current, that people want rebuilt.

    Without those whose very text was merged, or closed by a person, since it was asked for.
    """
    wanted = [_Rebuild(order, await _rebuilt_text(ctx, order)) for order in view.ordered.rebuild]
    return tuple(one for one in wanted if not _ended(view.history, one))


async def _rebuilt_text(ctx: RepoContext, order: OrderedRebuild) -> Bumped | Reason:
    """Raise the epoch, and the pins of tags that a person accepted to have moved."""
    row, package = order.member.row, order.member.package
    if not order.accepted:
        return raise_epoch(row.path, row.text)
    same = Candidate(Release(package.version), package.version)
    accepted = frozenset(commit for _, commit in order.accepted)
    return await answer(bump(row.path, row.text, same, accepted=accepted), ctx.upstreams)


def _ended(history: Sequence[Proposed], one: _Rebuild) -> bool:
    if isinstance(one.text, Reason):
        return False
    blob = blob_id(one.text.text)
    return any(
        past.expected.get(one.path) == blob
        for past in history
        if past.state in ("closed-by-person", "merged") and past.number not in one.order.despite
    )


def _builds(view: View, pull: PullRequest, wanted: Sequence[_Rebuild]) -> bool:
    """Return whether a pull request rebuilds exactly these packages."""
    version, files = version_of(pull), files_of(view, pull)
    raises = all(is_greater(version, one.member.package.full_version) for one in wanted)
    return bool(wanted) and raises and files == {one.path for one in wanted}


async def _is_over(ctx: RepoContext, view: View, pull: PullRequest) -> bool:
    """Return whether a rebuild that nobody wants (any more) is to be closed.

    A lone package's is judged as long as it raises the epoch: the order may have been lost.
    """
    if view.group:
        return await made_head(ctx, pull)
    (member,) = view.members
    package = member.package
    return isinstance(package, Package) and not is_greater(version_of(pull), package.full_version)


def _why_over(view: View, wanted: Sequence[_Rebuild]) -> Reason:
    if not wanted or view.group is None:
        return Reason(ReasonCode.UP_TO_DATE)
    return Reason(ReasonCode.WAITS_FOR_GROUP, "other packages are built again together now")


def _blocked(
    ctx: RepoContext,
    view: View,
    wanted: Sequence[_Rebuild],
    config: Config,
    own: PullRequest | None,
) -> Done | None:
    """Return what keeps a rebuild from being proposed; None: nothing does."""
    for one in wanted:
        name = one.member.package.name
        hold = for_package(config, name).hold
        if hold is not None:
            return Done(Reason(ReasonCode.ON_HOLD, hold), due=ctx.recheck, package=name)
        if isinstance(one.text, Reason):
            return Done(one.text, due=ctx.recheck * PATIENCE, package=name)
    if own:
        return None  # it is open already, and only gets another commit
    full = limit_reached(view, config)
    return Done(full, due=ctx.recheck) if full else None


async def _propose(
    ctx: RepoContext, view: View, wanted: Sequence[_Rebuild], own: PullRequest | None
) -> Done:
    name = display_name(view.key.package)
    version = Version(version_of(own)) if own else _version(view, wanted)
    made = {one.path: one.text for one in wanted if isinstance(one.text, Bumped)}
    draft = Draft(
        package=view.key.package,
        version=version,
        before={one.path: one.member.row.blob for one in wanted},
        after={path: text.text for path, text in made.items()},
        title=words.title(name, version),
        body=_body(view, wanted, made, version),
        message=words.commit_message(name, version, _why(view, wanted)),
    )
    return await publish(ctx, draft, ())


def _version(view: View, wanted: Sequence[_Rebuild]) -> Version:
    """Name a group's by the greatest full version that it makes, or a greater one that is free.

    The name is taken when other packages of the group were built again under it.
    """
    if view.group is None:
        return wanted[0].version
    merged = {past.version for past in view.history if past.state == "merged"}
    greatest = max((one.version for one in wanted), key=order_key)
    stem, _, epoch = greatest.rpartition("-r")
    names = (Version(f"{stem}-r{number}") for number in count(int(epoch)))
    return next(name for name in names if name not in merged)


def _why(view: View, wanted: Sequence[_Rebuild]) -> str:
    if view.group is None:
        return wanted[0].why[0]
    given = [text for one in wanted for text in one.why if text]
    return "; ".join(dict.fromkeys(given))[:_WHY]


def _body(
    view: View, wanted: Sequence[_Rebuild], made: Mapping[str, Bumped], version: Version
) -> str:
    why = _why(view, wanted)
    if view.group is None:
        return words.body(view.key.package, version, made[wanted[0].path], why)
    return words.group_body(view.group.name, {one.path: one.version for one in wanted}, made, why)


def _reasons(wanted: Sequence[_Rebuild], done: Done) -> Reasons:
    """Return the step's reason for the packages that are built again; the others keep their own."""
    if done.reason is None:
        return {}
    if done.package:
        rebuilding = [Found(one.member.row, one.member.package) for one in wanted]
        return reasons_waiting(rebuilding, {done.package: done.reason})
    return {one.member.package.name: done.reason for one in wanted}
