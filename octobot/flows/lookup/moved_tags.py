"""Which upstream tags of a package moved, and where each points at this moment."""

from dataclasses import dataclass

from octobot.flows.context import RepoContext
from octobot.flows.lookup.drive import commit_of
from octobot.flows.lookup.source import repository_url
from octobot.model.ids import Sha
from octobot.model.memory import Row, Sighting
from octobot.model.package import Package
from octobot.model.reasons import Reason


@dataclass(frozen=True, slots=True)
class Move:
    """A tag that was seen at two commits."""

    name: str
    known: Sha | None
    """The other commit that octobot showed; None: it has seen none yet."""
    now: Sha | None
    """Where the tag points at this moment, by git; None: it cannot be read."""


async def moves_of(ctx: RepoContext, row: Row, package: Package) -> tuple[Move, ...]:
    """Return the tags of the wanted version and of the spec's own pins that moved."""
    url = repository_url(row.upstream) if row.upstream else None
    if row.upstream is None or url is None:
        return ()
    pinned = {pin.ref.removeprefix("refs/tags/"): pin.commit for pin in package.pins}
    wanted = [row.target.release.name] if row.target else []
    moves = []
    for name in dict.fromkeys((*wanted, *pinned)):
        seen = await ctx.store.sightings.find(row.upstream, name)
        now = await commit_of(url, f"refs/tags/{name}", ctx.upstreams)
        moves.append(_move(name, seen, pinned.get(name), Sha(now) if now else None, row.reason))
    return tuple(move for move in moves if move)


def _move(
    name: str, seen: Sighting | None, pinned: Sha | None, now: Sha | None, reason: Reason
) -> Move | None:
    """Return how a tag moved; its present commit is shown if the package's reason names it."""
    first = pinned or (seen.first.commit if seen else None)
    moved_to = seen.moved_to if seen else None
    if moved_to is None and now in (None, first or now):
        return None
    return Move(name, moved_to or (now if now and now in reason.detail else None), now)
