"""What an older GitHub Enterprise Server lacks of the GraphQL that octobot uses.

Each document of a merge is asked once, since one that names what is unknown fails whatever it asks
about; mutations are compared with the schema, since none is tried.
"""

from collections.abc import Awaitable

from octobot.github.doctor.finding import Finding
from octobot.github.repository.repository import WatchedRepository
from octobot.github.transport.json_fields import at, items, number, text
from octobot.github.transport.schema import Unknown
from octobot.github.transport.session import Handle
from octobot.model.errors import TryLater
from octobot.model.ids import PullNumber

_MUTATIONS = 'query { __type(name: "Mutation") { fields { name } } }'
_NEEDED = frozenset({"createCommitOnBranch", "createRef"})
"""Without them no commit is made."""
_USED = frozenset({
    *("updateRefs", "enqueuePullRequest", "dequeuePullRequest"),
    *("enablePullRequestAutoMerge", "disablePullRequestAutoMerge"),
})  # fmt: skip


async def lacking(handle: Handle) -> list[Finding]:
    """Return what octobot needs and does not get, and what it does without."""
    github = WatchedRepository.open(handle.session, handle.watched, handle.bot)
    newest = PullNumber(await _newest(handle))
    reads: list[Awaitable[object]] = [
        github.merge_states.with_head(newest),
        github.merge_queue.state(newest),
        github.glances.read([newest], "not read"),
    ]
    needed = {name for each in reads for name in await _unknown(each)}
    shown = await _mutations(handle)
    needed |= {f"Mutation.{name}" for name in _NEEDED - shown}
    spared = handle.session.unknown() | {f"Mutation.{name}" for name in _USED - shown}
    return [*_needed(needed), *_spared(spared - needed)]


async def _newest(handle: Handle) -> int:
    """Return the number of the newest pull request; 1 before the first."""
    answer = await handle.session.exchange("GET", handle.path("pulls", state="all", per_page=1))
    found = answer.data if isinstance(answer.data, list) else []
    return number(found[0], "number") if found else 1


async def _unknown(read: Awaitable[object]) -> frozenset[str]:
    """Return the names for want of which a read fails; any other failure names none."""
    try:
        await read
    except Unknown as error:
        return error.names
    except TryLater:  # there may be no pull request yet
        return frozenset()
    return frozenset()


async def _mutations(handle: Handle) -> frozenset[str]:
    """Return the mutations that the server has."""
    answer = await handle.session.graphql_response(_MUTATIONS, {})
    return frozenset(text(one, "name") for one in items(at(answer.data, "__type"), "fields"))


def _needed(names: set[str]) -> list[Finding]:
    if not names:
        return []
    return [Finding("GraphQL", "problem", f"nothing is merged: {Unknown(frozenset(names))}")]


def _spared(names: frozenset[str]) -> list[Finding]:
    if not names:
        return []
    says = f"this server does not know {', '.join(sorted(names))}: octobot does without"
    return [Finding("GraphQL", "warning", says)]
