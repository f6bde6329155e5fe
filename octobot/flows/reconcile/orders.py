"""Carry out what people ordered about a package: close, make anew, ignore, rebuild.

Each order is looked at in the package's own lane, so that it never meets another step of the same
package, and it is bound to what it was given for: a head commit, a number, a full version.
"""

from collections.abc import Sequence
from dataclasses import replace

from octobot.flows.land.land import land
from octobot.flows.land.merge import take_back_merge
from octobot.flows.lookup.drive import answer
from octobot.flows.orders import accepted_pins, by, package_of, wanted_rebuild
from octobot.flows.outcome import FREEZING, Done
from octobot.flows.ownership import is_renewing, version_of
from octobot.flows.propose.close import take_back, withdraw
from octobot.flows.propose.publish import Draft, bring
from octobot.flows.propose.recreate import renew
from octobot.flows.reconcile.decide import unlisted
from octobot.flows.seams.seams import World
from octobot.flows.view import Member, View
from octobot.messages.commands import rebuild as rebuild_words
from octobot.messages.commands import replies as words
from octobot.model.bump import Bumped, rebuilt
from octobot.model.config import Config
from octobot.model.ids import Version
from octobot.model.memory import Row
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Release
from octobot.model.steering import Steering
from octobot.model.version import is_greater
from octobot.policy.config.read import for_package
from octobot.specs.bump.bump import bump, rebuild

PATIENCE = 12
"""A refused rebuild is tried again this many times less often than a pull request."""


async def carry_out(world: World, view: View, steering: Steering) -> Done | None:
    """Take the one step that an order calls for; None: none does, decide as always."""
    if world.paused or unlisted(view.history, view.pulls) or isinstance(view.package, Reason):
        return None
    done = await _close(world, view, steering)
    if done or isinstance(view.config, Reason) or view.config.paused:
        return done
    if view.row.reason.code in FREEZING:
        return None
    return (
        await _anew(world, view, steering)
        or await _ignore(world, view, steering)
        or await _rebuild(world, view, view.package, view.config, steering)
    )


async def _close(world: World, view: View, steering: Steering) -> Done | None:
    reason = await close(world, view.pulls, steering)
    return Done(reason, view.row.issue, again=True) if reason else None


async def close(world: World, pulls: Sequence[PullRequest], steering: Steering) -> Reason | None:
    """Close the pull request that a person wants closed; None: there is none."""
    closing = steering.closing
    if closing is None:
        return None
    pull = next((pull for pull in pulls if pull.number == closing.number), None)
    if pull is None or not await is_ours(world, pull):
        return None
    known = await world.store.proposed(world.watched.id, package_of(pull))
    if any((p.number, p.state) == (pull.number, "closed-by-person") for p in known):
        return None  # done: a list that shows it open is late, or somebody opened it again
    said = words.taken_back("close", closing.said.login)
    await take_back(world, pull, said, state="closed-by-person")
    return Reason(ReasonCode.CLOSED_BY_PERSON, f"#{pull.number}, by {by(closing.said)}")


async def _anew(world: World, view: View, steering: Steering) -> Done | None:
    pulls = [pull for pull in view.pulls if not is_renewing(view.history, pull)]
    reason = await make_anew(world, pulls, steering)
    return Done(reason, view.row.issue, again=True) if reason else None


async def make_anew(
    world: World, pulls: Sequence[PullRequest], steering: Steering
) -> Reason | None:
    """Have the pull request made anew that a person wants to be; None: there is none."""
    anew = steering.anew
    if anew is None:
        return None
    pull = next((pull for pull in pulls if pull.head == anew.head), None)
    if pull is None or not (anew.foreign or await is_ours(world, pull)):
        return None
    await take_back_merge(world, pull, merge_by=None)  # it is not judged until it is made
    what = "adopt" if anew.foreign else "rebase"
    await renew(world, pull, words.taken_back(what, anew.said.login))
    return Reason(ReasonCode.UPDATE_FOUND, "it is proposed anew")


