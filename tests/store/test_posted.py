import asyncio
from datetime import UTC, datetime

from octobot.model.ids import RepositoryId, Sha
from octobot.model.pull_request import CheckRun
from octobot.store.store import Store

NOW = datetime(2026, 5, 1, tzinfo=UTC)
REPOSITORY, OTHER = RepositoryId(1), RepositoryId(2)
HEAD, LATER = Sha("a" * 40), Sha("b" * 40)


def check(name: str, number: int = 1, app: int = 15368) -> CheckRun:
    """Make a failed check run."""
    return CheckRun(number, name, app, "completed", "failure")


async def test_a_check_is_claimed_once_for_a_head(store: Store) -> None:
    """By App and name: the new run has a new number.  Another head, App or repository is new."""

    async def claim(head: Sha, *checks: CheckRun, repository: RepositoryId = REPOSITORY) -> bool:
        return await store.posted.claim_reruns(repository, head, checks, now=NOW)

    assert await claim(HEAD, check("build"), check("lint"))
    assert not await claim(HEAD, check("build", 2))
    assert not await claim(HEAD, check("new"), check("lint", 7))
    assert await claim(HEAD, check("new"))
    assert await claim(HEAD, check("build", app=99))
    assert await claim(LATER, check("build"))
    assert await claim(HEAD, check("build"), repository=OTHER)


async def test_of_many_processes_one_gets_the_claim(store: Store) -> None:
    """All ask at once, in any order of the checks."""
    orders = [[check("a"), check("b")], [check("b"), check("a")]] * 4
    claims = await asyncio.gather(
        *(store.posted.claim_reruns(REPOSITORY, HEAD, checks, now=NOW) for checks in orders)
    )
    assert sorted(claims) == [False] * 7 + [True]
