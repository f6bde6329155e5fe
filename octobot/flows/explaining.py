"""Say in full why something is as it is: the verdict of a pull request, or a package's reason."""

from octobot.flows.configuring import configured
from octobot.flows.judged import judged
from octobot.flows.member import Member
from octobot.flows.seams import World
from octobot.flows.steering import with_target
from octobot.messages.why import explain
from octobot.model.ids import Key
from octobot.model.memory import Row
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import Reason
from octobot.model.verdict import Verdict


async def verdict_of(world: World, package: str, pull: PullRequest) -> Verdict | None:
    """Judge a pull request of one package now, as the lane would; None: the spec is gone."""
    row = await world.store.row(Key(world.watched.id, package))
    read = world.reader.read(row.path, row.blob, row.text) if row else None
    if row is None or read is None or isinstance(read, Reason):
        return None
    steering = await world.store.steering(world.watched.id, package)
    config = (await configured(world, fresh=True)).config
    member = Member(with_target(row, read, steering), read)
    _, verdict = await judged(world, (member,), pull, config)
    return verdict


async def explained(world: World, row: Row) -> tuple[str, ...]:
    """Tell all that is known of a package, as `octobot why` does."""
    sighting = None
    if row.upstream and row.target:
        sighting = await world.store.sighting(row.upstream, row.target.release.name)
    return explain(
        row,
        world.reader.read(row.path, row.blob, row.text),
        sighting=sighting,
        history=await world.store.proposed(world.watched.id, row.key.package),
    )
