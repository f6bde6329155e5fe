"""Carry out what people ordered about a group: close, make anew, ignore, rebuild.

As `ordered` does for one package, in the group's own lane.  What is bound to the pull request (a
closing, a new start, a waiver) is ordered for the lane; what is about a package (a version that is
ignored or wished for, a rebuild, a tag that may have moved) is ordered for each of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

from octobot.flows.land.land import land
from octobot.flows.orders import accepted_pins, by, wanted_rebuild
from octobot.flows.outcome import FREEZING, Done
from octobot.flows.ownership import is_renewing, version_of
from octobot.flows.propose.close import withdraw
from octobot.flows.propose.publish import Draft, bring
from octobot.flows.reconcile.decide import unlisted
from octobot.flows.reconcile.gather import Company
from octobot.flows.reconcile.group_decide import waiting
from octobot.flows.reconcile.orders import PATIENCE, close, is_ours, make_anew, rebuilt_text
from octobot.flows.reconcile.pr_limits import too_many
from octobot.flows.seams.seams import World
from octobot.flows.view import GroupDone, GroupView, Member, Peer
from octobot.messages.commands import rebuild as words
from octobot.model.bump import Bumped, Proposed, rebuilt
from octobot.model.config import LANE, Config
from octobot.model.ids import Key, Version
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.steering import UNSTEERED, Steering
from octobot.model.version import order_key
from octobot.policy.config.read import for_package
from octobot.policy.rules import blob_id

_WHY = 200
"""Characters of the reasons that are told."""


@dataclass(frozen=True, slots=True)
class _Rebuild:
    """One package that is to be built again."""

    member: Member
    steering: Steering
    text: Bumped | Reason
    """With the epoch raised, or why that cannot be."""

    @property
    def path(self) -> str:
        """Its spec."""
        return self.member.row.path

    @property
    def version(self) -> Version:
        """The full version that it gets."""
        return rebuilt(self.member.package)

    @property
    def despite(self) -> tuple[int, ...]:
        """Pull requests that ended before somebody asked for this."""
        return self.steering.rebuild.despite if self.steering.rebuild else ()

    @property
    def why(self) -> Sequence[str]:
        """What was given as the reason, and the tags that may have moved."""
        given = [self.steering.rebuild.reason] if self.steering.rebuild else []
        moved = accepted_pins(self.member.package, self.steering)
        return [*given, *(f"{pin.name} may stand for {pin.commit} now" for pin in moved)]


async def carry_out_together(
    world: World, key: Key, found: Company, view: GroupView
) -> GroupDone | None:
    """Take the one step that an order calls for; None: none does, decide as always."""
    if world.paused or unlisted(view.history, view.pulls):
        return None
    own = found.orders.get(key.package, UNSTEERED)
    closed = await close(world, view.pulls, own)
    if closed:
        return GroupDone(Done(closed, again=True))
    config = view.config
    if isinstance(config, Reason) or config.paused or view.group is None or _stops(view):
        return None
    pulls = [pull for pull in view.pulls if not is_renewing(view.history, pull)]
    anew = await make_anew(world, pulls, own)
    if anew:
        return GroupDone(Done(anew, again=True))
    return await _ignore(world, found, view) or await _rebuild(world, key, found, view, config)


def _stops(view: GroupView) -> bool:
    """Tell whether a spec cannot be read, or one of the packages is frozen."""
    unread = any(isinstance(peer.package, Reason) for peer in view.peers)
    return unread or any(peer.row.reason.code in FREEZING for peer in view.peers)


async def _ignore(world: World, found: Company, view: GroupView) -> GroupDone | None:
    """Take a pull request back whose version any package ignores, unless it is wished for."""
    orders = [found.orders.get(row.key.package, UNSTEERED) for row in found.rows]
    wished = {one.wish.target.version for one in orders if one.wish and one.wish.target}
    for pull in view.pulls:
        version = version_of(pull)
        ignored = (one.ignores(version) for one in orders)
        ignore = next((ignore for ignore in ignored if ignore), None)
        if ignore is None or version in wished or not await is_ours(world, pull):
            continue
        reason = Reason(ReasonCode.IGNORED, f"{version}, by {by(ignore.said)}")
        return GroupDone(await withdraw(world, found.rows[0], [pull], reason))
    return None


async def _rebuild(
    world: World, key: Key, found: Company, view: GroupView, config: Config
) -> GroupDone | None:
    """Raise epochs; a pull request for a newer version rebuilds, too, so it goes first."""
    wanted = await _wanted(world, found, view)
    paths = {one.path for one in wanted}
    open_ = [pull for pull in view.pulls if "-r" in version_of(pull)]
    own = next((pull for pull in open_ if _files(view, pull) == paths), None)
    over = [pull for pull in open_ if pull is not own and await is_ours(world, pull)]
    if over:
        return GroupDone(await withdraw(world, found.rows[0], over, _why_over(wanted)), {})
    if not wanted or len(open_) < len(view.pulls):
        return None
    if own and not is_renewing(view.history, own):
        members = tuple(one.member for one in wanted)
        done = await land(world, members, own, config)
    else:
        version = version_of(own) if own else _version(view.history, wanted)
        kept = _kept(world, view, wanted, config)
        done = kept or await _propose(world, key.package, wanted, Version(version))
    return GroupDone(done, _reasons(wanted, done))


async def _wanted(world: World, found: Company, view: GroupView) -> tuple[_Rebuild, ...]:
    """Find the packages, also those that are not kept current, whose epoch is to rise.

    Without those whose very text was merged, or closed by a person, since it was asked for.
    """
    wanted = []
    for row in found.rows:
        package = world.reader.read(row.path, row.blob, row.text)
        steering = found.orders.get(row.key.package, UNSTEERED)
        if isinstance(package, Reason):
            continue
        if wanted_rebuild(package, steering) or accepted_pins(package, steering):
            text = await rebuilt_text(world, row, package, steering)
            wanted.append(_Rebuild(Member(replace(row, target=None), package), steering, text))
    return tuple(one for one in wanted if not _ended(view.history, one))


def _ended(history: Sequence[Proposed], one: _Rebuild) -> bool:
    if isinstance(one.text, Reason):
        return False
    blob = blob_id(one.text.text)
    return any(
        past.expected.get(one.path) == blob
        for past in history
        if past.state in ("closed-by-person", "merged") and past.number not in one.despite
    )


def _files(view: GroupView, pull: PullRequest) -> set[str]:
    row = next((past for past in view.history if past.branch == pull.branch), None)
    return set(row.expected) if row else set()


def _version(history: Sequence[Proposed], wanted: Sequence[_Rebuild]) -> Version:
    """Name it by the greatest full version that it makes, or a greater one that is free.

    The name is taken when other packages of the group were built again under it.
    """
    merged = {past.version for past in history if past.state == "merged"}
    greatest = max((one.version for one in wanted), key=order_key)
    stem, _, epoch = greatest.rpartition("-r")
    names = (Version(f"{stem}-r{number}") for number in count(int(epoch)))
    return next(name for name in names if name not in merged)


def _why_over(wanted: Sequence[_Rebuild]) -> Reason:
    if not wanted:
        return Reason(ReasonCode.UP_TO_DATE)
    return Reason(ReasonCode.WAITS_FOR_GROUP, "other packages are built again together now")


def _kept(world: World, view: GroupView, wanted: Sequence[_Rebuild], config: Config) -> Done | None:
    """Say what keeps a rebuild from being proposed."""
    for one in wanted:
        name = one.member.package.name
        hold = for_package(config, name).hold
        if hold is not None:
            return Done(Reason(ReasonCode.HELD, hold), due=world.recheck, package=name)
        if isinstance(one.text, Reason):
            return Done(one.text, due=world.recheck * PATIENCE, package=name)
    others = view.open_pulls - len(view.pulls)
    full = too_many(config, open_pulls=others, new_pulls=view.new_pulls)
    return Done(full, due=world.recheck) if full else None


async def _propose(world: World, lane: str, wanted: Sequence[_Rebuild], version: Version) -> Done:
    name, given = lane.removeprefix(LANE), [text for one in wanted for text in one.why if text]
    why = "; ".join(dict.fromkeys(given))[:_WHY]
    made = {one.path: one.text for one in wanted if isinstance(one.text, Bumped)}
    draft = Draft(
        package=lane,
        version=version,
        before={one.path: one.member.row.blob for one in wanted},
        after={path: text.text for path, text in made.items()},
        title=words.title(name, version),
        body=words.group_body(name, {one.path: one.version for one in wanted}, made, why),
        message=words.commit_message(name, version, why),
    )
    return await bring(world, wanted[0].member.row, draft, ())


def _reasons(wanted: Sequence[_Rebuild], done: Done) -> dict[str, Reason]:
    """Give the packages that are built again the step's reason; the others keep their own."""
    peers = [Peer(one.member.row, one.member.package, None) for one in wanted]
    if done.package:
        return dict(waiting(peers, {done.package: done.reason}))
    return {peer.name: done.reason for peer in peers}
