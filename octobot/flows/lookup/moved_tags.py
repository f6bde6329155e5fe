"""Which upstream tags of a package moved, and where each points at this moment."""

from dataclasses import dataclass

from octobot.flows.context import RepoContext
from octobot.flows.lookup.drive import commit_of
from octobot.flows.lookup.source import repository_url
from octobot.model.ids import Sha
from octobot.model.memory import Row
from octobot.model.package import Package


@dataclass(frozen=True, slots=True)
class Move:
    """A tag that was seen at two commits."""

    name: str
    known: Sha | None
    """The other commit that octobot told of; None: it saw none yet."""
    now: Sha | None
    """Where the tag points at this moment, by git; None: it cannot be read."""


async def moves_of(ctx: RepoContext, row: Row, package: Package) -> tuple[Move, ...]:
    """Find the tags of the wanted version and of the spec's own pins that moved."""
    url = repository_url(row.upstream) if row.upstream else None
    if row.upstream is None or url is None:
        return ()
    pinned = {pin.ref.removeprefix("refs/tags/"): pin.commit for pin in package.pins}
    names = [row.target.release.name] if row.target else []
    found: list[Move] = []
    for name in dict.fromkeys((*names, *pinned)):
        seen = await ctx.store.sightings.find(row.upstream, name)
        told = await commit_of(url, f"refs/tags/{name}", ctx.upstreams)
        now = Sha(told) if told else None
        first = pinned.get(name) or (seen.first.commit if seen else None)
        known = seen.moved_to if seen else None
        if known or (first and now and now != first):
            found.append(Move(name, known or _told(row, now), now))
    return tuple(found)


def _told(row: Row, now: Sha | None) -> Sha | None:
    """Give the present commit when the package's reason names it, so that a person saw it."""
    return now if now and now in row.reason.detail else None