async def _ignore(world: World, view: View, steering: Steering) -> Done | None:
    for pull in view.pulls:
        ignore = steering.ignores(version_of(pull))
        wished = steering.wish.target if steering.wish else None
        if ignore is None or (wished and wished.version == version_of(pull)):
            continue
        if not await is_ours(world, pull):
            continue
        reason = Reason(ReasonCode.IGNORED, f"{version_of(pull)}, by {by(ignore.said)}")
        return await withdraw(world, view.row, [pull], reason)
    return None


async def _rebuild(
    world: World, view: View, package: Package, config: Config, steering: Steering
) -> Done | None:
    """Raise the epoch: because somebody asked, or for a pin whose tag was accepted to have moved.

    A pull request for a newer version rebuilds the package too, so it goes first.
    """
    done = await _over(world, view, package)
    wanted, moved = wanted_rebuild(package, steering), accepted_pins(package, steering)
    if done or not (wanted or moved):
        return done
    version = rebuilt(package)
    others = [pull for pull in view.pulls if version_of(pull) != version]
    past = next((one for one in view.history if one.version == version), None)
    despite = wanted.despite if wanted else ()
    ended = past and past.state in ("closed-by-person", "merged") and past.number not in despite
    if others or ended:
        return None
    row = replace(view.row, target=None)
    renewing = any(is_renewing(view.history, pull) for pull in view.pulls)
    if view.pulls and not renewing:
        return await land(world, (Member(row, package),), view.pulls[0], config)
    hold = for_package(config, package.name).hold
    if hold is not None:
        reason = Reason(ReasonCode.HELD, hold)
        return Done(reason, view.row.issue, due=world.recheck)
    if view.open_pulls >= config.open_pull_requests and not renewing:
        reason = Reason(ReasonCode.QUEUE_FULL, f"{view.open_pulls} are open")
        return Done(reason, view.row.issue, due=world.recheck)
    why = wanted.reason if wanted else f"{moved[0].name} may stand for {moved[0].commit} now"
    return await _propose(world, view, package, (version, why, steering))


async def _over(world: World, view: View, package: Package) -> Done | None:
    """Take rebuilds back that the spec has caught up with."""
    over = [
        pull
        for pull in view.pulls
        if "-r" in version_of(pull) and not is_greater(version_of(pull), package.full_version)
    ]
    if not over:
        return None
    return await withdraw(world, view.row, over, Reason(ReasonCode.UP_TO_DATE))


async def _propose(
    world: World, view: View, package: Package, what: tuple[Version, str, Steering]
) -> Done:
    row, (version, why, steering) = view.row, what
    made = await rebuilt_text(world, row, package, steering)
    if isinstance(made, Reason):
        return Done(made, row.issue, due=world.recheck * PATIENCE)
    draft = Draft(
        package=package.name,
        version=version,
        before={row.path: row.blob},
        after={row.path: made.text},
        title=rebuild_words.title(package.name, version),
        body=rebuild_words.body(package.name, version, made, why),
        message=rebuild_words.commit_message(package.name, version, why),
    )
    return await bring(world, row, draft, ())


async def rebuilt_text(
    world: World, row: Row, package: Package, steering: Steering
) -> Bumped | Reason:
    """Raise the epoch, and the pins of tags that a person accepted to have moved."""
    moved = accepted_pins(package, steering)
    if not moved:
        return rebuild(row.path, row.text)
    same = Candidate(Release(package.version), package.version)
    accepted = frozenset(one.commit for one in moved)
    return await answer(bump(row.path, row.text, same, accepted=accepted), world.upstreams)


async def is_ours(world: World, pull: PullRequest) -> bool:
    """Tell whether octobot made the head commit."""
    return pull.head in await world.store.heads(world.watched.id, pull.branch)
